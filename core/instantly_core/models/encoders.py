"""Encoders of the places of a request, built from annotations and from the fields of models, each once.

An encoder knows what belongs in its place. It refuses what the service would ignore or misread: a field that the model
does not have, one value instead of a list, a list instead of one value, a moment instead of a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from enum import Enum
from math import isfinite
from typing import Any, TypeAlias, TypeVar, get_args, get_origin

from .decode import Flag
from .encode import (
    PLAIN,
    UnsendableError,
    UnsendableTypeError,
    UnsendableValueError,
    endless,
    fields,
    is_missing,
    is_model,
    items,
    jsonable,
    name_of,
    opened,
)
from .fields import fields_by_name, fields_of, further_form, is_enumeration, members_of, once
from .nearest import hint, nearest_to
from .unset import UNSET, Unset

Encoder: TypeAlias = Callable[[Any], Any]

_SCALARS = (str, int, float, bool, date, datetime, Flag)
_TEXTS = (str, date, datetime)


class Beside:
    """The class of a type that says no more than the model next to it in an annotation."""


def encoder_of(form: Any, *, was_read: bool = False) -> Encoder | None:
    """The encoder of a place by the type of what belongs there; None for what is no JSON, such as a file.

    What `was_read` is sent as it was read, also where it does not fit.
    """
    members = [member for member in members_of(form)[0] if member not in (Unset, Beside)]
    if Any in members or any(isinstance(member, TypeVar) for member in members):
        return jsonable
    place = _Place(was_read)
    for member in members:
        origin = get_origin(member)
        if origin in (list, Sequence):
            place.item = _item(get_args(member)[0], was_read)
            if place.item is None:
                return None
        elif origin in (dict, Mapping):
            place.value = encoder_of(get_args(member)[1], was_read=was_read) or jsonable
        elif isinstance(member, type) and is_model(member):
            place.models.append(_Keys(member))
        elif member in _SCALARS or is_enumeration(member):
            place.scalars.append(member)
        else:
            return None
    place.takes_any_text = was_read or (place.takes_texts and not any(map(_is_of_texts, place.scalars)))
    return place.encode


def _item(form: Any, was_read: bool) -> Encoder | None:
    """The encoder of an item of a list, which is null only where the document says that it may be."""
    encode = encoder_of(form, was_read=was_read)
    if encode is None or was_read or form is Any or members_of(form)[1]:
        return encode

    def encode_item(value: Any) -> Any:
        if value is None:
            raise UnsendableTypeError("None cannot be an item of this list")
        return encode(value)

    return encode_item


class _Place:
    """A place of a request: what belongs there, and how each kind of it is encoded."""

    __slots__ = ("_was_read", "item", "models", "scalars", "takes_any_text", "value")

    def __init__(self, was_read: bool) -> None:
        self._was_read = was_read
        self.models: list[_Keys] = []
        self.item: Encoder | None = None
        self.value: Encoder | None = None
        self.scalars: list[Any] = []
        self.takes_any_text = False

    def encode(self, given: Any) -> Any:
        """Encode what was given for the place."""
        value, kind = given, given.__class__
        if kind is str and self.takes_any_text:
            return given
        if kind is not dict and kind is not list and kind not in PLAIN:
            if is_model(kind):
                if any(keys.takes(kind) for keys in self.models):
                    return of_model(given)
                value = of_model(given)
            elif isinstance(given, datetime) and self._takes_days and not is_missing(given):
                raise UnsendableTypeError("it takes a day, not a datetime: value.date() in the zone meant, or a text")
            else:
                value = opened(given)
            kind = value.__class__
        if kind is dict and self.models:
            return max(self.models, key=lambda keys: keys.known(value)).encode(value)
        if kind is dict and self.value is not None:
            return fields(value, self.value)
        if kind is list and self.item is not None:
            return items(value, self.item)
        if kind is not dict and kind is not list and (self.scalars or value is None):
            if isinstance(value, str):
                return value if self.takes_any_text else self._read(value)
            if isinstance(value, bool) and bool not in self.scalars:
                return self._truth(value)
            return value
        if self._was_read:
            return jsonable(given)
        raise UnsendableTypeError(self._instead(given))

    def _read(self, text: str) -> Any:
        """What a text says where not any text belongs: a value of an enumeration, or a number, as tables and
        environments have it. What says "false" may be meant for False, or taken for True.
        """
        enumerations = [each for each in self.scalars if is_enumeration(each)]
        if self.takes_texts:
            for each in enumerations:
                if text in each.__members__ and text not in each:
                    raise UnsendableValueError(f"it is the name of a member, not its value; {_meant(each[text])}")
            return text  # The service may know it, if this version does not.
        number = None if self.scalars == [bool] else _number(text)
        if number is not None:
            return number
        members = {member.name: member for each in enumerations for member in each}
        nearest = nearest_to(text, members)
        names = f"; its names are: {', '.join(members)}" if members else ""
        raise UnsendableTypeError(
            f"it takes {self._takes()}, not a str" + (f"; {_meant(members[nearest])}" if nearest else names)
        )

    def _truth(self, value: bool) -> int:
        """What true or false says where it is no value of its own: 1 or 0, if the document says so."""
        if Flag in self.scalars:
            return int(value)
        if self._was_read or self.takes_texts:
            return value
        raise UnsendableTypeError(self._instead(value))

    @property
    def takes_texts(self) -> bool:
        """Whether some text belongs there."""
        return any(each in _TEXTS or _is_of_texts(each) for each in self.scalars)

    @property
    def _takes_days(self) -> bool:
        return date in self.scalars and datetime not in self.scalars

    def _takes(self) -> str:
        """Say what the place takes."""
        scalars = ["bool" if each is Flag else each.__name__ for each in self.scalars]
        takes = [f"one {' or '.join(scalars)}"] if scalars else []
        takes += ["a list"] if self.item else []
        takes += [f"a {keys.model.__name__}" for keys in self.models]
        takes += ["a mapping"] if self.models or self.value else []
        return " or ".join(takes) or "nothing but None"

    def _instead(self, given: Any) -> str:
        """Say what the place takes instead of what was given."""
        told = f"it takes {self._takes()}, not {'one' if self.item else 'a'} {type(given).__name__}"
        if str in self.scalars and is_model(type(given)) and isinstance(getattr(given, "id", None), str):
            return f"{told}: give its id"
        if self.item and not self.scalars:
            several = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
            return f"{told}: {'list(value)' if several else '[value]'}"
        text = "; several, where it takes them, are one comma-separated text"
        return told + (text if str in self.scalars and isinstance(given, Sequence | Set) else "")


def _is_of_texts(scalar: Any) -> bool:
    return is_enumeration(scalar) and issubclass(scalar, str)


def _meant(member: Enum) -> str:
    return f"did you mean {type(member).__name__}.{member.name} ({member.value!r})?"


def _number(text: str) -> float | None:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if kind is int or isfinite(number) else None
    return None


class _Keys:
    """The keys of a mapping for a model: names in JSON and in Python, each with its place."""

    __slots__ = ("_places", "model")

    def __init__(self, model: type[Any]) -> None:
        self.model = model
        self._places: dict[Any, tuple[str, Encoder]] = {}

    def takes(self, kind: type[Any]) -> bool:
        """Whether an object of a class is one of the model, or of one that it extends."""
        return issubclass(kind, self.model) or issubclass(self.model, kind)

    def known(self, value: Mapping[Any, Any]) -> int:
        """How many keys of a mapping it has."""
        return sum(name in fields_by_name(self.model) for name in value)

    def encode(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        """Encode a mapping."""
        found: dict[str, Any] = {}
        places, name = self._places, ""
        try:
            for name, each in value.items():
                json_name, encode = places.get(name) or self._place(name)
                if json_name in found:
                    raise UnsendableTypeError(f"it is given twice: {json_name!r} is the same field")
                if each is not UNSET:
                    found[json_name] = encode(each)
        except UnsendableError as problem:
            problem.steps.append(name)
            raise
        except RecursionError:
            raise endless() from None
        return found

    def _place(self, name: Any) -> tuple[str, Encoder]:
        text = name_of(name)
        field = fields_by_name(self.model).get(text)
        if field is not None:
            place = (field.json_name, encoder_of(field.form) or jsonable)
        elif self.model.FURTHER == "open":
            return text, encoder_of(further_form(self.model)) or jsonable
        else:
            known = [each.argument for each in fields_of(self.model)]
            raise UnsendableTypeError(f"{self.model.__name__} has no such field; {hint(text, known)}")
        self._places[name] = place
        return place


@once
def _written(model: type[Any]) -> tuple[tuple[str, str, Encoder], ...]:
    """JSON name, attribute and encoder of each field of a model."""
    return tuple(
        (field.json_name, field.attribute, encoder_of(field.form, was_read=True) or jsonable)
        for field in fields_of(model)
    )


def of_model(model: Any) -> dict[str, Any]:
    """Encode an object: what was read comes out again, whatever it is, and mappings in it are checked."""
    found: dict[str, Any] = {}
    name = ""
    try:
        for name, attribute, encode in _written(type(model)):
            value = getattr(model, attribute)
            if value is not UNSET:
                found[name] = value if value.__class__ is str else encode(value)
    except UnsendableError as problem:
        problem.steps.append(name)
        raise
    except RecursionError:
        raise endless() from None
    return found | fields(model.additional_properties, jsonable)
