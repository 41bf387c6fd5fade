"""Encoding of Python values as JSON, path segments and query strings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime
from enum import Enum
from inspect import isawaitable
from math import isfinite
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from .unset import UNSET, Unset

PLAIN = frozenset({str, int, bool, type(None)})
"""The classes of values that are JSON as they are."""

_MAX_STEPS = 12
_OF_TIME = ("datetime64", "timedelta64")
_MISSING = {"NaTType": "NaT", "NAType": "NA", **dict.fromkeys(_OF_TIME, "NaT")}


class UnsendableError(Exception):
    """A value that cannot be sent.

    Attributes:
        steps: the names and positions that lead to it, the innermost first.
        call: the method or operation that it was given to; "" where no call was made.
    """

    def __init__(self, reason: str, *steps: str | int) -> None:
        super().__init__(reason)
        self.steps: list[Any] = [*steps]
        self.call = ""

    @property
    def path(self) -> str:
        """The place of the value, as in `leads[17].custom_variables.score`."""
        outermost = self.steps[::-1]
        texts = [_step(step) for step in outermost[:_MAX_STEPS]]
        return "".join(texts).removeprefix(".") + ("…" if len(outermost) > _MAX_STEPS else "")

    def __str__(self) -> str:
        return ": ".join(filter(None, [self.call, self.path, str(self.args[0])]))


class UnsendableTypeError(UnsendableError, TypeError):
    """A value of a type that cannot be sent, or not there. The message names the call and the place; nothing was
    sent.
    """


class UnsendableValueError(UnsendableError, ValueError):
    """A value that cannot be sent, though others of its type can. The message names the call and the place; nothing was
    sent.
    """


def _step(step: object) -> str:
    if isinstance(step, str):
        return f".{step}" if step.isidentifier() else f"[{step!r}]"
    return f"[{step}]"


# JSON


def jsonable(value: Any) -> Any:
    """Return the JSON form of a value: dicts without what is UNSET, lists, texts, numbers, None.

    It takes what Python has for these: models, enumerations, dates, moments with a time zone, UUID, Decimal, numbers of
    numpy, mappings, sequences and sets, dataclasses, models of attrs and pydantic. It is a `default=` for `json.dumps`
    and `orjson.dumps`. Convert what msgspec is to encode before: it takes models apart by itself.

    Raises:
        TypeError: the value has no form in JSON; UNSET has none.
        ValueError: a number is NaN or infinite, a moment has no time zone, or something contains itself.
    """
    kind = value.__class__
    if kind in PLAIN:
        return value
    if kind is not dict and kind is not list:
        if is_model(kind):
            return value.to_dict()
        value = opened(value)
        kind = value.__class__
    if kind is dict:
        return fields(value, jsonable)
    if kind is list:
        return items(value, jsonable)
    return value


def fields(values: Mapping[Any, Any], encode: Callable[[Any], Any]) -> dict[str, Any]:
    """Encode the values of a mapping; those that are UNSET are left out."""
    found = {}
    name: Any = ""
    try:
        for name, value in values.items():
            if value is not UNSET:
                found[name if name.__class__ is str else name_of(name)] = encode(value)
    except UnsendableError as problem:
        problem.steps.append(name)
        raise
    except RecursionError:
        raise endless() from None
    return found


def items(values: Iterable[Any], encode: Callable[[Any], Any]) -> list[Any]:
    """Encode the items of a list."""
    found: list[Any] = []
    try:
        found.extend(map(encode, values))
    except UnsendableError as problem:
        problem.steps.append(len(found))
        raise
    except RecursionError:
        raise endless() from None
    return found


def endless() -> UnsendableValueError:
    return UnsendableValueError("it contains itself, or is nested too deeply")


def is_model(kind: type[Any]) -> bool:
    """Whether a class is a model of the API."""
    return hasattr(kind, "FURTHER")


def opened(value: Any) -> Any:
    """Return a value as JSON has it: a text, a number, a dict or a list, whose fields and items are as they were.

    Raises:
        TypeError: the value has no form in JSON.
        ValueError: it is a number that is NaN or infinite, or a moment without a time zone.
    """
    if isinstance(value, Enum):
        return opened(value.value)
    if isinstance(value, str | int) or value is None:
        return value
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, date):
        return timestamp(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes | bytearray | memoryview):
        raise UnsendableTypeError("bytes cannot be sent as JSON: decode them to str")
    if isinstance(value, Sequence | Set):
        return list(value)
    return _foreign(value)


def _foreign(value: Any) -> Any:
    """`opened` for classes of other libraries, known by what they do, and rare ones of the standard library."""
    from decimal import Decimal
    from numbers import Integral, Real
    from uuid import UUID

    kind = value.__class__
    if isinstance(value, UUID):
        return str(value)
    if kind.__module__ == "numpy" and getattr(value, "ndim", None) == 0 and not is_missing(value):
        found = _of_numpy(value)
        if found.__class__ is not kind:
            return opened(found)
    if isinstance(value, Integral) and not is_missing(value):
        return int(value)
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Real | Decimal) and not is_missing(value):
        return _finite(value)
    if value is UNSET:
        raise UnsendableTypeError("UNSET has no form in JSON")
    if is_missing(value):
        raise _unsendable_number(value)
    if hasattr(kind, "model_dump"):
        return value.model_dump(by_alias=True)
    names = getattr(kind, "__dataclass_fields__", None) or [each.name for each in getattr(kind, "__attrs_attrs__", ())]
    if names:
        return {name: getattr(value, name) for name in names}
    if hasattr(kind, "to_dict"):
        return value.to_dict()
    instead = ": give list(value)" if isinstance(value, Iterable) else ": await it" if isawaitable(value) else ""
    raise UnsendableTypeError(f"{kind.__name__} has no form in JSON{instead}")


def _of_numpy(scalar: Any) -> Any:
    """A scalar of numpy as Python has it: a moment or a time, too, which would be a count of nanoseconds."""
    item, kind = scalar.item(), type(scalar).__name__
    return scalar.astype(f"{kind}[us]").item() if isinstance(item, int) and kind in _OF_TIME else item


def _finite(number: Any) -> float:
    if not isfinite(number):
        raise _unsendable_number(number)
    return float(number)


def _unsendable_number(value: Any) -> UnsendableValueError:
    name = _MISSING.get(type(value).__name__) or ("NaN" if is_missing(value) else "an infinite number")
    return UnsendableValueError(f"{name} cannot be sent; leave it out, or give None")


def writable(value: Any) -> Any:
    """Return what `jsonable` gave, if Python writes out each of its numbers.

    Raises:
        ValueError: an integer has too many digits for that.
    """
    if value.__class__ is dict:
        return fields(value, writable)
    if value.__class__ is list:
        return items(value, writable)
    if isinstance(value, int):
        _digits(value)
    return value


def _digits(number: float) -> str:
    try:
        return str(number)
    except ValueError:
        raise UnsendableValueError("a number of thousands of digits cannot be sent") from None


def is_missing(value: Any) -> bool:
    """Whether a value means "no value" in libraries of tables: NaN, NaT and NA do not equal themselves."""
    try:
        return bool(value != value)
    except (TypeError, ArithmeticError):  # NA is neither equal nor not, and a signalling NaN refuses to be compared.
        return True
    except ValueError:  # An array, which compares its items.
        return False


def name_of(name: Any) -> str:
    if isinstance(name, Enum):
        return name_of(name.value)
    if isinstance(name, str):
        return name
    if name.__class__ is int:
        return str(name)
    raise UnsendableTypeError(f"a name must be a str, not {type(name).__name__}")


WITH_ZONE = "give it one, as in datetime.now(UTC), or use .astimezone() if it is in the zone of this machine"


def timestamp(value: date) -> str:
    """Write a date as ISO 8601, a datetime in UTC with `Z`.

    Raises:
        ValueError: a datetime without a time zone.
    """
    if not isinstance(value, datetime):
        return value.isoformat()
    if is_missing(value):
        raise _unsendable_number(value)
    if value.tzinfo is None:
        raise UnsendableValueError(f"{value.isoformat()} has no time zone: {WITH_ZONE}")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:  # In UTC it would be before the year 1, or after 9999.
        return value.isoformat()
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


# Paths, queries and headers


def path_segment(name: str, value: object) -> str:
    """Encode one value of a path as one segment, whatever it contains.

    Raises:
        TypeError: the value is neither a str nor a UUID.
        ValueError: the value is "", "." or "..", which would address something else.
    """
    text = value
    if not isinstance(text, str):
        from uuid import UUID

        if not isinstance(value, UUID):
            told = f": give its {name}" if isinstance(getattr(value, name, None), str) else ""
            raise UnsendableTypeError(f"it must be a str, not {type(value).__name__}{told}", name)
        text = str(value)
    if text in ("", ".", ".."):
        raise UnsendableValueError(f"it must name something: {str(text)!r} would address another resource", name)
    return _quoted(name, text)


def query_string(query: Mapping[str, Any], styles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Encode query parameters; UNSET and None are left out.

    A sequence repeats its name, unless `styles` has for the name the character that is put between the items. There
    `deepObject` gives each field of an object as `name[field]`, and `json` is for any value.

    Raises:
        TypeError: a value has no form in a query string.
        ValueError: a value cannot be sent, though others of its type can.
    """
    return "&".join(f"{quote(name, safe='')}={text}" for name, text in _pairs(query, styles))


