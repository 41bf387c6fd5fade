"""Odd indexes: nothing goes up twice, what is there is never called missing, the password goes nowhere else."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from scripts.lib.report import Failed, Refused
from scripts.release import publish as publishing
from scripts.release.dist import SUMS, sha256
from scripts.release.index.address import Index
from scripts.release.index.connection import trust
from scripts.release.index.credentials import Credentials
from scripts.release.publish import File
from tests.release.publish.servers import USER, impostor, pump

NAME, VERSION = "Acme.Client", "1.2.3"
SECRET = '50%:pä ss&"word'

Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Odd:
    """An index that does with uploads what a test wants, and what it was asked."""

    answer: Callable[[Odd], Answer | None]
    """After an upload: what is answered; None closes the connection without an answer."""
    takes: bool = True
    listings_without: int = 0
    """How often it does not list yet what it took."""
    listing: Callable[[str, str], tuple[str, str]] = lambda name, url: (name, url)
    """The name and the URL under which it lists a file."""
    to_nothing: Answer = (400, {}, b"no file")
    """What it answers to an upload of nothing."""
    page: Callable[[Odd], tuple[str, str]] | None = None
    """Type and text of the page that lists what it has, if it is another one."""
    file_headers: Headers = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    passwords: list[str | None] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)
    url: str = ""


@contextmanager
def serving(index: Odd, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[Index]:
    """The address of an index of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.passwords.append(self.headers["Authorization"])
            if not self.path.startswith("/simple/"):
                name = self.path.rpartition("/")[2]
                self.answer(200, index.file_headers, index.files[name])
                return
            index.pages.add(self.path)
            files = index.files
            if index.files and index.listings_without:
                index.listings_without -= 1
                files = {}
            if not files:
                self.answer(404, {}, b"")
                return
            if index.page:
                kind, text = index.page(index)
                self.answer(200, {"Content-Type": kind}, text.encode())
                return
            listed = [index.listing(name, f"{index.url}files/{name}") for name in files]
            entries = [{"filename": name, "url": url, "hashes": {}} for name, url in listed]
            self.answer(
                200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, json.dumps({"files": entries}).encode()
            )

        def do_POST(self) -> None:
            index.passwords.append(self.headers["Authorization"])
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = [part for part in message_from_bytes(kind + body).walk() if part.get_filename()]
            if not parts:
                self.answer(*index.to_nothing)
                return
            (part,) = parts
            name, content = str(part.get_filename()), part.get_payload(decode=True)
            assert isinstance(content, bytes)
            index.uploads.append(name)
            if index.takes:
                index.files[name] = content
            answer = index.answer(index)
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.answer(*answer)

        def answer(self, status: int, headers: Headers, body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    with Server((host, 0), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        name = "localhost" if context else f"[{host}]" if ":" in host else host
        index.url = f"http{'s' if context else ''}://{name}:{server.server_port}/"
        try:
            yield Index(index.url, index.url, f"{index.url}simple/")
        finally:
            server.shutdown()


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """What a build leaves, as small as can be."""
    folder = tmp_path / "dist"
    folder.mkdir()
    impostor(folder, VERSION, NAME.lower().replace(".", "-"))
    (wheel,) = folder.glob("*.whl")
    archive = folder / f"acme_client-{VERSION}.tar.gz"
    archive.write_bytes(b"sources" * 1000)
    (folder / SUMS).write_text("".join(f"{sha256(path)}  {path.name}\n" for path in (wheel, archive)))
    return folder


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been installed, which the tests with real indexes do; nothing is waited for long."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    names: list[str] = []
    monkeypatch.setattr(publishing, "try_out", lambda name, *_: names.append(name))
    monkeypatch.setattr(publishing, "SECONDS_UNTIL_CLEAR", 0.2)
    monkeypatch.setattr(publishing, "SECONDS_UNTIL_LISTED", 0.2)
    monkeypatch.setattr("time.sleep", lambda seconds: threading.Event().wait(0.001))
    return names


def publish(dist: Path, index: Index) -> list[File]:
    return publishing.publish(dist, index, Credentials(USER, SECRET, "the test"), on_step=lambda step: None)


def links(index: Odd, head: str, folder: str, attributes: str = "") -> tuple[str, str]:
    """A page of links, as of PEP 503."""
    return "text/html", head + "".join(f'<a href="{folder}{name}" {attributes}>{name}</a>' for name in index.files)


def entries(index: Odd) -> tuple[str, str]:
    """A page in JSON of what is yanked, with fields that nobody needs."""
    listed: list[dict[str, object]] = [
        {"filename": name, "url": f"/files/{name}", "hashes": {}, "yanked": "too early", "provenance": None}
        for name in index.files
    ]
    return "application/vnd.pypi.simple.v1+json", json.dumps({"meta": {"api-version": "1.4"}, "files": listed})


def well(_: Odd) -> Answer:
    return 200, {}, b""


def always(status: int, headers: Headers | None = None, text: str = "") -> Callable[[Odd], Answer]:
    return lambda _: (status, headers or {}, text.encode())


def lost(_: Odd) -> None:
    return None


LOGIN = "<!doctype html><title>Sign in</title><form>Sign in to go on</form>"
PAGE = "<html><title>400</title><style>p {}</style><p>Too big: <b>1 MB</b> &amp; no more</html>"


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(Odd(lost), id="the connection ends after it"),
        pytest.param(Odd(always(504, HTML, "<h1>Gateway Time-out</h1>")), id="a proxy gives up"),
        pytest.param(Odd(always(500)), id="it fails after it"),
        pytest.param(Odd(always(409)), id="another run was faster"),
        pytest.param(Odd(always(303, {"Location": "/packages/"})), id="it leads to its page"),
        pytest.param(Odd(always(200, HTML, "<p>Thank you")), id="it says so to people"),
        pytest.param(Odd(well, listings_without=3), id="it lists it later"),
        pytest.param(Odd(lost, listings_without=3), id="it says nothing and lists it later"),
        pytest.param(
            Odd(well, listing=lambda name, url: (name.replace("acme_c", "Acme-C"), url)), id="another spelling"
        ),
        pytest.param(Odd(well, page=lambda index: links(index, '<base href="/">', "files/")), id="links with a base"),
        pytest.param(Odd(well, file_headers={"Content-Encoding": "gzip"}), id="an archive is called compressed"),
    ],
)
def test_what_the_index_has_is_published_and_went_up_once(index: Odd, dist: Path, tried: list[str]) -> None:
    with serving(index) as address:
        assert [file.state for file in publish(dist, address)] == ["uploaded"] * 2
        assert [file.state for file in publish(dist, address)] == ["there already"] * 2
    assert sorted(index.uploads) == sorted({*index.uploads}) == sorted(index.files)
    assert index.pages == {"/simple/acme-client/"}
    assert len(tried) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("index", "said"),
    [
        pytest.param(Odd(always(200, HTML, LOGIN), takes=False), "answers 200 to .*: Sign in to go on", id="a login"),
        pytest.param(
            Odd(well, to_nothing=(200, HTML, LOGIN.encode())),
            "a web page to an upload of nothing: a login",
            id="a page",
        ),
        pytest.param(Odd(always(400, HTML, PAGE), takes=False), "answers 400 .*: Too big: 1 MB & no more\n", id="HTML"),
        pytest.param(Odd(always(409), takes=False), "answers 409 to .*: Conflict\n", id="a conflict with nothing"),
        pytest.param(
            Odd(always(403), takes=False), f"does not let {USER} with .* in: it answers 403", id="reading only"
        ),
        pytest.param(Odd(lost, takes=False), "the connection broke off.*\n.*run this again", id="the connection ends"),
        pytest.param(Odd(well, takes=False), "took .* but does not list it after", id="it forgets"),
        pytest.param(
            Odd(always(400, HTML, json.dumps(SECRET)), takes=False), r': "\*\*\*"\n', id="it repeats the password"
        ),
    ],
)
def test_what_did_not_come_is_named(index: Odd, said: str, dist: Path, tried: list[str]) -> None:
    with serving(index) as address, pytest.raises(Failed, match=said):
        publish(dist, address)
    assert len(index.uploads) <= 2
    assert tried == []


