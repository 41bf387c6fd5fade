"""What the processes of a workspace know together: the state of their rate limits, in Redis, kept by pyrate-limiter.

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

from .limits import WORKSPACE, Limit
from .redis_sides import Side
from .windows import MARGIN, SPACED, RoundTrip

Talk = Generator[Any, Any, Any]

# A second is divided so that requests spread over it, in parts that leave room for those who ask a little late.
_PARTS = 2

# The library does not count what others have taken at this very moment, by clocks that differ a little: some places
# are kept for those, one of so many.
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
    """A request that has left: when, on our clock and on Redis', and under which name it stands there."""

    __slots__ = ("left", "member", "name", "score")

    def __init__(self, left: float, score: int, name: str) -> None:
        self.left = left
        self.score = score
        self.name = name
        self.member: bytes | None = None


class Store:
    """The limits of a workspace under the keys that begin with `name`."""

    # Between two looks at Redis' clock.
    _CLOCK_SECONDS = 10.0
    _CLOCK_LOOKS = 5

    # Between two refreshments of what is not asked for with each request.
    _TIDY_SECONDS = 1.0

    # Processes that have not asked for so long do not count.
    _MEMBER_SECONDS = 10.0

    # What has taken no longer than this above the usual is not late.
    _NOTABLE = 0.005

    # What has been without an answer for so long is taken to have arrived: a slow operation is no stall.
    _PATIENCE = 2.0

    def __init__(self, name: str, limits: Sequence[Limit]) -> None:
        self._name = name
        self._limits = tuple(limits)
        self._member = uuid4().hex
        #: Of the processes that used the limiter lately, as Redis knew last.
        self.members = 1
        self._offset = 0.0
        self._clock_due = 0.0
        self._tidy_due: dict[str, float] = {}
        self._lock = Lock()
        self._round_trip = RoundTrip()
        # In flight, in the order in which they left; and what is known to arrive later than it stands in Redis.
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
                # It may have left a while after it was let go.
                self._late.append((ended, departure + lateness))

    def _known_late(self) -> list[tuple[_Departure, float]]:
        now = time.monotonic()
        with self._lock:
            late, self._late = self._late, []
            while self._left and self._left[0].left < now - self._PATIENCE:
                self._left.popleft()
            # Of what has no answer yet it is known that it cannot have arrived earlier than the usual time ago.
            arrival = now - self._round_trip.usual
            late += [(one, arrival) for one in self._left if one.left < arrival - 2 * self._NOTABLE]
        return [(one, arrival) for one, arrival in late if self._now(arrival) - one.score > self._NOTABLE * 1000]

    def _now(self, moment: float) -> int:
        return round((moment + self._offset) * 1000)

    def _set_clock(self, side: Side) -> Talk:
        best = inf
        # The answer that was quickest tells best: the rest is waiting for a processor.
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
