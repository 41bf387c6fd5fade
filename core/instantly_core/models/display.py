"""Texts of a model: a line and a table for people, and its `repr` for logs, which has no text that people wrote.

A model here is anything with `FIELDS` and `additional_properties`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any

from ..secret import printable
from .enumeration import Enumeration
from .unset import UNSET

# The names of fields that identify an object to a person, and the endings of such names: the earlier the better.
_NAMES = (
    *("email", "first_name", "last_name", "name", "label", "title", "subject", "domain", "status"),
    *("lead", "campaign", "campaign_id"),
)
_ENDINGS = ("email", "name", "label", "title", "subject")
SECRETS = r"(.*_)?(password|secret|token)|key|api_key|headers"
"""The names of fields that are not shown: screens are shared, and notebooks are kept with their output."""

_MAX_IDENTIFYING = 5
_MAX_FIELDS = 7
_MAX_ROWS = 30
_MAX_TEXT = 60
_MAX_CELL = 200


def line(model: Any) -> str:
    """Write what identifies the object to a person: its address, name, status; else its first fields."""
    plain = [each for each in shown(model) if isinstance(each[1], str | int | float | date) and each[1] != ""]
    identifying = [each for each in plain if isinstance(each[1], str | Enum) and rank(each[0])]
    # A status says how an object is, and not which one.
    named = any(name != "status" for name, _ in identifying)
    chosen = sorted(identifying, key=lambda each: rank(each[0])) if named else plain
    if not chosen:
        return short(model)
    return f"{_name(model)}({', '.join(f'{name}={_text(value)}' for name, value in chosen[:_MAX_IDENTIFYING])})"


def short(model: Any) -> str:
    """Write the first fields that nobody wrote as a text; if there are none, the names of the fields that are set."""
    fields = [*_fields(model)]
    plain = [
        f"{name}={value!r}"
        for name, value in fields
        if name == "id" or isinstance(value, int | float) or (isinstance(value, Enumeration) and value.known)
    ]
    shown = (plain or [f"{name}=..." for name, _ in fields])[:_MAX_FIELDS]
    # The dots at the end say that there is more.
    more = ["..."] if len(shown) < len(fields) + len(model.additional_properties) else []
    return f"{_name(model)}({', '.join(shown + more)})"


def table(model: Any) -> str:
    """Write the fields that are set as a table in HTML."""
    from html import escape  # Its list of entities takes longer than the rest of this module.

    fields = [*shown(model)]
    rows = [
        f"<tr><th>{escape(printable(name))}</th><td>{escape(_cell(value))}</td></tr>"
        for name, value in fields[:_MAX_ROWS]
    ]
    more = len(fields) - len(rows)
    rest = f'<tr><td colspan="2">and {more} more</td></tr>' if more else ""
    return f"<table><caption>{_name(model)}</caption>{''.join(rows)}{rest}</table>"


def _name(model: Any) -> str:
    return type(model).__name__


def _fields(model: Any) -> Iterator[tuple[str, Any]]:
    """The fields that are set."""
    for attribute in model.FIELDS.values():
        value = getattr(model, attribute)
        if value is not UNSET:
            yield attribute.lstrip("_"), value


def shown(model: Any) -> Iterator[tuple[str, Any]]:
    """The fields that are set and no secrets, and those beyond the document."""
    for name, value in [*_fields(model), *model.additional_properties.items()]:
        if not re.fullmatch(SECRETS, name):
            yield name, value


def rank(name: str) -> int:
    """The place of a field among those that identify an object, from 1 on; 0 if it does not."""
    if name in _NAMES:
        return _NAMES.index(name) + 1
    ending = name.rpartition("_")[2]
    return len(_NAMES) + _ENDINGS.index(ending) + 1 if ending in _ENDINGS else 0


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return value.name
    return str(value) if isinstance(value, date) else repr(_cut(value, _MAX_TEXT) if isinstance(value, str) else value)


def _cell(value: Any) -> str:
    # Its spaces are those that HTML shows.
    text = value.name if isinstance(value, Enum) else " ".join(str(value).split())
    return printable(_cut(text, _MAX_CELL))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"
