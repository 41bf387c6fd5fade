"""Shapes of JSON: which keys there are, and of which types, whatever the values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from instantly_contract.document import Place

Kind = Literal["never-given", "never-recorded", "own-key", "type", "status", "header"]

MAX_DEPTH = 60


class Difference(NamedTuple):
    """A place where the sandbox is not as what was recorded.

    `kind` is one of:
        never-given     a key that was recorded, and that the sandbox never gives
        never-recorded  a key that the sandbox gives, and that was never recorded
        own-key         either of a key that is no field of the API's, such as a custom variable
        type            a key whose types have nothing in common
        status          a status that the sandbox does not give for the same request
        header          a header that only one of them gives
    """

    operation: str
    kind: Kind
    place: str
    recorded: str
    given: str


class Shape:
    """The places of JSON values with the types there. All items of a list are at one place."""

    def __init__(self, types: Mapping[Place, Iterable[str]] | None = None) -> None:
        self.types: dict[Place, set[str]] = defaultdict(set)
        for place, names in (types or {}).items():
            self.types[place] |= set(names)

    def add(self, value: Any, place: Place = ()) -> None:
        """Add what a value has."""
        self.types[place].add(type_of(value))
        if len(place) > MAX_DEPTH:
            return
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self.add(inner, (*place, name))
        elif isinstance(value, list):
            for inner in value:
                self.add(inner, (*place, 0))

    def missing(self, other: Shape) -> Iterator[Place]:
        """The places that this has and another has not; of what lies in one of them, nothing."""
        for place in self.types:
            if place not in other.types and (not place or place[:-1] in other.types):
                yield place

    def unlike(self, other: Shape) -> Iterator[tuple[Place, set[str], set[str]]]:
        """The places that both have with types that have nothing in common."""
        for place, types in self.types.items():
            if place in other.types and not types & other.types[place]:
                yield place, types, other.types[place]


def type_of(value: Any) -> str:
    """The type of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = ((str, "string"), (Mapping, "object"), (list, "array"))
    return next((name for kind, name in names if isinstance(value, kind)), "number")


def text_of(place: Place) -> str:
    """A place as text: `items[].payload.city`."""
    text = "".join("[]" if key == 0 else f".{key}" for key in place)
    return text.removeprefix(".") or "(root)"


def place_of(text: str) -> Place:
    """The place that a text names."""
    place: list[str | int] = []
    for part in text.split("."):
        name, *items = part.split("[]")
        place += [*([name] if name else []), *[0] * len(items)]
    return tuple(place)
