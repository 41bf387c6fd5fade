"""Collections find rows by a field as a search of all rows does, whatever happened to them."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_sandbox.state.rows import Collection

KEYS, VALUES = st.sampled_from("abcde"), st.sampled_from(["x", "y", None])
CHANGES = st.lists(st.tuples(st.sampled_from(["put", "drop", "set", "pop", "update"]), KEYS, VALUES), max_size=20)


def changed(rows: Collection, change: str, key: str, value: Any) -> None:
    if change == "put":
        rows[key] = {"place": value}
    elif change == "drop":
        rows.pop(key, None)
    elif key in rows and change == "set":
        rows[key]["place"] = value
    elif key in rows and change == "pop":
        rows[key].pop("place", None)
    elif key in rows:
        rows[key].update(place=value)


@settings(max_examples=100)
@given(CHANGES, CHANGES, KEYS)
def test_rows_are_found_by_a_field(before: list[Any], after: list[Any], cursor: str) -> None:
    rows = Collection({}, lambda key, row: None)
    for change in before:
        changed(rows, *change)
    assert list(rows.by("place", "x")) == [rows[key] for key in sorted(rows) if rows[key].get("place") == "x"]
    for change in after:
        changed(rows, *change)
        for value in ("x", None):
            known = [rows[key] for key in sorted(rows) if rows[key].get("place") == value]
            assert list(rows.by("place", value)) == known
        beyond = [rows[key] for key in sorted(rows) if key > cursor]
        assert list(rows.by("", None, cursor)) == beyond


def test_rows_that_leave_on_the_way_are_passed_over() -> None:
    rows = Collection({key: {"place": "x"} for key in "abcdef"}, lambda key, row: None)
    seen = []
    for row in rows.by("place", "x"):
        seen.append(row.key)
        rows.pop(row.key)
        rows.pop("d", None)
    assert seen == ["a", "b", "c", "e", "f"]


def test_each_change_is_reported_and_none_of_a_row_that_left() -> None:
    told: list[tuple[str, Any]] = []
    rows = Collection({}, lambda key, row: told.append((key, None if row is None else dict(row))))
    rows["a"] = {"n": 1}
    row = rows["a"]
    row["n"] = 2
    row.change(n=None)
    del rows["a"]
    row["n"] = 3
    assert told == [("a", {"n": 1}), ("a", {"n": 2}), ("a", {}), ("a", None)]


def test_copies_are_plain() -> None:
    rows = Collection({"a": {"n": [1]}}, lambda key, row: None)
    assert type(copy.deepcopy(rows["a"])) is dict
    assert pickle.loads(pickle.dumps(rows)) == json.loads(json.dumps(rows)) == {"a": {"n": [1]}}
