"""No write is carried out twice, whatever breaks and whenever: the service keeps a record, and that is what counts.

The service misbehaves once and is healthy afterwards, so that a request which is sent once more is carried out. Reads
go the same ways: that they are repeated shows that a fault is one.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from threading import Event, Lock, Thread
from typing import IO, Any, NamedTuple

import httpx
import pytest

from instantly_core import errors
from instantly_core.http.environment import tls_context
from tests.core.engine import CREATE, DELETE, GET, ID, UPDATE, Engine
from tests.core.hostile import HEAD, bomb, with_body
from tests.core.wire import answer

CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
CUT = "429, cut in its head"
SILENCE = 0.06
"""Seconds that a call waits for a service that says nothing."""


class Request(NamedTuple):
    """A request of which the head has arrived."""

    method: str
    length: int
    stream: IO[bytes]
    connection: socket.socket
    ended: Event
    record: list[str]

    def read(self) -> None:
        self.stream.read(self.length)

    def carry_out(self) -> None:
        self.read()
        self.record.append(self.method)


Act = Callable[[Request], None]


class Fault(NamedTuple):
    """What the service does with a request.

    Attributes:
        act: what it does; None to close the connection before it reads anything.
        lasting: whether the service would do the same again, so that a read is not repeated.
        waits: whether the client has to give up.
    """

    act: Act | None
    lasting: bool = False
    waits: bool = False


def carried_out(content: bytes) -> Act:
    """Carry it out, send these bytes, and close the connection."""

    def act(request: Request) -> None:
        request.carry_out()
        request.connection.sendall(content)

    return act


def refused(content: bytes, *, early: bool = False) -> Act:
    """Send these bytes and carry nothing out; early, before the body has arrived."""

    def act(request: Request) -> None:
        if not early:
            request.read()
        request.connection.sendall(content)

    return act


def closes_after_the_head(request: Request) -> None:
    if not request.length:
        request.carry_out()


def closes_within_the_body(request: Request) -> None:
    request.stream.read(request.length // 2)
    closes_after_the_head(request)


def resets(request: Request) -> None:
    request.carry_out()
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes_half(request: Request) -> None:
    request.carry_out()
    request.connection.shutdown(socket.SHUT_WR)
    request.ended.wait(SILENCE)


def drips(first: bytes, again: bytes) -> Act:
    """Carry it out, and send bytes for longer than the client waits."""

    def act(request: Request) -> None:
        request.carry_out()
        with suppress(OSError):
            request.connection.sendall(first)
            for _ in range(20):
                if request.ended.wait(SILENCE / 4):
                    break
                request.connection.sendall(again)

    return act


FAULTS: dict[str, Fault] = {
    "closed on arrival": Fault(None),
    "closed after the head": Fault(closes_after_the_head),
    "closed within the body": Fault(closes_within_the_body),
    "closed before an answer": Fault(carried_out(b"")),
    "reset before an answer": Fault(resets),
    "half closed before an answer": Fault(closes_half),
    "half a status": Fault(carried_out(b"HTTP/1.1 2")),
    "no HTTP": Fault(carried_out(b"SSH-2.0-OpenSSH_9.7\r\n")),
    "an interim answer only": Fault(carried_out(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")),
    "another protocol": Fault(carried_out(b"HTTP/1.1 101 Upgrade\r\nupgrade: x\r\n\r\n")),
    "cut in the headers": Fault(carried_out(b"HTTP/1.1 200 OK\r\ncontent-le")),
    "cut in the body": Fault(carried_out(with_body(b"{", length=9))),
    "cut between chunks": Fault(carried_out(CHUNKED + b"1\r\n{\r\n")),
    "a broken chunk": Fault(carried_out(CHUNKED + b"zz\r\n")),
    "broken gzip": Fault(carried_out(with_body(b"{}", "content-encoding: gzip"))),
    "an unknown encoding": Fault(carried_out(with_body(b"{}", "content-encoding: br"))),
    "no JSON": Fault(carried_out(with_body(b"<html>")), lasting=True),
    "more than is taken": Fault(carried_out(with_body(bomb(2), "content-encoding: gzip")), lasting=True),
    "silence": Fault(drips(b"", b""), waits=True),
    "a head that drips": Fault(drips(HEAD, b"x: y\r\n"), waits=True),
    "a body that drips": Fault(drips(with_body(b"", length=9999), b" "), waits=True),
    "a redirect": Fault(carried_out(with_body(b"", "location: /elsewhere", status="307 There")), lasting=True),
    **{
        str(status): Fault(carried_out(answer(status, b"{}", "retry-after: 0", "connection: close")))
        for status in (408, 500, 502, 503, 504, 520)
    },
    "429": Fault(refused(answer(429, b"{}", "retry-after: 0", "connection: close"))),
    CUT: Fault(refused(b"HTTP/1.1 429 Slow\r\nretry-after: 0\r\ncontent-le")),
    "429, early": Fault(refused(answer(429, b"{}", "retry-after: 0", "connection: close"), early=True)),
    "413, early": Fault(refused(answer(413, b"{}", "connection: close"), early=True), lasting=True),
    "400": Fault(refused(answer(400, b"{}", "connection: close")), lasting=True),
    "success, then closed": Fault(carried_out(answer())),
}
OPERATIONS: dict[str, tuple[Any, ...]] = {
    "GET": (GET, (ID,)),
    "POST": (CREATE, (), None, {"legs": 4}),
    "PATCH": (UPDATE, (ID,), None, {"legs": 4}),
    "DELETE": (DELETE, (ID,)),
}
WAYS = ("sync", "async", "aiohttp", "http_client, sync", "http_client, async", "transport, sync", "transport, async")
RETRIES = (0, 3)
KEPT = (False, True)
WRITES = [case for case in product(WAYS, FAULTS, OPERATIONS, RETRIES, KEPT) if case[2] != "GET"]


class Service:
    """A service that keeps a record of what it has carried out, and misbehaves once, after some healthy answers."""

    def __init__(self, fault: Fault, healthy: int) -> None:
        self._fault: Fault | None = fault
        self._healthy = healthy
        self._ended = Event()
        self.record: list[str] = []
        self._lock = Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _due(self, on_arrival: bool) -> Fault | None:
        """The fault, if this is the moment for it."""
        with self._lock:
            fault = self._fault
            if fault is None or self._healthy or (fault.act is None) != on_arrival:
                return None
            self._fault = None
            return fault

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            while not self._due(on_arrival=True) and (line := stream.readline()):
                head = b"".join(iter(stream.readline, b"\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
                request = Request(line.split(b" ")[0].decode(), length, stream, connection, self._ended, self.record)
                if (fault := self._due(on_arrival=False)) is not None:
                    assert fault.act is not None
                    fault.act(request)
                    return
                request.carry_out()
                with self._lock:
                    self._healthy = max(0, self._healthy - 1)
                connection.sendall(answer())


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    way = request.param
    if way == "aiohttp":
        pytest.importorskip("aiohttp", reason="the extra aiohttp is not installed")
    engine = Engine(way if way == "aiohttp" else way.rpartition(" ")[2])
    yield engine
    engine.close()


def options_of(way: str) -> dict[str, Any]:
    sync, tls = way.endswith(" sync"), tls_context()
    if way.startswith("http_client"):
        return {"http_client": httpx.Client(verify=tls) if sync else httpx.AsyncClient(verify=tls)}
    if way.startswith("transport"):
        return {"transport": httpx.HTTPTransport(verify=tls) if sync else httpx.AsyncHTTPTransport(verify=tls)}
    return {}


def check(engine: Engine, way: str, name: str, operation: str, retries: int, kept: bool) -> None:
    """Make a call to a service that misbehaves, and compare its outcome with the record."""
    fault = FAULTS[name]
    service = Service(fault, healthy=int(kept))
    options = options_of(way)
    given = options.get("http_client") or options.get("transport")
    client = engine.client(base_url=service.url, max_retries=retries, max_response_bytes=1_000_000, **options)
    try:
        if kept:
            engine.call(client, GET, (ID,))
            service.record.clear()
        failure: errors.APIError | None = None
        try:
            hurried = client.with_options(timeout=SILENCE, deadline=2 * SILENCE) if fault.waits else client
            engine.call(hurried, *OPERATIONS[operation])
        except errors.APIError as error:
            failure = error
        times = service.record.count(OPERATIONS[operation][0].method)
        if operation == "GET":
            assert fault.lasting or fault.waits or not retries or failure is None
        else:
            assert times <= 1, "doubled"
            assert failure is not None or times == 1, "lost"
            assert getattr(failure, "sent", True) or times == 0, "it was sent"
            # Only our own connections know the status of an answer that ends within its head.
            if name.startswith("429") and (given is None or name != CUT):
                assert (failure is None) == bool(retries)
    finally:
        engine.result(client.close())
        if given is not None:
            engine.result(given.aclose() if hasattr(given, "aclose") else given.close())
        service.close()


def test_the_matrix_is_large() -> None:
    assert len(set(WRITES)) >= 900


@pytest.mark.slow
@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize(("engine", "way"), [(way, way) for way in WAYS], indirect=["engine"], ids=WAYS)
def test_no_write_is_doubled(engine: Engine, way: str) -> None:
    """One case for each fault."""
    for position, name in enumerate(FAULTS):
        operation = list(OPERATIONS)[1 + position % 3]
        check(engine, way, name, operation, RETRIES[-1], KEPT[position % 2])


@pytest.mark.long
@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize(("engine", "way"), [(way, way) for way in WAYS], indirect=["engine"], ids=WAYS)
def test_no_write_is_doubled_in_the_whole_matrix(engine: Engine, way: str, name: str) -> None:
    for operation, retries, kept in product(OPERATIONS, RETRIES, KEPT):
        check(engine, way, name, operation, retries, kept)
