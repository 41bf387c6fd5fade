"""Guards of calls that delete everything they can reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..models.unset import UNSET

# An empty list of ids selects nothing to us, and may select everything to the service.
_NOTHING: tuple[Any, ...] = (UNSET, None, "", [], (), {}, set())


def require_filter(
    thing: str, everything: bool, filters: Mapping[str, Any], within: Mapping[str, Any] | None = None
) -> None:
    """Refuse a call that no filter narrows, unless it is meant to delete everything within what it has to name.

    Args:
        thing: what one call deletes many of, such as "lead".
        everything: whether the caller means everything.
        filters: the arguments that narrow the call.
        within: the arguments that say how far it reaches, one of which is required.

    Raises:
        ValueError: nothing of `within` is given; no filter is, and `everything` is not True; or both are.
    """
    reach = ""
    if within:
        named = _given(within)
        if not named:
            raise ValueError(f"nothing says within what to delete every {thing}; pass {_keywords(within)}")
        reach = " of " + " and ".join(f"{name}={value!r}" for name, value in named.items())
    given = _given(filters)
    if given and everything is True:
        raise ValueError(f"everything=True contradicts {_keywords(given)}; pass one or the other")
    if not given and everything is not True:
        raise ValueError(f"this would delete every {thing}{reach}; pass {_keywords(filters)}, or everything=True")


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value not in _NOTHING}


def _keywords(arguments: Mapping[str, Any]) -> str:
    *others, last = (f"{name}=" for name in arguments)
    return f"{', '.join(others)} or {last}" if others else last
