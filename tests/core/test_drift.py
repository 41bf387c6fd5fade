"""A JSON pointer says where an answer deviates, found without walking through more of the answer than needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client.models import LeadPayload
from instantly_core.models import decode
from instantly_core.models.decode import Drift, Report
from instantly_core.models.drift import DriftEvent, DriftLog, general

VALUES = st.recursive(
    st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text("a0~/", max_size=3), inner)
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a value, with each of its keys."""
    for key in range(len(value)) if isinstance(value, list) else list(value) if isinstance(value, dict) else ():
        yield value, key
        yield from places(value[key])


def resolved(root: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        root = root[int(step) if isinstance(root, list) else step]
    return root


@pytest.mark.slow
@given(VALUES, st.data())
def test_pointers_lead_to_what_was_got(root: Any, data: st.DataObject) -> None:
    found = list(places(root))
    found = data.draw(st.lists(st.sampled_from(found))) if found else []
    drift = Drift()
    for container, key in found:
        drift(container, key, "something else")
    reports = list(drift.reports(root))
    assert len(reports) == len(found)
    for report, (container, key) in zip(reports, found, strict=True):
        assert report.got is resolved(root, report.pointer) is container[key]


def test_nothing_below_the_places_is_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str | int] = []

    def step(key: str | int) -> str:
        steps.append(key)
        return f"/{key}"

    monkeypatch.setattr(decode, "_step", step)
    rows = [{"surprise": 1, "payload": {"more": {}}} for _ in range(3)]
    drift = Drift()
    for row in rows:
        drift(row, "surprise", "no such field")
    reports = drift.reports({"items": rows})
    assert [report.pointer for report in reports] == [f"/items/{number}/surprise" for number in range(3)]
    assert steps == ["items", 0, 1, 2, "surprise", "surprise", "surprise"]


@pytest.mark.parametrize(
    ("pointer", "told"),
    [
        ("", ""),
        ("/items/3/legs", "/items/*/legs"),
        ("/jo@example.com/a1", "/*/a1"),
        ("/2026-01-01/äpfel", "/*/*"),
        ("/a/", "/a/"),
    ],
)
def test_what_is_no_field_name_is_not_told(pointer: str, told: str) -> None:
    assert general(pointer) == told


def test_an_error_also_tells_the_row() -> None:
    assert general("/items/3/jo@example.com/٣", indices=True) == "/items/3/*/*"


def test_values_of_further_fields_are_looked_at() -> None:
    variables = {"a": "x", "b": 1.5, "c": None, "d": True, "e": {"f": 1}, "g": ["x"]}
    answer, drift = {"website": "w", **variables}, Drift()
    payload = LeadPayload.from_dict(answer, drift)
    assert payload.additional_properties == variables
    assert [report.pointer for report in drift.reports(answer)] == ["/g"]


def test_ten_thousand_places_are_reported_and_then_no_more() -> None:
    events: list[DriftEvent] = []
    log = DriftLog()
    for number in range(10_001):
        log.record("getRobot", Report(f"/field_{number}", "string", 5, True), events.append)
    assert [event.pointer for event in events] == [f"/field_{number}" for number in range(10_000)]


def test_a_place_is_reported_once_for_each_operation_and_expectation() -> None:
    events: list[DriftEvent] = []
    log = DriftLog()
    for operation, pointer, expected in [
        ("getRobot", "/items/0/legs", "integer"),
        ("getRobot", "/items/1/legs", "integer"),
        ("getRobot", "/items/1/legs", "null"),
        ("listRobots", "/items/0/legs", "integer"),
        ("getRobot", "/items/0/arms", "integer"),
    ]:
        log.record(operation, Report(pointer, expected, "two", True), events.append)
    assert events == [
        DriftEvent("getRobot", "/items/0/legs", "integer", "two"),
        DriftEvent("getRobot", "/items/1/legs", "null", "two"),
        DriftEvent("listRobots", "/items/0/legs", "integer", "two"),
        DriftEvent("getRobot", "/items/0/arms", "integer", "two"),
    ]
