"""Calls that delete all they can reach must be told so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .unset import UNSET

# An empty list of ids selects nothing to us, and may select everything to the service.
_EMPTY: tuple[Any, ...] = ("", [], (), {}, set())


def require_filter(everything: bool, filters: Mapping[str, Any]) -> None:
    """Refuse a call that no filter narrows, unless it is meant to reach everything.

    Raises:
        ValueError: no filter is given, and `everything` is not True; or both are.
    """
    given = [
        name for name, value in filters.items() if value is not UNSET and value is not None and value not in _EMPTY
    ]
    if given and everything is True:
        raise ValueError(f"everything=True contradicts {', '.join(given)}: give one or the other")
    if not given and everything is not True:
        names = ", ".join(f"{name}=" for name in filters)
        raise ValueError(f"this would delete everything: narrow it by {names}, or say everything=True")
