"""The sliding windows of a bucket, one for each of its limits."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

# Requests travel for different times: turns are given two hundredths slower than a long limit.
MARGIN = 1.02

# The same of a short limit: for clocks, and for what the usual round trip leaves out.
SHORT_MARGIN = 1.01

# A burst that uses up a second at once repeats every second; evenly spaced, a late request does no harm.
# Over longer times people expect to be served at once as long as something is left.
SPACED = 1.0


class Limit(NamedTuple):
    """At most so many `requests` in any so many `seconds`."""

    requests: int
    seconds: float

    @property
    def stride(self) -> float:
        """The seconds after which the place of a request is free again."""
        return self.seconds * (MARGIN if self.seconds > SPACED else SHORT_MARGIN)

    @property
    def spacing(self) -> float:
        """The seconds between two requests; 0.0 if they may leave at once."""
        return 0.0 if self.seconds > SPACED else self.stride / self.requests


class Windows:
    """The windows of a bucket: a request leaves when all of them have room."""

    __slots__ = ("_long", "_rest", "_short")

    def __init__(self, limits: Sequence[Limit]) -> None:
        limits = [Limit(*limit) for limit in limits]
        self._short = tuple(ShortWindow(limit) for limit in limits if limit.spacing)
        self._long = tuple(LongWindow(limit) for limit in limits if not limit.spacing)
        self._rest = 0.0

    def turn(self, now: float, ahead: int = 0) -> float:
        """Return when the request that has so many others before it can leave, at the earliest."""
        turn = self._rest
        for short in self._short:
            turn = max(turn, short.turn(now, ahead))
        for long in self._long:
            turn = max(turn, long.turn(now, ahead))
        return turn

    def leave(self, now: float, turn: float) -> None:
        """Let a request leave, whose turn was a little while ago or is now."""
        for short in self._short:
            short.leave(now, turn)
        for long in self._long:
            long.departures.append(now)

    def cancel(self, moment: float) -> None:
        """Free the place of a request that left at a moment, or shortly before it, and was not sent."""
        for short in self._short:
            _take(short.departures, moment)
        for long in self._long:
            _take(long.departures, moment)

    def end(self, now: float, seconds: float, answered: bool) -> None:
        """Count a request that left `seconds` ago from when it has certainly arrived."""
        for short in self._short:
            short.end(now, seconds, answered)

    def rest_until(self, moment: float) -> None:
        """Let no request leave before a moment."""
        self._rest = max(self._rest, moment)

    def idle(self, now: float) -> bool:
        """Return whether past requests no longer affect the next one."""
        return all(short.idle(now) for short in self._short) and all(long.idle(now) for long in self._long)


class LongWindow:
    """The window of a long limit: the last requests that left, as many as the limit allows."""

    __slots__ = ("_stride", "departures")

    def __init__(self, limit: Limit) -> None:
        self._stride = limit.stride
        self.departures: deque[float] = deque(maxlen=limit.requests)

    def turn(self, now: float, ahead: int) -> float:
        departures = self.departures
        places = departures.maxlen or 1
        rounds, ahead = divmod(ahead, places)
        position = ahead - (places - len(departures))
        turn = departures[position] + self._stride if position >= 0 else 0.0
        return max(turn, now) + rounds * self._stride if rounds else turn

    def idle(self, now: float) -> bool:
        return not self.departures or self.departures[-1] + self._stride < now


class RoundTrip:
    """The usual round trip of a request: the minimum of the last one or two hundred answers."""

    __slots__ = ("_answers", "_before", "_min_seconds", "usual")

    _HUNDRED = 100

    def __init__(self) -> None:
        # The first requests connect, all at once: they do not show what is usual.
        self.usual = self._before = 0.005
        self._min_seconds = inf
        self._answers = 0

    def lateness(self, seconds: float, answered: bool) -> float:
        """Return the maximum time between the departure and the arrival of a request that took `seconds`."""
        if not answered:
            return seconds
        self._answers += 1
        if self._answers > self._HUNDRED:
            self._before, self._min_seconds, self._answers = self._min_seconds, inf, 1
        self._min_seconds = min(self._min_seconds, seconds)
        self.usual = min(self._before, self._min_seconds)
        return seconds - self.usual


class ShortWindow:
    """The window of a short limit: evenly spaced turns, and places, each free a period after its request has arrived.

    The service counts arrivals, which a stall on either side bunches together. They cannot be seen from here, but a
    request that took longer than the usual round trip has arrived later by that much, at most.
    """

    __slots__ = (
        "_arrivals",
        "_ends_known",
        "_period",
        "_places",
        "_round_trip",
        "_spacing",
        "_turn",
        "departures",
    )

    # Each request leaves a little after its turn. The next turn makes up for it, but not for a stall.
    _MAX_CATCH_UP = 0.05

    # A request without an answer for so many periods counts as arrived: a slow operation is not a stall.
    _MAX_PERIODS = 2

    def __init__(self, limit: Limit) -> None:
        self._period = limit.stride
        self._places = limit.requests
        self._spacing = limit.spacing
        self._round_trip = RoundTrip()
        # If the ends of requests are not reported, requests count as arrived when they leave.
        self._ends_known = False
        self.departures: deque[float] = deque()
        self._arrivals: deque[float] = deque()
        self._turn = -inf

    def turn(self, now: float, ahead: int) -> float:
        turn = self._turn + self._spacing
        if not self._has_room(now):
            free = min(times[0] for times in (self.departures, self._arrivals) if times) + self._period
            # The place of a request that is still under way is looked for again a little later.
            turn = max(turn, free if free > now else now + self._spacing)
        return max(turn, now) + ahead * self._spacing if ahead else turn

    def leave(self, now: float, turn: float) -> None:
        self._turn = max(turn, now - self._MAX_CATCH_UP * self._period)
        self.departures.append(now)

    def _has_room(self, now: float) -> bool:
        departures, arrivals = self.departures, self._arrivals
        if len(departures) + len(arrivals) < self._places:
            return True
        while arrivals and arrivals[0] <= now - self._period:
            arrivals.popleft()
        stalls_visible = self._ends_known and self._round_trip.usual < self._period
        max_flight = self._period * (self._MAX_PERIODS if stalls_visible else 1)
        while departures and departures[0] <= now - max_flight:
            departures.popleft()
        return len(departures) + len(arrivals) < self._places

    def end(self, now: float, seconds: float, answered: bool) -> None:
        self._ends_known = True
        arrival = now - seconds + self._round_trip.lateness(seconds, answered)
        arrivals = self._arrivals
        if _take(self.departures, now - seconds):
            arrivals.append(max(arrival, arrivals[-1]) if arrivals else arrival)

    def idle(self, now: float) -> bool:
        latest = max(times[-1] if times else -inf for times in (self.departures, self._arrivals))
        return max(self._turn, latest) + self._MAX_PERIODS * self._period < now


def _take(departures: deque[float], moment: float) -> bool:
    """Take out the last departure that was not after a moment, and return whether there is one."""
    position = bisect_right(departures, moment) - 1
    if position >= 0:
        del departures[position]
    return position >= 0
