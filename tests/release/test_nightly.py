"""The nightly run: what it prepares in a clone, and how one change request and one issue follow from night to night."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts import nightly, propose
from scripts.evolution.report import TO_JUDGE
from scripts.spec import lock as locks
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
        self.page = 100
        self.waited: list[float] = []
        self.answers: list[tuple[str, int, dict[str, str], bytes, bool]] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def open(self, entries: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
        return [entry for entry in entries.values() if entry["state"] == "open"]

    def disturb(
        self,
        pattern: str,
        status: int,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        after: bool = False,
    ) -> None:
        """Answer the next request of a kind so, before or `after` it is carried out."""
        self.answers.append((pattern, status, headers or {}, body, after))

    def disturbance(self, request: str) -> tuple[str, int, dict[str, str], bytes, bool] | None:
        found = next((each for each in self.answers if re.search(each[0], request)), None)
        if found:
            self.answers.remove(found)
        return found

    def close(self, entries: dict[int, dict[str, Any]]) -> None:
        """As a person does, on the page of the forge."""
        for entry in self.open(entries):
            entry["state"] = "closed"

    def add_request(self, branch: str, *, fork: bool = False) -> None:
        data = {"head": branch, "source_branch": branch, "title": "Old", "body": "", "description": ""}
        entry = self.create(self.requests, data)
        if fork:
            entry["head"]["repo"] = None
            entry["source_project_id"] = 2

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
            "head": {"ref": branch, "repo": {"full_name": "Team/client"}},
            "merged_at": None,
            "source_branch": branch,
            "source_project_id": 1,
            "target_project_id": 1,
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
            listed = {**self.issues, **self.requests} if kind == "issues" else entries
            is_open = "state=open" in path
            return [entry for entry in listed.values() if (entry["state"] == "open") is is_open]
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
        request = f"{self.command} {self.path}"
        disturbed = self.server.disturbance(request)
        if disturbed and not disturbed[4]:
            self.answer(disturbed[1], disturbed[2], disturbed[3])
            return
        refused = bool(self.server.refuses) and re.search(self.server.refuses, request)
        answer = {"message": f"not permitted {TOKEN}"} if refused else self.server.answer(self.command, self.path, data)
        if disturbed:
            self.answer(disturbed[1], disturbed[2], disturbed[3])
            return
        headers = {}
        if isinstance(answer, list):
            page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[-1])
            if len(answer) > page * self.server.page:
                # The forge calls itself by another name than we do.
                headers["Link"] = f'<https://forge.example{self.path}&page={page + 1}>; rel="next"'
            answer = answer[(page - 1) * self.server.page : page * self.server.page]
        body = b"" if answer is None else json.dumps(answer).encode()
        self.answer(403 if refused else 204 if answer is None else 200, headers, body)

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
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
    monkeypatch.setenv("FORGE_TOKEN", f"{TOKEN}\n")
    monkeypatch.setattr(propose, "time", SimpleNamespace(sleep=forge.waited.append, time=time.time))

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


@pytest.mark.slow
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


@pytest.mark.slow
def test_older_change_requests_are_closed(bring: Propose, forge: FakeForge, night: Callable[..., Path]) -> None:
    forge.add_request("document-0259570cd738")
    forge.add_request("document-guards")
    forge.add_request("document", fork=True)
    status, said = bring(night("change", content="1"))
    assert (status, said) == (0, "opened a change request; closed the change request 1\n")
    assert titles(forge) == ["Old", "Old", "Pin the document 0a1b"]
    assert bring(night("nothing"))[1] == "closed the change request 4\n"
    assert titles(forge) == ["Old", "Old"]
    assert bring(night("change", content="1"))[1] == "opened a change request\n"


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


# --- what people do stays ---


@pytest.mark.slow
def test_a_change_request_that_somebody_closed_stays_closed_until_there_is_another_document(
    bring: Propose, forge: FakeForge, night: Callable[..., Path]
) -> None:
    bring(night("change", content="1"))
    forge.close(forge.requests)
    for entry in forge.requests.values():
        entry["title"] += ", not now"
    assert bring(night("change", content="1")) == (0, "somebody has closed the change request of this document\n")
    assert titles(forge) == []
    folder = night("change", content="2")
    (folder / "nightly.json").write_text('{"outcome": "change", "title": "Pin the document 2", "draft": false}')
    assert bring(folder) == (0, "opened a change request\n")


@pytest.mark.slow
def test_an_issue_that_somebody_closed_stays_closed_until_there_is_another_failure(
    bring: Propose, forge: FakeForge, night: Callable[..., Path]
) -> None:
    bring(night("failure", "A challenge page.\n"))
    forge.close(forge.issues)
    assert bring(night("failure", "A challenge page.\n")) == (0, "somebody has closed the issue that says so\n")
    assert bring(night("failure", "It has half of the operations.\n")) == (0, "opened an issue\n")
    assert bring(night("nothing"))[0] == 0
    # Closed by us, when it was over: it is new again.
    assert bring(night("failure", "It has half of the operations.\n")) == (0, "opened an issue\n")
    # Closed by somebody, and over: the same failure is told again.
    forge.close(forge.issues)
    assert bring(night("nothing"))[0] == 0
    assert bring(night("failure", "It has half of the operations.\n")) == (0, "opened an issue\n")


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_commits_of_people_are_not_overwritten(
    bring: Propose, forge: FakeForge, remote: Path, repository: Repository, night: Callable[..., Path]
) -> None:
    bring(night("change", content="1"))
    repository.git("fetch", "--quiet", str(remote), "document")
    repository.git("switch", "--quiet", "--detach", "FETCH_HEAD")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Mend a test")
    repository.git("push", "--quiet", str(remote), "HEAD:document")
    repository.git("switch", "--quiet", "main")
    theirs = branches(remote)
    assert bring(night("change", content="2")) == (0, "opened an issue\n")
    assert branches(remote) == theirs
    assert "has commits of test@example.com" in forge.open(forge.issues)[0]["body"]
    assert bring(night("change", content="2")) == (0, "the issue says so already\n")


@pytest.mark.slow
def test_a_branch_follows_when_main_has_moved_on_and_comes_back_when_it_was_removed(
    bring: Propose, repository: Repository, remote: Path, night: Callable[..., Path]
) -> None:
    bring(night("change", content="1"))
    repository.git("commit", "--quiet", "--allow-empty", "--message", "More on main")
    repository.write("README.md", "more")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "Even more")
    assert bring(night("change", content="1")) == (0, "updated the change request\n")
    subprocess.run(["git", "-C", str(remote), "branch", "--quiet", "-D", "document"], check=True)
    assert bring(night("change", content="1")) == (0, "updated the change request\n")
    assert branches(remote)


# --- what forges do ---


@pytest.mark.slow
def test_a_created_entry_whose_answer_was_lost_is_not_created_again(
    bring: Propose, forge: FakeForge, night: Callable[..., Path]
) -> None:
    forge.disturb("POST .*(pulls|merge_requests)$", 500, after=True)
    assert bring(night("change", content="1")) == (0, "opened a change request\n")
    assert len(forge.requests) == 1
    forge.disturb("POST .*issues$", 502, after=True)
    assert bring(night("failure")) == (0, "opened an issue\n")
    assert len(forge.issues) == 1


@pytest.mark.slow
def test_lists_are_read_to_their_last_page(bring: Propose, forge: FakeForge, night: Callable[..., Path]) -> None:
    forge.page = 1
    for number in range(3):
        forge.add_request(f"feature-{number}")
    assert bring(night("change", content="1")) == (0, "opened a change request\n")
    assert bring(night("change", content="1")) == (0, "nothing to do\n")
    assert len(titles(forge)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        (429, {"Retry-After": "7"}, 7),
        (403, {"Retry-After": "60"}, 60),
        (403, {"X-RateLimit-Remaining": "0"}, 2),
        (503, {}, 2),
    ],
)
def test_a_forge_that_has_to_rest_is_asked_again(
    status: int, headers: dict[str, str], waited: float, bring: Propose, forge: FakeForge, night: Callable[..., Path]
) -> None:
    forge.disturb("GET .*(pulls|merge_requests)", status, headers=headers)
    assert bring(night("change", content="1")) == (0, "opened a change request\n")
    assert forge.waited == [waited]


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize(
    ("pattern", "status", "headers", "body", "said"),
    [
        ("GET", 429, {"Retry-After": "3600"}, b"slow down", "429: slow down"),
        ("GET", 200, {}, b"<html>Sign in</html>", "what it answers is no JSON"),
        ("GET", 200, {}, b'{"message": "moved"}', "what it answers is no list"),
        ("GET", 200, {}, b'[{"number": 1}]', "does not answer as "),
        ("GET", 301, {"Location": "http://127.0.0.1:1/"}, b"", ": 301: "),
        ("POST .*(pulls|merge_requests)", 301, {"Location": "/elsewhere"}, b"", ": 301: "),
        ("POST .*(pulls|merge_requests)", 422, {}, b"no permission", "422: no permission"),
    ],
)
def test_what_a_forge_refuses_is_named(
    pattern: str,
    status: int,
    headers: dict[str, str],
    body: bytes,
    said: str,
    bring: Propose,
    forge: FakeForge,
    night: Callable[..., Path],
) -> None:
    forge.disturb(pattern, status, headers=headers, body=body)
    done, output = bring(night("change", content="1"))
    assert (done, forge.requests, forge.waited) == (1, {}, [])
    assert said in output


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_two_nights_at_once_leave_one_change_request(
    bring: Propose, forge: FakeForge, remote: Path, repository: Repository, night: Callable[..., Path], tmp_path: Path
) -> None:
    """The other run pushes after this one has looked."""
    bring(night("change", content="1"))
    first = branches(remote)
    folder = night("change", content="2")
    git = shutil.which("git")
    program = tmp_path / "programs" / "git"
    program.parent.mkdir()
    pushed = f"{git} -C {remote} update-ref refs/heads/document main"
    program.write_text(f'#!/bin/sh\n[ "$1" != push ] || {pushed}\nexec {git} "$@"\n')
    program.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        status, said = bring(folder)
    assert (status, len(forge.requests)) == (1, 1)
    assert "git push: " in said
    assert branches(remote) != first
    assert bring(night("change", content="2")) == (0, "updated the change request\n")


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize("left", ["{", "[]", '{"outcome": "half"}'])
def test_what_a_night_left_half_written_is_a_failure(
    left: str, bring: Propose, forge: FakeForge, night: Callable[..., Path]
) -> None:
    folder = night("nothing")
    (folder / "nightly.json").write_text(left)
    assert bring(folder) == (0, "opened an issue\n")
    assert "did not get to its end" in forge.open(forge.issues)[0]["body"]


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_a_bundle_that_broke_off_is_named(bring: Propose, forge: FakeForge, night: Callable[..., Path]) -> None:
    folder = night("change", content="1")
    bundle = folder / "change.bundle"
    bundle.write_bytes(bundle.read_bytes()[:100])
    status, said = bring(folder)
    assert (status, forge.requests) == (1, {})
    assert "git fetch: " in said


@pytest.mark.parametrize("token", ["a b\u2028c", "gh\x00", "schlüssel"])
def test_a_token_that_is_none_is_not_sent(
    token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "environ", {"FORGE_TOKEN": token})
    assert propose.main([str(tmp_path), "--forge", "github", "--repository", "a/b", "--remote", "c"]) == 1
    assert capsys.readouterr().err == "propose: failed, FORGE_TOKEN has characters that no token has\n"


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
    if text == "to judge":
        pathlib.Path(options["--report"]).write_text("TO_JUDGE")
    if text == "breaking" and "--accept-breaking" not in sys.argv:
        sys.exit("pin: refused, it breaks")
    lock = pathlib.Path("openapi/api_v2.lock.toml")
    date = options.get("--date", "2026-11-28")
    lock.write_text(lock.read_text().replace("PINNED_ON", f"date = {date}"))
    pathlib.Path("generated/client.py").write_text("new = 1")
"""
RECORD = "import pathlib\npathlib.Path('tests/contract/recordings/a.yaml').write_text('new')\n"
TEST = "import pathlib\ndef test_it(): assert pathlib.Path('published.txt').read_text() != 'failing'\n"


@pytest.fixture
def project(repository: Repository) -> Repository:
    """A project whose steps are small programs; what is published is the content of a file."""
    pinned_on = f"date = {locks.read(repository.lock).date}"
    files = {
        "scripts/__init__.py": "",
        "scripts/check_generated.py": "",
        "scripts/pin.py": PIN.replace("TO_JUDGE", TO_JUDGE).replace("PINNED_ON", pinned_on),
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
        ("to judge", "change", True, "The report."),
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


@pytest.mark.slow
def test_the_same_document_is_the_same_change_on_another_night(
    project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "_test", lambda *_: [])
    project.write("published.txt", "new")
    nightly.main([str(tmp_path / "first")], layout=project)
    project.git("update-ref", "refs/remotes/origin/document", "document")
    project.git("switch", "--quiet", "main")
    pin = project.root / "scripts" / "pin.py"
    pin.write_text(pin.read_text("utf-8").replace("2026-11-28", "2026-11-29"), "utf-8")
    project.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    nightly.main([str(tmp_path / "second")], layout=project)
    lock = project.lock.relative_to(project.root)
    assert "date = 2026-11-28" in project.git("show", f"document:{lock}")
    assert project.git("log", "--format=%s", "main..document").count("\n") == 2


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
