"""The common state of the rate limits of several processes, in Redis.

The functions that talk to Redis are generators: they yield what a method of redis-py returns and get its result back.
So they serve its sync and its async client alike.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Sequence
from hashlib import sha1
from itertools import count
from operator import attrgetter
from threading import Lock
from typing import Any
from uuid import uuid4

from redis.exceptions import MovedError, NoScriptError

from .. import real_time as time
from .limits import WORKSPACE
from .redis_sides import Side
from .remote_clock import RemoteClock
from .window import Limit, RoundTrip

Talk = Generator[Any, Any, Any]

# The windows of `window`, over a sorted set of turns: name -> milliseconds by the clock of Redis, which all share.
# Turns may lie a little ahead. What a process knows of its own turns is put back when Redis has lost them.
TAKE = """
local ask = cjson.decode(ARGV[1])
local bucket, members = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function text(number) return string.format('%.3f', number) end

redis.call('ZADD', members, text(now), ask.process)
redis.call('ZREMRANGEBYSCORE', members, '-inf', text(now - ask.member_ms))
redis.call('PEXPIRE', members, ask.member_ms)
local processes = redis.call('ZCARD', members)

for _, turn in ipairs(ask.lost) do redis.call('ZADD', bucket, text(turn[2]), turn[1]) end
for _, turn in ipairs(ask.moved) do redis.call('ZADD', bucket, 'XX', text(turn[2]), turn[1]) end
for _, name in ipairs(ask.cancelled) do redis.call('ZREM', bucket, name) end
if ask.known ~= '' and not redis.call('ZSCORE', bucket, ask.known) then
    return {'lost', processes, text(now)}
end

local turn, longest = now, 0
local last = redis.call('ZREVRANGE', bucket, 0, 0, 'WITHSCORES')
for _, limit in ipairs(ask.limits) do
    local requests, stride, spacing = limit[1], limit[2], limit[3]
    longest = math.max(longest, stride)
    if spacing > 0 and last[2] then turn = math.max(turn, last[2] + spacing) end
    local first = redis.call('ZREVRANGE', bucket, requests - 1, requests - 1, 'WITHSCORES')
    if first[2] then turn = math.max(turn, first[2] + stride) end
end
redis.call('ZREMRANGEBYSCORE', bucket, '-inf', text(now - longest - 10000))
if turn - now <= ask.horizon_ms then
    redis.call('ZADD', bucket, text(turn), ask.name)
