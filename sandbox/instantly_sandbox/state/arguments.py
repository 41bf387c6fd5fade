"""What the sandbox's methods are given, checked where it is given: a wrong value would fail later, somewhere else."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

NUMBER = (int, float)


def check_type(name: str, value: object, *types: type) -> None:
    """Hold an argument against the types that it may have; true and false are no numbers.

    Raises:
        TypeError: it has another.
    """
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        known = " or ".join("None" if kind is type(None) else kind.__name__ for kind in types)
        raise TypeError(f"{name} must be {known}, not {type(value).__name__}")


def check_known(what: str, name: str, names: Collection[str]) -> None:
    """Hold a name against those that there are.

    Raises:
        ValueError: there is none of this name.
    """
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"there is no {what} {name!r}{hint}")
