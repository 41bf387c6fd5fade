"""Rows and their collections: plain dictionaries that know which of them changed, and find rows by a field."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Changed = Callable[[str, dict[str, Any] | None], None]


class Row(dict[str, Any]):
    """Row of a collection: a JSON object that reports each change of its fields.

    A change within a field is reported with the next change of a field.
    """

    __slots__ = ("home", "key")

    def __init__(self, fields: Mapping[str, Any], home: Collection, key: str) -> None:
        super().__init__(fields)
        self.home = home
        self.key = key

    def __setitem__(self, name: str, value: Any) -> None:
        before = self.get(name)
        super().__setitem__(name, value)
        self.home.field_changed(self, name, before)

    def __delitem__(self, name: str) -> None:
        before = self.get(name)
        super().__delitem__(name)
        self.home.field_changed(self, name, before)

    def update(self, *fields: Any, **more: Any) -> None:
        for name, value in dict(*fields, **more).items():
            self[name] = value

    def pop(self, name: Any, *default: Any) -> Any:
        if name not in self:
            return super().pop(name, *default)
        value = self[name]
        del self[name]
        return value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def change(self, **fields: Any) -> None:
        """Change fields. One that becomes None is left out, as in the answers of the service."""
        for name, value in fields.items():
            if value is None:
                self.pop(name, None)
            else:
                self[name] = value

    def __reduce__(self) -> Any:
        return dict, (dict(self),)  # A copy is no row of the collection.


class Collection(dict[str, Row]):
    """Collection of rows by key, oldest first.

    Args:
        rows: the rows to begin with.
        changed: called with the key of each row that is added or changes, and the row; or None if it leaves.
    """

    def __init__(self, rows: Mapping[str, Mapping[str, Any]], changed: Changed) -> None:
        super().__init__()
        self._changed = changed
        self._indexes: dict[str, dict[Any, list[str]]] = {}
        for key, row in rows.items():
            super().__setitem__(key, Row(row, self, key))

    def __setitem__(self, key: str, row: Mapping[str, Any]) -> None:
        self._forget(key)
        made = Row(row, self, key)
        super().__setitem__(key, made)
        for field, index in self._indexes.items():
            _insert(index, _value(made, field), key)
        self._changed(key, made)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._forget(key)
        super().__delitem__(key)
        self._changed(key, None)

    def pop(self, key: Any, *default: Any) -> Any:
        if key not in self:
            return super().pop(key, *default)
        row = self[key]
        del self[key]
        return row

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def by(self, field: str, value: Any, after: str = "") -> Iterator[Row]:
        """The rows with a value in a field, by their keys, those after a key only; all rows for the field "".

        The first call for a field reads all rows, the later ones only those that they give.
        """
        if field not in self._indexes:
            index = self._indexes[field] = {}
            for key in sorted(self):
                index.setdefault(_value(self[key], field), []).append(key)
        keys = self._indexes[field].get(value, [])
        place = bisect_right(keys, after)
        while place < len(keys):
            key = keys[place]
            yield self[key]
            # The row may have left meanwhile.
            place = place + 1 if place < len(keys) and keys[place] == key else bisect_right(keys, key)

    def field_changed(self, row: Row, field: str, before: Any) -> None:
        """Take note of a change of a row's field."""
        if self.get(row.key) is not row:
            return  # It has left.
        if field in self._indexes and before != row.get(field):
            _remove(self._indexes[field], before, row.key)
            _insert(self._indexes[field], row.get(field), row.key)
        self._changed(row.key, row)

    def _forget(self, key: str) -> None:
        row = self.get(key)
        if row is not None:
            for field, index in self._indexes.items():
                _remove(index, _value(row, field), key)


def _value(row: Row, field: str) -> Any:
    return row.get(field) if field else None


def _insert(index: dict[Any, list[str]], value: Any, key: str) -> None:
    keys = index.setdefault(value, [])
    if not keys or keys[-1] < key:
        keys.append(key)
    else:
        keys.insert(bisect_left(keys, key), key)


def _remove(index: dict[Any, list[str]], value: Any, key: str) -> None:
    keys = index.get(value, [])
    place = bisect_left(keys, key)
    if place < len(keys) and keys[place] == key:
        del keys[place]


class Queue(list[Any]):
    """Queue of events that reports each change of itself."""

    def __init__(self, events: Iterable[Any], changed: Callable[[], None]) -> None:
        super().__init__(events)
        self._changed = changed

    def append(self, event: Any) -> None:
        super().append(event)
        self._changed()

    def remove(self, event: Any) -> None:
        super().remove(event)
        self._changed()

    def __reduce__(self) -> Any:
        return list, (list(self),)
