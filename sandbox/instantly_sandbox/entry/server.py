"""Way in over a socket: HTTP/1.1 on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from types import TracebackType
from urllib.parse import urlsplit

import h11

from ..engine.messages import Answer, Refusal, Request, phrase
from ..engine.service import MAX_BODY

Handle = Callable[[Request], Answer]
Log = Callable[[Request, Answer, float], None]

BACKLOG = 1024
CHUNK = 1 << 16
MAX_STATE = 1 << 30
LINGER_SECONDS = 1.0
LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)

_logger = logging.getLogger("instantly_sandbox")


class Server:
    """Server over HTTP: `with Server(...) as url:`.

    Args:
        handle: answers the requests.
        host: the address to listen on.
        port: the port to listen on; 0 is any free one.
        log: called with each request, its answer, and the seconds between them.
        allow_hosts: names that requests may call the server by, apart from addresses and localhost.
        waits: whether an answer may take its time, so that other requests must not wait for it.
    """

    def __init__(
        self,
        handle: Handle,
        host: str,
        port: int,
        log: Log | None = None,
        allow_hosts: Collection[str] = (),
        *,
        waits: bool = False,
    ) -> None:
        self._handle = handle
        self._waits = waits
        self._address = (host, port)
        self._log = log
        self._hosts = {"localhost", host.lower(), *(each.lower() for each in allow_hosts)}

    def start(self) -> str:
        """Begin to serve, and return the URL.

        Raises:
            OSError: the address is in use, or belongs to another machine.
            ValueError: there is no such port.
        """
        host, port = self._address
        if not 0 <= port <= 65535:
            raise ValueError(f"there is no port {port}")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._loop = asyncio.new_event_loop()
        self._stopped = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = Thread(target=self._run, args=(listener,), name="instantly-sandbox", daemon=True)
        self._thread.start()
        return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"

    def stop(self) -> None:
        """Close all connections and end the thread."""
        self._loop.call_soon_threadsafe(self._stopped.set_result, None)
        self._thread.join()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        server = await asyncio.start_server(self._connected, sock=listener, backlog=BACKLOG)
        await self._stopped
        # No more are accepted, and those that are already get their transport: asyncio would leave their sockets open.
        self._loop.remove_reader(listener)
        for _ in range(3):
            await asyncio.sleep(0)
        server.close()
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await asyncio.sleep(0)
        await asyncio.sleep(0)  # Transports close in the next step of the loop.

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task that is cancelled before its first step would not close anything by itself.
        task = self._loop.create_task(self._converse(reader, writer))
        task.add_done_callback(lambda _: writer.close())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer)
        try:
            while (request := await connection.receive()) is not None:
                start = time.perf_counter()
                answer = await self._answered(request) if isinstance(request, Request) else request
                if answer.delay:
                    await asyncio.sleep(answer.delay)
                goes_on = await connection.send(answer)
                if self._log and isinstance(request, Request):
                    self._log(request, answer, time.perf_counter() - start)
                if not isinstance(request, Request):
                    await connection.linger()
                if not goes_on:
                    break
        except (asyncio.CancelledError, ConnectionError, h11.ProtocolError):
            pass  # The server stops, or the client has left.

    async def _answered(self, request: Request) -> Answer:
        return await asyncio.to_thread(self._answer, request) if self._waits else self._answer(request)

    def _answer(self, request: Request) -> Answer:
        try:
            return self._foreign(request) or self._handle(request)
        except Exception:
            _logger.exception("%s %s failed", request.method, request.path)
            return Refusal(500, "The sandbox failed; its log says why").answer()

    def _foreign(self, request: Request) -> Answer | None:
        """The refusal of a request that a page in a browser made, or that came by a foreign name of this machine."""
        if "origin" in request.headers or request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return Refusal(403, "Requests of pages in browsers are refused: send no Origin").answer()
        host = _host(request)
        if host in self._hosts or _is_address(host):
            return None
        return Refusal(403, f"The host {host!r} is foreign: use an address or localhost, or allow the name").answer()


def _host(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _Connection:
    """Connection: receives requests and sends answers in turn, until either side closes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.SERVER)
        self._head: h11.Request | None = None

    async def receive(self) -> Request | Answer | None:
        """The next request, the refusal of malformed data, or None at the end."""
        try:
            return await self._request()
        except h11.RemoteProtocolError as error:
            return Refusal(error.error_status_hint, f"Malformed request: {error}").answer()

    async def _request(self) -> Request | Answer | None:
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
        elif self._protocol.our_state is not h11.IDLE:
            return None
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        self._head = head
        body = bytearray()
        limit = MAX_STATE if head.target.startswith(b"/sandbox") else MAX_BODY
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > limit:
                return Refusal(413, "Request body is too large", code="FST_ERR_CTP_BODY_TOO_LARGE").answer()
        headers: dict[str, str] = {}
        for name, value in head.headers:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return Request(head.method.decode("ascii"), head.target.decode("latin-1"), headers, bytes(body))

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            if self._protocol.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._protocol.receive_data(await self._reader.read(CHUNK))
        return event

    async def send(self, answer: Answer) -> bool:
        """Send an answer, or break it off as a fault asks for; return whether the connection goes on."""
        if answer.dropped:
            _reset(self._writer)
            return False
        length = [] if answer.status == 204 else [("content-length", str(len(answer.body)))]
        headers = [*answer.headers.items(), *length]
        events: list[h11.Event] = [
            h11.Response(status_code=answer.status, headers=headers, reason=phrase(answer.status).encode())
        ]
        if answer.body and not (self._head and self._head.method == b"HEAD"):
            events.append(h11.Data(data=answer.body[: answer.cut]))
        if answer.cut is None:
            events.append(h11.EndOfMessage())
        self._write(*events)
        await self._writer.drain()
        return answer.cut is None

    async def linger(self) -> None:
        """Read what the client still sends: if the connection closed first, the client would lose the answer."""
        self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(CHUNK):
                    pass

    def _write(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._protocol.send(event) or b"" for event in events))


def _reset(writer: asyncio.StreamWriter) -> None:
    # A close without lingering sends RST: the other side sees a broken connection.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    writer.transport.abort()
