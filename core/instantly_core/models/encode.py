"""Encoding of Python values as path segments, query strings and JSON bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from urllib.parse import quote

from .unset import UNSET

_PLAIN = frozenset({str, int, float, bool, type(None)})


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


def query_string(query: Mapping[str, Any]) -> str:
    """Encode query parameters; a sequence repeats its name; UNSET and None are left out.

    Raises:
        TypeError: a value has no form in a query string.
    """
    return "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in _pairs(query))


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        if value is UNSET or value is None:
            continue
        if isinstance(value, list | tuple | set | frozenset):
            for item in value:
                yield name, _query_text(name, item)
        else:
            yield name, _query_text(name, value)


def _query_text(name: str, value: object) -> str:
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
    raise TypeError(f"{name} cannot be sent in a query string as {type(value).__name__}")


def jsonable(value: Any) -> Any:
    """Turn a value into JSON as Python has it: dicts without UNSET entries, lists, texts, numbers, None.

    A value with a method `to_dict` converts itself.

    Raises:
        TypeError: it contains bytes.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {_json_name(name): jsonable(item) for name, item in value.items() if item is not UNSET}
    if isinstance(value, list | tuple | set | frozenset):
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


def timestamp(value: date) -> str:
    """Write a date as ISO 8601, a datetime in UTC with `Z`; a datetime without a zone is taken as UTC."""
    if not isinstance(value, datetime):
        return value.isoformat()
    try:
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:  # In UTC it would be before the year 1, or after 9999.
        return value.isoformat()
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"