def _pairs(query: Mapping[str, Any], styles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        style = styles.get(name)
        if value is UNSET or value is None:
            continue
        value = _encoded(name, value)
        if style == "json":
            yield name, _quoted(name, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        elif style == "deepObject":
            for field, item in value.items():
                yield f"{name}[{field}]", _quoted(name, _text(name, item))
        elif isinstance(value, list):
            texts = [_quoted(name, _text(name, item)) for item in value]
            for text in texts if style is None else [quote(style, safe=",").join(texts)]:
                yield name, text
        else:
            yield name, _quoted(name, _text(name, value))


def plain_text(name: str, value: object) -> str:
    """Write a value as a path, a query or a header has it, a sequence with commas between its items.

    Raises:
        TypeError: the value has no form there.
        ValueError: it cannot be sent, though others of its type can.
    """
    return _text(name, _encoded(name, value))


def _encoded(name: str, value: object) -> Any:
    try:
        return jsonable(value)
    except UnsendableError as problem:
        problem.steps.append(name)
        raise


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(_text(name, item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        try:
            return _digits(value)
        except UnsendableValueError as problem:
            problem.steps.append(name)
            raise
    raise UnsendableTypeError(f"{type(value).__name__} cannot be sent here", name)


def _quoted(name: str, text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise UnsendableValueError("it has a lone surrogate, which no URL can carry", name) from None


def cookies(values: Mapping[str, Any]) -> str | Unset:
    """Write the header of cookies; UNSET if there are none."""
    given = {name: value for name, value in values.items() if value is not UNSET and value is not None}
    return "; ".join(f"{name}={_quoted(name, plain_text(name, value))}" for name, value in given.items()) or UNSET
