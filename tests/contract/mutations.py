"""Strategies for answers that went wrong: as a service changes, as an old row is, as nobody expects."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.contract.values import NAMES

TIMESTAMPS = {
    "2026-03-05T23:09:47.110Z": True,
    "2026-03-05T23:09:47z": True,
    "2026-03-05 23:09:47": True,
    "2026-03-05T23:09:47.123456+05:45": True,
    "2026-03-05": True,
    "20260305T230947Z": True,
    "0001-01-01T00:00:00+14:00": True,
    "9999-12-31T23:59:59-12:00": True,
    "": False,
    "never": False,
    "10": False,
    "1772700000000": False,
    "2026-02-30T10:00:00Z": False,
    "2026-03-05T25:00:00Z": False,
    "2026-03-05T10:00:00+99:00": False,
    "2026-03-05T10:00:00 CST": False,
    "0000-00-00 00:00:00": False,
}
"""Text -> whether it means one moment."""

ODD: list[Any] = [
    *(None, True, False, 0, 1, 1.0, -7, 2.5, 10**15, "", "brand new", "0", "true", [], {}, [None], [[]], {"x_new": {}}),
    *TIMESTAMPS,
]


@st.composite
def mutated(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Any:
    """A value of `values` with one to three things wrong."""
    root = [copy.deepcopy(draw(values))]
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(list(_places(root))))
        change = draw(st.sampled_from(["replace", "replace", "drop", "add"]))
        inner = container[key]
        if change == "add" and isinstance(inner, dict):
            inner[draw(NAMES)] = draw(st.sampled_from(ODD))
        elif change == "add" and isinstance(inner, list):
            inner.insert(draw(st.integers(0, len(inner))), copy.deepcopy(draw(st.sampled_from(ODD))))
        elif change == "drop" and container is not root:
            del container[key]
        else:
            container[key] = copy.deepcopy(draw(st.sampled_from(_instead(inner))))
    return root[0]


def _instead(value: Any) -> list[Any]:
    return list(TIMESTAMPS) if isinstance(value, str) and value[10:11] == "T" else ODD


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield value, key
        yield from _places(inner)
