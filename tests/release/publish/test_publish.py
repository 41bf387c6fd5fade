"""Published means: in the private index, whole, and installable from there. What goes wrong is named for what it is."""

from __future__ import annotations

import base64
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
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import create_autospec
from urllib.parse import quote

import nox
import pytest
import trustme

import instantly_client
import noxfile
from instantly_core.version import __version__
from scripts import publish as command
from scripts.lib.report import Refused
from scripts.release import environments
from scripts.release import publish as publishing
from scripts.release.dist import distributions
from scripts.release.dist import sha256 as digest
from scripts.release.index import address, credentials
from scripts.release.index.address import Index
from tests.release.conftest import ROOT, Repository
from tests.release.publish.conftest import give_receipt
from tests.release.publish.servers import PASSWORD, USER, Server, devpi, free_port, front, pypiserver

# In two parts: no file of the repository names the host of a registry.
PUBLIC = "pypi" + ".org"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    checkout: Repository, machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run the command where a preflight has passed; returns the exit status and all output."""
    keep_password(machine, PASSWORD)
    monkeypatch.setattr(publishing, "SECONDS_UNTIL_CLEAR", 0)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = command.main(["--index", *arguments], layout=checkout)
        output = capsys.readouterr()
        assert PASSWORD not in output.out + output.err
        return status, output.out, output.err

    return run


def keep_password(machine: Path, password: str) -> None:
    """Put it into .netrc, for the hosts of the tests."""
    hosts = ("127.0.0.1", "localhost")
    lines = [f"machine {host} login {USER} password {password}\n" for host in hosts]
    (machine / ".netrc").write_text("".join(lines), "utf-8")
    (machine / ".netrc").chmod(0o600)


@pytest.fixture
def changed(checkout: Repository) -> Path:
    """The same version with another content, on which a preflight has passed as well."""
    folder = checkout.root / "dist"
    (archive,) = folder.glob("*.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-1] + b"?")
    files = [path for path in folder.iterdir() if path.name not in ("SHA256SUMS", "preflight.json")]
    sums = "".join(f"{digest(path)}  {path.name}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    give_receipt(checkout)
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
    assert [line.split()[0] for line in progress.splitlines()] == [
        *("receipt", "password", "ask", "compare", "upload", "upload", "install")
    ]


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
    status, output, error = run(private.url)
    assert (status, output) == (2, "")
    assert "tar.gz: the index has another content under this name" in error
    assert "`nox -s release -- auto` makes the next one" in error
    assert private.names() == names(dist, ".tar.gz")


def test_an_index_that_lists_no_hashes_is_compared_by_content(
    run: Run, tmp_path: Path, dist: Path, request: pytest.FixtureRequest
) -> None:
    with pypiserver(tmp_path / "index", "--disable-fallback", "--hash-algo", "off") as server:
        fill(server, dist)
        status, output, _ = run(server.url, "--dry-run")
        assert (status, list(states(output).values())) == (0, ["there already"] * 2)
        request.getfixturevalue("changed")
        assert run(server.url, "--dry-run")[0] == 2


def test_an_upload_that_broke_off_is_run_again(run: Run, tmp_path: Path, dist: Path) -> None:
    wheel, archive = (next(dist.glob(pattern)) for pattern in ("*.whl", "*.tar.gz"))
    enough_for_the_wheel = wheel.stat().st_size + archive.stat().st_size // 2
    with pypiserver(tmp_path / "index") as server:
        with front(server.port, breaks_after=enough_for_the_wheel) as port:
            status, output, error = run(f"http://127.0.0.1:{port}/")
        assert (status, output) == (1, "")
        assert f"{archive.name}: the connection broke off" in error
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


def test_a_dry_run_uploads_nothing_and_asks_for_no_receipt(
    run: Run, private: Server, dist: Path, checkout: Repository
) -> None:
    (checkout.root / "dist" / "preflight.json").unlink()
    status, output, _ = run(private.url, "--dry-run")
    assert (status, private.names()) == (0, [])
    assert f"no receipt is asked for; this would go to {private.url}" in output
    assert states(output) == dict.fromkeys(names(dist), "missing")


# --- only what a preflight has passed on ---


def forget(checkout: Repository) -> None:
    (checkout.root / "dist" / "preflight.json").unlink()


def break_receipt(checkout: Repository) -> None:
    (checkout.root / "dist" / "preflight.json").write_text("{}")


def build_again(checkout: Repository) -> None:
    bill = next((checkout.root / "dist").glob("*.cdx.json"))
    bill.write_text(bill.read_text("utf-8") + "\n")


def commit_more(checkout: Repository) -> None:
    checkout.git("commit", "--quiet", "--allow-empty", "--message", "More")


def make_shallow(checkout: Repository) -> None:
    """As a CI clones: one commit, and no tags."""
    commit_more(checkout)
    source = checkout.root.rename(checkout.root.with_name("source"))
    subprocess.run(["git", "clone", "--quiet", "--depth=1", "--no-tags", source.as_uri(), checkout.root], check=True)
    shutil.copytree(source / "dist", checkout.root / "dist")
    edit_receipt(checkout, commit=checkout.git("rev-parse", "HEAD"))


def leave_git(checkout: Repository) -> None:
    """A copy of the sources that lies in the clone of something else."""
    shutil.move(checkout.root / ".git", checkout.root.parent / ".git")


def edit_receipt(checkout: Repository, **values: object) -> None:
    path = checkout.root / "dist" / "preflight.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}), "utf-8")


def lose(key: str, checkout: Repository) -> None:
    """A receipt with something else than what belongs under the key."""
    path = checkout.root / "dist" / "preflight.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), key: None}), "utf-8")


def tag_again(checkout: Repository) -> None:
    """Another tag at the commit, and a receipt that says it is that version."""
    checkout.git("tag", "v9.9.9")
    edit_receipt(checkout, version="9.9.9")


def add_file(checkout: Repository) -> None:
    (checkout.root / "dist" / "added.txt").write_text("more")


def link_elsewhere(checkout: Repository) -> None:
    wheel = next((checkout.root / "dist").glob("*.whl"))
    wheel.unlink()
    wheel.symlink_to(__file__)


def remove_tag(checkout: Repository) -> None:
    checkout.git("tag", "--delete", f"v{__version__}")


def move_tag(checkout: Repository) -> None:
    commit_more(checkout)
    checkout.git("tag", "--force", f"v{__version__}")
    checkout.git("reset", "--quiet", "--hard", "HEAD~1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (forget, "no preflight has passed on it"),
        (break_receipt, "is not the receipt of a preflight"),
        (build_again, ".cdx.json: it is not the one that the preflight has passed"),
        (commit_more, "the preflight passed on commit "),
        (remove_tag, f"the tag v{__version__} is not there (`git fetch --tags` brings one"),
        (move_tag, f"the tag v{__version__} is another commit"),
        (make_shallow, f"the tag v{__version__} is not there (`git fetch --tags` brings one"),
        (leave_git, "is no clone: nothing says which commit it is\n  What to do: publish from a clone, or name both"),
        (tag_again, f"it is of version 9.9.9, and the wheel of {__version__}"),
        (add_file, "added.txt: it is not the one that the preflight has passed"),
        (link_elsewhere, ".whl: it is not the one that the preflight has passed"),
        *(
            (partial(lose, key), "is not the receipt of a preflight")
            for key in ("version", "commit", "tags", "tree", "document", "sums", "checks", "skips")
        ),
        (partial(edit_receipt, commit="0" * 40), "the preflight passed on commit 000000000000"),
        (partial(edit_receipt, sums={"a.whl": "0"}), ".whl: it is not the one that the preflight has passed"),
    ],
)
def test_only_what_a_preflight_has_passed_at_the_tag_of_its_version_goes_up(
    change: Callable[[Repository], None], said: str, run: Run, private: Server, checkout: Repository
) -> None:
    change(checkout)
    status, _, error = run(private.url)
    assert (status, private.names()) == (1 if change is leave_git else 2, [])
    assert said in error


def test_a_light_tag_of_a_commit_without_a_branch_is_enough(run: Run, checkout: Repository) -> None:
    """As a CI has it; and the times of files say nothing. The index is asked, which comes after the receipt."""
    checkout.git("checkout", "--quiet", "--detach")
    for path in (checkout.root / "dist").iterdir():
        os.utime(path, (0, 0))
    assert checkout.git("cat-file", "-t", f"v{__version__}") == "commit"
    status, _, error = run(f"http://127.0.0.1:{free_port()}/")
    assert status == 1
    assert "the index cannot be reached" in error


def test_without_a_clone_the_commit_and_its_tag_are_given(run: Run, private: Server, checkout: Repository) -> None:
    commit, tag = checkout.git("rev-parse", "HEAD"), f"v{__version__}"
    shutil.rmtree(checkout.root / ".git")
    assert run(private.url, "--commit", commit, "--tag", "v9.9.9")[0] == 2
    assert run(private.url, "--commit", "0" * 40, "--tag", tag)[0] == 2
    assert run(private.url, "--commit", commit, "--tag", tag)[0] == 0


def test_the_receipt_says_on_what_the_preflight_has_passed(checkout: Repository) -> None:
    receipt = json.loads((checkout.root / "dist" / "preflight.json").read_text("utf-8"))
    assert receipt["version"] == __version__
    assert (receipt["commit"], receipt["tags"]) == (checkout.git("rev-parse", "HEAD"), [f"v{__version__}"])
    assert receipt["tree"] == checkout.git("rev-parse", "HEAD^{tree}")
    assert receipt["document"] == instantly_client.SPEC_SHA256
    assert (receipt["checks"], receipt["skips"]) == ({"tests": "3 passed"}, {"no vendor": 1})
    assert {name.rpartition("-")[2] for name in receipt["sums"]} >= {"any.whl", "SHA256SUMS"}


def test_what_does_not_run_is_not_published(
    run: Run, private: Server, dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(private, dist)
    broken = tmp_path / "smoke.py"
    broken.write_text("raise SystemExit('it does not run')\n", encoding="utf-8")
    monkeypatch.setattr(environments, "SMOKE", broken)
    status, output, error = run(private.url)
    assert (status, output) == (1, "")
    assert "the index has the files, but using it failed\nit does not run" in error


@pytest.mark.parametrize("left_out", ["*.whl", "*.tar.gz", "SHA256SUMS", "*"])
def test_a_folder_without_a_whole_build_is_refused(
    left_out: str, run: Run, private: Server, checkout: Repository
) -> None:
    for path in (checkout.root / "dist").glob(left_out):
        path.unlink()
    status, _, error = run(private.url, "--dry-run")
    assert status == 2
    assert "nox -s preflight" in error


def test_what_was_changed_after_the_build_is_refused(run: Run, private: Server, dist: Path, changed: Path) -> None:
    shutil.copy(dist / "SHA256SUMS", changed)
    status, _, error = run(private.url, "--dry-run")
    assert status == 2
    assert ".tar.gz: it is not the one of SHA256SUMS" in error


# --- what goes wrong on the way ---


@pytest.mark.parametrize("protected", ["reading and uploading", "uploading"])
def test_a_wrong_password_is_named_by_its_source(
    protected: str, run: Run, machine: Path, private: Server, tmp_path: Path
) -> None:
    keep_password(machine, "not-the-pass-word")
    if protected == "uploading":
        users = ["-a", "update", "-P", str(private.folder.with_suffix(".htpasswd"))]
        with pypiserver(tmp_path / "index", "--disable-fallback", *users) as server:
            status, output, error = run(server.url)
    else:
        status, output, error = run(private.url)
    assert (status, private.names()) == (1, [])
    assert f"does not let {USER} with the password from .netrc in: it answers 403" in error
    assert "not-the-pass-word" not in output + error


def test_no_password_at_all_is_told_where_to_put_one(run: Run, private: Server, machine: Path) -> None:
    (machine / ".netrc").unlink()
    status, _, error = run(private.url)
    assert status == 1
    assert "asks for a password, and none was found" in error
    assert ".netrc" in error


def test_an_index_that_wants_no_password_gets_none(run: Run, machine: Path, dist: Path, tmp_path: Path) -> None:
    (machine / ".netrc").unlink()
    with pypiserver(tmp_path / "index") as server:
        status, _, error = run(server.url)
        assert status == 0, error
        assert server.names() == names(dist)


def test_an_index_that_is_down_is_named(run: Run) -> None:
    status, _, error = run(f"http://127.0.0.1:{free_port()}/")
    assert status == 1
    assert "the index cannot be reached" in error


def test_the_ca_of_an_index_is_trusted_next_to_those_of_the_system(
    run: Run, private: Server, public: Server, dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the package depends on comes from another host, which the system trusts."""
    system, team = trustme.CA(), trustme.CA()
    system.cert_pem.write_to_path(tmp_path / "system.pem")
    team.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    with front(private.port, context=served_by(team)) as port, front(public.port, context=served_by(system)) as other:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"https://localhost:{other}/simple/")
        monkeypatch.setenv("UV_NO_CACHE", "1")
        status, _, error = run(f"https://localhost:{port}/")
        assert (status, private.names()) == (1, [])
        assert "its certificate is not trusted" in error
        assert "--ca ca.pem" in error

        status, _, error = run(f"https://localhost:{port}/", "--ca", str(tmp_path / "ca.pem"))
        assert status == 0, error
    assert private.names() == names(dist)
    assert os.environ["SSL_CERT_FILE"] == str(tmp_path / "system.pem")


