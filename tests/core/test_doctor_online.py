"""`python -m instantly_client.doctor --online` and `--index`: what servers may answer, and where the password goes."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

from instantly_core.doctor.finding import Finding
from instantly_core.doctor.installed import check_version
from instantly_core.doctor.machine import check_service


class Server(ThreadingHTTPServer):
    """Answers every request the same, with these bytes or these headers, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.headers, self.body = status, headers or {}, body
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        if not self.server.status:
            self.wfile.write(self.server.body)
            return
        self.send_response_only(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body if self.command == "GET" else b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without proxies, whose user has a password for the servers of the tests."""
    for name in os.environ:
        if name.lower().endswith("_proxy") or name in ("NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password kept\n")
    (tmp_path / ".netrc").chmod(0o600)
    return tmp_path


# --- the index ---


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], Finding]:
    """What is said of the version 0.2.0 that is installed, for an index."""
    folder = tmp_path / "acme_instantly_client-0.2.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.4\nName: Acme.Instantly_Client\nVersion: 0.2.0\n")
    distribution = metadata.Distribution.at(folder)
    return lambda index: check_version(distribution, index)


def link(file: str, *attributes: str) -> str:
    return f'<a {" ".join(attributes)} href="../files/{file}#sha256=0">{file}</a>\n'


WHEEL = "acme_instantly_client-{}-py3-none-any.whl"


@pytest.mark.parametrize(
    ("page", "level", "said"),
    [
        (link(WHEEL.format("0.2.0")), "ok", "0.2.0, the newest of"),
        (link(WHEEL.format("0.2.0")) + link(WHEEL.format("0.10.0")), "note", "0.2.0 is installed, 0.10.0 is there"),
        (link("acme-instantly-client-0.3.0.tar.gz"), "note", "0.3.0 is there"),
        (link("Acme.Instantly_Client-0.3.0-py3-none-any.whl"), "note", "0.3.0 is there"),
        (link(WHEEL.format("0.2.0%2Bteam")), "ok", "0.2.0, the newest of"),
        (
            link(WHEEL.format("0.2.0")) + link(WHEEL.format("0.3.0"), 'data-yanked="broken"'),
            "ok",
            "0.2.0, the newest of",
        ),
        (link(WHEEL.format("0.2.0")) + link(WHEEL.format("0.3.0rc1")), "ok", "0.2.0, the newest of"),
        (link("other_acme_instantly_client-9.0-py3-none-any.whl"), "problem", "has no acme-instantly-client"),
        ("<form>Sign in</form>", "problem", "has no acme-instantly-client"),
    ],
)
def test_the_newest_version_of_an_index_is_found(
    page: str, level: str, said: str, check: Callable[[str], Finding]
) -> None:
    with serving(Server(body=page.encode())) as server:
        found = check(f"{server.url}/simple")
    assert found.level == level
    assert said in found.what
    assert server.asked[0]["Authorization"] == "Basic " + base64.b64encode(b"ann:kept").decode()


def test_a_password_does_not_follow_to_another_server(check: Callable[[str], Finding]) -> None:
    with (
        serving(Server(body=link(WHEEL.format("0.2.0")).encode())) as other,
        serving(Server(302, {"Location": f"{other.url}/simple/"})) as server,
    ):
        assert check(server.url).level == "ok"
    assert ["Authorization" in asked for asked in (*server.asked, *other.asked)] == [True, False]


@pytest.mark.parametrize(
    "server",
    [
        Server(401),
        Server(500, body=b"\xff\xfe"),
        Server(302, {"Location": "http://[::1"}),
        Server(302, {"Location": "/"}),
        Server(0, body=b"SSH-2.0-OpenSSH\r\n"),
        Server(0, body=b""),
        Server(200, {"Content-Length": "100"}, b"half"),
    ],
    ids=["a password", "an outage", "a broken way", "a loop", "another protocol", "nothing", "half an answer"],
)
def test_what_is_no_answer_is_named(server: Server, check: Callable[[str], Finding]) -> None:
    with serving(server):
        found = check(f"{server.url.replace('//', '//ann:my-secret@')}/simple/")
        service = list(check_service(server.url))
    assert found.level == "problem"
    assert "my-secret" not in f"{found} {service}"


@pytest.mark.parametrize("index", ["http://[::1", "https://ann:my-secret@host:port/", "ftp://a.example", "no url", ""])
def test_what_is_no_url_is_named(index: str, check: Callable[[str], Finding]) -> None:
    found = check(index)
    assert found.level == "problem"
    assert "my-secret" not in str(found)
    assert [each.level for each in check_service(index)] == ["problem"]


@pytest.mark.parametrize("netrc", [b"machine", b"\xff\xfe", b"default login ann"])
def test_a_broken_netrc_is_no_password(netrc: bytes, machine: Path, check: Callable[[str], Finding]) -> None:
    (machine / ".netrc").write_bytes(netrc)
    with serving(Server(401)) as server:
        assert "answers 401" in check(server.url).what


# --- the service ---


@pytest.mark.parametrize(
    ("date", "found"),
    [
        (timedelta(), [("service", "ok")]),
        (timedelta(hours=3), [("service", "ok"), ("clock", "problem")]),
        ("Sat, 28 Nov 2020 10:00:00 -0000", [("service", "ok"), ("clock", "problem")]),
        ("yesterday", [("service", "ok")]),
    ],
)
def test_the_clock_of_the_service_is_compared(date: str | timedelta, found: list[tuple[str, str]]) -> None:
    if isinstance(date, timedelta):
        date = format_datetime(datetime.now(UTC) - date)
    with serving(Server(404, {"Date": date})) as server:
        assert [(each.subject, each.level) for each in check_service(server.url)] == found
    assert "Authorization" not in server.asked[0]
