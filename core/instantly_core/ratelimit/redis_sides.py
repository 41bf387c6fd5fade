"""Connections to Redis and waits, of threads and of event loops: the same methods, to be awaited on a loop."""

from __future__ import annotations

from asyncio import Lock as AsyncLock
from asyncio import sleep, timeout
from collections.abc import Awaitable, Callable, Sequence
from threading import TIMEOUT_MAX, Condition
from typing import Any, Protocol, TypeAlias, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.cluster import RedisCluster as AsyncRedisCluster
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

from ..secret import Secret
from ..stop import stop_of_thread
from .limits import LocalLimiter
from .window import Limit

T_co = TypeVar("T_co", covariant=True)
Acquire: TypeAlias = Callable[[str, Sequence[Limit], float, Callable[[float], None]], T_co]

# A Redis that hangs delays a call by twice this, once.
_SECONDS = 0.4


def clients_of(url: str, redis: Any, sentinel: Any, retry: Any) -> list[Any]:
    """Return the client of a URL, and those of its sentinels, of the classes of threads or of event loops."""
    options = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS, "retry": retry}
    parts = urlsplit(url)
    if parts.scheme != "redis+sentinel":
        return [redis.from_url(url, **options)]
    # redis+sentinel://user:password@host:port,host:port/service/database?sentinel_password=...
    access, _, hosts = parts.netloc.rpartition("@")
    user, _, password = access.partition(":")
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service")
    nodes = [(host, int(port or 26379)) for host, _, port in (one.partition(":") for one in hosts.split(","))]
    given = parse_qs(parts.query)
    own = {"password": given["sentinel_password"][0]} if "sentinel_password" in given else {}
    sentinels = sentinel(nodes, sentinel_kwargs={**options, **own})
    master = sentinels.master_for(
        service,
        username=unquote(user) or None,
        password=unquote(password) or None,
        db=int(database or 0),
        **options,
    )
    return [master, *sentinels.sentinels]


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

    def line(self, bucket: str) -> Line:
        """Return the line of a bucket."""
        ...

    def sleep(self, seconds: float) -> Any:
        """Wait."""
        ...

    def follow_cluster(self) -> Any:
        """Ask the nodes of the cluster that the Redis belongs to from here on."""
        ...

    def acquire_of(self, limiter: LocalLimiter) -> Acquire[Any]:
        """Return the method of a local limiter that waits for permission."""
        ...


class Threads:
    """Connections and waits of threads."""

    def __init__(self, url: str) -> None:
        self._url = Secret(url)
        self.client, *self._sentinels = clients_of(url, Redis, Sentinel, Retry(NoBackoff(), 0))
        self._lines: dict[str, ThreadLine] = {}

    def line(self, bucket: str) -> ThreadLine:
        return self._lines.get(bucket) or self._lines.setdefault(bucket, ThreadLine())

    def sleep(self, seconds: float) -> None:
        stop_of_thread().wait(seconds)

    def follow_cluster(self) -> None:
        before, self.client = self.client, RedisCluster.from_url(self._url.reveal(), socket_timeout=_SECONDS)
        before.close()

    def close(self) -> None:
        """Close the connections; they are made again when they are needed."""
        for client in (self.client, *self._sentinels):
            client.close()

    def acquire_of(self, limiter: LocalLimiter) -> Acquire[float]:
        return limiter.acquire


class ThreadLine:
    """A line of threads."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self._busy = False
        self._changed = Condition()

    def busy(self) -> bool:
        return self._busy

    def enter(self, seconds: float) -> bool:
        stop = stop_of_thread()
        with stop.waking(self._wake), self._changed:
            self._changed.wait_for(lambda: not self._busy or stop.is_set(), min(seconds, TIMEOUT_MAX))
            if self._busy and not stop.is_set():
                return False
            if stop.is_set():
                self._changed.notify()  # Whoever comes after us may have been meant.
                stop.check()
            self._busy = True
            return True

    def leave(self) -> None:
        with self._changed:
            self._busy = False
            self._changed.notify()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


class Loop:
    """Connections and waits of an event loop."""

    def __init__(self, url: str) -> None:
        self._url = Secret(url)
        self.client, *self._sentinels = clients_of(url, AsyncRedis, AsyncSentinel, AsyncRetry(NoBackoff(), 0))
        self._lines: dict[str, LoopLine] = {}

    def line(self, bucket: str) -> LoopLine:
        return self._lines.get(bucket) or self._lines.setdefault(bucket, LoopLine())

    def sleep(self, seconds: float) -> Awaitable[None]:
        return sleep(seconds)

    async def follow_cluster(self) -> None:
        before, self.client = self.client, AsyncRedisCluster.from_url(self._url.reveal(), socket_timeout=_SECONDS)
        await before.aclose()

    async def close(self) -> None:
        """Close the connections."""
        for client in (self.client, *self._sentinels):
            await client.aclose()

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
