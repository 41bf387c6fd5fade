"""Compare annotations: is everything of one type also of another?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_CONTAINER = re.compile(r"(list|Sequence|dict|Mapping)\[(?:str, )?(.*)\]", re.DOTALL)
_WIDER = {"list": "Sequence", "dict": "Mapping", "int": "float"}
_Compare = Callable[[str, str, Mapping[str, str]], bool]


def takes(wide: str, narrow: str, enumerations: Mapping[str, str]) -> bool:
    """Whether an argument annotated with `wide` takes all that one annotated with `narrow` takes.

    `enumerations` tells of each enumeration whether its values are `int` or `str`. What a list or a mapping holds is
    compared like the list itself, although type checkers are stricter about a `list` that is kept and added to.
    """
    others = union(wide)
    return all(any(_fits(member, other, enumerations, takes) for other in others) for member in union(narrow))


def reads(old: str, new: str, enumerations: Mapping[str, str]) -> bool:
    """Whether code that reads a value annotated with `old` can read one annotated with `new`.

    As in `takes`, but the plain type beside an enumeration is only for values that the enumeration does not know yet:
    it stands in for none of its members.
    """
    known = _without_fallback(union(old), enumerations)
    members = _without_fallback(union(new), enumerations)
    return all(any(_fits(member, other, enumerations, reads) for other in known) for member in members)


def union(annotation: str) -> list[str]:
    """The members of a union, in order; of any other annotation itself."""
    members: list[str] = []
    depth = 0
    for part in annotation.split(" | "):
        if depth:
            members[-1] += f" | {part}"
        else:
            members.append(part)
        depth += part.count("[") - part.count("]")
    return members


def _without_fallback(members: list[str], enumerations: Mapping[str, str]) -> list[str]:
    fallbacks = {enumerations[member] for member in members if member in enumerations}
    return [member for member in members if member not in fallbacks]


def _fits(member: str, other: str, enumerations: Mapping[str, str], compare: _Compare) -> bool:
    if other in ("Any", member) or other == _WIDER.get(member):
        return True
    if member in enumerations:
        return _fits(enumerations[member], other, enumerations, compare)
    inner, outer = _CONTAINER.fullmatch(member), _CONTAINER.fullmatch(other)
    if inner and outer:
        return outer[1] in (inner[1], _WIDER.get(inner[1])) and compare(outer[2], inner[2], enumerations)
    return False
