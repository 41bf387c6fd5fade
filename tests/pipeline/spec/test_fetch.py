"""A document is fetched only over TLS, only from allowed hosts, and only as a whole: real sockets, a CA of our own."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import cycle
from pathlib import Path

import pytest
import trustme

from instantly_core.version import __version__
from scripts.lib.report import Failed, Refused
from scripts.spec.fetch import Bounds, fetch
from scripts.spec.settings import Settings
from tests.pipeline.projects import quiet

DOCUMENT = json.dumps({"openapi": "3.1.0", "info": {"title": "é"}}).encode()
QUICK = Bounds(size=100_000, total=5, connect=2, read=2, pause=0)
PAGE = b"<!DOCTYPE html>\n<html><head><title>SECRET TEXT</title></head><body>%s</body></html>"

Answer = Callable[[ssl.SSLSocket], None]


def answer(body: bytes = DOCUMENT, *, status: str = "200 OK", length: int | None = None, **headers: str) -> bytes:
    """An answer as it goes over the wire."""
    fields = {
        "content_type": "application/json",
        "content_length": str(len(body) if length is None else length),
        **headers,
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "connection: close", "", ""]).encode() + body


class Server:
    """Gives each request the next answer, the last one again and again; keeps the requests."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.requests: list[str] = []
        self.answers: list[bytes | Answer] = []
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"localhost:{self._socket.getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"https://{self.host}/openapi.json"

    def close(self) -> None:
        self.stopped.set()
        with socket.create_connection(self._socket.getsockname()):  # wakes it up
            pass
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            plain, _ = self._socket.accept()
            with plain:
                if self.stopped.is_set():
                    return
                plain.settimeout(5)
                try:
                    with self._context.wrap_socket(plain, server_side=True) as connection:
                        self._answer(connection)
                except OSError:
                    continue  # the client hung up, which is its right

    def _answer(self, connection: ssl.SSLSocket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        self.requests.append(request.decode())
        what = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(what):
            what(connection)
        else:
            connection.sendall(what)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server = Server(context)
    yield server
    server.close()


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def get(server: Server, trust: ssl.SSLContext) -> Callable[..., bytes]:
    """Fetch from the server what it is given to answer."""

    def get(*answers: bytes | Answer, url: str = "", bounds: Bounds = QUICK) -> bytes:
        server.answers = list(answers)
        return fetch(url or server.url, Settings((server.host,), 90), quiet, context=trust, bounds=bounds)

    return get


Get = Callable[..., bytes]


# --- What is fetched, and how it is asked for ---


def test_the_document_comes_byte_for_byte(get: Get, server: Server) -> None:
    assert get(answer()) == DOCUMENT
    (request,) = server.requests
    first, *fields = request.lower().splitlines()
    assert first == "get /openapi.json http/1.1"
    assert "accept: application/json" in fields
    assert f"user-agent: instantly-client/{__version__} (nox -s pin)" in fields
    assert not any(field.startswith(("cookie", "authorization")) for field in fields)


@pytest.mark.parametrize(
    "sent",
    [
        answer(gzip.compress(DOCUMENT), content_encoding="gzip"),
        answer(content_type="application/vnd.oai.openapi+json;version=3.1"),
        answer(content_type="application/json; charset=utf-8"),
        answer(content_type=""),
        answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(DOCUMENT), DOCUMENT), content_length="", transfer_encoding="chunked"),
        answer(content_length=""),
    ],
    ids=["gzip", "OpenAPI", "charset", "no type", "chunked", "until the end"],
)
def test_all_that_is_the_document_is_accepted(sent: bytes, get: Get) -> None:
    assert get(sent) == DOCUMENT


def test_an_allowed_redirect_is_followed_without_cookies(get: Get, server: Server) -> None:
    moved = answer(b"", status="302 Found", location="/elsewhere.json", set_cookie="session=1; Path=/")
    assert get(moved, answer()) == DOCUMENT
    assert server.requests[1].startswith("GET /elsewhere.json ")
    assert "cookie" not in server.requests[1].lower()


