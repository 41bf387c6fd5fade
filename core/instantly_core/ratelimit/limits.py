"""The limiter of one process, and the protocols of all limiters. They keep the service's rate limits before sending."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol, cast

from ..fork import renew_after_fork
from ..secret import Secret
from .window import Limit, Windows

# For the whole workspace, all keys together.
WORKSPACE_LIMITS = (Limit(100, 1), Limit(6000, 60))

WORKSPACE = ""


class Limiter(Protocol):
    """Decides when a request may leave. One serves any number of threads, event loops and clients.

    Each request passes `bucket` "" (the whole workspace; `limits` is empty, the limiter knows them) and, where its
    operation has limits of its own, first the bucket of that name with those limits. The methods wait until the
    request may leave and return 0.0; they call `on_wait` with the seconds before each wait. If that would take longer
    than `budget` seconds they take no place and return the seconds that it would take.

    A limiter may also be a `Watcher`.
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


class Watcher(Protocol):
    """A limiter that wants to know how long the admitted requests take."""

    def ended(self, seconds: float, answered: bool, /) -> None:
        """Note that a request that left `seconds` ago has been answered, has failed or was cancelled."""
        ...


def watcher_of(limiter: object) -> Watcher | None:
    """Return the limiter if it is a watcher."""
    return cast("Watcher", limiter) if hasattr(limiter, "ended") else None


class LocalLimiter:
    """The limiter for one process. It admits no more requests than each limit allows, in any window of time.

    Args:
        limits: the limits of the whole workspace. Lower them if several processes share it.
    """

    __slots__ = ("__weakref__", "_buckets", "_limits", "_lock")

    def __init__(self, limits: Sequence[Limit] = WORKSPACE_LIMITS) -> None:
        self._limits = tuple(limits)
        self._buckets: dict[str, Windows] = {}
        self._lock = Lock()
        renew_after_fork(self)

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission in a thread."""
        wait, windows = self._arrive(bucket, limits, budget)
        while 0 < wait <= budget:
            on_wait(wait)
            time.sleep(wait)
            budget -= wait
            wait = self._return(windows, budget)
        return wait

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission on an event loop."""
        wait, windows = self._arrive(bucket, limits, budget)
        if 0 < wait <= budget:
            from asyncio import sleep

            while 0 < wait <= budget:
                on_wait(wait)
                await sleep(wait)
                budget -= wait
                wait = self._return(windows, budget)
        return wait

    def ended(self, seconds: float, answered: bool, /) -> None:
        """Free the place of a request, counted from when it has certainly arrived."""
        with self._lock:
            windows = self._buckets.get(WORKSPACE)
            if windows is not None:
                now = time.monotonic()
                for window in windows.short:
                    window.end(now, seconds, answered)

    def rest_until(self, moment: float) -> None:
        """Let no request of the workspace leave before a moment of the monotonic clock."""
        with self._lock:
            windows = self._buckets.setdefault(WORKSPACE, Windows(self._limits))
            for window in windows.short:
                window.turn = max(window.turn, moment)

    def _arrive(self, bucket: str, limits: Sequence[Limit], budget: float) -> tuple[float, Windows]:
        with self._lock:
            windows = self._buckets.get(bucket)
            if windows is None:
                windows = self._buckets[bucket] = Windows(limits or self._limits)
            return windows.take_turn(time.monotonic(), budget), windows

    def _return(self, windows: Windows, budget: float) -> float:
        with self._lock:
            return windows.use_turn(time.monotonic(), budget)

    def idle(self) -> bool:
        """Return whether past requests no longer affect the next one."""
        now = time.monotonic()
        with self._lock:
            return all(windows.idle(now) for windows in self._buckets.values())

    def _after_fork(self) -> None:
        self._lock = Lock()


_MAX_LIMITERS = 256
_by_key: dict[bytes, LocalLimiter] = {}


def limiter_of(key: Secret) -> LocalLimiter:
    """Return the limiter that all clients of one key share in this process."""
    name = key.fingerprint()
    limiter = _by_key.get(name)
    if limiter is None:
        if len(_by_key) >= _MAX_LIMITERS:
            for other, its in list(_by_key.items()):
                if its.idle():
                    _by_key.pop(other, None)
        limiter = _by_key.setdefault(name, LocalLimiter())
    return limiter
