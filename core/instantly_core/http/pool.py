"""Connections of a client. They are made at the first request, shared by its threads and views, and closed once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from ..error_tree import ClientClosedError
from ..fork import renew_after_fork
from .library import POOL_LIMITS, AsyncBaseTransport, AsyncClient, BaseTransport, Client, tls_context

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


def closed_error() -> ClientClosedError:
    """Return the error for the use of a closed client."""
    return ClientClosedError("This client is closed: make a new one, or keep this one open while it is used")


class Pool:
    """The connections of a sync client."""

    __slots__ = ("__weakref__", "_client", "_given", "_lock", "_transport", "closed")

    def __init__(self, client: Client | None, transport: BaseTransport | None) -> None:
        self._given = client
        self._transport = transport
        self._client = client
        self._lock = Lock()
        self.closed = False
        renew_after_fork(self)

    def get(self) -> Client:
        """Return the HTTP client.

        Raises:
            ClientClosedError: it was closed.
        """
        client = self._client
        if client is None or client.is_closed:
            client = self._make()
        return client

    def _make(self) -> Client:
        with self._lock:
            if self.closed or self._given is not None:
                raise closed_error()
            if self._client is None:
                self._client = (
                    Client(verify=tls_context(), limits=POOL_LIMITS)
                    if self._transport is None
                    else Client(transport=self._transport)
                )
            return self._client

    def close(self) -> None:
        """Close the connections, except those of a client or transport that was given."""
        with self._lock:
            client, self._client, self.closed = self._client, None, True
        if client is not None and self._given is None and self._transport is None:
            client.close()

    def _after_fork(self) -> None:
        self._lock = Lock()
        # The sockets are the parent's; two processes on one would read each other's answers.
        self._client = None if self.closed else self._given


class AsyncPool:
    """The connections of an async client: connections belong to an event loop, so each loop has its own."""

    __slots__ = ("__weakref__", "_client", "_given", "_lock", "_loop", "_others", "_transport", "closed")

    def __init__(self, client: AsyncClient | None, transport: AsyncBaseTransport | None) -> None:
        self._given = client
        self._transport = transport
        # The client of the loop that asked last; `_others` has all clients.
        self._loop: AbstractEventLoop | None = None
        self._client: AsyncClient | None = None
        self._others: dict[AbstractEventLoop, AsyncClient] = {}
        self._lock = Lock()
        self.closed = False
        renew_after_fork(self)

    def get(self) -> AsyncClient:
        """Return the HTTP client of the running loop.

        Raises:
            ClientClosedError: it was closed.
        """
        given = self._given
        if given is not None:
            if self.closed or given.is_closed:
                raise closed_error()
            return given
        from asyncio import get_running_loop

        loop = get_running_loop()
        with self._lock:
            if self.closed:
                raise closed_error()
            if loop is not self._loop or self._client is None:
                self._client = self._others.get(loop) or self._make(loop)
                self._loop = loop
            return self._client

    def _make(self, loop: AbstractEventLoop) -> AsyncClient:
        for other in [other for other in self._others if other.is_closed()]:
            del self._others[other]
        client = self._others[loop] = (
            AsyncClient(verify=tls_context(), limits=POOL_LIMITS)
            if self._transport is None
            else AsyncClient(transport=self._transport)
        )
        return client

    async def close(self) -> None:
        """Close the connections of this loop and drop those of others; a given client or transport stays open."""
        from asyncio import get_running_loop

        with self._lock:
            client = self._others.get(get_running_loop())
            self._others.clear()
            self._client = self._loop = None
            self.closed = True
        if client is not None and self._transport is None:
            await client.aclose()

    def _after_fork(self) -> None:
        self._lock = Lock()
        self._others.clear()
        self._client = self._loop = None