def test_a_netrc_file_is_not_used(get: Get, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine localhost login me password SECRET\n", "utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    get(answer())
    assert "authorization" not in server.requests[0].lower()


def test_the_steps_are_told(server: Server, trust: ssl.SSLContext) -> None:
    server.answers = [answer(b"", status="301 Moved", location="/[red]x"), answer(status="503 No"), answer()]
    told: list[str] = []
    fetch(server.url, Settings((server.host,), 90), told.append, context=trust, bounds=QUICK)
    assert told == [*[f"fetch from {server.host}"] * 2, "wait 0 s", f"fetch from {server.host}"]


# --- Where it does not go ---


FORBIDDEN = [
    ("http://{host}/", "http, not https"),
    ("file:///etc/passwd", "file, not https"),
    ("https://me:SECRET@{host}/", "one with a user or a password in it"),
    ("https://elsewhere.example/?SECRET", "one on elsewhere.example; allowed are {host}"),
    ("https://localhost/", "one on localhost; allowed are {host}"),
    ("https://localhost:1/", "one on localhost:1; allowed are {host}"),
    ("https://localhost.:443/", "one on localhost.; allowed are {host}"),
    ("https://elsewhere.example\\@{host}/", "one with a user or a password in it"),
    ("https://[/", "one on %5"),
]


@pytest.mark.parametrize(
    ("url", "told"), [*FORBIDDEN, ("openapi.json", "a path, not https"), ("https://a:b", "what is no URL")]
)
def test_an_address_that_is_not_allowed_is_refused(url: str, told: str, get: Get, server: Server) -> None:
    with pytest.raises(Refused) as caught:
        get(answer(), url=url.format(host=server.host))
    assert f"the address is {told.format(host=server.host)}" in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize(("url", "told"), [*FORBIDDEN, ("//b.example/", "one on b.example; allowed are {host}")])
def test_a_redirect_that_is_not_allowed_is_refused(url: str, told: str, get: Get, server: Server) -> None:
    with pytest.raises(Refused) as caught:
        get(answer(b"", status="302 Found", location=url.format(host=server.host)), answer())
    assert f"it redirects to {told.format(host=server.host)}" in str(caught.value)
    assert server.url in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert len(server.requests) == 1


def test_the_port_443_needs_no_mention(trust: ssl.SSLContext) -> None:
    bounds = replace(QUICK, connect=0.2, total=1)
    for url in ("https://127.0.0.1/", "https://127.0.0.1:443/"):
        with pytest.raises(Failed):  # nothing listens there, but it may be tried
            fetch(url, Settings(("127.0.0.1",), 90), quiet, context=trust, bounds=bounds)


def test_a_redirect_to_nowhere_is_refused(get: Get) -> None:
    with pytest.raises(Refused, match="redirects to nowhere"):
        get(answer(b"", status="302 Found"))


def test_a_redirect_that_leads_in_a_circle_is_refused(get: Get, server: Server) -> None:
    with pytest.raises(Refused, match="redirects more than 5 times"):
        get(answer(b"", status="307 Temporary Redirect", location=server.url))
    assert len(server.requests) == 6


def test_a_server_of_an_unknown_ca_is_refused(get: Get, server: Server) -> None:
    server.answers = [answer()]
    with pytest.raises(Refused, match=r"certificate of localhost.* is not trusted.*SSL_CERT_FILE"):
        fetch(server.url, Settings((server.host,), 90), quiet, bounds=QUICK)
    assert server.requests == []


def test_the_ca_of_the_environment_is_trusted(
    server: Server, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    server.answers = [answer()]
    assert fetch(server.url, Settings((server.host,), 90), quiet, bounds=QUICK) == DOCUMENT
    (tmp_path / "ca.pem").write_text("nonsense", "utf-8")
    with pytest.raises(Refused, match="SSL_CERT_FILE or SSL_CERT_DIR names cannot be read"):
        fetch(server.url, Settings((server.host,), 90), quiet, bounds=QUICK)


def test_a_proxy_that_cannot_be_used_is_refused(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://127.0.0.1:1")
    with pytest.raises(Refused, match="a proxy that the environment names cannot be used"):
        get(answer())


# --- What is not the document ---


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (answer(PAGE % b"", content_type="text/html"), "the answer is an HTML page"),
        (answer(PAGE % b""), "the answer is an HTML page"),
        (answer(PAGE % b"<input type='password'>", content_type="text/html"), "the answer is a login page"),
        (answer(PAGE % b"<script src=/cdn-cgi/challenge-platform/x>", content_type="text/html"), "a challenge page"),
        (
            answer(PAGE % b"_cf_chl_opt", status="503 Service Unavailable", content_type="text/html"),
            "the answer is a challenge page",
        ),
        (answer(b"", status="403 Forbidden", cf_mitigated="challenge"), "the answer is a challenge page"),
        (answer(b"SECRET TEXT", content_type="text/plain"), "the answer is text/plain, not JSON"),
        (answer(b"SECRET TEXT"), "this is not JSON"),
        (answer(DOCUMENT[:-5]), "the JSON is cut off"),
        (answer(b"[]"), "an array, not an object"),
        (answer(b""), "the answer is empty"),
        (answer(b" \r\n "), "the answer is empty"),
        (answer(gzip.compress(b""), content_encoding="gzip"), "the answer is empty"),
        (answer(b"x", content_encoding="br"), "the answer is encoded as br"),
        (answer(b"SECRET TEXT", status="404 SECRET TEXT"), r"the server answers 404 \(Not Found\)"),
        (answer(status="206 Partial Content"), r"the server answers 206 \(Partial Content\)"),
        (answer(b"", status="401 Unauthorized"), "the server answers 401"),
        (answer(b"", status="299 Strange"), "the server answers 299"),
        (answer(b"x" * 100_001), "the answer is larger than 100,000 bytes"),
        (answer(gzip.compress(b" " * 5_000_000), content_encoding="gzip"), "the answer is larger than 100,000 bytes"),
    ],
)
def test_what_is_not_the_document_is_refused_for_what_it_is(sent: bytes, told: str, get: Get, server: Server) -> None:
    with pytest.raises(Refused, match=told) as caught:
        get(sent)
    assert caught.value.step == "fetch"
    assert "SECRET" not in str(caught.value)
    assert server.url in str(caught.value)
    assert len(server.requests) == 1


def test_a_bomb_is_not_unpacked_beyond_the_bound(get: Get) -> None:
    bomb = answer(gzip.compress(bytes(50_000_000)), content_encoding="gzip")
    tracemalloc.start()
    with pytest.raises(Refused, match="larger"):
        get(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_the_query_of_an_address_is_not_shown(get: Get, server: Server) -> None:
    with pytest.raises(Refused, match="404") as caught:
        get(answer(status="404 No"), url=f"{server.url}?token=SECRET")
    assert "token=SECRET" in server.requests[0]
    assert "SECRET" not in str(caught.value)


# --- What may pass ---


def hang_up(connection: ssl.SSLSocket) -> None:
    """Close without an answer."""


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (answer(length=1000), "the download broke off after 49 bytes"),
        (answer(gzip.compress(DOCUMENT)[:-9], content_encoding="gzip"), "the gzip data goes on"),
        (answer(content_encoding="gzip"), "says that it is gzip data, and is not"),
        (answer(b"", status="500 SECRET TEXT"), r"the server answers 500 \(Internal Server Error\)"),
        (answer(b"", status="520 SECRET TEXT"), "the server answers 520"),
        (answer(PAGE % b"", status="502 Bad", content_type="text/html"), "the server answers 502"),
        (answer(b"", status="429 Slow"), r"the server answers 429 \(Too Many Requests\)"),
        (answer(b"", status="429 Slow", retry_after="0"), "429 .* and asks to wait 0 s"),
        (hang_up, "hung up, or does not speak HTTP as it should"),
        (answer(b"", status="302 Found", location="https://a:SECRET"), "does not speak HTTP as it should"),
        (b"SECRET TEXT\r\n\r\n", "hung up, or does not speak HTTP as it should"),
    ],
)
def test_what_may_pass_is_tried_once_more_and_told(sent: bytes | Answer, told: str, get: Get, server: Server) -> None:
    with pytest.raises(Failed, match=told) as caught:
        get(sent)
    assert "What to do: " in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert len(server.requests) == 2
    assert get(sent, answer()) == DOCUMENT


