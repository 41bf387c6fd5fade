"""How threads and event loops talk to Redis and wait: two faces with the same methods, those of a loop to await."""

from __future__ import annotations

import time
from asyncio import Lock as AsyncLock
from asyncio import sleep, timeout
from collections.abc import Awaitable, Callable, Sequence
from threading import TIMEOUT_MAX, Lock
from typing import Any, Protocol

from pyrate_limiter import RedisBucket
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from .limits import Limit, LocalLimiter

# A Redis that hangs holds up a call for twice this, once.
_SECONDS = 0.4


class Line(Protocol):
    """Those who wait for one bucket. Only the first asks Redis: hundreds would hammer it."""

    free_at: float

    def busy(self) -> bool:
        """Tell whether somebody is first already."""
        ...

    def enter(self, seconds: float) -> Any:
        """Become the first, and tell whether that has succeeded in so many seconds."""
        ...

    def leave(self) -> None:
        """Let the next be the first."""
        ...


class Side(Protocol):
    """What waiting means."""

    client: Any
    buckets: dict[str, RedisBucket]

    def line(self, bucket: str) -> Line:
        """Return the line of a bucket."""
        ...

    def sleep(self, seconds: float) -> Any:
        """Wait."""
        ...

    def pass_local(
        self,
        limiter: LocalLimiter,
        bucket: str,
        limits: Sequence[Limit],
        budget: float,
        on_wait: Callable[[float], None],
    ) -> Any:
        """Pass a local limiter."""
        ...


class Threads:
    """Waiting in threads."""

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

    def pass_local(
        self,
        limiter: LocalLimiter,
        bucket: str,
        limits: Sequence[Limit],
        budget: float,
        on_wait: Callable[[float], None],
    ) -> float:
        return limiter.acquire(bucket, limits, budget, on_wait)


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
    """Waiting on an event loop: connections belong to it."""

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

    def pass_local(
        self,
        limiter: LocalLimiter,
        bucket: str,
        limits: Sequence[Limit],
        budget: float,
        on_wait: Callable[[float], None],
    ) -> Awaitable[float]:
        return limiter.acquire_async(bucket, limits, budget, on_wait)


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
