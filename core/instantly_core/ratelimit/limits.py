"""The limiter of one process, and the protocols of all limiters. They keep the service's rate limits before sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast, runtime_checkable

from .. import real_time as time
from ..fork import renew_after_fork
from ..secret import Secret
from ..stop import stop_of_thread
from .queue import Queue, TaskWaiter, ThreadWaiter
from .window import Limit

# For the whole workspace, all keys together.
WORKSPACE_LIMITS = (Limit(100, 1), Limit(6000, 60))

WORKSPACE = ""


@runtime_checkable
class Limiter(Protocol):
    """Decides when a request may leave. One serves any number of threads, event loops and clients.

    Each request passes `bucket` "" (the whole workspace; `limits` is empty, the limiter knows them) and, where its
    operation has limits of its own, first the bucket of that name with those limits. The methods wait until the
    request may leave and return 0.0; they call `on_wait` with the seconds before each wait. If that would take longer
    than `budget` seconds they take no place and return the seconds that it would take. A wait that is cut short by an
    exception leaves no place taken.

    A limiter may also be a `Watcher`, and a `Canceller`.
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


class Canceller(Protocol):
    """A limiter that takes back places of requests that were not sent after all."""

    def cancel(self, bucket: str, seconds: float, /) -> None:
        """Take back the place in a bucket of a request that was admitted to it `seconds` ago."""
        ...


def watcher_of(limiter: object) -> Watcher | None:
    """Return the limiter if it is a watcher."""
    return cast("Watcher", limiter) if hasattr(limiter, "ended") else None


def canceller_of(limiter: object) -> Canceller | None:
    """Return the limiter if it is a canceller."""
    return cast("Canceller", limiter) if hasattr(limiter, "cancel") else None


class LocalLimiter:
    """The limiter for one process. It admits no more requests than each limit allows, in any window of time.

    Args:
        limits: the limits of the whole workspace. Lower them if several processes share it.
    """

    __slots__ = ("__weakref__", "_limits", "_queues")

    def __init__(self, limits: Sequence[Limit] = WORKSPACE_LIMITS) -> None:
        self._limits = tuple(limits)
        self._queues: dict[str, Queue] = {}
        renew_after_fork(self)

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission in a thread."""
        queue = self._queue(bucket, limits)
        waiter = ThreadWaiter(time.monotonic(), budget)
        try:
            wait = queue.arrive(waiter)
            if not waiter.decided():
                stop = stop_of_thread()
                with stop.waking(waiter.wake):
                    on_wait(wait)
                    queue.enter(waiter, None)
                    while (seconds := queue.look(waiter)) is not None:
                        waiter.sleep(seconds)
                        stop.check()
        except BaseException:
            queue.withdraw(waiter)
            raise
        return waiter.refused

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Wait for permission on an event loop."""
        queue = self._queue(bucket, limits)
        waiter = TaskWaiter(time.monotonic(), budget)
        wait = queue.arrive(waiter)
        if not waiter.decided():
            from asyncio import get_running_loop

            on_wait(wait)
            loop = get_running_loop()
            try:
                queue.enter(waiter, loop)
                waiter.future = loop.create_future()
                while queue.look(waiter) is not None:
                    await waiter.future
                    waiter.future = loop.create_future()
            except BaseException:
                queue.withdraw(waiter)
                raise
        return waiter.refused

    def ended(self, seconds: float, answered: bool, /) -> None:
        """Free the place of a request, counted from when it has certainly arrived."""
        queue = self._queues.get(WORKSPACE)
        if queue is not None:
            queue.end(seconds, answered)

    def cancel(self, bucket: str, seconds: float, /) -> None:
        """Take back the place in a bucket of a request that was admitted to it `seconds` ago, and was not sent."""
        queue = self._queues.get(bucket)
        if queue is not None:
            queue.cancel(seconds)

    def rest_until(self, moment: float) -> None:
        """Let no request of the workspace leave before a moment of the monotonic clock."""
        self._queue(WORKSPACE, ()).rest_until(moment)

    def idle(self) -> bool:
        """Return whether past requests no longer affect the next one."""
        return all(queue.idle() for queue in [*self._queues.values()])

    def _queue(self, bucket: str, limits: Sequence[Limit]) -> Queue:
        return self._queues.get(bucket) or self._queues.setdefault(bucket, Queue(limits or self._limits))

    def _after_fork(self) -> None:
        for queue in self._queues.values():
            queue.after_fork()


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
