"""Tables: objects as flat rows, for data frames, CSV and SQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal, overload

from .encode import jsonable, timestamp
from .forms import plain
from .model import Model
from .unset import UNSET

Row = dict[str, Any]


@overload
def rows(
    items: AsyncIterable[Any],
    *,
    columns: Sequence[str] | None = None,
    enumerations: Literal["names", "values"] = "names",
    timestamps: Literal["datetimes", "texts"] = "datetimes",
) -> Awaitable[list[Row]]: ...
@overload
def rows(
    items: Iterable[Any],
    *,
    columns: Sequence[str] | None = None,
    enumerations: Literal["names", "values"] = "names",
    timestamps: Literal["datetimes", "texts"] = "datetimes",
) -> list[Row]: ...
def rows(
    items: Iterable[Any] | AsyncIterable[Any],
    *,
    columns: Sequence[str] | None = None,
    enumerations: Literal["names", "values"] = "names",
    timestamps: Literal["datetimes", "texts"] = "datetimes",
) -> list[Row] | Awaitable[list[Row]]:
    """Make a flat row of each object, all with the same columns.

    A column is named as the field in the API; a field of a nested object has a dot between the two names, such as
    `payload.city`; a second value of that name has a column with `_` after it. Lists are JSON texts. A row has None
    where it has no value.

    Args:
        items: the objects: a page (the walk over it and those after it), a list, any iterable; for one that is
            asynchronous, await the result.
        columns: the columns, in order. By default all that any row has a value or null for.
        enumerations: the names of the members, or their values as the API has them.
        timestamps: datetimes in UTC, or texts as the API has them, for what has no type for moments, such as SQLite.

    Raises:
        TypeError: an item is no object, or an argument is of another type.
        ValueError: an argument has none of the values that it takes.
    """
    _check(items, columns)
    _check_choice("enumerations", enumerations, ("names", "values"))
    _check_choice("timestamps", timestamps, ("datetimes", "texts"))
    flatten = _Flattener(enumerations == "names", timestamps == "texts")
    if isinstance(items, AsyncIterable):
        return _collected(items, flatten, columns)
    for item in items:
        flatten.add(item)
    return flatten.rows(columns)


def _check(items: object, columns: object) -> None:
    if isinstance(items, Model | Mapping):
        raise TypeError(f"rows() takes several objects, not one {type(items).__name__}: [value]")
    if isinstance(columns, str):
        raise TypeError("columns= takes a list, not one str: [value]")


def _check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(f"{name}= takes {' or '.join(map(repr, choices))}, not {value!r}")


async def _collected(items: AsyncIterable[Any], flatten: _Flattener, columns: Sequence[str] | None) -> list[Row]:
    async for item in items:
        flatten.add(item)
    return flatten.rows(columns)


class _Flattener:
    """Turns objects into rows."""

    def __init__(self, names: bool, texts: bool) -> None:
        self._names = names
        self._texts = texts
        self._rows: list[Row] = []
        self._objects: set[str] = set()

    def add(self, item: Any) -> None:
        if not isinstance(item, Model | Mapping):
            raise TypeError(f"item {len(self._rows)} is no object of the API, but of type {type(item).__name__}")
        row: Row = {}
        self._add_fields(row, "", plain(item if isinstance(item, Model) else dict(item)))
        self._rows.append(row)

    def rows(self, columns: Sequence[str] | None) -> list[Row]:
        """The rows, each with all columns."""
        if columns is None:
            found = dict.fromkeys(name for row in self._rows for name in row)
            columns = [name for name in found if name not in self._objects or not self._is_empty(name)]
        return [{name: row.get(name) for name in columns} for row in self._rows]

    def _is_empty(self, column: str) -> bool:
        return all(row.get(column) is None for row in self._rows)

    def _add_fields(self, row: Row, prefix: str, fields: Mapping[Any, Any]) -> None:
        for name, value in fields.items():
            column = f"{prefix}{name}"
            if isinstance(value, Mapping):
                self._objects.add(column)
                self._add_fields(row, f"{column}.", value)
            elif value is not UNSET:
                while column in row:  # A name may have a dot itself: {"a.b": 1, "a": {"b": 2}}
                    column += "_"
                row[column] = self._cell(value)

    def _cell(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.name if self._names else value.value
        if isinstance(value, date):
            return timestamp(value) if self._texts else _in_utc(value)
        return json.dumps(jsonable(value), ensure_ascii=False) if isinstance(value, list | tuple) else value


def _in_utc(value: date) -> date:
    """The same moment: data frames take only one zone in a column."""
    if not isinstance(value, datetime):
        return value
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:  # In UTC it would be before the year 1, or after 9999.
        return value
