"""A service on a loopback socket whose answers are broken, endless or meant to harm."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from tests.core.wire import Received, _read

Act = Callable[["Hostile", socket.socket], None]
"""What it does with a connection from which it has read a request. After it the connection is closed."""

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


class Hostile:
    """The service. It does the same with every request, for as long as the client bears it."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self.received: list[Received] = []
        self.ended = Event()
        self._lock = Lock()
        self._open: list[socket.socket] = []
        self._threads: list[Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                received = _read(stream.readline, stream.read)
                if received is not None:
                    with self._lock:
                        self.received.append(received)
                    self._act(self, connection)
        except OSError:
            pass


def says(content: bytes) -> Act:
    """Send these bytes, and close the connection."""

    def act(hostile: Hostile, connection: socket.socket) -> None:
        connection.sendall(content)

    return act


def drips(first: bytes, again: bytes, seconds: float = 0.02) -> Act:
    """Send something, and something more again and again without end; each read of the client gets some of it."""

    def act(hostile: Hostile, connection: socket.socket) -> None:
        connection.sendall(first)
        while not hostile.ended.wait(seconds):
            connection.sendall(again)

    return act


def floods(first: bytes, again: bytes) -> Act:
    """Send something, and as much as goes after it, without end."""

    def act(hostile: Hostile, connection: socket.socket) -> None:
        connection.sendall(first)
        while not hostile.ended.is_set():
            connection.sendall(again)

    return act


def keeps_silent(hostile: Hostile, connection: socket.socket) -> None:
    """Leave the request without an answer."""
    hostile.ended.wait()


def with_body(body: bytes, *headers: str, length: int | None = None, status: str = "200 OK") -> bytes:
    """An answer; a length beyond that of its body cuts it."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"content-length: {size}", "connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@cache
def bomb(megabytes: int, wbits: int = 31) -> bytes:
    """A few kilobytes that unpack to many megabytes of spaces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()


PACKED = gzip.compress(b'{"items": []}' * 100)
