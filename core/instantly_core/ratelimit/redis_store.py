"""The common state of the rate limits of several processes, in Redis, kept by pyrate-limiter.

The functions that talk to Redis are generators: they yield what a method of redis-py returns and get its result back.
So they serve its sync and its async client alike.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Sequence
from math import inf
from operator import attrgetter
from threading import Lock
from typing import Any
from uuid import uuid4

from pyrate_limiter import Decision, Rate, RateItem, RedisBucket

from .limits import WORKSPACE
from .redis_sides import Side
from .window import MARGIN, SPACED, Limit, RoundTrip

Talk = Generator[Any, Any, Any]

# A second is divided so that requests spread over it, in parts that leave room for requests that are a little late.
_PARTS = 2

# The library does not count places that others take at this very moment, by clocks that differ a little: one place of
# so many stays free for them.
_SPARE = 50

_SHORT_MARGIN = 1.005


def rates_of(limits: Sequence[Limit]) -> list[Rate]:
    """Return the limits in the library's terms, with the milliseconds that it counts in."""
    rates = []
    for requests, seconds in limits:
        if seconds > SPACED:
            rates.append(Rate(requests, round(seconds * 1000 * MARGIN)))
            continue
        places = requests - requests // _SPARE
        stride = seconds * 1000 * _SHORT_MARGIN
        part = max(1, places // _PARTS)
        if part < places:
            rates.append(Rate(part, int(stride / places * part)))
        rates.append(Rate(places, round(stride)))
    binding: list[Rate] = []
    for rate in sorted(rates, key=lambda rate: rate.interval):
        # The library refuses a rate that those over shorter times imply.
        if not binding or rate.limit * binding[-1].interval < binding[-1].limit * rate.interval:
            binding.append(rate)
    return binding


class _Departure:
    """A request that has left: its time on our clock and on that of Redis, and its name in Redis."""

    __slots__ = ("left", "member", "name", "score")

    def __init__(self, left: float, score: int, name: str) -> None:
        self.left = left
        self.score = score
        self.name = name
        self.member: bytes | None = None


class Store:
    """The limits of a workspace under the keys that begin with `name`."""

    # Between two comparisons with the clock of Redis.
    _CLOCK_SECONDS = 10.0
    _CLOCK_LOOKS = 5

    # Between two refreshes of what is not read with each request.
    _TIDY_SECONDS = 1.0

    # A process that has not asked for so long does not count.
    _MEMBER_SECONDS = 10.0

    # A request that took no longer than this above the usual is not late.
    _NOTABLE = 0.005

    # A request without an answer for so long counts as arrived: a slow operation is not a stall.
    _MAX_FLIGHT_SECONDS = 2.0

    def __init__(self, name: str, limits: Sequence[Limit]) -> None:
        self._name = name
        self._limits = tuple(limits)
        self._member = uuid4().hex
        #: The number of processes that used the limiter lately, as Redis last reported.
        self.members = 1
        self._offset = 0.0
        self._clock_due = 0.0
        self._tidy_due: dict[str, float] = {}
        self._lock = Lock()
        self._round_trip = RoundTrip()
        # In flight, in the order in which they left; and those that arrived later than Redis has it.
        self._left: deque[_Departure] = deque()
        self._late: list[tuple[_Departure, float]] = []

    def ask(self, side: Side, bucket: str, limits: Sequence[Limit]) -> Generator[Any, Any, float]:
        """Take a place, or return the seconds after which it is worth asking again."""
        found = side.buckets.get(bucket)
        if found is None:
            key = f"{self._name}:{bucket or 'workspace'}"
            found = yield RedisBucket.init(rates_of(limits or self._limits), side.client, key)
            side.buckets[bucket] = found
        if time.monotonic() >= self._clock_due:
            yield from self._set_clock(side)
        if bucket == WORKSPACE:
            late = self._known_late()
            if late:
                yield from self._move(side, found.bucket_key, late)
        left = time.monotonic()
        item = RateItem(uuid4().hex, self._now(left))
        decision: Decision = yield found.put_decision(item)
        yield from self._tidy(side, bucket, found)
        if not decision.allowed:
            return max(decision.retry_after_ms or 0, 1) / 1000
        if bucket == WORKSPACE:
            with self._lock:
                self._left.append(_Departure(left, item.timestamp, item.name))
        return 0.0

    def ended(self, seconds: float, answered: bool) -> None:
        """Count a request from when it has certainly arrived."""
        departure = time.monotonic() - seconds
        with self._lock:
            lateness = self._round_trip.lateness(seconds, answered)
            position = bisect_right(self._left, departure, key=attrgetter("left")) - 1
            if position >= 0:
                ended = self._left[position]
                del self._left[position]
                # It may have left a while after it was admitted.
                self._late.append((ended, departure + lateness))

    def _known_late(self) -> list[tuple[_Departure, float]]:
        now = time.monotonic()
        with self._lock:
            late, self._late = self._late, []
            while self._left and self._left[0].left < now - self._MAX_FLIGHT_SECONDS:
                self._left.popleft()
            # A request without an answer cannot have arrived earlier than the usual time ago.
            arrival = now - self._round_trip.usual
            late += [(one, arrival) for one in self._left if one.left < arrival - 2 * self._NOTABLE]
        return [(one, arrival) for one, arrival in late if self._now(arrival) - one.score > self._NOTABLE * 1000]

    def _now(self, moment: float) -> int:
        return round((moment + self._offset) * 1000)

    def _set_clock(self, side: Side) -> Talk:
        best = inf
        # The quickest answer is the most exact: the others waited for a processor.
        for _ in range(self._CLOCK_LOOKS):
            before = time.monotonic()
            seconds, microseconds = yield side.client.time()
            after = time.monotonic()
            if after - before < best:
                best = after - before
                self._offset = seconds + microseconds / 1e6 - (before + after) / 2
        self._clock_due = time.monotonic() + self._CLOCK_SECONDS

    def _tidy(self, side: Side, bucket: str, found: RedisBucket) -> Talk:
        now = time.monotonic()
        if now < self._tidy_due.get(bucket, 0.0):
            return
        self._tidy_due[bucket] = now + self._TIDY_SECONDS
        members = f"{self._name}:members"
        moment = self._now(now)
        pipeline = side.client.pipeline(transaction=False)
        pipeline.zadd(members, {self._member: moment})
        pipeline.zremrangebyscore(members, 0, moment - self._MEMBER_SECONDS * 1000)
        pipeline.zcard(members)
        pipeline.pexpire(members, round(self._MEMBER_SECONDS * 1000))
        pipeline.zremrangebyscore(found.bucket_key, 0, moment - found.rates[-1].interval - 1000)
        pipeline.pexpire(found.bucket_key, found.rates[-1].interval + 60_000)
        results = yield pipeline.execute()
        self.members = max(1, results[2])

    def _move(self, side: Side, key: str, late: list[tuple[_Departure, float]]) -> Talk:
        nameless = [one for one, _ in late if one.member is None]
        if nameless:
            looks = side.client.pipeline(transaction=False)
            for one in nameless:
                looks.zrange(key, one.score, one.score, byscore=True)
            found = yield looks.execute()
            for one, members in zip(nameless, found, strict=True):
                one.member = next((member for member in members if member.startswith(one.name.encode())), b"")
        moves = {}
        for one, arrival in late:
            if one.member:
                one.score = moves[one.member] = self._now(arrival)
        if moves:
            yield side.client.zadd(key, moves, xx=True)
