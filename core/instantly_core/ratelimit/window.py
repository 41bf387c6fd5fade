"""The sliding windows of a bucket, one for each of its limits."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

# Requests travel for different times: turns are given two hundredths slower than a long limit.
MARGIN = 1.02

# A burst that uses up a second at once repeats every second; evenly spaced, a late request does no harm.
# Over longer times people expect to be served at once as long as something is left.
SPACED = 1.0


class Limit(NamedTuple):
    """At most so many `requests` in any so many `seconds`."""

    requests: int
    seconds: float


class Windows:
    """The windows of a bucket: a request leaves when all of them have room.

    One that must wait is given a turn, so that each has its place without waking the others. When the turn comes
    there may be no room after all, because a delayed request still counts. Then it takes a later turn.
    """

    __slots__ = ("_long", "short")

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.short = tuple(ShortWindow(limit) for limit in limits if limit.seconds <= SPACED)
        self._long = tuple(LongWindow(limit) for limit in limits if limit.seconds > SPACED)

    def take_turn(self, now: float, budget: float) -> float:
        """Let a request leave, or return the seconds to its turn; nothing is taken if they are above the budget."""
        turn = now
        for short in self.short:
            turn = max(turn, short.next_turn(now))
        for long in self._long:
            turn = max(turn, long.next_turn())
        wait = turn - now
        if wait <= budget:
            for short in self.short:
                short.turn = turn
            for long in self._long:
                long.turns.append(turn)
            if wait <= 0:
                self._leave(now)
        return wait

    def use_turn(self, now: float, budget: float) -> float:
        """Let a request leave whose turn has come, or return the seconds to a later turn."""
        turn = now
        for short in self.short:
            if not short.has_room(now):
                turn = max(turn, short.next_turn(now))
        for long in self._long:
            turn = max(turn, long.next_departure())
        wait = turn - now
        if wait <= 0:
            self._leave(now)
        elif wait <= budget:
            for short in self.short:
                short.turn = max(short.turn, turn)
        return wait

    def _leave(self, now: float) -> None:
        for short in self.short:
            short.departures.append(now)
        for long in self._long:
            long.departures.append(now)

    def idle(self, now: float) -> bool:
        """Return whether past requests no longer affect the next one."""
        return all(short.idle(now) for short in self.short) and all(long.idle(now) for long in self._long)


class LongWindow:
    """The window of a long limit: turns, which may lie ahead, and departures, which follow late after a stall."""

    __slots__ = ("_period", "_stride", "departures", "turns")

    def __init__(self, limit: Limit) -> None:
        self._period = limit.seconds
        self._stride = limit.seconds * MARGIN
        self.turns: deque[float] = deque(maxlen=limit.requests)
        self.departures: deque[float] = deque(maxlen=limit.requests)

    def next_turn(self) -> float:
        turns = self.turns
        return turns[0] + self._stride if len(turns) == turns.maxlen else 0.0

    def next_departure(self) -> float:
        departures = self.departures
        return departures[0] + self._period if len(departures) == departures.maxlen else 0.0

    def idle(self, now: float) -> bool:
        return not self.turns or self.turns[-1] + self._stride < now


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

    __slots__ = ("_arrivals", "_ends_known", "_period", "_places", "_round_trip", "_spacing", "departures", "turn")

    # For clocks, and for what the usual round trip leaves out.
    _SLACK = 1.01

    # A request without an answer for so many periods counts as arrived: a slow operation is not a stall.
    _MAX_PERIODS = 2

    def __init__(self, limit: Limit) -> None:
        self._period = limit.seconds * self._SLACK
        self._places = limit.requests
        self._spacing = self._period / limit.requests
        self._round_trip = RoundTrip()
        # If the ends of requests are not reported, requests count as arrived when they leave.
        self._ends_known = False
        self.departures: deque[float] = deque()
        self._arrivals: deque[float] = deque()
        self.turn = 0.0

    def next_turn(self, now: float) -> float:
        after_last = self.turn + self._spacing if self.turn else 0.0
        if self.has_room(now):
            return after_last
        firsts = [times[0] for times in (self.departures, self._arrivals) if times]
        return max(after_last, min(firsts) + self._period, now + self._spacing)

    def has_room(self, now: float) -> bool:
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
        departures, arrivals = self.departures, self._arrivals
        position = bisect_right(departures, now - seconds) - 1
        if position >= 0:
            del departures[position]
            arrivals.append(max(arrival, arrivals[-1]) if arrivals else arrival)

    def idle(self, now: float) -> bool:
        latest = max(times[-1] if times else 0.0 for times in (self.departures, self._arrivals))
        return max(self.turn, latest) + self._MAX_PERIODS * self._period < now
