"""The connections of an async client.

Whatever imports asyncio is imported with the first call: a program without an event loop does without it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

from ..fork import renew_after_fork
from ..real_time import monotonic
from ..stop import EndOfTask, Stop, closed_error
from .connections import AIOHTTP, MAX_CONNECTIONS, Connection, Connections
from .environment import tls_context
from .exchange import Exchange
from .library import (
    AsyncBaseTransport,
    AsyncClient,
    PoolTimeout,
    Proxy,
    ReadTimeout,
    async_connection,
    async_sending,
    sending_of_client,
)

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Timeout

    from .aiohttp_sender import AiohttpSender


class _OfLoop:
    """What an async client has on one event loop."""

    __slots__ = ("connections", "room", "shared")

    def __init__(self, shared: Connection | AiohttpSender | None) -> None:
        from asyncio import Semaphore

        self.room = Semaphore(MAX_CONNECTIONS)
        self.connections = Connections()
        self.shared = shared


class AsyncPool:
    """The connections of an async client: connections belong to an event loop, so each loop has its own."""

    __slots__ = ("__weakref__", "_given", "_lock", "_loops", "_proxy", "_transport", "closed", "stop")

    def __init__(
        self,
        client: AsyncClient | None,
        transport: AsyncBaseTransport | Literal["aiohttp"] | None,
        proxy: Proxy | None,
    ) -> None:
        if transport == AIOHTTP:
            from .aiohttp_sender import check_proxy  # A missing extra is noticed when the client is made.

            check_proxy(proxy)
        self._given = client
        self._transport = transport
        self._proxy = proxy
        self._loops: dict[AbstractEventLoop, _OfLoop] = {}
        self._lock = threading.Lock()
        self.stop = Stop()
        self.closed = False
        renew_after_fork(self)

    def check(self) -> None:
        """Raise a ClientClosedError if the client was closed."""
        if self.closed:
            raise closed_error()

    def ending(self) -> EndOfTask:
        """Return a block that ends with a ClientClosedError when the client is closed."""
        return EndOfTask(self.stop)

    async def send(self, exchange: Exchange) -> None:
        """Send a request and read the answer to it, into the exchange.

        Raises:
            ClientClosedError: the client was closed.
            Exception: whatever the HTTP library, or a transport of the caller, raises.
        """
        from asyncio import get_running_loop, timeout

        own = self._of(get_running_loop())
        limit = timeout(exchange.deadline - monotonic())
        try:
            async with limit:
                used = own.shared or await self._take(own, exchange)
                try:
                    await self._use(used, exchange, limit)
                finally:
                    exchange.keep()
                    if isinstance(used, Connection) and used.sockets is not None:
                        own.connections.give(used, exchange.whole)
                        own.room.release()
        except TimeoutError:
            if limit.expired():
                raise ReadTimeout("the call has reached its deadline") from None
            raise

    async def _use(self, used: Connection | AiohttpSender, exchange: Exchange, limit: Timeout) -> None:
        try:
            used.begin(exchange)
            response = await used.send(exchange)
            try:
                if not exchange.begin(response).is_success:
                    from asyncio import get_running_loop

                    limit.reschedule(get_running_loop().time() + exchange.deadline - monotonic())
                if response.is_stream_consumed:
                    exchange.take(response.content)
                else:
                    used.hasten(exchange)
                    async for piece in response.stream:
                        exchange.receive(piece)
                    await response.aclose()
                exchange.end()
            finally:
                if not exchange.whole and used.sockets is None:
                    await response.aclose()
        except BaseException as error:
            used.end(exchange)
            if self.closed and isinstance(error, Exception):
                raise closed_error() from None
            raise

    def _of(self, loop: AbstractEventLoop) -> _OfLoop:
        if self.closed or (self._given is not None and self._given.is_closed):
            raise closed_error()
        return self._loops.get(loop) or self._make_for(loop)

    def _make_for(self, loop: AbstractEventLoop) -> _OfLoop:
        with self._lock:
            if self.closed:
                raise closed_error()
            for other in [other for other in self._loops if other.is_closed()]:
                self._loops.pop(other).connections.close(dead=True)
            own = self._loops[loop] = _OfLoop(self._shared())
        return own

    def _shared(self) -> Connection | AiohttpSender | None:
        transport = self._transport
        if transport == AIOHTTP:
            from .aiohttp_sender import AiohttpSender

            return AiohttpSender(MAX_CONNECTIONS, self._proxy)
        if self._given is not None:
            return Connection(sending_of_client(self._given), None)
        return None if transport is None else Connection(async_sending(transport), None)

    async def _take(self, own: _OfLoop, exchange: Exchange) -> Connection:
        from asyncio import timeout

        from .loop_sockets import LoopBackend
        from .sockets import Sockets

        try:
            async with timeout(exchange.request.extensions["timeout"]["pool"]):
                await own.room.acquire()
        except TimeoutError:
            raise PoolTimeout(f"all {MAX_CONNECTIONS} connections are busy") from None
        try:
            if self.closed:
                raise closed_error()
            found = own.connections.take()
            if found is None:
                sockets = Sockets()
                transport = async_connection(LoopBackend(sockets), self._proxy, tls_context())
                found = Connection(async_sending(transport), sockets)
                own.connections.add(found)
        except BaseException:
            own.room.release()
            raise
        return found

    async def close(self) -> None:
        """Close the connections, and end the calls that use them. A client or transport that was given stays open."""
        from asyncio import get_running_loop, run_coroutine_threadsafe

        with self._lock:
            self.closed = True
            self.stop.set()
            loops, self._loops = self._loops, {}
        for loop, own in loops.items():
            own.connections.close(dead=loop.is_closed())
            if isinstance(own.shared, Connection) or own.shared is None or loop.is_closed():
                continue
            if loop is get_running_loop():
                await own.shared.aclose()
            else:
                run_coroutine_threadsafe(own.shared.aclose(), loop)

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        self.stop = Stop()
        while self._loops:
            self._loops.popitem()[1].connections.after_fork()
