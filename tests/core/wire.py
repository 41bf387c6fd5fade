"""A service on a loopback socket that does what a test says, byte for byte."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import NamedTuple, Self

DROP = b"drop"
"""Close the connection instead of answering."""


def answer(status: int = 200, body: bytes = b"{}", *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}", "content-type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Received(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Wire:
    """The service: `answers` are what it does with one request after the other, the last one for ever.

    As a service does, it closes the connection after an answer that says so.
    """

    def __init__(self) -> None:
        self.answers: list[bytes] = [answer()]
        self.received: list[Received] = []
        self.connections = 0
        self._lock = Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._open:
            connection.close()

    def hang_up(self) -> None:
        """Close all connections, without having said so in an answer."""
        for connection in self._open:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while received := _read(stream.readline, stream.read):
                    with self._lock:
                        self.received.append(received)
                        does = self.answers[min(len(self.received), len(self.answers)) - 1]
                    if does == DROP:
                        return
                    connection.sendall(does)
                    if b"connection: close" in does:
                        return
        except OSError:
            pass


def _read(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> Received | None:
    first = readline().decode()
    if not first:
        return None
    method, target, _ = first.split(" ")
    headers: dict[str, str] = {}
    while line := readline().decode().strip():
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return Received(method, target, headers, read(int(headers.get("content-length", "0"))))
