"""Checks of arguments: a wrong value is refused at once, because it would fail later, somewhere else."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from math import isfinite

NUMBER = (int, float)
MAX_COMPARED = 2000


def check_type(name: str, value: object, *types: type) -> None:
    """Check the type of an argument. A bool does not count as a number.

    Raises:
        TypeError: it has none of the types.
    """
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        known = " or ".join("None" if kind is type(None) else kind.__name__ for kind in types)
        raise TypeError(f"{name} must be {known}, not {type(value).__name__}")


def check_finite(name: str, value: float | None) -> None:
    """Check that a number, if there is one, is one of JSON.

    Raises:
        ValueError: it is not finite.
    """
    if value is not None and not isfinite(value):
        raise ValueError(f"{name} is {value}: it is a finite number")


def check_known(what: str, name: object, names: Collection[str]) -> None:
    """Check that a name is known.

    Raises:
        ValueError: it is not; the message suggests the closest name.
    """
    if name not in names:
        raise ValueError(f"there is no {what} {name!r}{did_you_mean(name, names)}")


def did_you_mean(name: object, names: Collection[str]) -> str:
    """The end of a message, with the closest of some names; empty if none is close, or they are very many."""
    near = get_close_matches(name, names, 1) if isinstance(name, str) and len(names) <= MAX_COMPARED else ()
    return f"; did you mean {near[0]!r}?" if near else ""
