"""Receivers that misbehave hold up neither the service nor each other for long."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest

from instantly_sandbox.engine import deliveries
from instantly_sandbox.engine.deliveries import Deliveries
from instantly_sandbox.simulation import receivers
from instantly_sandbox.simulation.receivers import post


@contextmanager
def receiver(serve: Callable[[socket.socket], None]) -> Generator[str]:
    """The URL of a receiver that does this with its first connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError), listening.accept()[0] as connection:
                serve(connection)

        thread = Thread(target=accept)
        thread.start()
        yield f"http://localhost:{listening.getsockname()[1]}/"
        thread.join()


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def trickling(connection: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection.sendall(b"H")
            time.sleep(0.05)


def garbled(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"no HTTP at all\r\n\r\n")


def redirecting(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 302 Found\r\nlocation: https://example.com/\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize("serve", [silent, trickling, garbled])
def test_no_receiver_is_waited_for_for_long(
    serve: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "SECONDS_TO_ANSWER", 0.2)
    with receiver(serve) as url:
        outcome = post(url, {}, {})
    assert outcome.contacted
    assert not outcome.success
    assert outcome.error


def test_redirects_are_not_followed() -> None:
    with receiver(redirecting) as url:
        outcome = post(url, {}, {})
    assert (outcome.status, outcome.success) == (302, False)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "http://127.1/",
        "http://[::ffff:192.0.2.1]/",
        "http://localhost.example.com/",
        "http://[bad/",
    ],
)
def test_only_loopback_addresses_are_contacted(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: pytest.fail("contacted"))
    assert not post(url, {}, {}).contacted


def test_a_header_that_cannot_be_sent_is_no_accident() -> None:
    with receiver(silent) as url:
        outcome = post(url, {"x-bad": "one\r\ntwo: three"}, {})
    assert "Invalid header value" in str(outcome.error)


def test_the_queue_is_worked_off_in_order_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MAX_WAITING", 3)
    queue, gate, begun, done = Deliveries(), Event(), Event(), list[int]()

    def block() -> None:
        begun.set()
        gate.wait(10)

    queue.wait(0)
    assert queue.add(block)
    assert begun.wait(10)
    added = [queue.add(lambda number=number: done.append(number)) for number in range(4)]  # type: ignore[misc]
    assert added == [True, True, True, False]
    with pytest.raises(TimeoutError):
        queue.wait(0.01)
    gate.set()
    queue.wait(10)
    assert done == [0, 1, 2]
