"""Sockets of a connection, for the HTTP library. They know the deadline of the call, and others can shut them down."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from itertools import zip_longest
from typing import Any, NoReturn, TypeVar

from ..real_time import monotonic
from ..stop import stop_of_thread
from .library import core

T = TypeVar("T")
Address = tuple[Any, Any, int, str, Any]
SocketOptions = Iterable[Any] | None

# A host may have addresses that lead nowhere. All but the last one get no longer than this.
_FIRST_ADDRESS_SECONDS = 0.5
_STATUS_LINE_BYTES = 32
# How all begins that proxies of HTTP and SOCKS are asked, and no request.
_TO_PROXIES = (b"CONNECT ", b"\x05", b"\x01")
_TLS_RECORD_BYTES = 16384 + 256
_MAX_SECONDS = 86_400.0
# To steps that the HTTP library gives no time of their own: those to connect through SOCKS.
_UNTIMED_SECONDS = 5.0


class Sockets:
    """The open sockets of one connection.

    Attributes:
        deadline: when whoever uses the connection gives up, by the monotonic clock.
        sent: whether the request has begun to leave.
        head: the first bytes of the answer.
    """

    __slots__ = ("_open", "deadline", "head", "sent")

    def __init__(self) -> None:
        self._open: list[socket.socket] = []
        self.begin(0.0)

    def begin(self, deadline: float) -> None:
        """Note the start of an attempt."""
        self.deadline = deadline
        self.sent = False
        self.head = b""

    def seconds(self, timeout: float | None) -> float:
        """Return the seconds that the next step may take.

        Raises:
            TimeoutError: the deadline is over.
        """
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the call has reached its deadline")
        return min(left, _UNTIMED_SECONDS if timeout is None else timeout, _MAX_SECONDS)

    def add(self, sock: socket.socket) -> None:
        """Note a socket that was opened."""
        self._open.append(sock)

    def end(self, sock: socket.socket) -> None:
        """Close a socket."""
        sock.close()
        with suppress(ValueError):
            self._open.remove(sock)

    def replace(self, old: socket.socket, new: socket.socket) -> None:
        """Note that a socket has taken the place of another."""
        self._open[self._open.index(old)] = new

    def leave(self, data: bytes) -> None:
        """Note bytes that are about to leave."""
        # What a proxy is asked for is not the request, and what it answers not the answer.
        if data and not data.startswith(_TO_PROXIES):
            self.sent = True

    def note(self, data: bytes) -> None:
        """Note bytes that arrived."""
        if self.sent and len(self.head) < _STATUS_LINE_BYTES:
            self.head += data[:_STATUS_LINE_BYTES]

    def shut_down(self) -> None:
        """End what waits on the sockets, in whatever thread or event loop; it closes them."""
        for sock in list(self._open):
            with suppress(OSError):
                # Not that of TLS, which first changes what the other thread is reading from.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the sockets. Nobody may be waiting on them."""
        while self._open:
            self._open.pop().close()


def _looked_up(host: str, port: int, seconds: float) -> list[Address]:
    """The addresses of a host. Another thread asks for them: a system may take far longer than the call may."""
    results: list[list[Address] | BaseException] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            results.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except BaseException as error:
            results.append(error)
        done.set()

    stop = stop_of_thread()
    with stop.waking(done.set):
        try:
            threading.Thread(target=look_up, name="instantly-look-up", daemon=True).start()
        except RuntimeError:  # The interpreter is being shut down.
            look_up()
        done.wait(seconds)
        stop.check()
    if not results:
        raise TimeoutError(f"no address of the host was found in {seconds:.1f} s")
    result = results.pop()
    if isinstance(result, BaseException):
        raise result
    return result


def _interleaved(addresses: list[Address]) -> list[Address]:
    """Addresses with the families in turn: often all those of one lead nowhere."""
    first = addresses[0][0]
    ours = [address for address in addresses if address[0] == first]
    others = [address for address in addresses if address[0] != first]
    return [address for pair in zip_longest(ours, others) for address in pair if address is not None]


def _opened(address: Address, local_address: str | None, options: SocketOptions) -> socket.socket:
    family, kind, protocol, _, _ = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option in options or ():
            sock.setsockopt(*option)
        if local_address is not None:
            sock.bind((local_address, 0))
    except BaseException:
        sock.close()
        raise
    return sock


def _is_readable(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return True
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])


def _read_failed(error: OSError) -> NoReturn:
    raise (core.ReadTimeout if isinstance(error, TimeoutError) else core.ReadError)(str(error)) from error


def _write_failed(error: OSError) -> NoReturn:
    raise (core.WriteTimeout if isinstance(error, TimeoutError) else core.WriteError)(str(error)) from error


def _connect_failed(error: OSError) -> NoReturn:
    raise (core.ConnectTimeout if isinstance(error, TimeoutError) else core.ConnectError)(str(error)) from error


