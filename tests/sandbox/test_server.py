"""The sandbox over real sockets."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from instantly_sandbox import Sandbox
from instantly_sandbox.engine.messages import Answer, Request
from instantly_sandbox.entry.server import Server
from tests.sandbox.raw import WORKSPACE


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(rate_limits=False)


@pytest.fixture
def port(sandbox: Sandbox) -> Iterator[int]:
    with sandbox.serve() as url:
        yield int(url.rpartition(":")[2])


def head(sandbox: Sandbox, line: str, *more: str) -> bytes:
    lines = [line, "host: localhost", "user-agent: test", f"authorization: Bearer {sandbox.key}", *more, "", ""]
    return "\r\n".join(lines).encode()


def exchange(port: int, *parts: bytes) -> bytes:
    """All that comes back for what is sent, until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def parsed(answer: bytes) -> tuple[int, Any]:
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body) if body else None


def test_a_body_can_come_in_chunks(sandbox: Sandbox, port: int) -> None:
    top = head(sandbox, f"PATCH {WORKSPACE} HTTP/1.1", "content-type: application/json", "transfer-encoding: chunked")
    status, body = parsed(exchange(port, top, b'9\r\n{"name": \r\n', b'6\r\n"New"}\r\n0\r\n\r\n'))
    assert (status, body["name"]) == (200, "New")


def test_a_client_may_ask_before_it_sends_a_body(sandbox: Sandbox, port: int) -> None:
    more = ("content-type: application/json", "content-length: 14", "expect: 100-continue")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head(sandbox, f"PATCH {WORKSPACE} HTTP/1.1", *more))
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b'{"name":"New"}')
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_connection_serves_many_requests(sandbox: Sandbox, port: int) -> None:
    request = head(sandbox, f"GET {WORKSPACE} HTTP/1.1")
    assert exchange(port, request * 3).count(b"HTTP/1.1 200 ") == 3


def test_an_old_client_is_served_once(sandbox: Sandbox, port: int) -> None:
    request = head(sandbox, f"GET {WORKSPACE} HTTP/1.0")
    assert exchange(port, request * 2).count(b" 200 ") == 1


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "BREW"])
def test_other_methods_are_refused(sandbox: Sandbox, port: int, method: str) -> None:
    answer = exchange(port, head(sandbox, f"{method} {WORKSPACE} HTTP/1.1"))
    assert b"\r\nallow: GET, PATCH\r\n" in answer
    top, _, body = answer.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 405 ")
    assert bool(body) is (method != "HEAD")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nshort", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nhost: x\r\nlong: " + b"x" * 40_000, 431),
    ],
)
def test_what_is_no_request_is_refused_in_json(
    sandbox: Sandbox, port: int, capfd: pytest.CaptureFixture[str], sent: bytes, status: int
) -> None:
    answered, body = parsed(exchange(port, sent))
    assert (answered, body["statusCode"]) == (status, status)
    assert parsed(exchange(port, head(sandbox, f"GET {WORKSPACE} HTTP/1.1")))[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_client_that_goes_away_leaves_no_trace(
    sandbox: Sandbox, port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    for sent in (b"", b"GET", head(sandbox, f"POST {WORKSPACE} HTTP/1.1", "content-length: 5")):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(sent)
    assert parsed(exchange(port, head(sandbox, f"GET {WORKSPACE} HTTP/1.1")))[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_request_that_the_sandbox_fails_at_is_answered_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(request: Request) -> Answer:
        raise LookupError("a mistake of ours")

    with Server(fail, "127.0.0.1", 0) as url, caplog.at_level(logging.ERROR):
        status, body = parsed(exchange(int(url.rpartition(":")[2]), b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"))
    assert (status, body["error"]) == (500, "Internal Server Error")
    assert "a mistake of ours" in caplog.text


@pytest.mark.slow
def test_five_hundred_clients_are_served_at_once(sandbox: Sandbox, port: int) -> None:
    request = head(sandbox, f"GET {WORKSPACE} HTTP/1.1", "connection: close")
    sandbox.faults.latency(0.1, times=None)

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer[:12]

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(one() for _ in range(500)))

    assert set(asyncio.run(all_of_them())) == {b"HTTP/1.1 200"}


def test_stopping_closes_what_is_open_and_leaves_no_thread(sandbox: Sandbox) -> None:
    threads = set(threading.enumerate())
    for _ in range(20):
        with sandbox.serve() as url:
            idle = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)
            idle.sendall(head(sandbox, f"GET {WORKSPACE} HTTP/1.1"))
            assert idle.recv(65536)
        assert idle.recv(1) == b""
        idle.close()
        with sandbox.serve():
            pass
    assert set(threading.enumerate()) == threads


def test_starting_and_stopping_is_quick(sandbox: Sandbox) -> None:
    times = []
    for _ in range(10):
        start = time.perf_counter()
        with sandbox.serve():
            pass
        times.append(time.perf_counter() - start)
    # On a busy machine each may take long, but not all ten.
    assert min(times) < 0.2


def test_a_port_in_use_is_told(sandbox: Sandbox, port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        sandbox.serve(port).start()


def test_each_request_is_told_to_the_log(sandbox: Sandbox) -> None:
    told: list[tuple[str, int, bool, bool]] = []

    def log(request: Request, answer: Answer, seconds: float) -> None:
        told.append((request.path, answer.status, answer.dropped, seconds < 5))

    with sandbox.serve(log=log) as url:
        port = int(url.rpartition(":")[2])
        exchange(port, head(sandbox, f"GET {WORKSPACE}?x=1 HTTP/1.1"))
        sandbox.faults.drop_after()
        with suppress(OSError):  # whichever of its steps meets the broken connection
            exchange(port, head(sandbox, f"GET {WORKSPACE} HTTP/1.1"))
    assert told == [(WORKSPACE, 200, False, True), (WORKSPACE, 200, True, True)]


def test_half_of_a_body_is_sent_for_the_length_of_all(sandbox: Sandbox, port: int) -> None:
    whole = exchange(port, head(sandbox, f"GET {WORKSPACE} HTTP/1.1")).partition(b"\r\n\r\n")
    sandbox.faults.half_sent()
    half = exchange(port, head(sandbox, f"GET {WORKSPACE} HTTP/1.1")).partition(b"\r\n\r\n")
    assert half[0] == whole[0]
    assert half[2] == whole[2][: len(whole[2]) // 2]


@pytest.mark.slow
def test_it_leaves_no_socket_open_whenever_it_stops() -> None:
    """Connections that were accepted in the last moment, too; a warning is an error in these tests."""
    for _ in range(20):
        with Sandbox().serve() as url:
            address = ("127.0.0.1", int(url.rpartition(":")[2]))
            clients = [socket.create_connection(address) for _ in range(5)]
        for client in clients:
            client.close()
    gc.collect()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:1"}, 200),
        ({"host": "[::1]:1"}, 200),
        ({"host": "receiver:8080"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_pages_in_browsers_are_refused(headers: dict[str, str], status: int) -> None:
    with Sandbox().serve(allow_hosts=["receiver"]) as url:
        told = httpx.post(f"{url}/sandbox/reset", headers=headers, content=b"")
    assert told.status_code == status
