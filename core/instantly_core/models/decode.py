"""Decoders from JSON to Python values, which never lose or refuse a value.

A decoder is called with a value and its place (`container[key]`). It returns a value that fits the document converted,
any other value as it is, and reports that to `drift`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeVar

from .unset import UNSET

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Decoder(Protocol[T_co]):
    """Converts the JSON value at `container[key]` into a T; reports to `drift` if it cannot."""

    def __call__(self, value: Any, container: Any, key: str | int, drift: Drift) -> T_co: ...


class Report(NamedTuple):
    """One place where a response deviates from the document.

    `pointer` is the JSON pointer of the place, `expected` what the document promises, `got` the value (UNSET if it is
    missing). `violation` is False for a field that the document does not know but does not exclude.
    """

    pointer: str
    expected: str
    got: Any
    violation: bool


class Drift:
    """Collects the places where one response deviates from the document while it is decoded."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[tuple[Any, str | int, str, bool]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def __call__(self, container: Any, key: str | int, expected: str, violation: bool = True) -> None:
        self._found.append((container, key, expected, violation))

    def new_value(self, container: Any, key: str | int, enumeration: str) -> None:
        """Note a value of the right type that an enumeration has no member for."""
        self(container, key, enumeration)

    def reports(self, root: Any) -> Iterator[Report]:
        """Return the deviations with pointers from `root`, the JSON value that was decoded."""
        pointers = _pointers(root, {id(container) for container, *_ in self._found if container is not None})
        for container, key, expected, violation in self._found:
            if container is None:
                yield Report("", expected, root, violation)
            else:
                yield Report(pointers[id(container)] + _step(key), expected, _at(container, key), violation)


class _Ignored(Drift):
    """Ignores deviations, for models that are decoded by hand."""

    __slots__ = ()

    def __call__(self, container: Any, key: str | int, expected: str, violation: bool = True) -> None:
        pass


IGNORED = _Ignored()


def _at(container: Any, key: Any) -> Any:
    if container.__class__ is dict:
        return container.get(key, UNSET)
    return container[key] if container.__class__ is list else UNSET


def _step(key: str | int) -> str:
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


def _pointers(root: Any, wanted: set[int]) -> dict[int, str]:
    """The pointers of the containers with these ids.

    Level by level, and no further than needed: what deviates in one row of a page deviates in all.
    """
    found: dict[int, str] = {}
    level = [("", root)]
    while level:
        found.update((id(value), pointer) for pointer, value in level if id(value) in wanted)
        if len(found) == len(wanted):
            break
        level = [
            (pointer + _step(key), inner)
            for pointer, value in level
            for key, inner in (value.items() if value.__class__ is dict else enumerate(value))
            if inner.__class__ is dict or inner.__class__ is list
        ]
    return found


def anything(value: Any, container: Any, key: str | int, drift: Drift) -> Any:
    """Any JSON value; a missing one is drift."""
    if value is UNSET:
        drift(container, key, "a value")
    return value


def text(value: Any, container: Any, key: str | int, drift: Drift) -> str:
    if value.__class__ is not str:
        drift(container, key, "string")
    return value  # type: ignore[no-any-return]


def number(value: Any, container: Any, key: str | int, drift: Drift) -> float:
    if value.__class__ is not int and value.__class__ is not float:
        drift(container, key, "number")
    return value  # type: ignore[no-any-return]


def integer(value: Any, container: Any, key: str | int, drift: Drift) -> int:
    if value.__class__ is int:
        return value
    if value.__class__ is float and value.is_integer():
        return int(value)  # 1.0 is an integer in JSON Schema
    drift(container, key, "integer")
    return value  # type: ignore[no-any-return]


def boolean(value: Any, container: Any, key: str | int, drift: Drift) -> bool:
    if value.__class__ is not bool:
        drift(container, key, "boolean")
    return value  # type: ignore[no-any-return]


Flag = Annotated[bool, "1 or 0 in JSON"]
"""Yes or no where the API has 1 or 0."""


def flag(value: Any, container: Any, key: str | int, drift: Drift) -> bool:
    if value.__class__ in (int, float) and value in (0, 1):
        return bool(value)
    drift(container, key, "0 or 1")
    return value  # type: ignore[no-any-return]


def nothing(value: Any, container: Any, key: str | int, drift: Drift) -> None:
    if value is not None:
        drift(container, key, "null")
    return value  # type: ignore[no-any-return]


def day(value: Any, container: Any, key: str | int, drift: Drift) -> date:
    """A day as YYYY-MM-DD. Any other text stays as it is, that of a moment, too."""
    if value.__class__ is str and len(value) == _DAY:
        try:
            found = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if found.isoformat() == value:
                return found
    drift(container, key, "date")
    return value  # type: ignore[no-any-return]


_DAY = len("2026-01-02")


def timestamp(value: Any, container: Any, key: str | int, drift: Drift) -> datetime:
    """An ISO 8601 timestamp; without a zone it is in UTC. Any other text stays as it is."""
    try:
        moment = _from_iso(value)
    except (TypeError, ValueError):
        found = _odd_timestamp(value)
        if found is None:
            drift(container, key, "timestamp")
            return value  # type: ignore[no-any-return]
        moment = found
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


_from_iso = datetime.fromisoformat


def _odd_timestamp(value: Any) -> datetime | None:
    # dateutil makes up what a text leaves out (today's date for "10"), so only texts with a full date are for it.
    if value.__class__ is not str or sum(character.isdigit() for character in value) < 8:
        return None
    from dateutil import parser

    try:
        return parser.parse(value, tzinfos=_zone)
    except (ValueError, OverflowError):
        return None


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    # dateutil would read "CST" as a zone of this machine, or ignore it; and Python has no zones beyond a day.
    if name and offset is None:
        raise ValueError(f"{name} is more than one zone")
    return None if offset is None else timezone(timedelta(seconds=offset))


class ListOf(Generic[T]):
    """A decoder of arrays whose items `item` decodes."""

    __slots__ = ("_item",)

    def __init__(self, item: Decoder[T]) -> None:
        self._item = item

    def __call__(self, value: Any, container: Any, key: str | int, drift: Drift) -> list[T]:
        if value.__class__ is not list:
            drift(container, key, "array")
            return value  # type: ignore[no-any-return]
        item = self._item
        return [item(inner, value, index, drift) for index, inner in enumerate(value)]


class MapOf(Generic[T]):
    """A decoder of objects with any keys, whose values `item` decodes."""

    __slots__ = ("_item",)

    def __init__(self, item: Decoder[T]) -> None:
        self._item = item

    def __call__(self, value: Any, container: Any, key: str | int, drift: Drift) -> dict[str, T]:
        if value.__class__ is not dict:
            drift(container, key, "object")
            return value  # type: ignore[no-any-return]
        item = self._item
        return {name: item(inner, value, name, drift) for name, inner in value.items()}


class Nullable(Generic[T]):
    """A decoder of null, or of what `inner` decodes."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Decoder[T]) -> None:
        self._inner = inner

    def __call__(self, value: Any, container: Any, key: str | int, drift: Drift) -> T | None:
        return None if value is None else self._inner(value, container, key, drift)


class OneOf:
    """A decoder of a union: the JSON type of a value selects the member that decodes it."""

    __slots__ = ("_expected", "_members")

    def __init__(self, expected: str, members: Mapping[type, Decoder[Any]]) -> None:
        self._expected = expected
        self._members = members

    def __call__(self, value: Any, container: Any, key: str | int, drift: Drift) -> Any:
        member = self._members.get(value.__class__)
        if member is None:
            drift(container, key, self._expected)
            return value
        return member(value, container, key, drift)
