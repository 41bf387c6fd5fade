"""What a limiter in this process remembers of a bucket: a window of time for each of its limits."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .limits import Limit

# Requests travel for different times: turns are handed out two hundredths slower than a long limit.
MARGIN = 1.02

# A burst that uses up a second at once repeats every second; evenly spaced, a late request does no harm.
# Over longer times people expect to be served at once as long as something is left.
SPACED = 1.0


class Windows:
    """The windows of a bucket: a request leaves when all of them have room.

    One that must wait is given a turn, so that each has its place without waking the others. When the turn comes
    there may be no room after all: what was held up is still to be counted. Then it takes a later turn.
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
        """The same for a request whose turn has come."""
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
        """Tell whether nothing of the past bears on the next request."""
        return all(short.idle(now) for short in self.short) and all(long.idle(now) for long in self._long)


class LongWindow:
    """Turns that may lie ahead, and departures, which follow late after a stall."""

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
    """How long a request takes at least: the shortest of the last one or two hundred answers."""

    __slots__ = ("_answers", "_before", "_shortest", "usual")

    _HUNDRED = 100

    def __init__(self) -> None:
        # The first requests connect, all at once: they do not show what is usual.
        self.usual = self._before = 0.005
        self._shortest = inf
        self._answers = 0

    def lateness(self, seconds: float, answered: bool) -> float:
        """Return how long after it left a request that took `seconds` has arrived, at most."""
        if not answered:
            return seconds
        self._answers += 1
        if self._answers > self._HUNDRED:
            self._before, self._shortest, self._answers = self._shortest, inf, 1
        self._shortest = min(self._shortest, seconds)
        self.usual = min(self._before, self._shortest)
        return seconds - self.usual


class ShortWindow:
    """Evenly spaced turns, and places: each is given back a period after its request has certainly arrived.

    The service counts arrivals, which a stall on either side bunches together. Nobody sees them from here; but what
    has taken longer than the usual round trip has arrived later by that much, at most.
    """

    __slots__ = ("_arrivals", "_period", "_places", "_round_trip", "_spacing", "_told", "departures", "turn")

    # Clocks, and what the usual leaves out.
    _SLACK = 1.01

    # What has been without an answer for so many periods is taken to have arrived: a slow operation is no stall.
    _PATIENCE = 2

    def __init__(self, limit: Limit) -> None:
        self._period = limit.seconds * self._SLACK
        self._places = limit.requests
        self._spacing = self._period / limit.requests
        self._round_trip = RoundTrip()
        # Where nobody tells of the end of requests, they are taken to arrive as they leave.
        self._told = False
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
        stalls_show = self._told and self._round_trip.usual < self._period
        patience = self._period * (self._PATIENCE if stalls_show else 1)
        while departures and departures[0] <= now - patience:
            departures.popleft()
        return len(departures) + len(arrivals) < self._places

    def end(self, now: float, seconds: float, answered: bool) -> None:
        self._told = True
        arrival = now - seconds + self._round_trip.lateness(seconds, answered)
        departures, arrivals = self.departures, self._arrivals
        position = bisect_right(departures, now - seconds) - 1
        if position >= 0:
            del departures[position]
            arrivals.append(max(arrival, arrivals[-1]) if arrivals else arrival)

    def idle(self, now: float) -> bool:
        latest = max(times[-1] if times else 0.0 for times in (self.departures, self._arrivals))
        return max(self.turn, latest) + self._PATIENCE * self._period < now
