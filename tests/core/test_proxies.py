"""Through a proxy: it sees neither key nor content, and what it fails at was never sent to the service."""

from __future__ import annotations

import contextlib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import httpx
import pytest

from instantly_core import errors
from instantly_core.http import environment
from instantly_core.http.sockets import Sockets
from tests.core.engine import CREATE, KEY, Engine
from tests.core.hostile import Hostile, drips, keeps_silent, says
from tests.core.wire import Wire, answer

trustme = pytest.importorskip("trustme")

HOST = "service.example"


class TLSService(Wire):
    """The service, over TLS."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self._context = context

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), self._context.wrap_socket(connection, server_side=True) as wrapped:
            super()._serve(wrapped)


class Proxy(Hostile):
    """A proxy that connects whatever it is asked for to one service, and keeps what passes through it."""

    def __init__(self, port: int, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self.passed = b""

        def act(hostile: Hostile, connection: socket.socket) -> None:
            with socket.create_connection(("127.0.0.1", port)) as service:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._pump(connection, service)

        super().__init__(act)
        self.address = self.url.replace("http://", "https://user:word@" if tls else "http://user:word@")
        self.address = self.address.replace("127.0.0.1", "localhost")

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is None:
            super()._serve(connection)
            return
        with contextlib.suppress(OSError):
            wrapped = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(wrapped)
            super()._serve(wrapped)

    def _pump(self, client: socket.socket, service: socket.socket) -> None:
        def back() -> None:
            with contextlib.suppress(OSError):
                while data := service.recv(65536):
                    client.sendall(data)
                socket.socket.shutdown(client, socket.SHUT_RDWR)

        Thread(target=back, daemon=True).start()
        while data := client.recv(65536):
            self.passed += data
            service.sendall(data)


@pytest.fixture(scope="module")
def authority() -> Any:
    return trustme.CA()


@pytest.fixture(scope="module")
def secured(authority: Any) -> Callable[[str], ssl.SSLContext]:
    def context_of(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    return context_of


@pytest.fixture
def service(
    authority: Any, secured: Callable[[str], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> Iterator[TLSService]:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(environment, "_tls", (environment._certificates(), context))
    with TLSService(secured(HOST)) as service:
        yield service


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_proxy_sees_neither_key_nor_content(
    connected: Engine,
    service: TLSService,
    secured: Callable[[str], ssl.SSLContext],
    tls: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Proxy(port_of(service.url), secured("localhost") if tls else None) as proxy:
        monkeypatch.setenv("https_proxy", proxy.address)
        client = connected.client(base_url=f"https://{HOST}")
        if tls and connected.kind == "async" and httpx.__version__.startswith("0.27."):
            # Its async transport knows the authorities of its own alone for a proxy.
            with pytest.raises(errors.APIConnectionError, match="not trusted"):
                connected.call(client, CREATE, (), None, {})
            connected.result(client.close())
            return
        for _ in range(2):
            assert connected.call(client, CREATE, (), None, {"name": "y" * 300_000}) == {}
        connected.result(client.close())
    [asked] = proxy.received
    assert (asked.method, asked.target) == ("CONNECT", f"{HOST}:443")
    assert asked.headers["proxy-authorization"] == f"Basic {b64encode(b'user:word').decode()}"
    assert KEY not in str(asked)
    assert len(service.received) == 2
    assert b"yyyy" not in proxy.passed
    assert all("proxy-authorization" not in received.headers for received in service.received)


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize(
    ("act", "attempts"),
    [
        (says(answer(407, b"{}", 'proxy-authenticate: Basic realm="x"', "connection: close")), 1),
        (says(answer(403, b"{}", "connection: close")), 1),
        (says(answer(502, b"{}", "connection: close")), 2),
        (says(answer(429, b"{}", "retry-after: 0", "connection: close")), 2),
        (says(b"HTTP/1.1 502 Bad"), 2),
        (says(b""), 2),
        pytest.param(keeps_silent, 2, marks=pytest.mark.slow),
    ],
    ids=["407", "403", "502", "429", "cut", "closed", "silent"],
)
def test_what_a_proxy_fails_at_was_not_sent(
    connected: Engine, act: Any, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hostile(act) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        client = connected.client(base_url=f"https://{HOST}", timeout=0.3 if act is keeps_silent else 5, max_retries=1)
        with pytest.raises(errors.APIConnectionError) as caught:
            connected.call(client, CREATE, (), None, {})
        assert caught.value.sent is False
        assert len(proxy.received) == attempts
        assert ("proxy refuses" in str(caught.value)) is (attempts == 1)


@pytest.mark.usefixtures("no_jitter")
def test_a_refusal_that_is_cut_is_recognised_behind_a_proxy(
    connected: Engine, service: TLSService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answers = [b"HTTP/1.1 429 Slow\r\nconnection: close\r\nretry-af", answer()]
    with Proxy(port_of(service.url), None) as proxy:
        monkeypatch.setenv("https_proxy", proxy.address)
        client = connected.client(base_url=f"https://{HOST}")
        assert connected.call(client, CREATE, (), None, {}) == {}
        connected.result(client.close())
    assert len(service.received) == 2


def test_the_deadline_holds_while_a_proxy_drips(connected: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy never stops: a call that did not end by itself would hang."""
    with Hostile(drips(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        client = connected.client(base_url=f"https://{HOST}", deadline=0.4, timeout=5)
        with pytest.raises(errors.APITimeoutError) as caught:
            connected.call(client, CREATE, (), None, {})
        assert caught.value.sent is False


@pytest.mark.parametrize(
    "first", [b"CONNECT a:443 HTTP/1.1\r\n\r\n", b"\x05\x02\x00\x02", b"\x01\x04user\x04word", b""]
)
def test_what_a_proxy_is_asked_is_not_the_request(first: bytes) -> None:
    sockets = Sockets()
    sockets.leave(first)
    sockets.note(b"HTTP/1.1 407 No")
    assert (sockets.sent, sockets.head) == (False, b"")
    for data in (b"POST / HTTP/1.1\r\n", first):  # A body may begin like this, too.
        sockets.leave(data)
    sockets.note(b"HTTP/1.1 429 Slow")
    assert (sockets.sent, sockets.head) == (True, b"HTTP/1.1 429 Slow")
