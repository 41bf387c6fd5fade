"""Calls that delete all they can reach must be told so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .unset import UNSET

# An empty list of ids selects nothing to us, and may select everything to the service.
_NOTHING: tuple[Any, ...] = (UNSET, None, "", [], (), {}, set())


def require_filter(everything: bool, filters: Mapping[str, Any], within: Mapping[str, Any] | None = None) -> None:
    """Refuse a call that no filter narrows, unless it is meant to reach everything within what it has to name.

    Raises:
        ValueError: nothing of `within` is given; no filter is, and `everything` is not True; or both are.
    """
    reach = ""
    if within:
        if not (named := _given(within)):
            raise ValueError(f"say within what to delete: {_keywords(within, ' or ')}")
        reach = f" within this {' and '.join(named)}"
    given = _given(filters)
    if given and everything is True:
        raise ValueError(f"everything=True contradicts {', '.join(given)}: give one or the other")
    if not given and everything is not True:
        raise ValueError(
            f"this would delete everything{reach}: narrow it by {_keywords(filters, ', ')}, or say everything=True"
        )


def _given(arguments: Mapping[str, Any]) -> list[str]:
    return [name for name, value in arguments.items() if value not in _NOTHING]


def _keywords(arguments: Mapping[str, Any], between: str) -> str:
    return between.join(f"{name}=" for name in arguments)
