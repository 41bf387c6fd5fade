"""Published means: in the private index, whole, and installable from there. What goes wrong is named for what it is."""

from __future__ import annotations

import base64
import inspect
import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import create_autospec
from urllib.parse import quote

import nox
import pytest
import trustme

import noxfile
from scripts import publish as command
from scripts.lib.layout import Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused
from scripts.release import environments
from scripts.release import preflight as gating
from scripts.release import publish as publishing
from scripts.release.index import address, credentials
from scripts.release.index.address import Index
from tests.release.conftest import ROOT
from tests.release.publish.servers import PASSWORD, USER, Server, free_port, front, pypiserver

# In two parts: no file of the repository names the host of a registry.
PUBLIC = "pypi" + ".org"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    dist: Path, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command with a preflight that passes; returns the exit status and all output."""
    monkeypatch.setenv("UV_PUBLISH_USERNAME", USER)
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", PASSWORD)

    def run(
        *arguments: str,
        dist: Path = dist,
        preflight: Callable[[Layout, Progress.OnStep], None] = lambda layout, on_step: None,
    ) -> tuple[int, str, str]:
        status = command.main(["--index", *arguments], preflight=preflight, dist=dist)
        output = capsys.readouterr()
        assert PASSWORD not in output.out + output.err
        return status, output.out, output.err

    return run


@pytest.fixture
def changed(dist: Path, tmp_path: Path) -> Path:
    """The same version with another content."""
    folder = tmp_path / "changed"
    shutil.copytree(dist, folder)
    (archive,) = folder.glob("*.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-1] + b"?")
    sums = "".join(f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in folder.iterdir())
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return folder


def fill(server: Server, dist: Path, *kinds: str) -> None:
    for name in names(dist, *kinds):
        shutil.copy(dist / name, server.folder)


def names(dist: Path, *kinds: str) -> list[str]:
    """The files of a build that go into an index, or those of some kinds."""
    return sorted(path.name for path in dist.iterdir() if path.name.endswith(kinds or (".whl", ".tar.gz")))


def states(output: str) -> dict[str, str]:
    """What the table says of each file."""
    return dict(re.findall(r"^(instantly_client\S+) .* [0-9a-f]{64} +(\S.*)$", output, re.MULTILINE))


# --- what goes up ---


def test_what_is_published_installs_from_there(
    run: Run, private: Server, public: Server, dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With these settings of the user, anything that names our package gets the stranger's.
    monkeypatch.setenv("UV_INDEX", public.simple)
    monkeypatch.setenv("UV_INDEX_STRATEGY", "unsafe-best-match")
    status, output, progress = run(private.url)
    assert status == 0, progress
    assert private.names() == names(dist)
    for path in private.folder.iterdir():
        assert path.read_bytes() == (dist / path.name).read_bytes()
    assert output.startswith(f"published: {private.simple}")
    assert states(output) == dict.fromkeys(names(dist), "uploaded")
    assert [line.split()[0] for line in progress.splitlines()] == ["index", "compare", "upload", "upload", "install"]


def test_the_same_again_is_nothing_to_do(run: Run, private: Server, dist: Path) -> None:
    fill(private, dist)
    before = [path.stat().st_mtime_ns for path in private.folder.iterdir()]
    status, output, progress = run(private.url, "--json")
    assert (status, progress) == (0, "")
    assert [file["state"] for file in json.loads(output)["files"]] == ["there already"] * 2
    assert [path.stat().st_mtime_ns for path in private.folder.iterdir()] == before


def test_another_content_under_the_same_version_is_refused(
    run: Run, private: Server, dist: Path, changed: Path
) -> None:
    fill(private, dist, ".tar.gz")
    status, output, error = run(private.url, dist=changed)
    assert (status, output) == (2, "")
    assert "tar.gz: the index has another content under this name" in error
    assert "raise it in core/instantly_core/version.py" in error
    assert private.names() == names(dist, ".tar.gz")


def test_an_index_that_lists_no_hashes_is_compared_by_content(
    run: Run, machine: Path, tmp_path: Path, dist: Path, changed: Path
) -> None:
    with pypiserver(tmp_path / "index", "--disable-fallback", "--hash-algo", "off") as server:
        fill(server, dist)
        status, output, _ = run(server.url, "--dry-run")
        assert (status, list(states(output).values())) == (0, ["there already"] * 2)
        assert run(server.url, "--dry-run", dist=changed)[0] == 2


def test_an_upload_that_broke_off_is_run_again(run: Run, tmp_path: Path, dist: Path) -> None:
    wheel, archive = (next(dist.glob(pattern)) for pattern in ("*.whl", "*.tar.gz"))
    enough_for_the_wheel = wheel.stat().st_size + archive.stat().st_size // 2
    with pypiserver(tmp_path / "index") as server:
        with front(server.port, breaks_after=enough_for_the_wheel) as port:
            status, output, error = run(f"http://127.0.0.1:{port}/")
        assert (status, output) == (1, "")
        assert f"{archive.name} did not get there whole, the connection broke off" in error
        assert "run this again" in error
        assert server.names() == [wheel.name]

        status, output, error = run(server.url)
        assert status == 0, error
        assert server.names() == names(dist)
    assert states(output) == {wheel.name: "there already", archive.name: "uploaded"}


@pytest.mark.parametrize("other", ["dist", "changed"])
def test_another_run_may_be_faster(
    other: str, run: Run, private: Server, dist: Path, request: pytest.FixtureRequest
) -> None:
    def on_step(step: str) -> None:
        if step.startswith("upload"):
            fill(private, request.getfixturevalue(other))

    index = Index(private.url, private.url, private.simple)
    who = credentials.find(index)
    if other == "dist":
        publishing.publish(dist, index, who, on_step=on_step)
    else:
        with pytest.raises(Refused, match="another content"):
            publishing.publish(dist, index, who, on_step=on_step)
    assert private.names() == names(dist)


def test_the_beginning_of_a_file_in_the_index_is_told_from_another_content(
    run: Run, private: Server, dist: Path
) -> None:
    """As pypiserver keeps it when a connection ends in the middle."""
    archive = next(dist.glob("*.tar.gz"))
    (private.folder / archive.name).write_bytes(archive.read_bytes()[:70_000])
    status, _, error = run(private.url)
    assert status == 2
    assert f"the index has only 70,000 of its {archive.stat().st_size:,} bytes" in error
    assert "remove the file from the index" in error


def test_a_dry_run_uploads_nothing_and_says_that_there_was_no_gate(run: Run, private: Server, dist: Path) -> None:
    def preflight(layout: Layout, on_step: Progress.OnStep) -> None:
        raise AssertionError("the preflight runs for what goes up")

    status, output, _ = run(private.url, "--dry-run", preflight=preflight)
    assert (status, private.names()) == (0, [])
    assert f"the preflight did not run; this would go to {private.url}" in output
    assert states(output) == dict.fromkeys(names(dist), "missing")


def test_the_preflight_of_the_project_is_asked_and_its_reasons_are_told(
    run: Run, private: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dirty(_: Layout) -> str:
        raise gating.Problem("3 files not committed", "commit them")

    monkeypatch.setattr(gating, "CHECKS", {"clean": dirty, "lint": lambda _: "clean", "tests": dirty})
    status, _, error = run(private.url, preflight=gating.require_preflight)
    assert (status, private.names()) == (2, [])
    assert "clean: 3 files not committed (commit them)\ntests: 3 files not committed" in error
    assert inspect.signature(command.main).parameters["preflight"].default is gating.require_preflight


def test_nothing_goes_up_when_the_gate_is_closed(run: Run, private: Server) -> None:
    def preflight(layout: Layout, on_step: Progress.OnStep) -> None:
        assert PASSWORD not in os.environ.values(), "tests need no password"
        raise Failed("preflight", "the tests fail")

    status, _, error = run(private.url, preflight=preflight)
    assert (status, private.names()) == (1, [])
    assert error.endswith("preflight: failed, the tests fail\n")


def test_what_does_not_run_is_not_published(
    run: Run, private: Server, dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(private, dist)
    broken = tmp_path / "smoke.py"
    program = f"import os\nraise SystemExit({PASSWORD!r} in os.environ.values() or 'it does not run')\n"
    broken.write_text(program, encoding="utf-8")
    monkeypatch.setattr(environments, "SMOKE", broken)
    status, output, error = run(private.url)
    assert (status, output) == (1, "")
    assert "the index has the files, but using it failed\nit does not run" in error


@pytest.mark.parametrize("left_out", ["*.whl", "*.tar.gz", "SHA256SUMS", "*"])
def test_a_folder_without_a_whole_build_is_refused(
    left_out: str, run: Run, private: Server, dist: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "incomplete"
    shutil.copytree(dist, folder, ignore=shutil.ignore_patterns(left_out))
    status, _, error = run(private.url, dist=folder)
    assert status == 2
    assert "nox -s build" in error


def test_what_was_changed_after_the_build_is_refused(run: Run, private: Server, dist: Path, changed: Path) -> None:
    shutil.copy(dist / "SHA256SUMS", changed)
    status, _, error = run(private.url, dist=changed)
    assert (status, private.names()) == (2, [])
    assert ".tar.gz: it is not the one of SHA256SUMS" in error


# --- what goes wrong on the way ---


@pytest.mark.parametrize("protected", ["reading and uploading", "uploading"])
def test_a_wrong_password_is_named_by_its_source(
    protected: str, run: Run, private: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", "not-the-pass-word")
    if protected == "uploading":
        users = ["-a", "update", "-P", str(private.folder.with_suffix(".htpasswd"))]
        with pypiserver(tmp_path / "index", "--disable-fallback", *users) as server:
            status, output, error = run(server.url)
    else:
        status, output, error = run(private.url)
    assert (status, private.names()) == (1, [])
    assert f"does not let {USER} with the password from UV_PUBLISH_PASSWORD in: it answers 403" in error
    assert "not-the-pass-word" not in output + error


def test_no_password_at_all_is_told_where_to_put_one(
    run: Run, private: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_PUBLISH_PASSWORD")
    status, _, error = run(private.url)
    assert status == 1
    assert "asks for a password, and none was found" in error
    assert ".netrc" in error


def test_an_index_that_is_down_is_named_before_the_gate_takes_its_minutes(run: Run) -> None:
    def preflight(layout: Layout, on_step: Progress.OnStep) -> None:
        raise AssertionError("the preflight need not run")

    status, _, error = run(f"http://127.0.0.1:{free_port()}/", preflight=preflight)
    assert status == 1
    assert "the index cannot be reached" in error


def test_an_index_with_a_ca_of_its_own_works_once_that_is_known(
    run: Run, private: Server, dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    with front(private.port, context=context) as port:
        status, _, error = run(f"https://localhost:{port}/")
        assert (status, private.names()) == (1, [])
        assert "its certificate is not trusted" in error
        assert "SSL_CERT_FILE=ca.pem" in error

        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        status, _, error = run(f"https://localhost:{port}/")
        assert status == 0, error
    assert private.names() == names(dist)


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes = b"", *, impatient: bool = False) -> Iterator[str]:
    """A server that answers all reads the same, and refuses uploads with what it was sent.

    One that is `impatient` refuses who uploads, and cuts the connection when there is much to read.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(status, headers, body)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            if impatient and length > 100_000:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.rfile.read(length)
            if impatient:
                self.answer(403, HTML, b"")
                return
            sent = self.headers["Authorization"]
            text = base64.b64decode(sent.removeprefix("Basic ")).decode()
            self.answer(400, HTML, f"refused: {sent} {text} {quote(text)} {escape(text)}".encode())

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (200, HTML, b"<html><form>Sign in</form></html>", "answers a web page that lists no packages"),
        (
            200,
            HTML,
            b"<a href='http://a:b/instantly_client-0.1.0.tar.gz'>",
            "answers a web page that lists no packages",
        ),
        (200, JSON, b'{"message": "hello"}', "answers JSON that is no list of files"),
        (200, JSON, b'{"files": [{"filename": "a.whl", "url": "http://a:b", "hashes": {}}]}', "no list of files"),
        (503, HTML, b"<html>", "answers 503"),
        (407, HTML, b"<html>", "answers 407"),
        (302, {"Location": "/"}, b"", "redirect"),
        (200, {**JSON, "Content-Length": "100"}, b"{", "the connection broke off"),
    ],
    ids=["a login", "broken links", "other JSON", "broken JSON", "an outage", "a proxy", "a loop", "half an answer"],
)
def test_an_answer_that_is_no_listing_is_named(
    status: int, headers: dict[str, str], body: bytes, said: str, run: Run
) -> None:
    with answering(status, headers, body) as url:
        exit_status, _, error = run(url)
    assert exit_status == 1
    assert said in error
    assert "What to do" in error


