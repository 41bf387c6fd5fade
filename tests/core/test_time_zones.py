"""Names of time zones: the accepted one with the hours of another, and offsets, by the data of the package tzdata."""

from __future__ import annotations

import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, assert_type
from zoneinfo import ZoneInfo

import pytest

from instantly_client.models import Timezone
from instantly_core.errors import ConfigurationError
from instantly_core.helpers.time_zones import TimeZoneHelpers

WINTER, SUMMER = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)
YEAR = [WINTER + timedelta(hours=hour) for hour in range(365 * 24)]
HOUR = timedelta(hours=1)


class Zone(TimeZoneHelpers):
    """Few names, some of them with the same hours."""

    CANARY = "Atlantic/Canary"
    ISLE_OF_MAN = "Europe/Isle_of_Man"
    ABIDJAN = "Africa/Abidjan"
    BELGRADE = "Europe/Belgrade"
    CEUTA = "Africa/Ceuta"
    DETROIT = "America/Detroit"
    CRESTON = "America/Creston"
    LOST = "Europe/Atlantis"


@pytest.fixture(autouse=True)
def data_of_the_package() -> Iterator[None]:
    """The data of the package alone, whatever the machine has."""
    paths = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(paths)
    ZoneInfo.clear_cache()


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without time zone data, as Windows and slim images are."""
    for name in [name for name in sys.modules if name.startswith("tzdata.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tzdata", None)
    ZoneInfo.clear_cache()


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("Europe/Belgrade", Zone.BELGRADE),
        ("Europe/London", Zone.ISLE_OF_MAN),
        ("Europe/Lisbon", Zone.CANARY),
        ("Europe/Paris", Zone.BELGRADE),
        ("Africa/Ceuta", Zone.CEUTA),
        ("UTC", Zone.ABIDJAN),
        ("America/New_York", Zone.DETROIT),
        ("America/Phoenix", Zone.CRESTON),
    ],
)
def test_a_zone_has_the_accepted_name_with_its_hours(name: str, accepted: Zone) -> None:
    assert Zone.for_zone(name, at=WINTER) is accepted
    assert Zone.for_zone(ZoneInfo(name), at=SUMMER) is accepted


@pytest.mark.parametrize("name", ["Europe/London", "America/New_York", "Europe/Madrid", "UTC", "Asia/Tokyo"])
def test_an_accepted_name_has_the_same_offset_in_each_hour_of_the_year(name: str) -> None:
    accepted = Timezone.for_zone(name, at=WINTER)
    assert_type(accepted, Timezone)
    own, found = ZoneInfo(name), ZoneInfo(accepted.value)
    assert all(at.astimezone(own).utcoffset() == at.astimezone(found).utcoffset() for at in YEAR)


def test_a_name_that_is_accepted_is_its_own() -> None:
    assert [Timezone.for_zone(zone.value) for zone in Timezone] == [*Timezone]


@pytest.mark.usefixtures("no_data")
def test_a_name_that_is_accepted_needs_no_data() -> None:
    assert Zone.for_zone("Europe/Belgrade") is Zone.BELGRADE


def test_a_zone_with_other_hours_is_refused_with_the_nearest_names() -> None:
    told = r"no accepted time zone has the offsets of 'America/Los_Angeles' in the year from 2026-01-15 on; "
    told += r"the nearest are: America/Creston \(up to 1:00 away on \d+ days\), America/"
    with pytest.raises(ValueError, match=told):
        Zone.for_zone("America/Los_Angeles", at=WINTER)


def test_a_zone_that_changes_at_another_hour_is_another_zone() -> None:
    class Beirut(TimeZoneHelpers):
        BEIRUT = "Asia/Beirut"

    # Both change in the same nights, Bucharest at 1 o'clock in UTC and Beirut at its midnight.
    with pytest.raises(ValueError, match=r"Asia/Beirut \(its offset changes at another hour\)"):
        Beirut.for_zone("Europe/Bucharest", at=WINTER + 12 * HOUR)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Europe/Londn", "'Europe/Londn' is no time zone of the IANA database; did you mean 'Europe/London'"),
        ("America", "'America' is no time zone"),
        ("", "'' is no time zone of the IANA database$"),
        ("../etc", "'../etc' is no time zone"),
        ("a\0b", "is no time zone"),
    ],
)
def test_what_is_no_zone_is_refused(name: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Zone.for_zone(name, at=WINTER)


def test_an_offset_is_that_of_the_moment() -> None:
    assert Timezone.EUROPE_BELGRADE.offset(WINTER) == HOUR
    assert Timezone.EUROPE_BELGRADE.offset(SUMMER) == 2 * HOUR
    assert Timezone.EUROPE_BELGRADE.offset(SUMMER.astimezone(ZoneInfo("Asia/Tokyo"))) == 2 * HOUR
    assert Timezone.EUROPE_BELGRADE.offset() in (HOUR, 2 * HOUR)
    assert Zone("Asia/Kathmandu").offset(WINTER) == 5.75 * HOUR


def test_a_name_that_the_data_does_not_have_has_no_offset() -> None:
    with pytest.raises(ValueError, match="'Europe/Atlantis' is no time zone"):
        Zone.LOST.offset(WINTER)


@pytest.mark.usefixtures("no_data")
def test_without_time_zone_data_the_error_names_the_package() -> None:
    told = "no time zone data on this machine: install it with `pip install tzdata`"
    with pytest.raises(ConfigurationError, match=told):
        Zone.for_zone("Europe/London", at=WINTER)
    with pytest.raises(ConfigurationError, match=told):
        Zone.BELGRADE.offset(WINTER)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 1, 15)  # noqa: DTZ001
    for call in (lambda: Zone.BELGRADE.offset(naive), lambda: Zone.for_zone("Europe/Belgrade", at=naive)):
        with pytest.raises(ValueError, match="2026-01-15T00:00:00 has no time zone: give it one"):
            call()
    text: Any = "2026-01-15"
    with pytest.raises(TypeError, match="at= takes a datetime, not a str"):
        Zone.for_zone("Europe/Belgrade", at=text)
