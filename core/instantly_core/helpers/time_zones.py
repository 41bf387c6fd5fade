"""Help with the time zones that the service takes: which of them has the same hours as another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple, Self

from ..error_tree import ConfigurationError
from ..models.enumeration import StrEnumeration

_DAYS = 366
_MAX_NAMED = 3


class TimeZoneHelpers(StrEnumeration):
    """An enumeration of names of time zones."""

    @classmethod
    def for_zone(cls, zone: str | tzinfo, *, at: datetime | None = None) -> Self:
        """Return the accepted name for a time zone: its own, or one with the same offsets over the coming year.

        Of several it is one whose offsets have the same names, then one of the same area.

        Args:
            zone: name in the IANA database, such as "Europe/London", or the `ZoneInfo` of one.
            at: moment with a time zone from which on the year counts; now if left out.

        Raises:
            ValueError: There is no such zone, or no accepted name has its offsets; the error names the nearest ones.
            ConfigurationError: There is no time zone data on this machine.
        """
        name = str(zone)
        start = _moment(at)
        if name in cls:
            return cls(name)
        wanted = _Year.of(_zone(name), start)
        found = [(member, _Year.of(known, start)) for member, known in cls._known_zones()]
        same = [(member, year) for member, year in found if year.changes == wanted.changes]
        if not same:
            nearest = sorted(found, key=lambda each: sum(each[1].differences(wanted), timedelta()))[:_MAX_NAMED]
            described = ", ".join(f"{member.value} ({year.compared(wanted)})" for member, year in nearest)
            raise ValueError(
                f"no accepted time zone has the offsets of {name!r} in the year from {start:%Y-%m-%d} on; "
                f"the nearest are: {described}"
            )
        area = name.partition("/")[0]
        return min(same, key=lambda each: (each[1].names != wanted.names, each[0].partition("/")[0] != area))[0]

    def offset(self, at: datetime | None = None) -> timedelta:
        """Return the difference from UTC at a moment with a time zone; now if left out.

        Raises:
            ValueError: There is no such zone in the time zone data, or the moment has no time zone.
            ConfigurationError: There is no time zone data on this machine.
        """
        return _state(_zone(self.value), _moment(at))[0]

    @classmethod
    def _known_zones(cls) -> Iterator[tuple[Self, tzinfo]]:
        """The members that the time zone data of this machine has, which may be older than they are."""
        for member in cls:
            try:
                yield member, _zone(member.value)
            except ConfigurationError:
                raise
            except ValueError:
                continue


class _Year(NamedTuple):
    """The offsets of a zone over a year: when they change and to what, their names, and those of each day."""

    changes: list[tuple[datetime, timedelta]]
    names: list[str]
    days: list[timedelta]

    @classmethod
    def of(cls, zone: tzinfo, start: datetime) -> _Year:
        moments = [start + timedelta(days=day) for day in range(_DAYS)]
        states = [_state(zone, moment) for moment in moments]
        year = cls([(start, states[0][0])], [states[0][1]], [offset for offset, _ in states])
        for day in range(1, _DAYS):
            (offset, name), before = states[day], states[day - 1]
            if offset != before[0]:
                year.changes.append((_change(zone, moments[day - 1], moments[day]), offset))
                year.names.append(name)
        return year

    def differences(self, other: _Year) -> list[timedelta]:
        """The differences from another zone on the days on which there are any."""
        return [abs(one - another) for one, another in zip(self.days, other.days, strict=True) if one != another]

    def compared(self, other: _Year) -> str:
        """The differences in words."""
        differences = self.differences(other)
        if not differences:
            return "its offset changes at another hour"
        minutes = max(differences) // timedelta(minutes=1)
        return f"up to {minutes // 60}:{minutes % 60:02} away on {len(differences)} days"


def _state(zone: tzinfo, moment: datetime) -> tuple[timedelta, str]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or ""


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The moment, to the second, at which the offset of a zone changes."""
    offset = _state(zone, before)[0]
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if _state(zone, middle)[0] == offset else (before, middle)
    return after


def _moment(at: datetime | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    if not isinstance(at, datetime):
        raise TypeError(f"at= takes a datetime, not a {type(at).__name__}")
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone: give it one, such as tzinfo=UTC")
    return at.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    # A model that has time zones in it does without, and its import takes as long as theirs.
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # A folder of the data is no zone either.
        known = available_timezones()
    if not known:
        raise ConfigurationError("there is no time zone data on this machine: install it with `pip install tzdata`")
    from difflib import get_close_matches  # Only a wrong name is worth its import.

    nearest = get_close_matches(name, known)
    hint = f"; did you mean {' or '.join(map(repr, nearest))}?" if nearest else ""
    raise ValueError(f"{name!r} is no time zone of the IANA database{hint}")
