"""Odd timestamps: read where they mean one moment, kept as they came where they do not, and never in the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from instantly_core.models.decode import Drift, Report, day, timestamp
from instantly_core.models.encode import jsonable


def read(text: str) -> tuple[Any, bool]:
    """What a text is decoded to, and whether it deviates."""
    drift = Drift()
    return timestamp(text, {"at": text}, "at", drift), bool(drift)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05T10:00:00z",
        "Thu, 05 Mar 2026 10:00:00 GMT",
        "2026-03-05 15:45:00 +05:45",
    ],
)
def test_one_moment_has_many_spellings(text: str) -> None:
    moment, deviates = read(text)
    assert moment == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert not deviates
    assert jsonable(moment) == "2026-03-05T10:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05 10:00:00 CST",
        "2026-03-05 10:00:00 UTCX",
        "2026-03-05T10:00:00+99:00",
        "2026-02-30T10:00:00Z",
        "1772700000000",
    ],
)
def test_what_is_no_one_moment_stays_text(text: str) -> None:
    assert read(text) == (text, True)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:45", "9999-12-31T23:59:59-05:00"])
def test_a_moment_that_utc_has_no_year_for_is_written_in_its_own_zone(text: str) -> None:
    moment, deviates = read(text)
    assert not deviates
    assert jsonable(moment) == text


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock shows another zone than UTC."""
    monkeypatch.setenv("TZ", "XXX-05:45")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize(
    "text", ["2026-03-05T10:00:00", "2026-03-05 10:00", "Thu, 05 Mar 2026 10:00:00", "2026/03/05 10:00:00"]
)
def test_a_timestamp_without_a_zone_is_in_utc(text: str) -> None:
    assert read(text) == (datetime(2026, 3, 5, 10, tzinfo=UTC), False)
    assert read(text)[0].tzinfo is UTC


@pytest.mark.usefixtures("far_from_utc")
def test_what_is_sent_is_in_utc_wherever_the_machine_is() -> None:
    assert jsonable(datetime(2026, 3, 5, 10, tzinfo=UTC)) == "2026-03-05T10:00:00.000Z"
    assert jsonable(datetime(2026, 3, 5, 10).astimezone()) == "2026-03-05T04:15:00.000Z"


def test_a_day_of_a_week_is_a_date_of_iso_8601() -> None:
    assert read("2026-W10-4T10:00:00Z") == (datetime(2026, 3, 5, 10, tzinfo=UTC), False)
    assert read("2026-W10-4") == (datetime(2026, 3, 5, tzinfo=UTC), False)


@pytest.mark.parametrize("text", ["2026-03-05", "0001-01-01", "9999-12-31", "2024-02-29"])
def test_a_day_is_a_date(text: str) -> None:
    drift = Drift()
    found = day(text, {"at": text}, "at", drift)
    assert (found.isoformat(), type(found), bool(drift)) == (text, date, False)


@pytest.mark.parametrize(
    "value",
    ["2026-03-05T10:00:00Z", "20260305", "2026-W10-4", "2026-02-30", "05.03.2026", "", "2026-3-5", None, 20260305],
)
def test_what_is_no_day_stays_as_it_is_and_is_reported(value: Any) -> None:
    answer, drift = {"at": value}, Drift()
    kept: Any = day(value, answer, "at", drift)
    assert kept is value
    assert list(drift.reports(answer)) == [Report("/at", "date", value, True)]