@pytest.mark.parametrize("page", [entries, lambda index: links(index, "", "/files/", 'data-yanked=""')])
def test_what_was_yanked_is_not_called_published(page: Callable[[Odd], tuple[str, str]], dist: Path) -> None:
    index = Odd(well, page=page, files={path.name: path.read_bytes() for path in dist.iterdir()})
    with serving(index) as address, pytest.raises(Refused, match=r"the index has yanked it .*take that back"):
        publish(dist, address)
    assert index.uploads == []


def test_an_index_that_has_to_rest_says_for_how_long(dist: Path) -> None:
    index = Odd(always(429, {"Retry-After": "7"}), takes=False)
    with serving(index) as address, pytest.raises(Failed, match=r"answers 429 .*\n.*run this again in 7 s"):
        publish(dist, address)


@pytest.mark.parametrize(
    ("host", "lasts", "said"),
    [
        ("localhost", timedelta(days=-1), "certificate has expired\n.*let the index have a new certificate"),
        ("other.example", timedelta(days=1), "Hostname mismatch.*\n.*give the URL with the host"),
    ],
)
def test_a_certificate_that_does_not_fit_is_named(
    host: str, lasts: timedelta, said: str, dist: Path, tmp_path: Path
) -> None:
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    ca.issue_cert(host, not_after=datetime.now(UTC) + lasts).configure_cert(context)
    with (
        serving(Odd(well), context=context) as address,
        trust(tmp_path / "ca.pem"),
        pytest.raises(Failed, match=f"its certificate is not trusted: {said}"),
    ):
        publish(dist, address)


