"""Sockets of a connection on an event loop. To close one takes no waiting: nothing is left of a cancelled call."""

from __future__ import annotations

import socket
import ssl
from asyncio import get_running_loop, sleep
from asyncio import timeout as time_limit
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from ..real_time import monotonic
from .library import core
from .sockets import (
    _FIRST_ADDRESS_SECONDS,
    _TLS,
    _TLS_RECORD_BYTES,
    SocketOptions,
    Sockets,
    _about,
    _connect_failed,
    _interleaved,
    _opened,
    _read_failed,
    _write_failed,
)

T = TypeVar("T")


class LoopBackend(core.AsyncNetworkBackend):
    """Opens the sockets of an async connection."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> core.AsyncNetworkStream:
        """Connect to the first address of a host that answers."""
        sockets, loop = self._sockets, get_running_loop()
        try:
            until = monotonic() + sockets.seconds(timeout)
            async with time_limit(until - monotonic()):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = _interleaved(found)
            for address in addresses:
                sock = _opened(address, local_address, socket_options)
                sockets.add(sock)
                try:
                    sock.setblocking(False)
                    seconds = sockets.seconds(until - monotonic())
                    async with time_limit(
                        seconds if address is addresses[-1] else min(seconds, _FIRST_ADDRESS_SECONDS)
                    ):
                        await loop.sock_connect(sock, address[4])
                except BaseException as error:
                    sockets.end(sock)
                    if not isinstance(error, OSError) or address is addresses[-1]:
                        raise
                else:
                    return LoopStream(sockets, sock)
        except OSError as error:
            _connect_failed(error)
        raise AssertionError("a host has an address")


class LoopStream(core.AsyncNetworkStream):
    """A socket that a task waits on."""

    def __init__(self, sockets: Sockets, sock: socket.socket) -> None:
        self._sockets = sockets
        self._socket = sock
        self._loop = get_running_loop()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has arrived, b"" at the end."""
        try:
            data = await self._receive(max_bytes, timeout)
        except OSError as error:
            _read_failed(error)
        self._sockets.note(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes."""
        self._sockets.leave(buffer)
        try:
            await self._send(buffer, timeout)
        except OSError as error:
            _write_failed(error)

    async def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        try:
            data = self._socket.recv(max_bytes)
        except BlockingIOError:
            async with time_limit(self._sockets.seconds(timeout)):
                return await self._loop.sock_recv(self._socket, max_bytes)
        # A service that is always faster than we are must not keep the loop for itself.
        await sleep(0)
        return data

    async def _send(self, buffer: bytes, timeout: float | None) -> None:
        rest = memoryview(buffer)
        if rest:
            with suppress(BlockingIOError):
                rest = rest[self._socket.send(rest) :]
            if rest:
                async with time_limit(self._sockets.seconds(timeout)):
                    await self._loop.sock_sendall(self._socket, rest)

    async def aclose(self) -> None:
        """Close the socket."""
        self._sockets.end(self._socket)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> core.AsyncNetworkStream:
        """Return a stream over TLS in the place of this one."""
        stream = _LoopTLSStream(self._sockets, self._socket, _TLS(ssl_context, server_hostname), self)
        try:
            async with time_limit(self._sockets.seconds(timeout)):
                await stream._run(timeout, stream._tls.object.do_handshake)
        except BaseException as error:
            await self.aclose()
            if isinstance(error, OSError):
                _connect_failed(error)
            raise
        return stream

    def get_extra_info(self, info: str) -> Any:
        """Return what the HTTP library asks about the socket."""
        return _about(self._socket, info)


class _LoopTLSStream(LoopStream):
    """TLS through another stream."""

    def __init__(self, sockets: Sockets, sock: socket.socket, tls: _TLS, inner: LoopStream) -> None:
        super().__init__(sockets, sock)
        self._tls = tls
        self._inner = inner

    async def _run(self, timeout: float | None, operation: Callable[..., T], *arguments: Any) -> T:
        steps = self._tls.steps(operation, *arguments)
        try:
            data = next(steps)
            while True:
                if data:
                    await self._inner._send(data, timeout)
                    data = next(steps)
                else:
                    data = steps.send(await self._inner._receive(_TLS_RECORD_BYTES, timeout))
        except StopIteration as end:
            result: T = end.value
            return result

    async def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        return await self._run(timeout, self._tls.read, max_bytes)

    async def _send(self, buffer: bytes, timeout: float | None) -> None:
        rest = memoryview(buffer)
        while rest:
            rest = rest[await self._run(timeout, self._tls.object.write, rest) :]

    def get_extra_info(self, info: str) -> Any:
        """Return what the HTTP library asks about the socket."""
        return self._tls.object if info == "ssl_object" else super().get_extra_info(info)
