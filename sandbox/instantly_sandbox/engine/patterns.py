"""Texts that match a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as kinds  # type: ignore[attr-defined]  # ty: ignore[missing-module-member]
from re import _parser as parser  # type: ignore[attr-defined]  # ty: ignore[missing-module-member]
from typing import Any

_OF_CATEGORY: dict[Any, str] = {
    kinds.CATEGORY_DIGIT: "0",
    kinds.CATEGORY_SPACE: " ",
    kinds.CATEGORY_WORD: "a",
    kinds.CATEGORY_NOT_DIGIT: "a",
    kinds.CATEGORY_NOT_SPACE: "a",
    kinds.CATEGORY_NOT_WORD: "-",
}


def matching(pattern: str) -> str | None:
    """A short text that matches a pattern; None where none is found."""
    try:
        text = _text(parser.parse(pattern))
        return text if re.search(pattern, text) else None
    except (re.error, KeyError):
        return None


def _text(parts: Iterable[Any]) -> str:
    return "".join(_part(kind, value) for kind, value in parts)


def _part(kind: Any, value: Any) -> str:
    if kind is kinds.LITERAL:
        return chr(value)
    if kind is kinds.IN:
        return _of_set(value)
    if kind is kinds.ANY or kind is kinds.NOT_LITERAL:
        return "b" if value == ord("a") else "a"
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
        least, _, parts = value
        return _text(parts) * int(least)
    if kind is kinds.SUBPATTERN:
        return _text(value[-1])
    if kind is kinds.ATOMIC_GROUP:
        return _text(value)
    if kind is kinds.BRANCH:
        return _text(value[1][-1])
    return ""  # It is no text but a condition.


def _of_set(members: Any) -> str:
    if members[0][0] is kinds.NEGATE:
        rest = [(kind, value) for kind, value in members[1:] if kind is not kinds.CATEGORY]
        taken = {chr(value) for kind, value in rest if kind is kinds.LITERAL}
        ranges = [value for kind, value in rest if kind is kinds.RANGE]
        free = [c for c in "a0-_ A" if c not in taken and not any(low <= ord(c) <= high for low, high in ranges)]
        return free[0] if free else "~"
    kind, value = members[0]
    if kind is kinds.CATEGORY:
        return _OF_CATEGORY[value]
    return chr(value[0] if kind is kinds.RANGE else value)