def test_another_content_after_a_lost_answer_is_refused(dist: Path) -> None:
    def tamper(index: Odd) -> None:
        index.files[index.uploads[-1]] = b"another"

    index = Odd(tamper)
    with serving(index) as address, pytest.raises(Refused, match="another content under this name"):
        publish(dist, address)


# --- where the password goes ---


def test_the_password_comes_as_it_is_and_to_no_other_host(dist: Path) -> None:
    """Neither by a redirect of an upload or of a page, nor for a file that the index lists elsewhere."""
    other = Odd(well)
    with serving(other, "127.0.0.2") as elsewhere:
        index = Odd(well, listing=lambda name, url: (name, f"{elsewhere.upload}files/{name}"))
        other.files = index.files
        with serving(index) as address:
            publish(dist, address)
        leading = Odd(always(307, {"Location": elsewhere.upload}), takes=False, to_nothing=(400, {}, b""))
        with serving(leading) as address, pytest.raises(Failed, match="answers 307"):
            publish(dist, address)
        leading = Odd(well, to_nothing=(307, {"Location": elsewhere.upload}, b""))
        with (
            serving(leading) as address,
            pytest.raises(Failed, match=f"answers 307, which leads to {elsewhere.upload}"),
        ):
            publish(dist, address)
    sent = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
    assert {*index.passwords, *leading.passwords} == {f"Basic {sent}"}
    assert {*other.passwords} == {None}
    assert other.uploads == []


def test_without_tls_no_proxy_reads_along(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, index = Odd(well), Odd(well)
    with serving(proxy, "127.0.0.2") as other, serving(index) as address:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, other.upload)
        publish(dist, address)
    assert (proxy.passwords, len(index.files)) == ([], 2)


def test_a_proxy_of_the_environment_leads_to_the_index(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    index = Odd(well)
    asked: list[str] = []
    with serving(index, context=context) as address, tunnel(asked) as proxy, trust(tmp_path / "ca.pem"):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        publish(dist, address)
    assert len(index.files) == 2
    assert {*asked} == {index.url.removeprefix("https://").rstrip("/")}


@contextmanager
def tunnel(asked: list[str]) -> Iterator[str]:
    """A proxy that leads to where it is asked for."""

    def serve(client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            asked.append(lines.readline().split()[1].decode())
            while lines.readline().strip():
                pass
            host, _, port = asked[-1].rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                server.shutdown(socket.SHUT_WR)
                back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("proxy", ["what://proxy.example:3128", "http://ann:my-secret@proxy.example:none"])
def test_a_proxy_that_cannot_be_used_is_named_and_not_quoted(
    proxy: str, dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(Failed, match="names a proxy that cannot be used") as failed:
        publish(dist, Index("x", "https://packages.example/", "https://packages.example/simple/"))
    assert "my-secret" not in str(failed.value)


def test_an_index_may_be_at_the_ipv6_address_of_this_machine(dist: Path) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    index = Odd(well)
    with serving(index, "::1") as address:
        publish(dist, address)
    assert len(index.files) == 2