@pytest.mark.parametrize("as_date", [False, True])
def test_a_long_wait_is_told_and_not_waited(as_date: bool, get: Get, server: Server) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True) if as_date else "600"
    with pytest.raises(Failed, match=r"asks to wait (600|59\d) s"):
        get(answer(b"", status="429 Slow", retry_after=until))
    assert len(server.requests) == 1


def test_nobody_there_is_told(trust: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(Failed, match=f"{host} cannot be connected to"):
        fetch(f"https://{host}/", Settings((host,), 90), quiet, context=trust, bounds=QUICK)


def test_a_name_that_is_not_known_is_told(trust: ssl.SSLContext) -> None:
    with pytest.raises(Failed, match=r"the name nowhere\.invalid cannot be resolved"):
        fetch("https://nowhere.invalid/", Settings(("nowhere.invalid",), 90), quiet, context=trust, bounds=QUICK)


def test_a_server_that_does_not_speak_tls_is_told(trust: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        host = f"127.0.0.1:{plain.getsockname()[1]}"

        def speak() -> None:
            for _ in range(2):
                connection, _ = plain.accept()
                with connection:
                    connection.sendall(b"220 SECRET TEXT\r\n")
                    connection.recv(65536)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(Failed, match="does not speak TLS as it should"):
            fetch(f"https://{host}/", Settings((host,), 90), quiet, context=trust, bounds=QUICK)
        thread.join()


def test_silence_is_told(get: Get, server: Server) -> None:
    def say_nothing(connection: ssl.SSLSocket) -> None:
        server.stopped.wait(0.3)

    with pytest.raises(Failed, match="sent nothing for too long"):
        get(say_nothing, bounds=replace(QUICK, read=0.1))


@pytest.mark.parametrize(
    "drips",
    [
        pytest.param(answer(b"x" * 1000)[:60], id="headers"),
        pytest.param(answer(b" " * 1000), id="body", marks=pytest.mark.slow),
    ],
)
def test_a_server_that_drips_is_left_after_the_time_bound(drips: bytes, get: Get, server: Server) -> None:
    def drip(connection: ssl.SSLSocket) -> None:
        for byte in cycle(drips):
            connection.sendall(bytes([byte]))
            if server.stopped.wait(0.02):
                return

    with pytest.raises(Failed, match="it took longer than 1 s"):
        get(drip, bounds=replace(QUICK, total=0.6))
