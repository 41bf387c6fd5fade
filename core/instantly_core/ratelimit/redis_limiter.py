"""The limiter for several processes that share a workspace, on one machine or many."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..error_tree import ConfigurationError
from ..fork import renew_after_fork
from ..secret import Secret
from .fallback import CircuitBreaker
from .limits import WORKSPACE_LIMITS
from .window import Limit

try:
    from redis import RedisError
    from redis import TimeoutError as RedisTimeoutError

    from .redis_sides import Loop, Side, Threads
    from .redis_store import Store
except ImportError as problem:
    # Raised when a limiter is made: `help` and others that only look at the package must not fail.
    _MISSING = problem.name
else:
    _MISSING = None

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class RedisLimiter:
    """The limiter for several processes: they count together in a Redis, by its clock.

    While Redis is away, each process keeps to a share of the limits by itself, until Redis answers again.
    Serves any number of threads, event loops and clients, also in forked children.

    Args:
        url: the URL of the Redis, such as "redis://:password@host:6379/0"; it is shown nowhere.
        name: the beginning of its keys. Give each workspace its own if a Redis serves several.
        limits: the limits of the whole workspace.
        share: this process's share of the limits while Redis is away, above 0 and at most 1. By default the limits
            divided by the number of processes in the ten seconds before.

    Raises:
        ConfigurationError: the url is not that of a Redis, or the share is out of range.
        ImportError: the extra `redis` is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "instantly-client",
        limits: Sequence[Limit] = WORKSPACE_LIMITS,
        share: float | None = None,
    ) -> None:
        if _MISSING:
            raise ImportError(f'RedisLimiter needs {_MISSING}: pip install "instantly-client[redis]"', name=_MISSING)
        if share is not None and not 0 < share <= 1:
            raise ConfigurationError("share must be above 0, and at most 1")
        self._url = Secret(url)
        self._name = name
        self._limits = tuple(limits)
        self._share = share
        self._set_up()
        renew_after_fork(self)

    def _set_up(self) -> None:
        self._store = Store(self._name, self._limits)
        self._breaker = CircuitBreaker(self._limits)
        self._loops: WeakKeyDictionary[AbstractEventLoop, Loop] = WeakKeyDictionary()
        try:
            self._threads = Threads(self._url.reveal())
        except ValueError:
            raise ConfigurationError("url must begin with redis://, rediss:// or unix://, and be valid") from None

    def _after_fork(self) -> None:
        # The sockets and the membership are the parent's.
        self._set_up()

    def __repr__(self) -> str:
        return f"<RedisLimiter {self._name}>"

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission in a thread."""
        steps = self._admit(self._threads, bucket, limits, budget, on_wait)
        result = None
        try:
            while True:
                result = steps.send(result)
        except StopIteration as stop:
            return float(stop.value)

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission on an event loop."""
        from asyncio import get_running_loop

        loop = get_running_loop()
        side = self._loops.get(loop)
        if side is None:
            side = self._loops[loop] = Loop(self._url.reveal())
        steps = self._admit(side, bucket, limits, budget, on_wait)
        result: Any = None
        try:
            result = steps.send(None)
            while True:
                if isawaitable(result):
                    try:
                        result = await result
                    except BaseException as error:
                        result = steps.throw(error)
                        continue
                result = steps.send(result)
        except StopIteration as stop:
            return float(stop.value)

    def ended(self, seconds: float, answered: bool, /) -> None:
        """Count a request from when it has certainly arrived."""
        self._store.ended(seconds, answered)
        local = self._breaker.local
        if local is not None:
            local.ended(seconds, answered)

    def close(self) -> None:
        """Close the connections of threads; they are made again when they are needed."""
        self._threads.client.close()

    async def close_async(self) -> None:
        """Close the connections of this event loop; they are made again when they are needed."""
        from asyncio import get_running_loop

        side = self._loops.pop(get_running_loop(), None)
        if side is not None:
            await side.client.aclose()

    def _admit(
        self, side: Side, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None]
    ) -> Generator[Any, Any, float]:
        """Yield awaitables on an event loop, and their results in a thread."""
        end = time.monotonic() + budget
        breaker = self._breaker
        while True:
            local = breaker.local
            if local is not None:
                excess = yield side.acquire_of(local)(bucket, breaker.part(limits), _left(end), on_wait)
                if excess:
                    return float(excess)
            failures = breaker.failures
            late = False
            if not breaker.allow_probe():
                if local is not None:
                    return 0.0
                continue
            line = side.line(bucket)
            wait = max(0.0, line.free_at - time.monotonic())
            if wait > _left(end):
                return wait
            if line.busy():
                on_wait(wait)
            if not (yield line.enter(_left(end))):
                return budget + max(0.001, line.free_at - time.monotonic())
            try:
                # Each would wait for a Redis that hangs, one after the other.
                while breaker.failures == failures:
                    try:
                        wait = yield from self._store.ask(side, bucket, limits)
                    except (RedisError, OSError) as error:
                        # This process itself may have been delayed, and the answer waits.
                        if local is None and not late and isinstance(error, RedisTimeoutError):
                            late = True
                            continue
                        side.buckets.clear()
                        breaker.trip(error, self._share or 1 / self._store.members)
                        break
                    breaker.recover()
                    line.free_at = time.monotonic() + wait
                    if wait == 0 or wait > _left(end):
                        return wait
                    on_wait(wait)
                    yield side.sleep(wait)
            finally:
                line.leave()
            if local is not None:
                return 0.0


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())