def served_by(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    return context


@pytest.mark.parametrize("content", [None, b"", b"no certificate", "a folder", "DER"])
def test_a_ca_that_is_none_is_named(content: bytes | str | None, run: Run, private: Server, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    if content == "a folder":
        ca.mkdir()
    elif content == "DER":
        ca.write_bytes(ssl.PEM_cert_to_DER_cert(trustme.CA().cert_pem.bytes().decode()))
    elif isinstance(content, bytes):
        ca.write_bytes(content)
    status, _, error = run(private.url, "--ca", str(ca))
    assert (status, private.names()) == (1, [])
    assert f"{ca} has no certificates in PEM" in error


@contextmanager
def answering(
    status: int,
    headers: dict[str, str],
    body: bytes = b"",
    *,
    impatient: bool = False,
    uploads: tuple[int, dict[str, str]] | None = None,
) -> Iterator[str]:
    """A server that answers all reads the same, and refuses uploads with what it was sent, or as `uploads` says.

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
            if uploads:
                self.answer(*uploads, b"")
                return
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
    assert f"does not let {USER} with the password from .netrc in: it answers 403" in error


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (405, {}, "takes no uploads: it answers 405"),
        (301, {"Location": "/up/"}, "takes no uploads: it answers 301, which leads to /up/"),
        (400, {}, "answers 400 to instantly_client"),
    ],
)
def test_what_an_index_says_of_uploads_is_shown(status: int, headers: dict[str, str], said: str, run: Run) -> None:
    with answering(404, HTML, uploads=(status, headers)) as url:
        exit_status, _, error = run(url)
    assert exit_status == 1
    assert said in error


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
        {"filename": path.name, "url": f"../{path.name}", "hashes": {"sha256": digest(path)}}
        for path in distributions(dist)
    ]
    with answering(200, JSON, json.dumps({"files": files}).encode()) as url:
        status, output, _ = run(url, "--dry-run")
    assert (status, list(states(output).values())) == (0, ["there already"] * 2)


@pytest.mark.slow
@pytest.mark.long
def test_what_is_published_to_devpi_installs_from_there(
    run: Run, machine: Path, dist: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It may be read without a password, so that only an upload shows whether that is right."""
    with devpi(tmp_path_factory.mktemp("devpi")) as url:
        simple = ("--check-url", f"{url}+simple/")
        keep_password(machine, "not-the-pass-word")
        status, _, error = run(url, *simple)
        assert status == 1
        assert f"does not let {USER} with the password from .netrc in" in error
        keep_password(machine, PASSWORD)
        status, output, error = run(url, *simple)
        assert status == 0, error
        assert states(output) == dict.fromkeys(names(dist), "uploaded")
        assert list(states(run(url, *simple)[1]).values()) == ["there already"] * 2


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
    status, _, error = run(index)
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
    """As pypiserver does for what it does not have, unless an option says otherwise."""
    with pypiserver(tmp_path / "index", "--fallback-url", f"https://{PUBLIC}/simple/") as server:
        status, _, error = run(server.url)
    assert status == 2
    assert f"{PUBLIC} is a public index" in error


def test_an_index_that_hands_on_files_of_a_public_one_is_refused(run: Run, dist: Path) -> None:
    links = [f"<a href='https://files.{PUBLIC}/{path.name}#sha256={digest(path)}'></a>" for path in distributions(dist)]
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


# --- names ---

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
    assert len(messages) == 11
    for part in (part for message in messages for part in message.split(" ... ")):
        assert part in code


def test_the_simple_api_can_be_elsewhere(machine: Path, tmp_path: Path) -> None:
    index = address.find("https://a.example/up/", simple="https://a.example/list/", root=tmp_path)
    assert index.page("instantly-client") == "https://a.example/list/instantly-client/"
    with pytest.raises(Refused, match="is a public index"):
        address.find("https://a.example/up/", simple=f"https://{PUBLIC}/simple/", root=tmp_path)