class _TLS:
    """TLS by steps, for streams that the ssl module cannot wrap: they yield what to send, or b"" for what arrived."""

    __slots__ = ("_incoming", "_outgoing", "object")

    def __init__(self, context: ssl.SSLContext, hostname: str | None) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    def steps(self, operation: Callable[..., T], *arguments: Any) -> Generator[bytes, bytes, T]:
        while True:
            try:
                result = operation(*arguments)
            except ssl.SSLWantReadError:
                if data := self._outgoing.read():
                    yield data
                if data := (yield b""):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                if data := self._outgoing.read():
                    yield data
                return result

    def read(self, max_bytes: int) -> bytes:
        try:
            return self.object.read(max_bytes)
        except ssl.SSLZeroReturnError:
            return b""


class Backend(core.NetworkBackend):
    """Opens the sockets of a sync connection."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> core.NetworkStream:
        """Connect to the first address of a host that answers."""
        sockets = self._sockets
        try:
            until = monotonic() + sockets.seconds(timeout)
            addresses = _interleaved(_looked_up(host, port, until - monotonic()))
            for address in addresses:
                sock = _opened(address, local_address, socket_options)
                sockets.add(sock)
                try:
                    stop_of_thread().check()
                    seconds = sockets.seconds(until - monotonic())
                    sock.settimeout(seconds if address is addresses[-1] else min(seconds, _FIRST_ADDRESS_SECONDS))
                    sock.connect(address[4])
                except BaseException as error:
                    sockets.end(sock)
                    if not isinstance(error, OSError) or address is addresses[-1]:
                        raise
                else:
                    return Stream(sockets, sock)
        except OSError as error:
            _connect_failed(error)
        raise AssertionError("a host has an address")


class Stream(core.NetworkStream):
    """A socket that a thread waits on."""

    def __init__(self, sockets: Sockets, sock: socket.socket) -> None:
        self._sockets = sockets
        self._socket = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has arrived, b"" at the end."""
        try:
            data = self._receive(max_bytes, timeout)
        except OSError as error:
            _read_failed(error)
        self._sockets.note(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes."""
        self._sockets.leave(buffer)
        try:
            self._send(buffer, timeout)
        except OSError as error:
            _write_failed(error)

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        self._socket.settimeout(self._sockets.seconds(timeout))
        return self._socket.recv(max_bytes)

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        rest = memoryview(buffer)
        while rest:
            self._socket.settimeout(self._sockets.seconds(timeout))
            rest = rest[self._socket.send(rest) :]

    def close(self) -> None:
        """Close the socket."""
        self._sockets.end(self._socket)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> core.NetworkStream:
        """Return a stream over TLS in the place of this one."""
        try:
            if isinstance(self._socket, ssl.SSLSocket):
                return _TLSStream(self._sockets, self._socket, _TLS(ssl_context, server_hostname), self, timeout)
            self._socket.settimeout(self._sockets.seconds(timeout))
            wrapped = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._sockets.replace(self._socket, wrapped)
            self._socket = wrapped
            wrapped.do_handshake()
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                _connect_failed(error)
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return what the HTTP library asks about the socket."""
        sock = self._socket
        if info == "ssl_object":
            return sock if isinstance(sock, ssl.SSLSocket) else None
        return _about(sock, info)


class _TLSStream(Stream):
    """TLS through a stream that is TLS already, as that of a proxy is."""

    def __init__(self, sockets: Sockets, sock: socket.socket, tls: _TLS, inner: Stream, timeout: float | None) -> None:
        super().__init__(sockets, sock)
        self._tls = tls
        self._inner = inner
        self._run(timeout, tls.object.do_handshake)

    def _run(self, timeout: float | None, operation: Callable[..., T], *arguments: Any) -> T:
        steps = self._tls.steps(operation, *arguments)
        try:
            data = next(steps)
            while True:
                if data:
                    self._inner._send(data, timeout)
                    data = next(steps)
                else:
                    data = steps.send(self._inner._receive(_TLS_RECORD_BYTES, timeout))
        except StopIteration as end:
            result: T = end.value
            return result

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        return self._run(timeout, self._tls.read, max_bytes)

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        rest = memoryview(buffer)
        while rest:
            rest = rest[self._run(timeout, self._tls.object.write, rest) :]

    def get_extra_info(self, info: str) -> Any:
        """Return what the HTTP library asks about the socket."""
        return self._tls.object if info == "ssl_object" else _about(self._socket, info)


def _about(sock: socket.socket, info: str) -> Any:
    if info == "is_readable":
        return _is_readable(sock)
    if info == "socket":
        return sock
    if info == "client_addr":
        return sock.getsockname()
    return sock.getpeername() if info == "server_addr" else None
