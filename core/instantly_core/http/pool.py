"""The connections of a sync client."""

from __future__ import annotations

import threading

from ..fork import renew_after_fork
from ..real_time import monotonic
from ..stop import EndOfThread, Stop, closed_error
from .connections import MAX_CONNECTIONS, Connection, Connections
from .environment import tls_context
from .exchange import Exchange
from .library import BaseTransport, Client, PoolTimeout, Proxy, connection, sending, sending_of_client


class Pool:
    """The connections of a sync client."""

    __slots__ = (
        "__weakref__",
        "_connections",
        "_given",
        "_proxy",
        "_room",
        "_shared",
        "_transport",
        "closed",
        "stop",
    )

    def __init__(self, client: Client | None, transport: BaseTransport | None, proxy: Proxy | None) -> None:
        self._given = client
        self._transport = transport
        self._proxy = proxy
        self.closed = False
        self._renew()
        renew_after_fork(self)

    def _renew(self) -> None:
        self._room = threading.Semaphore(MAX_CONNECTIONS)
        self._connections = Connections()
        self._shared: Connection | None = None
        if self._given is not None:
            self._shared = Connection(sending_of_client(self._given), None)
        elif self._transport is not None:
            self._shared = Connection(sending(self._transport), None)
        self.stop = Stop()

    def check(self) -> None:
        """Raise a ClientClosedError if the client was closed."""
        if self.closed:
            raise closed_error()

    def ending(self) -> EndOfThread:
        """Return a block whose waits end with a ClientClosedError when the client is closed."""
        return EndOfThread(self.stop)

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

    def _use(self, used: Connection, exchange: Exchange) -> None:
        try:
            used.begin(exchange)
            response = used.send(exchange)
            try:
                exchange.begin(response)
                if response.is_stream_consumed:
                    exchange.take(response.content)
                else:
                    used.hasten(exchange)
                    for piece in response.stream:
                        exchange.receive(piece)
                    response.close()
                exchange.end()
            finally:
                if not exchange.whole and used.sockets is None:
                    response.close()
        except BaseException as error:
            used.end(exchange)
            if self.closed and isinstance(error, Exception):
                raise closed_error() from None
            raise

    def _take(self, exchange: Exchange) -> Connection:
        given = self._given
        if self.closed or (given is not None and given.is_closed):
            raise closed_error()
        if self._shared is not None:
            return self._shared
        seconds = min(exchange.request.extensions["timeout"]["pool"], exchange.deadline - monotonic())
        if not self._room.acquire(timeout=max(0.0, min(seconds, threading.TIMEOUT_MAX))):
            raise PoolTimeout(f"all {MAX_CONNECTIONS} connections are busy")
        try:
            return self._connections.take() or self._make()
        except BaseException:
            self._room.release()
            raise

    def _make(self) -> Connection:
        # What these import takes longer than all else of the package; nobody needs it before the first call.
        from .sockets import Backend, Sockets

        sockets = Sockets()
        new = Connection(sending(connection(Backend(sockets), self._proxy, tls_context())), sockets)
        self._connections.add(new)
        return new

    def close(self) -> None:
        """Close the connections, and end the calls that use them. A client or transport that was given stays open."""
        self.closed = True
        self.stop.set()
        self._connections.close()

    def _after_fork(self) -> None:
        # The sockets are the parent's; two processes on one would read each other's answers.
        self._connections.after_fork()
        self._renew()
