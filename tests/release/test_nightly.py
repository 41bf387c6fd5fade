"""The nightly run: what it prepares in a clone, and how one change request and one issue follow from night to night."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from scripts import nightly, propose
from tests.release.conftest import ROOT, Repository

TOKEN = "a-token-that-nobody-may-see"


class FakeForge(ThreadingHTTPServer):
    """The part of GitHub's and GitLab's API that is used, with what is open in memory."""

    daemon_threads = True

    def __init__(self, kind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kind = kind
        self.requests: dict[int, dict[str, Any]] = {}
        self.issues: dict[int, dict[str, Any]] = {}
        self.notes: list[str] = []
        self.checks = 0
        self.refuses = ""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def open(self, entries: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
        return [entry for entry in entries.values() if entry["state"] == "open"]

    def add_request(self, branch: str) -> None:
        self.create(
            self.requests, {"head": branch, "source_branch": branch, "title": "Old", "body": "", "description": ""}
        )

    def create(self, entries: dict[int, dict[str, Any]], data: dict[str, Any]) -> dict[str, Any]:
        number = len(self.requests) + len(self.issues) + 1
        text = data.get("body", data.get("description", ""))
        draft = data.get("draft", data["title"].startswith("Draft: "))
        branch = data.get("head", data.get("source_branch"))
        entry = {**data, "number": number, "iid": number, "state": "open", "body": text, "description": text}
        entries[number] = {
            **entry,
            "draft": draft,
            "node_id": f"id-{number}",
            "head": {"ref": branch},
            "source_branch": branch,
        }
        return entries[number]

    def answer(self, method: str, path: str, data: dict[str, Any]) -> Any:
        route = path.partition("?")[0]
        if route == "/graphql":
            entry = self.requests[int(data["variables"]["id"].removeprefix("id-"))]
            entry["draft"] = "convertPullRequestToDraft" in data["query"]
            return {"data": {}}
        if route.endswith("/dispatches"):
            self.checks += 1
            return None
        parts = route.strip("/").split("/")
        kinds = {"pulls": self.requests, "merge_requests": self.requests, "issues": self.issues}
        kind = next(each for each in parts if each in kinds)
        rest = parts[parts.index(kind) + 1 :]
        if rest[1:] in (["comments"], ["notes"]):
            self.notes.append(data["body"])
            return {}
        entries = kinds[kind]
        if method == "GET":
            # GitHub lists change requests among the issues.
            return self.open({**self.issues, **self.requests}) if kind == "issues" else self.open(entries)
        if method == "POST":
            return self.create(entries, data)
        entry = entries[int(rest[0])]
        if data.get("state") == "closed" or data.get("state_event") == "close":
            entry["state"] = "closed"
        text = data.get("body", data.get("description"))
        if text is not None:
            entry |= {"body": text, "description": text}
        if "title" in data:
            entry["title"] = data["title"]
            if self.kind == "gitlab":
                entry["draft"] = data["title"].startswith("Draft: ")
        return entry


class _Handler(BaseHTTPRequestHandler):
    server: FakeForge

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        data = json.loads(self.rfile.read(length)) if length else {}
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        refused = bool(self.server.refuses) and re.search(self.server.refuses, f"{self.command} {self.path}")
        answer = {"message": f"not permitted {TOKEN}"} if refused else self.server.answer(self.command, self.path, data)
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(403 if refused else 204 if answer is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=["github", "gitlab"])
def forge(request: pytest.FixtureRequest) -> Iterator[FakeForge]:
    server = FakeForge(request.param)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def remote(repository: Repository, tmp_path: Path) -> Path:
    bare = tmp_path / "remote.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(repository.root), str(bare)], check=True)
    return bare


Propose = Callable[[Path], tuple[int, str]]


@pytest.fixture
def bring(
    forge: FakeForge,
    repository: Repository,
    remote: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Propose:
    monkeypatch.chdir(repository.root)
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)

    def bring(folder: Path) -> tuple[int, str]:
        options = ["--forge", forge.kind, "--repository", "team/client", "--remote", str(remote), "--api", forge.url]
        status = propose.main([str(folder), *options])
        output = capsys.readouterr()
        assert TOKEN not in output.out + output.err
        return status, output.out + output.err

    return bring


@pytest.fixture
def night(repository: Repository, tmp_path: Path) -> Callable[..., Path]:
    """What a night has left: a change with a content, nothing, or a failure."""

    def night(outcome: str, text: str = "The report.\n", *, content: str = "", draft: bool = False) -> Path:
        folder = tmp_path / "night"
        folder.mkdir(exist_ok=True)
        written: dict[str, object] = {"outcome": outcome, "title": "Pin the document 0a1b", "draft": draft}
        nightly._write(folder, written, text)
        if content:
            repository.write("openapi/api_v2.lock.toml", f'sha256 = "{content}"\n')
            nightly._commit(repository, folder, content)
            repository.git("switch", "--quiet", "main")
        return folder

    return night


def titles(forge: FakeForge) -> list[str]:
    return [entry["title"].removeprefix("Draft: ") for entry in forge.open(forge.requests)]


def branches(remote: Path) -> str:
    command = ["git", "-C", str(remote), "for-each-ref", "--format=%(refname:short) %(tree)", "refs/heads/document"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_one_change_request_follows_what_is_published(
    bring: Propose, forge: FakeForge, remote: Path, night: Callable[..., Path]
) -> None:
    assert bring(night("change", content="1")) == (0, "opened a change request\n")
    assert titles(forge) == ["Pin the document 0a1b"]
    first = branches(remote)
    assert bring(night("change", content="1")) == (0, "nothing to do\n")
    assert branches(remote) == first
    assert bring(night("change", "Another report.\n", content="2", draft=True)) == (0, "updated the change request\n")
    (entry,) = forge.open(forge.requests)
    assert (entry["body"], entry["draft"]) == ("Another report.\n", True)
    assert branches(remote) != first
    assert forge.checks == (2 if forge.kind == "github" else 0)
    assert bring(night("change", "Another report.\n", content="2")) == (0, "updated the change request\n")
    assert forge.open(forge.requests)[0]["draft"] is False


def test_a_night_that_failed_half_way_is_made_good_by_the_next(
    bring: Propose, forge: FakeForge, remote: Path, night: Callable[..., Path]
) -> None:
    """The branch is there, and the change request is not: it is asked for, not the branch."""
    forge.refuses = "POST .*(pulls|merge_requests)"
    status, said = bring(night("change", content="1"))
    assert (status, titles(forge)) == (1, [])
    assert "403" in said
    assert branches(remote)
    forge.refuses = ""
    assert bring(night("change", content="1")) == (0, "opened a change request\n")
    assert titles(forge) == ["Pin the document 0a1b"]


def test_older_change_requests_are_closed(bring: Propose, forge: FakeForge, night: Callable[..., Path]) -> None:
    forge.add_request("document-0259570cd738")
    forge.add_request("feature")
    status, said = bring(night("change", content="1"))
    assert (status, said) == (0, "opened a change request; closed the change request 1\n")
    assert titles(forge) == ["Old", "Pin the document 0a1b"]
    assert bring(night("nothing"))[1] == "closed the change request 3\n"
    assert titles(forge) == ["Old"]


def test_a_failure_is_said_once_and_closed_when_it_is_over(
    bring: Propose, forge: FakeForge, night: Callable[..., Path], tmp_path: Path
) -> None:
    assert bring(night("failure", "A challenge page.\n")) == (0, "opened an issue\n")
    assert bring(night("failure", "A challenge page.\n")) == (0, "the issue says so already\n")
    assert forge.notes == []
    assert bring(night("failure", "It has half of the operations.\n")) == (0, "updated the issue\n")
    assert len(forge.notes) == 1
    assert bring(tmp_path / "no such folder") == (0, "updated the issue\n")
    assert "did not get to its end" in forge.open(forge.issues)[0]["body"]
    assert bring(night("nothing")) == (0, "closed the issue of an earlier failure\n")
    assert forge.open(forge.issues) == []


def test_a_remote_that_cannot_be_asked_is_no_remote_without_the_branch(
    bring: Propose, forge: FakeForge, remote: Path, night: Callable[..., Path]
) -> None:
    folder = night("change", content="1")
    remote.rename(remote.with_name("elsewhere"))
    status, said = bring(folder)
    assert (status, titles(forge)) == (1, [])
    assert "git ls-remote" in said


def test_without_a_token_nothing_is_tried(bring: Propose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORGE_TOKEN")
    assert bring(tmp_path) == (1, "propose: failed, FORGE_TOKEN is not set\n")


# --- what is prepared ---

PIN = """
import pathlib, sys
options = dict(zip(sys.argv, sys.argv[1:]))
text = pathlib.Path("published.txt").read_text()
if text == "broken":
    sys.exit("pin: refused, a web page")
