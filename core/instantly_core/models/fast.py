"""The fast path from JSON to models: msgspec, if it is installed, parses into a class built from the same fields.

It takes only what it is sure about. It raises `OddError` for anything else, and the ordinary decoder takes the whole
answer: drift is its business alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import import_module
from threading import Lock
from types import NoneType
from typing import Annotated, Any, NamedTuple, Optional, TypeVar, Union, get_args, get_origin

from .build import PLAIN, ModelDecoder, Source, decoder_of
from .decode import IGNORED, Decoder, Drift, ListOf, Nullable
from .fields import fields_of, further_form, is_enumeration, members_of
from .model import Model
from .unset import UNSET

msgspec: Any
try:
    msgspec = import_module("msgspec")
except ImportError:
    msgspec = None

MAX_LEARNT = 32
"""The number of fields beyond its own that are learnt for a model."""

# A bare float would make 3 into 3.0, and lose integers beyond 2**53.
_NUMBER = Union[int, float]  # noqa: UP007 - a value at run time
_AS_THEY_ARE: dict[Any, Any] = {str: str, float: _NUMBER, bool: bool}
_READABLE = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_OPTIONS = {"kw_only": True, "forbid_unknown_fields": True, "gc": False, "eq": False}


FINE = re.compile(rb"\.[0-9]{7}")
"""Fractions of a second that msgspec rounds to microseconds, and Python cuts off."""


class OddError(Exception):
    """An answer, or a part of it, is not as expected."""


class Place(NamedTuple):
    """A field of a model that has a value or a name which the document does not know."""

    model: type[Model]
    name: str


class Notes(Drift):
    """Collects the places of an answer where drift is known. Any other ends the fast path."""

    __slots__ = ("fine", "places")

    def __init__(self) -> None:
        super().__init__()
        self.places: set[Place] = set()
        self.fine = False
        """Whether a timestamp has a fraction of a millisecond: then it may have more digits than it should."""

    def __bool__(self) -> bool:
        return True

    def __call__(self, container: Any, key: str | int, expected: str, violation: bool = True) -> None:
        super().__call__(container, key, expected, violation)
        if self._found:
            raise OddError(expected)


class Reading(NamedTuple):
    """The type that msgspec reads, and the decoder of what it gives; None if that is right as it is."""

    type: Any
    decoder: Decoder[Any] | None


class _Structs:
    """The classes that msgspec reads models into. What a model learns makes them all anew."""

    def __init__(self) -> None:
        self.version = 0
        self._learnt: dict[type[Model], tuple[str, ...]] = {}
        self._made: dict[type[Model], Reading] = {}
        self._lock = Lock()

    def reading(self, model: type[Model], around: tuple[type[Model], ...]) -> Reading:
        """The class of a model, which is in models `around` it."""
        made = self._made
        reading = made.get(model)
        if reading is None:
            reading = made[model] = _struct(model, self._learnt.get(model, ()), (*around, model))
        return reading

    def learn(self, found: dict[type[Model], set[str]]) -> bool:
        """Take up names of fields that models do not have; return whether one was new."""
        with self._lock:
            learnt = dict(self._learnt)
            for model, names in found.items():
                known = learnt.get(model, ())
                learnt[model] = (*known, *sorted(names - {*known}))[:MAX_LEARNT]
            if learnt == self._learnt:
                return False
            self._learnt = learnt
            self._made = {}
            self.version += 1
            return True


STRUCTS = _Structs()


def reading_of(form: Any, place: Place | None = None, around: tuple[type[Model], ...] = ()) -> Reading:
    """How values of a type are read; unknown values of enumerations at `place` are noted.

    Raises:
        TypeError, ValueError: msgspec cannot read the type.
    """
    if (exact := _exact(form)) is not None:
        return Reading(exact, None)
    members, nullable = members_of(form)
    if len(members) > 1:
        return Reading(Any, decoder_of(form))
    reading = _single(members[0], place, around)
    return Reading(Optional[reading.type], reading.decoder and Nullable(reading.decoder)) if nullable else reading  # noqa: UP045


def _moment() -> Reading:
    """How timestamps are read that are fields; others are few."""
    return Reading(Annotated[datetime, msgspec.Meta(tz=True)], None)


def _exact(form: Any) -> Any:
    """The type that msgspec reads, if all that it gives is right as it is; else None."""
    members, nullable = members_of(form)
    types = [_exact_member(member) for member in members]
    kinds = [get_origin(member) for member in members if get_origin(member)]
    if None in types or len({*kinds}) < len(kinds):
        return None
    return Any if Any in types else Union[tuple(types + [NoneType] * nullable)]  # noqa: UP007


def _exact_member(form: Any) -> Any:
    if form is Any or isinstance(form, TypeVar):
        return Any
    if get_origin(form) not in (list, dict):
        return _AS_THEY_ARE.get(form)
    inner: Any = _exact(get_args(form)[-1])
    if inner is None:
        return None
    return list[inner] if get_origin(form) is list else dict[str, inner]


def _single(form: Any, place: Place | None, around: tuple[type[Model], ...]) -> Reading:
    """How values of a type that is no union are read, if msgspec does not give what is right."""
    if form in PLAIN:
        return Reading(str if str in PLAIN[form].classes else _NUMBER, decoder_of(form))
    if is_enumeration(form) and place is not None:
        return Reading(_NUMBER if issubclass(form, int) else str, _noting(form, place))
    if get_origin(form) is list:
        inner = reading_of(get_args(form)[0], place, around)
        return Reading(list[inner.type], inner.decoder and ListOf(inner.decoder))  # type: ignore[name-defined]
    if isinstance(form, type) and issubclass(form, Model):
        if form.FURTHER != "open" and further_form(form) is Any and form not in around:
            return STRUCTS.reading(form, around)
        return _open(form)
    return Reading(Any, decoder_of(form))


def _open(model: type[Model]) -> Reading:
    """How a model is read that may have any fields; most have plain values, which it takes over."""
    fields = fields_of(model)
    types = {field.json_name: _exact(field.form) for field in fields if not field.nullable and field.optional}
    further = reading_of(further_form(model))
    if None in types.values() or len(types) < len(fields) or further.decoder is not None or model.FURTHER != "open":
        return Reading(dict, ModelDecoder(model))
    source = Source(model, {})
    source.add("def make(read, container, key, notes):", " self = new(model)")
    for field in fields:
        source.add(f" value = read.pop({field.json_name!a}, UNSET)")
        source.add_conversion(field, decoder_of(field.form), "value", "[value], 0, notes")
        source.add_assignment(field.attribute, "value")
    source.add(" self.additional_properties = read", " return self")
    members = (further.type, *types.values())
    values: Any = Union[members]  # noqa: UP007
    return Reading(dict[str, values], source.compiled("make"))


def _noting(enumeration: Any, place: Place) -> Decoder[Any]:
    """The decoder of values of an enumeration that are no members."""
    kind = int if issubclass(enumeration, int) else str

    def decode(value: Any, container: Any, key: str | int, drift: Any) -> Any:
        if value.__class__ is not kind or enumeration.__open__ or value in enumeration.by_value():
            return enumeration.decode(value, container, key, drift)
        drift.places.add(place)
        return enumeration.decode(value, container, key, IGNORED)

    return decode


def _struct(model: type[Model], learnt: tuple[str, ...], around: tuple[type[Model], ...]) -> Reading:
    """The class that msgspec reads a model into, and the compiled function that makes the model of it."""
    source = Source(model, {"Place": Place})
    source.add("def make(read, container, key, notes):", " self = new(model)")
    attributes: list[Any] = []
    names: dict[str, str] = {}
    for position, field in enumerate(fields_of(model)):
        attribute, value = f"field{position}", f"read.field{position}"
        names[attribute] = field.json_name
        form: Any = field.form if field.form is not None else NoneType
        place = Place(model, field.json_name)
        reading = _moment() if form is datetime else reading_of(form, place, around)
        read_type = Optional[reading.type] if field.nullable else reading.type  # noqa: UP045
        attributes.append((attribute, read_type, UNSET) if field.optional else (attribute, read_type))
        if is_enumeration(form):
            known = {**form.by_value(), UNSET: UNSET} | ({None: None} if field.nullable else {})
            decoder = source.named(reading.decoder)
            source.add(
                f" try: value = {source.named(known)}[{value}]",
                f" except KeyError: value = {decoder}({value}, [{value}], 0, notes)",
            )
            value = "value"
        elif form is datetime:
            present = "value is not UNSET and " * field.optional + "value is not None and " * field.nullable
            source.add(f" value = {value}", f" if {present}value.microsecond % 1000: notes.fine = True")
            value = "value"
        elif form is int:
            decoder = source.named(reading.decoder)
            source.add(
                f" value = {value}", f" if value.__class__ is float: value = {decoder}(value, [value], 0, notes)"
            )
            value = "value"
        elif reading.decoder is not None:
            source.add(f" value = {value}")
            source.add_conversion(field, reading.decoder, "value", "None, 0, notes")
            value = "value"
        source.add_assignment(field.attribute, value)
    source.add(f" self.additional_properties = {'more = ' if learnt else ''}{{}}")
    for position, name in enumerate(learnt):
        attributes.append((f"more{position}", Any, UNSET))
        names[f"more{position}"] = name
        learnt_place = source.named(Place(model, name))
        source.add(
            f" if read.more{position} is not UNSET:",
            f"  more[{name!a}] = read.more{position}",
            f"  notes.places.add({learnt_place})",
        )
    source.add(" return self")
    return Reading(msgspec.defstruct(model.__name__, attributes, rename=names, **_OPTIONS), source.compiled("make"))


def page_struct(item: Any, items: str, cursor: str, extra: tuple[str, ...]) -> Any:
    """The class that msgspec reads a page into."""
    names = {"items": items, "cursor": cursor, **{f"extra{number}": name for number, name in enumerate(extra)}}
    attributes = [
        ("items", list[item]),
        ("cursor", str | None, UNSET),
        *((f"extra{number}", Any, UNSET) for number in range(len(extra))),
    ]
    return msgspec.defstruct("Page", attributes, rename=names, **_OPTIONS)


def readable(names: Iterable[str]) -> list[str]:
    """The names of fields that msgspec can read."""
    return [name for name in names if _READABLE.fullmatch(name)]


def further_fields(value: Any) -> dict[type[Model], set[str]]:
    """The names of fields in models that do not have them and should not, by model."""
    found: dict[type[Model], set[str]] = {}
    for model in _models(value):
        if model.additional_properties and model.FURTHER != "open":
            found.setdefault(type(model), set()).update(readable(model.additional_properties))
    return found


def _models(value: Any) -> Iterator[Model]:
    if isinstance(value, Model):
        yield value
        for attribute in value.FIELDS.values():
            yield from _models(getattr(value, attribute))
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _models(inner)


def models_at_one_place(form: Any) -> frozenset[type[Model]]:
    """The models that are at one place of an answer, so that a field of theirs is one, too."""
    places: Counter[type[Model]] = Counter()

    def count(form: Any, around: tuple[Any, ...], times: int) -> None:
        for member in members_of(form)[0]:
            if get_origin(member) is list:
                count(get_args(member)[0], around, times)
            elif get_origin(member) is dict:
                count(get_args(member)[1], around, 2)  # It has a place for each key.
            elif isinstance(member, type) and issubclass(member, Model):
                places[member] += times
                if member not in around:
                    for each in fields_of(member):
                        count(each.form, (*around, member), times)
                    count(further_form(member), (*around, member), 2)

    count(form, (), 1)
    return frozenset(model for model, times in places.items() if times == 1)
