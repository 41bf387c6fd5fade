"""How often requests may leave: the service's limits, kept on this side of the wire."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple, Protocol

from .fork import renew_after_fork
from .secret import Secret


class Limit(NamedTuple):
    """At most so many `requests` in any so many `seconds`."""

    requests: int
    seconds: float


# Of the whole workspace, all keys together.
WORKSPACE_LIMITS = (Limit(100, 1), Limit(6000, 60))

WORKSPACE = ""


class Limiter(Protocol):
    """Decides when a request may leave. One serves any number of threads, event loops and clients.

    Each request passes `bucket` "" (the whole workspace; `limits` is empty, the limiter knows them) and, where its
    operation has limits of its own, first the bucket of that name with those limits. The methods wait until the
    request may leave and return 0.0; `on_wait` is told the seconds before each wait. Where that would take longer
    than `budget` seconds they take nothing and return the seconds that it would take.
    """

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission in a thread."""
        ...

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission on an event loop."""
        ...


class LocalLimiter:
    """The limiter for one process: never more than each limit allows, in any window of time.

    Args:
        limits: those of the whole workspace. Lower them where several processes share it.
    """

    __slots__ = ("__weakref__", "_buckets", "_limits", "_lock")

    def __init__(self, limits: Sequence[Limit] = WORKSPACE_LIMITS) -> None:
        self._limits = tuple(limits)
        self._buckets: dict[str, tuple[_Window, ...]] = {}
        self._lock = Lock()
        renew_after_fork(self)

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission in a thread."""
        wait, windows = self._reserve(bucket, limits, budget)
        if wait > budget:
            return wait
        while wait > 0:
            on_wait(wait)
            time.sleep(wait)
            wait = self._admit(windows)
        return 0.0

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission on an event loop."""
        wait, windows = self._reserve(bucket, limits, budget)
        if wait > budget:
            return wait
        if wait > 0:
            from asyncio import sleep

            while wait > 0:
                on_wait(wait)
                await sleep(wait)
                wait = self._admit(windows)
        return 0.0

    def _reserve(self, bucket: str, limits: Sequence[Limit], budget: float) -> tuple[float, tuple[_Window, ...]]:
        with self._lock:
            windows = self._buckets.get(bucket)
            if windows is None:
                windows = tuple(_Window(limit) for limit in limits or self._limits)
                self._buckets[bucket] = windows
            now = time.monotonic()
            turn = now
            for window in windows:
                turn = max(turn, window.next_turn())
            wait = turn - now
            if wait <= budget:
                for window in windows:
                    window.turns.append(turn)
                if wait <= 0:
                    wait = _leave(windows, now)
        return wait, windows

    def _admit(self, windows: tuple[_Window, ...]) -> float:
        with self._lock:
            return _leave(windows, time.monotonic())

    def idle(self) -> bool:
        """Tell whether nothing of the past bears on the next request."""
        now = time.monotonic()
        with self._lock:
            return all(window.idle(now) for windows in self._buckets.values() for window in windows)

    def _after_fork(self) -> None:
        self._lock = Lock()


def _leave(windows: tuple[_Window, ...], now: float) -> float:
    """Let a request leave now, or return the seconds that it must still wait."""
    wait = max((window.next_departure() for window in windows), default=now) - now
    if wait > 0:
        return wait
    for window in windows:
        window.departures.append(now)
    return 0.0


class _Window:
    """One limit: the turns handed out, which may lie ahead, and the departures, which follow late after a stall.

    Turns give each waiting request its place without waking the others. They alone are not enough: requests that
    were held up together would leave together, beside those whose turn has just come.
    """

    __slots__ = ("_period", "_spacing", "_stride", "departures", "turns")

    # Requests travel for different times: turns are handed out two hundredths slower than the limit.
    MARGIN = 1.02

    def __init__(self, limit: Limit) -> None:
        self._period = limit.seconds
        self._stride = limit.seconds * self.MARGIN
        # A burst that uses up a second at once repeats every second; evenly spaced, a late request does no harm.
        # Over longer times people expect to be served at once as long as something is left.
        self._spacing = self._stride / limit.requests if limit.seconds <= 1 else 0.0
        self.turns: deque[float] = deque(maxlen=limit.requests)
        self.departures: deque[float] = deque(maxlen=limit.requests)

    def next_turn(self) -> float:
        turns = self.turns
        if not turns:
            return 0.0
        after_last = turns[-1] + self._spacing
        return max(after_last, turns[0] + self._stride) if len(turns) == turns.maxlen else after_last

    def next_departure(self) -> float:
        departures = self.departures
        return departures[0] + self._period if len(departures) == departures.maxlen else 0.0

    def idle(self, now: float) -> bool:
        return not self.turns or self.turns[-1] + self._stride < now


_CROWD = 256
_by_key: dict[bytes, LocalLimiter] = {}


def limiter_of(key: Secret) -> LocalLimiter:
    """Return the limiter that all clients of one key share in this process."""
    name = key.fingerprint()
    limiter = _by_key.get(name)
    if limiter is None:
        if len(_by_key) >= _CROWD:
            for other, its in list(_by_key.items()):
                if its.idle():
                    _by_key.pop(other, None)
        limiter = _by_key.setdefault(name, LocalLimiter())
    return limiter
