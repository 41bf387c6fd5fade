"""Connecting: what heals is tried again, what does not is raised at once with advice."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from instantly_core import errors
from instantly_core.http import environment
from tests.core.engine import CREATE, GET, ID, Engine
from tests.core.wire import Wire, answer


class TLSWire(Wire):
    """The service over TLS. A connection whose handshake fails is counted too."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self._context = context
        self.url = self.url.replace("http://127.0.0.1", "https://localhost")

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            wrapped = self._context.wrap_socket(connection, server_side=True)
            self._open.append(wrapped)
            super()._serve(wrapped)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def secure(authority: trustme.CA, *names: str) -> TLSWire:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return TLSWire(context)


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(environment, "_tls", (environment._certificates(), context))


def attempts_of(engine: Engine, operation: Any, url: str) -> tuple[errors.APIConnectionError, int]:
    """The failure of a call, and how many attempts it took."""
    attempts: list[Any] = []
    client = engine.client(base_url=url, on_event=attempts.append)
    arguments: tuple[Any, ...] = ((ID,),) if operation is GET else ((), None, {})
    with pytest.raises(errors.APIConnectionError) as caught:
        engine.call(client, operation, *arguments)
    return caught.value, sum(event.kind == "request" for event in attempts)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("size", [2, 3_000_000], ids=["small", "large"])
def test_a_service_over_tls(connected: Engine, authority: trustme.CA, size: int) -> None:
    with secure(authority, "localhost") as wire:
        wire.answers = [answer(200, b'"' + b"x" * size + b'"')]
        client = connected.client(base_url=wire.url)
        for _ in range(3):
            assert connected.call(client, CREATE, (), None, {"name": "y" * size}) == "x" * size
        assert wire.connections == 1
        assert len(wire.received[0].body) > size


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("operation", [GET, CREATE], ids=lambda operation: operation.name)
def test_a_certificate_of_an_unknown_authority(connected: Engine, authority: trustme.CA, operation: Any) -> None:
    with secure(authority, "localhost") as wire:
        error, attempts = attempts_of(connected, operation, wire.url)
    assert (error.sent, attempts) == (False, 1)
    assert "SSL_CERT_FILE" in str(error)
    assert "http_client=" in str(error)


@pytest.mark.usefixtures("no_jitter", "trusted")
def test_a_certificate_for_another_host(connected: Engine, authority: trustme.CA) -> None:
    with secure(authority, "elsewhere.example") as wire:
        error, attempts = attempts_of(connected, GET, wire.url)
    assert (error.sent, attempts) == (False, 1)
    assert "not trusted for this host" in str(error)


@pytest.mark.usefixtures("no_jitter")
def test_tls_with_a_port_without_it(connected: Engine, wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def refuse() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = plain.accept()
                    with connection:
                        connection.recv(9999)
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        error, attempts = attempts_of(connected, GET, f"https://127.0.0.1:{plain.getsockname()[1]}")
        plain.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert (error.sent, attempts) == (False, 1)
    assert "does not speak TLS" in str(error)


@pytest.fixture
def unresolved(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Names that are not resolved, for the reason in the list."""
    reasons: list[int] = []

    def getaddrinfo(*arguments: Any, **named: Any) -> Any:
        raise socket.gaierror(reasons[0], "no")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return reasons  # type: ignore[return-value]


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize(("reason", "expected"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 4)])
def test_a_host_that_does_not_exist(engine: Engine, unresolved: list[int], reason: int, expected: int) -> None:
    unresolved.append(reason)
    error, attempts = attempts_of(engine, GET, "https://api.example.invalid")
    assert (error.sent, attempts) == (False, expected)
    assert ("no such host" in str(error)) is (expected == 1)


def test_an_address_that_leads_nowhere_is_not_waited_for(
    engine: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first addresses refuse or do not answer; only the last one of the host is the service's."""
    port = int(wire.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as stack:
        for _ in range(3):  # Whoever connects after these waits without end.
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with socket.create_server(("127.0.0.1", 0)) as closed:
            refusing = closed.getsockname()
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
            for address in (refusing, full.getsockname(), ("127.0.0.1", port))
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        client = engine.client(base_url=wire.url, timeout=60, max_retries=0)
        assert engine.call(client, GET, (ID,)) == {}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("tls", [False, True])
def test_a_write_takes_no_connection_that_the_service_has_closed(
    connected: Engine, authority: trustme.CA, tls: bool
) -> None:
    with secure(authority, "localhost") if tls else Wire() as service:
        client = connected.client(base_url=service.url, max_retries=0)
        for number in range(1, 4):
            assert connected.call(client, CREATE, (), None, {}) == {}
            assert service.connections == number
            service.hang_up()