end
redis.call('PEXPIRE', bucket, math.ceil(longest) + 60000)
return {text(turn - now), processes, text(now)}
"""
TAKE_SHA = sha1(TAKE.encode(), usedforsecurity=False).hexdigest()


class Place:
    """A place of this process in a bucket: its turn on our clock, and its name and score in Redis."""

    __slots__ = ("bucket", "name", "offset_ms", "score", "turn")

    def __init__(self, bucket: str, name: str, turn: float, score: float) -> None:
        self.bucket = bucket
        self.name = name
        self.turn = turn
        self.score = score
        #: Of the clock of Redis to ours.
        self.offset_ms = score - turn * 1000


class Changes:
    """Changes of a bucket that Redis does not know yet, and what this process has in it."""

    def __init__(self) -> None:
        self.places: deque[Place] = deque()
        self.cancelled: list[str] = []
        self.moved: list[tuple[str, float]] = []
        #: Whether Redis has lost the places.
        self.lost = False


class Store:
    """The limits of a workspace under keys that begin with `{name}`: the braces keep them on one node of a cluster."""

    # A place is taken at most so long before its turn: whoever does not wait for it blocks others no longer.
    HORIZON = 1.0

    # A process that has not asked for so long does not count.
    _MEMBER_SECONDS = 60.0

    # Others that began at the same time have asked by then.
    _KNOWN_SECONDS = 10.0

    # A request that took no longer than this above the usual is not late.
    _NOTABLE = 0.005

    # A request without an answer for so long counts as arrived: a slow operation is not a stall.
    _MAX_FLIGHT_SECONDS = 2.0

    def __init__(self, name: str, limits: Sequence[Limit]) -> None:
        self._name = name
        self._limits = tuple(limits)
        self._process = uuid4().hex
        self._numbers = count()
        self._members = 0
        self._first_answer: float | None = None
        self._changes: dict[str, Changes] = {}
        self._lock = Lock()
        self._round_trip = RoundTrip()
        self._clock = RemoteClock()
        self._in_flight: deque[Place] = deque()

    @property
    def answered(self) -> bool:
        """Whether Redis has ever answered."""
        return self._first_answer is not None

    @property
    def processes(self) -> int | None:
        """The number of processes that used the limiter lately; None as long as it cannot be known."""
        if self._first_answer is None or time.monotonic() < self._first_answer + self._KNOWN_SECONDS:
            return None
        return self._members

    def key(self, bucket: str) -> str:
        """Return the key of a bucket."""
        return f"{{{self._name}}}:{bucket or 'workspace'}"

    def ask(
        self, side: Side, bucket: str, limits: Sequence[Limit], horizon: float
    ) -> Generator[Any, Any, Place | float]:
        """Take a place whose turn comes within so many seconds, or return the seconds to the next turn."""
        terms = [(limit.requests, limit.stride * 1000, limit.spacing * 1000) for limit in limits or self._limits]
        longest = max(stride for _, stride, _ in terms)
        changes = self._changes.get(bucket) or self._changes.setdefault(bucket, Changes())
        while True:
            name = f"{self._process}:{next(self._numbers)}"
            if bucket == WORKSPACE:
                self._note_late(changes)
            now = time.monotonic()
            with self._lock:
                places = changes.places
                while places and places[0].turn < now - longest / 1000:
                    places.popleft()
                lost = [(place.name, place.score) for place in places] if changes.lost else []
                moved, changes.moved = changes.moved, []
                cancelled, changes.cancelled = changes.cancelled, []
                known = places[-1].name if places and not changes.lost else ""
            asked = {
                "process": self._process,
                "name": name,
                "member_ms": round(self._MEMBER_SECONDS * 1000),
                "horizon_ms": horizon * 1000,
                "known": known,
                "limits": terms,
                "lost": lost,
                "moved": moved,
                "cancelled": cancelled,
            }
            try:
                wait, members, moment = yield from self._take(side, bucket, json.dumps(asked))
            except BaseException:
                # It is unknown whether Redis has carried it out.
                with self._lock:
                    changes.moved += moved
                    changes.cancelled += [*cancelled, name]
                raise
            answered = time.monotonic()
            self._members = int(members)
            self._first_answer = self._first_answer or answered
            if wait == b"lost":
                changes.lost = True
                continue
            changes.lost = False
            seconds = float(wait) / 1000
            if seconds > horizon:
                return seconds
            score = float(moment) + seconds * 1000
            with self._lock:
                self._clock.note(now, float(moment) / 1000, answered)
                place = Place(bucket, name, self._clock.ours(score / 1000), score)
                changes.places.append(place)
                if bucket == WORKSPACE:
                    self._in_flight.append(place)
            return place

    def _take(self, side: Side, bucket: str, asked: str) -> Talk:
        keys = (self.key(bucket), f"{{{self._name}}}:members")
        for _ in range(2):
            try:
                try:
                    return (yield side.client.evalsha(TAKE_SHA, 2, *keys, asked))
                except NoScriptError:
                    return (yield side.client.eval(TAKE, 2, *keys, asked))
            except MovedError:
                # The node has no such keys: from here on ask the one of the cluster that has.
                yield side.follow_cluster()
        raise MovedError("0 the cluster:0")

    def cancel(self, place: Place) -> None:
        """Give a place back, with the next question."""
        with self._lock:
            changes = self._changes[place.bucket]
            if place in changes.places:
                changes.places.remove(place)
                changes.cancelled.append(place.name)
            if place in self._in_flight:
                self._in_flight.remove(place)

    def cancel_last(self, bucket: str, seconds: float) -> None:
        """Give back the place in a bucket of a request that left `seconds` ago and was not sent."""
        changes = self._changes.get(bucket)
        if changes is not None:
            place = _last_before(changes.places, time.monotonic() - seconds)
            if place is not None:
                self.cancel(place)

    def ended(self, seconds: float, answered: bool) -> None:
        """Count a request from when it has certainly arrived."""
        departure = time.monotonic() - seconds
        with self._lock:
            lateness = self._round_trip.lateness(seconds, answered)
            place = _last_before(self._in_flight, departure)
            if place is not None:
                self._in_flight.remove(place)
                # It may have left a while after its turn.
                self._move(self._changes[WORKSPACE], place, departure + lateness)

    def _note_late(self, changes: Changes) -> None:
        now = time.monotonic()
        with self._lock:
            while self._in_flight and self._in_flight[0].turn < now - self._MAX_FLIGHT_SECONDS:
                self._in_flight.popleft()
            # A request without an answer cannot have arrived earlier than the usual time ago.
            arrival = now - self._round_trip.usual
            for place in self._in_flight:
                if place.turn < arrival - 2 * self._NOTABLE:
                    self._move(changes, place, arrival)

    def _move(self, changes: Changes, place: Place, arrival: float) -> None:
        score = arrival * 1000 + place.offset_ms
        if score - place.score > self._NOTABLE * 1000:
            place.score = score
            changes.moved.append((place.name, score))


def _last_before(places: deque[Place], moment: float) -> Place | None:
    position = bisect_right(places, moment, key=attrgetter("turn")) - 1
    return places[position] if position >= 0 else None