def test_an_index_that_refuses_before_it_has_all_is_understood(run: Run) -> None:
    """Its answer is lost, because it closes while the file is on its way."""
    with answering(404, HTML, impatient=True) as url:
        status, _, error = run(url)
    assert status == 1
    assert f"does not let {USER} with the password from UV_PUBLISH_PASSWORD in: it answers 403" in error


def test_an_index_that_does_not_list_what_it_took_is_named(
    run: Run, private: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "SECONDS_UNTIL_LISTED", 0)
    with pypiserver(tmp_path / "other") as other:
        status, _, error = run(private.url, "--check-url", other.simple)
    assert status == 1
    assert "does not list it after 0 s" in error
    assert "--check-url" in error


def test_an_index_that_repeats_the_password_does_not_get_it_shown(run: Run) -> None:
    with answering(404, HTML) as url:
        status, _, error = run(url)
    assert status == 1
    assert "answers 400" in error
    assert f"refused: Basic *** {USER}:*** " in error
    assert "word" not in error.replace("password", "")


def test_a_listing_in_json_is_read(run: Run, dist: Path) -> None:
    files = [
        {"filename": file.path.name, "url": f"../{file.path.name}", "hashes": {"sha256": file.sha256}}
        for file in publishing.distributions(dist)
    ]
    with answering(200, JSON, json.dumps({"files": files}).encode()) as url:
        status, output, _ = run(url, "--dry-run")
    assert (status, list(states(output).values())) == (0, ["there already"] * 2)


