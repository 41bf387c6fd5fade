"""Connections to Redis and waits, of threads and of event loops: the same methods, to be awaited on a loop."""

from __future__ import annotations

import time
from asyncio import Lock as AsyncLock
from asyncio import sleep, timeout
from collections.abc import Awaitable, Callable, Sequence
from threading import TIMEOUT_MAX, Lock
from typing import Any, Protocol, TypeAlias, TypeVar

from pyrate_limiter import RedisBucket
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from .limits import LocalLimiter
from .window import Limit

T_co = TypeVar("T_co", covariant=True)
Acquire: TypeAlias = Callable[[str, Sequence[Limit], float, Callable[[float], None]], T_co]

# A Redis that hangs delays a call by twice this, once.
_SECONDS = 0.4


class Line(Protocol):
    """The requests that wait for one bucket. Only the first asks Redis: hundreds would overload it."""

    free_at: float

    def busy(self) -> bool:
        """Return whether there is a first already."""
        ...

    def enter(self, seconds: float) -> Any:
        """Become the first, and return whether that succeeded within so many seconds."""
        ...

    def leave(self) -> None:
        """Let the next be the first."""
        ...


class Side(Protocol):
    """Connections and waits, of threads or of an event loop."""

    client: Any
    buckets: dict[str, RedisBucket]

    def line(self, bucket: str) -> Line:
        """Return the line of a bucket."""
        ...

    def sleep(self, seconds: float) -> Any:
        """Wait."""
        ...

    def acquire_of(self, limiter: LocalLimiter) -> Acquire[Any]:
        """Return the method of a local limiter that waits for permission."""
        ...


class Threads:
    """Connections and waits of threads."""

    def __init__(self, url: str) -> None:
        self.client = Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self.buckets: dict[str, RedisBucket] = {}
        self._lines: dict[str, ThreadLine] = {}

    def line(self, bucket: str) -> ThreadLine:
        return self._lines.get(bucket) or self._lines.setdefault(bucket, ThreadLine())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def acquire_of(self, limiter: LocalLimiter) -> Acquire[float]:
        return limiter.acquire


class ThreadLine:
    """A line of threads."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self._first = Lock()

    def busy(self) -> bool:
        return self._first.locked()

    def enter(self, seconds: float) -> bool:
        return self._first.acquire(timeout=min(seconds, TIMEOUT_MAX))

    def leave(self) -> None:
        self._first.release()


class Loop:
    """Connections and waits of an event loop."""

    def __init__(self, url: str) -> None:
        self.client = AsyncRedis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=AsyncRetry(NoBackoff(), 0)
        )
        self.buckets: dict[str, RedisBucket] = {}
        self._lines: dict[str, LoopLine] = {}

    def line(self, bucket: str) -> LoopLine:
        return self._lines.get(bucket) or self._lines.setdefault(bucket, LoopLine())

    def sleep(self, seconds: float) -> Awaitable[None]:
        return sleep(seconds)

    def acquire_of(self, limiter: LocalLimiter) -> Acquire[Awaitable[float]]:
        return limiter.acquire_async


class LoopLine:
    """A line of tasks."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self._first = AsyncLock()

    def busy(self) -> bool:
        return self._first.locked()

    async def enter(self, seconds: float) -> bool:
        try:
            async with timeout(seconds):
                return await self._first.acquire()
        except TimeoutError:
            return False

    def leave(self) -> None:
        self._first.release()
