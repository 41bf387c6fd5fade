"""The limiter for several processes that share a workspace, on one machine or many."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from inspect import isawaitable
from math import inf
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .. import real_time as time
from ..error_tree import ConfigurationError
from ..fork import renew_after_fork
from ..secret import Secret
from .fallback import CircuitBreaker, Fallback
from .limits import WORKSPACE_LIMITS
from .window import Limit

try:
    from redis import RedisError
    from redis import TimeoutError as RedisTimeoutError

    from .redis_errors import configuration_error
    from .redis_sides import Loop, Side, Threads
    from .redis_store import Place, Store
except ImportError as problem:
    # Raised when a limiter is made: `help` and others that only look at the package must not fail.
    _MISSING = problem.name
else:
    _MISSING = None

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


# The next request asks so long before the turn of the one before it: a process that is late for a moment loses no turn.
_LEAD = 0.05


class RedisLimiter:
    """The limiter for several processes: they count together in a Redis, by its clock.

    While Redis is away, each process keeps to a share of the limits by itself, until Redis answers again.
    Serves any number of threads, event loops and clients, also in forked children. A Redis that refuses this process
    for a reason that does not pass (a wrong password, a read-only replica, a key of another type) makes its first use
    raise a `ConfigurationError`.

    Args:
        url: the URL of the Redis: "redis://:password@host:6379/0", "rediss://..." for TLS, "unix://...", any node of a
            cluster, or "redis+sentinel://:password@host:26379,host:26379/service/0". It is shown nowhere.
        name: the beginning of its keys. Give each workspace its own if a Redis serves several.
        limits: the limits of the whole workspace.
        share: this process's share of the limits while Redis is away: a fraction up to 1, or the number of processes,
            above 1. By default the limits are divided by the number of processes in the minute before; as long as
            that is not known, each process keeps to a tenth.
        on_fallback: called when this process begins to keep to its share, and when Redis decides again.

    Raises:
        ConfigurationError: the url is not that of a Redis, or the name or share is out of range.
        ImportError: the extra `redis` is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "instantly-client",
        limits: Sequence[Limit] = WORKSPACE_LIMITS,
        share: float | None = None,
        on_fallback: Callable[[Fallback], object] | None = None,
    ) -> None:
        if _MISSING:
            raise ImportError(f'RedisLimiter needs {_MISSING}: pip install "instantly-client[redis]"', name=_MISSING)
        if share is not None and not 0 < share < inf:
            raise ConfigurationError("share must be above 0: a fraction up to 1, or the number of processes")
        if not name or not {"{", "}"}.isdisjoint(name):
            raise ConfigurationError("name must be a text without braces")
        self._url = Secret(url)
        self._name = name
        self._limits = tuple(limits)
        self._share = share
        self._on_fallback = on_fallback
        self._set_up()
        renew_after_fork(self)

    def _set_up(self) -> None:
        self._store = Store(self._name, self._limits)
        self._breaker = CircuitBreaker(self._limits, self._on_fallback)
        self._loops: WeakKeyDictionary[AbstractEventLoop, Loop] = WeakKeyDictionary()
        try:
            self._threads = Threads(self._url.reveal())
        except ValueError:
            raise ConfigurationError(
                "url must begin with redis://, rediss://, unix:// or redis+sentinel://, and be valid"
            ) from None

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

    def cancel(self, bucket: str, seconds: float, /) -> None:
        """Take back the place in a bucket of a request that was admitted to it `seconds` ago, and was not sent."""
        self._store.cancel_last(bucket, seconds)
        local = self._breaker.local
        if local is not None:
            local.cancel(bucket, seconds)

    def close(self) -> None:
        """Close the connections of threads; they are made again when they are needed."""
        self._threads.close()

    async def close_async(self) -> None:
        """Close the connections of this event loop; they are made again when they are needed."""
        from asyncio import get_running_loop

        side = self._loops.pop(get_running_loop(), None)
        if side is not None:
            await side.close()

    def _admit(
        self, side: Side, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None]
    ) -> Generator[Any, Any, float]:
        """Yield awaitables on an event loop, and their results in a thread."""
        end = time.monotonic() + budget
        while True:
            local = self._breaker.local
            if local is not None:
                excess = yield side.acquire_of(local)(bucket, self._breaker.part(limits), _left(end), on_wait)
                if excess:
                    return float(excess)
            admitted = time.monotonic()
            wait: float | None = None
            try:
                wait = yield from self._ask(side, bucket, limits, end, on_wait, shared_only=local is None)
            finally:
                if local is not None and wait != 0:
                    local.cancel(bucket, time.monotonic() - admitted)
            if wait is not None:
                return wait

    def _ask(
        self,
        side: Side,
        bucket: str,
        limits: Sequence[Limit],
        end: float,
        on_wait: Callable[[float], None],
        *,
        shared_only: bool,
    ) -> Generator[Any, Any, float | None]:
        """Wait for the permission of Redis. Without an answer it is given if the local limiter has given its own.

        Returns:
            0.0 with permission, or the seconds that it would take; None when the local limiter is to be asked now.
        """
        breaker = self._breaker
        instead = None if shared_only else 0.0
        failures = breaker.failures
        if not breaker.allow_probe():
            return instead
        line = side.line(bucket)
        wait = max(0.0, line.free_at - time.monotonic())
        if wait > _left(end):
            return wait
        if line.busy():
            on_wait(wait)
        if not (yield line.enter(_left(end))):
            return max(0.001, line.free_at - time.monotonic())
        late = False
        place: Place | None = None
        try:
            # Each would wait for a Redis that hangs, one after the other.
            while breaker.failures == failures:
                try:
                    answer = yield from self._store.ask(side, bucket, limits, min(Store.HORIZON, _left(end)))
                except (RedisError, OSError) as error:
                    # This process itself may have been delayed, and the answer waits.
                    if shared_only and not late and isinstance(error, RedisTimeoutError):
                        late = True
                        continue
                    problem = configuration_error(error)
                    if problem is not None and shared_only and not self._store.answered:
                        raise problem from None
                    breaker.trip(error, self._share, self._store.processes)
                    return instead
                breaker.recover()
                if isinstance(answer, Place):
                    place = answer
                    line.free_at = place.turn
                    yield from self._wait_for(side, place, _LEAD, on_wait)
                    break
                line.free_at = time.monotonic() + answer
                if answer > _left(end):
                    return answer
                on_wait(answer)
                # Places are given out shortly before their turns.
                yield side.sleep(answer - Store.HORIZON / 2)
        finally:
            line.leave()
        if place is None:
            return instead
        yield from self._wait_for(side, place, 0.0)
        return 0.0

    def _wait_for(
        self, side: Side, place: Place, lead: float, on_wait: Callable[[float], None] | None = None
    ) -> Generator[Any, Any, None]:
        """Wait until so long before the turn of a place, and give it back if the wait is cut short."""
        wait = place.turn - time.monotonic()
        try:
            if wait > 0 and on_wait is not None:
                on_wait(wait)
            if wait > lead:
                yield side.sleep(wait - lead)
        except BaseException:
            self._store.cancel(place)
            raise


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())