# --- where it must not go ---


@pytest.mark.parametrize(
    "index",
    [
        f"https://upload.{PUBLIC}/legacy/",
        f"https://test.{PUBLIC}/legacy/",
        f"https://{PUBLIC.upper()}./legacy/",
        "https://files.python" + "hosted.org/",
        "pypi",
        "testpypi",
    ],
)
def test_a_public_index_is_refused(index: str, run: Run) -> None:
    def preflight(layout: Layout, on_step: Progress.OnStep) -> None:
        raise AssertionError("refused before anything runs")

    status, _, error = run(index, preflight=preflight)
    assert status == 2
    assert "is a public index (the package is private" in error


def test_a_public_index_is_refused_under_another_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, f"upload.{PUBLIC}", ("192.0.2.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    address._names_of.cache_clear()
    status, _, error = run("https://packages.example/")
    address._names_of.cache_clear()
    assert status == 2
    assert f"packages.example, which is upload.{PUBLIC}, is a public index" in error


def test_an_index_that_redirects_to_a_public_one_is_refused(run: Run, tmp_path: Path) -> None:
    """As pypiserver does for what it does not have, when it is not told otherwise."""
    with pypiserver(tmp_path / "index", "--fallback-url", f"https://{PUBLIC}/simple/") as server:
        status, _, error = run(server.url)
    assert status == 2
    assert f"{PUBLIC} is a public index" in error


def test_an_index_that_hands_on_files_of_a_public_one_is_refused(run: Run, dist: Path) -> None:
    links = [
        f"<a href='https://files.{PUBLIC}/{file.path.name}#sha256={file.sha256}'></a>"
        for file in publishing.distributions(dist)
    ]
    with answering(200, HTML, "".join(links).encode()) as url:
        status, _, error = run(url, "--dry-run")
    assert status == 2
    assert f"files.{PUBLIC} is a public index" in error


@pytest.mark.parametrize("index", ["http://packages.example/", "ftp://packages.example/", "https://", "https://[::1/"])
def test_an_address_that_is_not_https_is_refused(index: str, run: Run) -> None:
    assert run(index)[0] == 2


@pytest.mark.parametrize(
    "index",
    [
        "https://publisher:my-secret@packages.example/",
        "https://my-secret@packages.example/",
        "publisher:my-secret@packages.example",
        "https://packages.example/?token=my-secret",
        "https://packages.example/#my-secret",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(index: str, run: Run) -> None:
    status, output, error = run(index)
    assert status == 2
    assert "my-secret" not in output + error


def test_a_password_as_an_argument_is_refused_and_not_repeated(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("https://packages.example/", "--password", "my-secret")
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert "passwords are no arguments" in error
    assert "my-secret" not in error


def test_nox_does_not_repeat_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does with those of each command that it runs."""
    session = create_autospec(
        nox.Session, instance=True, posargs=["--index", "https://ann:my-secret@packages.example/"]
    )
    run = create_autospec(subprocess.run, return_value=subprocess.CompletedProcess([], 2))
    monkeypatch.setattr(subprocess, "run", run)
    noxfile.publish(session)
    assert "my-secret" in str(run.mock_calls)
    assert "my-secret" not in str(session.mock_calls)
    session.error.assert_called_once_with("publish: exit status 2")


# --- names and passwords ---

GUIDE = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one block of the guide in a language."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", block("toml")),
        ("home/.config/uv/uv.toml", block("toml").replace("tool.uv.", "")),
        ("home/.pypirc", "[distutils]\nindex-servers = team\n" + block("ini")),
    ],
)
def test_an_index_is_found_by_its_name_as_the_guide_says(file: str, text: str, machine: Path, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    index = address.find("team", simple=None, root=tmp_path)
    assert index == Index("team", "https://packages.example/", "https://packages.example/simple/")
    with pytest.raises(Refused, match=r"no index 'taem': .* name team"):
        address.find("taem", simple=None, root=tmp_path)


def test_the_guide_explains_messages_that_exist() -> None:
    sources = [*(ROOT / "scripts" / "release").rglob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    messages = re.findall(r"^\| `([a-z][^`]*)` \|", GUIDE.partition("## When it fails")[2], re.MULTILINE)
    assert len(messages) == 8
    for part in (part for message in messages for part in message.split(" ... ")):
        assert part in code


def test_the_simple_api_can_be_elsewhere(machine: Path, tmp_path: Path) -> None:
    index = address.find("https://a.example/up/", simple="https://a.example/list/", root=tmp_path)
    assert index.page("instantly-client") == "https://a.example/list/instantly-client/"
    with pytest.raises(Refused, match="is a public index"):
        address.find("https://a.example/up/", simple=f"https://{PUBLIC}/simple/", root=tmp_path)


KEYRING = """\
#!/bin/sh
[ "$*" = "--mode creds --output json get https://packages.example/" ] || exit 1
echo '{"username": "ann", "password": "kept"}'
"""


@pytest.mark.parametrize(
    ("variables", "files", "source"),
    [
        ({"UV_PUBLISH_TOKEN": "kept"}, {}, "UV_PUBLISH_TOKEN"),
        ({"UV_PUBLISH_USERNAME": "ann", "UV_PUBLISH_PASSWORD": "kept"}, {}, "UV_PUBLISH_PASSWORD"),
        ({"TWINE_USERNAME": "ann", "TWINE_PASSWORD": "kept"}, {}, "TWINE_PASSWORD"),
        (
            {},
            {"home/.pypirc": "[x]\nrepository=https://packages.example/\nusername=ann\npassword=kept\n"},
            "~/.pypirc, section x",
        ),
        ({}, {"home/.netrc": "machine packages.example login ann password kept\n"}, ".netrc"),
        ({}, {"bin/keyring": KEYRING}, "keyring"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_password_is_found_where_people_keep_it(
    variables: dict[str, str],
    files: dict[str, str],
    source: str,
    machine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = Index("https://packages.example/", "https://packages.example/", "https://packages.example/simple/")
    assert credentials.find(index) is None
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
        (tmp_path / file).chmod(0o700)
    found = credentials.find(index)
    assert found is not None
    assert (found.username, found.password) == ("__token__" if "TOKEN" in source else "ann", "kept")
    assert found.source == source
    assert "kept" not in repr(found)


@pytest.mark.parametrize(("file", "text"), [(".pypirc", "my-secret\n"), (".netrc", "machine a password my-secret x\n")])
def test_a_broken_file_of_passwords_is_named_and_not_quoted(file: str, text: str, machine: Path) -> None:
    (machine / file).write_text(text, encoding="utf-8")
    index = Index("https://packages.example/", "https://packages.example/", "https://packages.example/simple/")
    with pytest.raises(Failed, match="cannot be read") as failed:
        credentials.find(index)
    assert "my-secret" not in str(failed.value)
