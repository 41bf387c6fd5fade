"""Connections of a client. They are made when they are needed, shared by its threads and views, and closed once.

Each has an HTTP client of its own with at most one connection, and belongs to one attempt at a time. Whatever ends the
attempt before the last byte of the answer closes the sockets at once, so that a cancelled call leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import threading
from asyncio import get_running_loop
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from ..clock import Stop
from ..error_tree import ClientClosedError
from ..fork import renew_after_fork
from .exchange import Exchange
from .library import (
    KEEPALIVE_SECONDS,
    NO_AUTH,
    AsyncBaseTransport,
    AsyncClient,
    BaseTransport,
    Client,
    PoolTimeout,
    ReadTimeout,
    async_connection,
    connection,
)
from .loop_sockets import LoopBackend
from .sockets import Backend, Sockets

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# At half a second an answer as many as the service allows.
MAX_CONNECTIONS = 50

HTTPClient = TypeVar("HTTPClient", Client, AsyncClient)


def closed_error(*, sent: bool = False) -> ClientClosedError:
    """Return the error for the use of a closed client."""
    if sent:
        return ClientClosedError("This client was closed during the call, which may have been carried out", sent=True)
    return ClientClosedError("This client is closed: make a new one, or keep this one open while it is used")


class Connection(Generic[HTTPClient]):
    """An HTTP client with at most one connection, and the sockets of that."""

    __slots__ = ("client", "idle_since", "sockets")

    def __init__(self, client: HTTPClient, sockets: Sockets | None) -> None:
        self.client: HTTPClient = client
        self.sockets = sockets
        self.idle_since = 0.0

    def begin(self, exchange: Exchange) -> None:
        """Start an attempt."""
        exchange.sent = self.sockets is None
        if self.sockets is not None:
            self.sockets.begin(exchange.deadline)

    def hasten(self, exchange: Exchange) -> None:
        """Take over a deadline that has become an earlier one."""
        if self.sockets is not None:
            self.sockets.deadline = exchange.deadline

    def end(self, exchange: Exchange) -> None:
        """Note how far an attempt has come."""
        if self.sockets is not None:
            exchange.sent = self.sockets.sent
            exchange.cut(self.sockets.head)

    def close(self) -> None:
        """Close the sockets of our own connections."""
        if self.sockets is not None:
            self.sockets.close()


class Connections(Generic[HTTPClient]):
    """Our own connections of a client, or of an event loop: idle ones for the next attempts, and busy ones."""

    __slots__ = ("_busy", "_idle", "_lock", "closed")

    def __init__(self) -> None:
        self._idle: deque[Connection[HTTPClient]] = deque()
        self._busy: set[Connection[HTTPClient]] = set()
        self._lock = threading.Lock()
        self.closed = False

    def take(self) -> Connection[HTTPClient] | None:
        """Return the connection that was used last; None if all are busy."""
        oldest = monotonic() - KEEPALIVE_SECONDS
        with self._lock:
            while self._idle and self._idle[0].idle_since < oldest:
                self._idle.popleft().close()
            if not self._idle:
                return None
            found = self._idle.pop()
            self._busy.add(found)
        return found

    def add(self, new: Connection[HTTPClient]) -> None:
        """Note a new connection, which is busy."""
        with self._lock:
            if self.closed:
                raise closed_error()
            self._busy.add(new)

    def give(self, used: Connection[HTTPClient], whole: bool) -> None:
        """Take a connection back after an attempt: to use it again after a whole answer, else to close it."""
        with self._lock:
            self._busy.discard(used)
            if whole and not self.closed:
                used.idle_since = monotonic()
                self._idle.append(used)
                return
        used.close()

    def close(self, *, dead: bool = False) -> None:
        """Close what is idle, and end what is busy: whoever uses that closes it, unless his event loop is dead."""
        with self._lock:
            self.closed = True
            while self._idle:
                self._idle.pop().close()
            for busy in self._busy:
                if dead:
                    busy.close()
                elif busy.sockets is not None:
                    busy.sockets.shut_down()

    def after_fork(self) -> None:
        """Close what the parent process goes on using, in this process only."""
        self._lock = threading.Lock()
        self.close(dead=True)


class Pool:
    """The connections of a sync client."""

    __slots__ = ("__weakref__", "_connections", "_given", "_lock", "_room", "_shared", "_transport", "closed", "stop")

    def __init__(self, client: Client | None, transport: BaseTransport | None) -> None:
        self._given = client
        self._transport = transport
        self.closed = False
        self._renew()
        renew_after_fork(self)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._room = threading.Semaphore(MAX_CONNECTIONS)
        self._connections: Connections[Client] = Connections()
        self._shared: Connection[Client] | None = None
        self.stop = Stop()

    def check(self) -> None:
        """Raise a ClientClosedError if the client was closed."""
        if self.closed:
            raise closed_error()

    def send(self, exchange: Exchange) -> None:
        """Send a request and read the answer to it, into the exchange.

        Raises:
            ClientClosedError: the client was closed.
            Exception: whatever the HTTP library, or a transport of the caller, raises.
        """
        used = self._take(exchange)
        try:
            self._use(used, exchange)
        finally:
            exchange.keep()
            if used.sockets is not None:
                self._connections.give(used, exchange.whole)
                self._room.release()

    def _use(self, used: Connection[Client], exchange: Exchange) -> None:
        try:
            used.begin(exchange)
            response = used.client.send(exchange.request, auth=NO_AUTH, follow_redirects=False, stream=True)
            try:
                exchange.begin(response)
                if response.is_stream_consumed:
                    exchange.take(response.content)
                else:
                    used.hasten(exchange)
                    for piece in response.iter_raw():
                        exchange.receive(piece)
                exchange.end()
            finally:
                if not exchange.whole and used.sockets is None:
                    response.close()
        except BaseException as error:
            used.end(exchange)
            if self.closed and isinstance(error, Exception):
                raise closed_error(sent=exchange.sent) from None
            raise

    def _take(self, exchange: Exchange) -> Connection[Client]:
        if self.closed:
            raise closed_error()
        if self._given is not None or self._transport is not None:
            shared = self._shared or self._share()
            if shared.client.is_closed:
                raise closed_error()
            return shared
        seconds = min(exchange.request.extensions["timeout"]["pool"], exchange.deadline - monotonic())
        if not self._room.acquire(timeout=max(0.0, min(seconds, threading.TIMEOUT_MAX))):
            raise PoolTimeout(f"all {MAX_CONNECTIONS} connections are busy")
        try:
            return self._connections.take() or self._make()
        except BaseException:
            self._room.release()
            raise

    def _make(self) -> Connection[Client]:
        sockets = Sockets()
        new = Connection(connection(Backend(sockets)), sockets)
        self._connections.add(new)
        return new

    def _share(self) -> Connection[Client]:
        with self._lock:
            if self._shared is None:
                client = Client(transport=self._transport) if self._given is None else self._given
                self._shared = Connection(client, None)
            return self._shared

    def close(self) -> None:
        """Close the connections, and end the calls that use them. A client or transport that was given stays open."""
        self.closed = True
        self.stop.set()
        self._connections.close()

    def _after_fork(self) -> None:
        # The sockets are the parent's; two processes on one would read each other's answers.
        self._connections.after_fork()
        self._renew()


class _OfLoop:
    """What an async client has on one event loop."""

    __slots__ = ("connections", "room", "shared")

    def __init__(self, shared: AsyncClient | None) -> None:
        self.room = asyncio.Semaphore(MAX_CONNECTIONS)
        self.connections: Connections[AsyncClient] = Connections()
        self.shared = None if shared is None else Connection(shared, None)


class AsyncPool:
    """The connections of an async client: connections belong to an event loop, so each loop has its own."""

    __slots__ = ("__weakref__", "_given", "_lock", "_loops", "_transport", "closed", "stop")

    def __init__(self, client: AsyncClient | None, transport: AsyncBaseTransport | None) -> None:
        self._given = client
        self._transport = transport
        self._loops: dict[AbstractEventLoop, _OfLoop] = {}
        self._lock = threading.Lock()
        self.stop = Stop()
        self.closed = False
        renew_after_fork(self)

    def check(self) -> None:
        """Raise a ClientClosedError if the client was closed."""
        if self.closed:
            raise closed_error()

    async def send(self, exchange: Exchange) -> None:
        """Send a request and read the answer to it, into the exchange.

        Raises:
            ClientClosedError: the client was closed.
            Exception: whatever the HTTP library, or a transport of the caller, raises.
        """
        own = self._of(get_running_loop())
        limit = asyncio.timeout(exchange.deadline - monotonic())
        try:
            async with limit:
                used = own.shared or await self._take(own, exchange)
                try:
                    await self._use(used, exchange, limit)
                finally:
                    exchange.keep()
                    if used.sockets is not None:
                        own.connections.give(used, exchange.whole)
                        own.room.release()
        except TimeoutError:
            if limit.expired():
                raise ReadTimeout("the call has reached its deadline") from None
            raise

    async def _use(self, used: Connection[AsyncClient], exchange: Exchange, limit: asyncio.Timeout) -> None:
        try:
            used.begin(exchange)
            response = await used.client.send(exchange.request, auth=NO_AUTH, follow_redirects=False, stream=True)
            try:
                if not exchange.begin(response).is_success:
                    limit.reschedule(get_running_loop().time() + exchange.deadline - monotonic())
                if response.is_stream_consumed:
                    exchange.take(response.content)
                else:
                    used.hasten(exchange)
                    async for piece in response.aiter_raw():
                        exchange.receive(piece)
                exchange.end()
            finally:
                if not exchange.whole and used.sockets is None:
                    await response.aclose()
        except BaseException as error:
            used.end(exchange)
            if self.closed and isinstance(error, Exception):
                raise closed_error(sent=exchange.sent) from None
            raise

    def _of(self, loop: AbstractEventLoop) -> _OfLoop:
        own = self._loops.get(loop)
        if own is None and not self.closed:
            own = self._make_for(loop)
        if own is None or self.closed or (own.shared is not None and own.shared.client.is_closed):
            raise closed_error()
        return own

    def _make_for(self, loop: AbstractEventLoop) -> _OfLoop:
        with self._lock:
            for other in [other for other in self._loops if other.is_closed()]:
                self._loops.pop(other).connections.close(dead=True)
            if self._given is not None or self._transport is None:
                shared = self._given
            else:
                shared = AsyncClient(transport=self._transport)
            own = self._loops[loop] = _OfLoop(shared)
        return own

    async def _take(self, own: _OfLoop, exchange: Exchange) -> Connection[AsyncClient]:
        try:
            async with asyncio.timeout(exchange.request.extensions["timeout"]["pool"]):
                await own.room.acquire()
        except TimeoutError:
            raise PoolTimeout(f"all {MAX_CONNECTIONS} connections are busy") from None
        try:
            if self.closed:
                raise closed_error()
            found = own.connections.take()
            if found is None:
                sockets = Sockets()
                found = Connection(async_connection(LoopBackend(sockets)), sockets)
                own.connections.add(found)
        except BaseException:
            own.room.release()
            raise
        return found

    async def close(self) -> None:
        """Close the connections, and end the calls that use them. A client or transport that was given stays open."""
        with self._lock:
            self.closed = True
            self.stop.set()
            while self._loops:
                loop, own = self._loops.popitem()
                own.connections.close(dead=loop.is_closed())

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        self.stop = Stop()
        while self._loops:
            self._loops.popitem()[1].connections.after_fork()