if text != "old":
    pathlib.Path(options["--report"]).write_text("All of it.")
    pathlib.Path(options["--body"]).write_text("The report.")
    if text == "breaking" and "--accept-breaking" not in sys.argv:
        sys.exit("pin: refused, it breaks")
    lock = pathlib.Path("openapi/api_v2.lock.toml")
    lock.write_text(lock.read_text() + "# new\\n")
    pathlib.Path("generated/client.py").write_text("new = 1")
"""
RECORD = "import pathlib\npathlib.Path('tests/contract/recordings/a.yaml').write_text('new')\n"
TEST = "import pathlib\ndef test_it(): assert pathlib.Path('published.txt').read_text() != 'failing'\n"


@pytest.fixture
def project(repository: Repository) -> Repository:
    """A project whose steps are small programs; what is published is the content of a file."""
    files = {
        "scripts/__init__.py": "",
        "scripts/check_generated.py": "",
        "scripts/pin.py": PIN,
        "scripts/record.py": RECORD,
        "tests/test_it.py": TEST,
        "generated/client.py": "",
        "tests/contract/recordings/a.yaml": "",
        "pyproject.toml": "[tool.pytest]\nmarkers = ['slow: takes long']\n",
        ".gitignore": "/published.txt\n__pycache__\n.pytest_cache\n",
    }
    for name, text in files.items():
        repository.write(name, text)
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "The project")
    return repository


@pytest.mark.slow
@pytest.mark.parametrize(
    ("published", "outcome", "draft", "text"),
    [
        ("old", "nothing", None, "Nothing new"),
        ("new", "change", False, "The report."),
        ("breaking", "change", True, "The report."),
        ("failing", "change", True, "## 1 tests fail after it\n\n- tests/test_it.py::test_it: "),
        ("broken", "failure", None, "pin: refused, a web page"),
    ],
)
def test_a_night_leaves_what_people_need(
    published: str, outcome: str, draft: bool | None, text: str, project: Repository, tmp_path: Path
) -> None:
    project.write("published.txt", published)
    folder = tmp_path / "night"
    assert nightly.main([str(folder)], layout=project) == (1 if outcome == "failure" else 0)
    found = json.loads((folder / "nightly.json").read_text("utf-8"))
    assert (found["outcome"], found.get("draft")) == (outcome, draft)
    assert text in (folder / "body.md").read_text("utf-8")
    if outcome == "change":
        log = project.git("log", "--format=%s", "main..document").splitlines()
        assert log[:2] == ["Record the answers of the sandbox", "Regenerate"]
        assert log[2].startswith("Pin the document ")
        assert project.git("status", "--porcelain") == ""
    else:
        assert not (folder / "change.bundle").exists()


def test_a_clone_with_changes_is_refused(project: Repository, tmp_path: Path) -> None:
    project.write("new.txt", "mine")
    assert nightly.main([str(tmp_path / "night")], layout=project) == 1
    assert "the clone has changes" in (tmp_path / "night" / "body.md").read_text("utf-8")


def test_what_pushes_needs_the_standard_library_alone() -> None:
    """It has the token."""
    command = [sys.executable, "-I", "-S", "scripts/propose.py", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "FOLDER" in done.stdout) == (0, True), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="the shells are POSIX shells")
@pytest.mark.parametrize("script", ["publisher", "long"])
def test_the_shells_of_a_ci_say_how_they_are_called(script: str) -> None:
    done = subprocess.run(["bash", f".ci/{script}", "unknown"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f".ci/{script} " in done.stderr
