"""Encoding of Python values as path segments, query strings and JSON bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from .unset import UNSET, Unset

PLAIN = frozenset({str, int, float, bool, type(None)})
"""The classes of values that are JSON as they are."""

_SEQUENCES = (list, tuple, set, frozenset)


def path_segment(name: str, value: object) -> str:
    """Encode one value of a path as one segment, whatever it contains.

    Raises:
        TypeError: the value is not a str.
        ValueError: the value is "", "." or "..", which would address something else.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if value in ("", ".", ".."):
        raise ValueError(f"{name} must name something: {str(value)!r} would address another resource")
    return quote(value, safe="")


def query_string(query: Mapping[str, Any], styles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Encode query parameters; UNSET and None are left out.

    A sequence repeats its name, unless `styles` has for the name the character that is put between the items. There
    `deepObject` gives each field of an object as `name[field]`, and `json` is for any value.

    Raises:
        TypeError: a value has no form in a query string.
    """
    return "&".join(f"{quote(name, safe='')}={text}" for name, text in _pairs(query, styles))


def _pairs(query: Mapping[str, Any], styles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        style = styles.get(name)
        if value is UNSET or value is None:
            continue
        if style == "json":
            yield name, quote(json.dumps(jsonable(value), ensure_ascii=False, separators=(",", ":")), safe="")
        elif style == "deepObject":
            for field, item in jsonable(value).items():
                yield f"{name}[{field}]", quote(plain_text(name, item), safe="")
        elif isinstance(value, _SEQUENCES):
            texts = [quote(plain_text(name, item), safe="") for item in value]
            for text in texts if style is None else [quote(style, safe=",").join(texts)]:
                yield name, text
        else:
            yield name, quote(plain_text(name, value), safe="")


def plain_text(name: str, value: object) -> str:
    """Write a value as a path, a query or a header has it, a sequence with commas between its items.

    Raises:
        TypeError: the value has no form there.
    """
    if isinstance(value, _SEQUENCES):
        return ",".join(plain_text(name, item) for item in value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return timestamp(value)
    raise TypeError(f"{name} cannot be sent as {type(value).__name__}")


def cookies(values: Mapping[str, Any]) -> str | Unset:
    """Write the header of cookies; UNSET if there are none."""
    given = {name: value for name, value in values.items() if value is not UNSET and value is not None}
    return "; ".join(f"{name}={quote(plain_text(name, value), safe='')}" for name, value in given.items()) or UNSET


def jsonable(value: Any) -> Any:
    """Turn a value into JSON as Python has it: dicts without UNSET entries, lists, texts, numbers, None.

    A value with a method `to_dict` converts itself.

    Raises:
        TypeError: it contains bytes.
        ValueError: it contains a datetime without a time zone.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, Mapping):
        return {_json_name(name): jsonable(item) for name, item in value.items() if item is not UNSET}
    if isinstance(value, _SEQUENCES):
        return [jsonable(item) for item in value if item is not UNSET]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return timestamp(value)
    if isinstance(value, bytes | bytearray):
        raise TypeError("bytes cannot be sent as JSON: decode them to str")
    to_dict = getattr(value, "to_dict", None)
    return to_dict() if callable(to_dict) else value


def _json_name(name: Any) -> Any:
    return name.value if isinstance(name, Enum) else name


WITH_ZONE = "give it one, as in datetime.now(UTC), or use .astimezone() if it is in the zone of this machine"


def timestamp(value: date) -> str:
    """Write a date as ISO 8601, a datetime in UTC with `Z`.

    Raises:
        ValueError: a datetime without a time zone.
    """
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: {WITH_ZONE}")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:  # In UTC it would be before the year 1, or after 9999.
        return value.isoformat()
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"
