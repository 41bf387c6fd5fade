#!/usr/bin/env python3
"""Bring what the nightly run found to the people of a forge: one change request, or one issue if it failed.

    python3 scripts/propose.py FOLDER --forge github|gitlab --repository OWNER/NAME --remote URL [--api URL]

FOLDER is what `scripts.nightly` left. The token is in the variable FORGE_TOKEN, and only this program needs it, which
uses the standard library alone and runs nothing but git. The change request stays the same one from night to night,
with what is published today; older ones are closed. So does the issue, and the same failure is said once.

What people do stays: a change request or an issue that somebody has closed is not opened again before there is another
document or another failure, and a branch with commits of somebody else is not overwritten.

Exit status: 0 done, 1 the forge or git refused.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

BRANCH = "document"
"""The branch of the one change request, as `scripts.nightly` makes it."""

OLDER = re.compile(rf"{BRANCH}-[0-9a-f]{{12}}")
"""The branches of earlier ones, which had one for each document."""

PERSON = "nightly@localhost"
"""Whom the commits of `scripts.nightly` are by."""

ISSUE = "The nightly run fails"
SUPERSEDED = "Superseded: "
"""The beginning of the title of a change request that this program has closed."""

DRAFT = "Draft: "
"""By this GitLab knows a draft."""

OVER = "This is over.\n\n"
"""The beginning of an issue that this program has closed."""

SECONDS = 60
TRIES = 4
MAX_WAIT = 60
MAX_PAGES = 100


class ForgeError(Exception):
    """The forge, or git, did not do what it was asked for; the message says what and why."""


class ForeignCommitsError(ForgeError):
    """The branch has commits of people, which would be lost."""


@dataclass(frozen=True)
class Entry:
    """A change request or an issue: `number` is what the forge calls it, `id` what its GraphQL does."""

    number: int
    branch: str
    title: str
    body: str
    draft: bool = False
    id: str = ""


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would take the token elsewhere, and turn what creates into what only reads."""

    def redirect_request(self, *_: object) -> None:
        return None


class Forge:
    """The REST API of a forge: what is open, and how to change it."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self.api = api.rstrip("/")
        self.repository = repository
        self.token = token
        self._opener = build_opener(_NoRedirects)

    def ask(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Any:
        """The answer to one request. Raises `ForgeError`."""
        return self._ask(method, path, data)[0]

    def all(self, path: str) -> list[Any]:
        """The entries of all pages of a list."""
        found: list[Any] = []
        following: str | None = path
        for _ in range(MAX_PAGES):
            if following is None:
                break
            entries, headers = self._ask("GET", following)
            if not isinstance(entries, list):
                raise ForgeError(f"GET {path}: what it answers is no list")
            found += entries
            link = re.search(r"<([^>]*)>;\s*rel=\"next\"", headers.get("Link", ""))
            # The host may be another name of this one, to which the token does not go.
            following = f"{path.partition('?')[0]}?{urlsplit(link[1]).query}" if link else None
        return found

    def _ask(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> tuple[Any, Message]:
        body = json.dumps(data).encode() if data is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = Request(f"{self.api}{path}", data=body, method=method, headers=headers)
        number = 0
        while True:
            number += 1
            try:
                with self._opener.open(request, timeout=SECONDS) as response:
                    text = response.read()
                return json.loads(text) if text else None, response.headers
            except HTTPError as error:
                said = error.read().decode("utf-8", "replace")[:300]
                failure, wait = ForgeError(f"{method} {path}: {error.code}: {said}"), _wait(error, method, number)
            except (URLError, OSError, HTTPException) as error:
                failure, wait = ForgeError(f"{method} {path}: {error}"), None if method == "POST" else 2**number
            except ValueError:
                raise ForgeError(f"{method} {path}: what it answers is no JSON") from None
            if wait is None or wait > MAX_WAIT or number == TRIES:
                raise failure
            time.sleep(wait)


def _wait(error: HTTPError, method: str, number: int) -> float | None:
    """The seconds after which a request may be made again that was not carried out; None if it may have been."""
    said = error.headers.get("Retry-After", "")
    if error.code == 429 or (error.code == 403 and (said or error.headers.get("X-RateLimit-Remaining") == "0")):
        reset = error.headers.get("X-RateLimit-Reset", "")
        seconds = int(said) if said.isdigit() else max(1, int(reset) - int(time.time())) if reset.isdigit() else None
        return float(2**number if seconds is None else seconds)
    return float(2**number) if error.code >= 500 and method != "POST" else None


class GitHub(Forge):
    @property
    def root(self) -> str:
        return f"/repos/{self.repository}"

    def requests(self) -> list[Entry]:
        return self._requests(self.all(f"{self.root}/pulls?state=open&per_page=100"))

    def closed_requests(self) -> list[Entry]:
        head = f"{self.repository.partition('/')[0]}:{BRANCH}"
        asked = urlencode({"state": "closed", "head": head, "per_page": 100})
        return self._requests(e for e in self.all(f"{self.root}/pulls?{asked}") if not e["merged_at"])

    def _requests(self, found: Iterable[Any]) -> list[Entry]:
        # A fork may have a branch of that name, too; its repository is null once it is deleted.
        own = [e for e in found if (e["head"]["repo"] or {}).get("full_name", "").lower() == self.repository.lower()]
        return [
            Entry(e["number"], e["head"]["ref"], e["title"], e["body"] or "", e["draft"], e["node_id"]) for e in own
        ]

    def open_request(self, base: str, title: str, body: str, *, draft: bool) -> None:
        data = {"head": BRANCH, "base": base, "title": title, "body": body, "draft": draft}
        self.ask("POST", f"{self.root}/pulls", data)

    def update_request(self, entry: Entry, title: str, body: str, *, draft: bool) -> None:
        self.ask("PATCH", f"{self.root}/pulls/{entry.number}", {"title": title, "body": body})
        if draft != entry.draft:
            mutation = "convertPullRequestToDraft" if draft else "markPullRequestReadyForReview"
            query = f"mutation($id: ID!) {{ {mutation}(input: {{pullRequestId: $id}}) {{ clientMutationId }} }}"
            answer = self.ask("POST", "/graphql", {"query": query, "variables": {"id": entry.id}})
            if answer.get("errors"):
                raise ForgeError(f"POST /graphql: {answer['errors'][0].get('message')}")

    def close_request(self, entry: Entry, why: str) -> None:
        data = {"state": "closed", "title": f"{SUPERSEDED}{entry.title}"}
        self.ask("PATCH", f"{self.root}/pulls/{entry.number}", data)
        self.ask("POST", f"{self.root}/issues/{entry.number}/comments", {"body": why})

    def start_checks(self) -> None:
        # What is pushed with the token of a workflow starts none by itself.
        self.ask("POST", f"{self.root}/actions/workflows/checks.yml/dispatches", {"ref": BRANCH})

    def issues(self) -> list[Entry]:
        return self._issues(self.all(f"{self.root}/issues?state=open&per_page=100"))

    def closed_issues(self) -> list[Entry]:
        # Those of late are enough, and all of them may be thousands.
        return self._issues(self.ask("GET", f"{self.root}/issues?state=closed&sort=updated&per_page=100"))

    def _issues(self, found: Iterable[Any]) -> list[Entry]:
        return [Entry(e["number"], "", e["title"], e["body"] or "") for e in found if e["title"] == ISSUE]

    def open_issue(self, body: str) -> None:
        self.ask("POST", f"{self.root}/issues", {"title": ISSUE, "body": body})

    def update_issue(self, entry: Entry, body: str) -> None:
        self.ask("PATCH", f"{self.root}/issues/{entry.number}", {"body": body})
        note = {"body": f"It fails for another reason:\n\n{body}"}
        self.ask("POST", f"{self.root}/issues/{entry.number}/comments", note)

    def close_issue(self, entry: Entry) -> None:
        self.ask("PATCH", f"{self.root}/issues/{entry.number}", {"state": "closed", "body": f"{OVER}{entry.body}"})


class GitLab(Forge):
    @property
    def root(self) -> str:
        return f"/projects/{quote(self.repository, safe='')}"

    def requests(self) -> list[Entry]:
        return self._requests({"state": "opened", "per_page": 100})

    def closed_requests(self) -> list[Entry]:
        return self._requests({"state": "closed", "source_branch": BRANCH, "per_page": 100})

    def _requests(self, asked: Mapping[str, object]) -> list[Entry]:
        found = self.all(f"{self.root}/merge_requests?{urlencode(asked)}")
        return [
            Entry(e["iid"], e["source_branch"], e["title"].removeprefix(DRAFT), e["description"] or "", e["draft"])
            for e in found
            if e["source_project_id"] == e["target_project_id"]  # A fork may have a branch of that name, too.
        ]

    def open_request(self, base: str, title: str, body: str, *, draft: bool) -> None:
        data = {"source_branch": BRANCH, "target_branch": base, "description": body}
        self.ask("POST", f"{self.root}/merge_requests", {**data, "title": self._title(title, draft)})

    def update_request(self, entry: Entry, title: str, body: str, *, draft: bool) -> None:
        data = {"title": self._title(title, draft), "description": body}
        self.ask("PUT", f"{self.root}/merge_requests/{entry.number}", data)

    def _title(self, title: str, draft: bool) -> str:
        return f"{DRAFT}{title}" if draft else title

    def close_request(self, entry: Entry, why: str) -> None:
        data = {"state_event": "close", "title": f"{SUPERSEDED}{entry.title}"}
        self.ask("PUT", f"{self.root}/merge_requests/{entry.number}", data)
        self.ask("POST", f"{self.root}/merge_requests/{entry.number}/notes", {"body": why})

    def start_checks(self) -> None:
        """A push starts the pipeline by itself."""

    def issues(self) -> list[Entry]:
        return self._issues("opened")

    def closed_issues(self) -> list[Entry]:
        return self._issues("closed")

    def _issues(self, state: str) -> list[Entry]:
        asked = {"state": state, "search": ISSUE, "in": "title", "per_page": 100}
        found = self.all(f"{self.root}/issues?{urlencode(asked)}")
        return [Entry(e["iid"], "", e["title"], e["description"] or "") for e in found if e["title"] == ISSUE]

    def open_issue(self, body: str) -> None:
        self.ask("POST", f"{self.root}/issues", {"title": ISSUE, "description": body})

    def update_issue(self, entry: Entry, body: str) -> None:
        self.ask("PUT", f"{self.root}/issues/{entry.number}", {"description": body})
        note = {"body": f"It fails for another reason:\n\n{body}"}
        self.ask("POST", f"{self.root}/issues/{entry.number}/notes", note)

    def close_issue(self, entry: Entry) -> None:
        data = {"state_event": "close", "description": f"{OVER}{entry.body}"}
        self.ask("PUT", f"{self.root}/issues/{entry.number}", data)


FORGES: dict[str, tuple[type[GitHub] | type[GitLab], str]] = {
    "github": (GitHub, "https://api.github.com"),
    "gitlab": (GitLab, "https://gitlab.com/api/v4"),
}


def propose(folder: Path, forge: GitHub | GitLab, remote: str, base: str) -> str:
    """Bring the outcome in `folder` to the forge. Returns in a line what was done; raises `ForgeError`."""
    outcome, body = _read(folder)
    if outcome["outcome"] == "failure":
        return _say_failure(forge, body)
    open_now = forge.requests()
    current = next((entry for entry in open_now if entry.branch == BRANCH), None)
    older = [entry for entry in open_now if OLDER.fullmatch(entry.branch)]
    done = []
    if outcome["outcome"] == "change":
        try:
            done.append(_change(forge, current, outcome, body, folder / "change.bundle", remote, base))
        except ForeignCommitsError as error:
            return _say_failure(forge, f"{error}\n")
    elif current:
        older.append(current)
    for entry in older:
        forge.close_request(entry, "Another document is published now, or this one is pinned.")
        done.append(f"closed the change request {entry.number}")
    for issue in forge.issues():
        forge.close_issue(issue)
        done.append("closed the issue of an earlier failure")
    for issue in forge.closed_issues():
        if not issue.body.startswith(OVER):
            # Somebody has closed it; should it fail so again, it is new.
            forge.close_issue(issue)
    return "; ".join(filter(None, done)) or "nothing to do"


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    """The outcome that a night has left, with its text; a failure if it has left less."""
    try:
        outcome = json.loads((folder / "nightly.json").read_text("utf-8"))
        if outcome["outcome"] in ("change", "nothing", "failure"):
            return outcome, (folder / "body.md").read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError, ValueError, LookupError, TypeError):
        pass
    return {"outcome": "failure"}, "The nightly run did not get to its end: its log says why.\n"


def _change(
    forge: GitHub | GitLab,
    current: Entry | None,
    outcome: Mapping[str, Any],
    body: str,
    bundle: Path,
    remote: str,
    base: str,
) -> str:
    """Keep the one change request as it has to be now."""
    title, draft = outcome["title"], bool(outcome["draft"])
    # The sha256 in the title: people may have written more there.
    document = title.rpartition(" ")[2]
    closed = [each.title for each in forge.closed_requests() if each.branch == BRANCH] if not current else []
    if any(document in each and not each.startswith(SUPERSEDED) for each in closed):
        return "somebody has closed the change request of this document"
    pushed = _push(bundle, remote, forge.token)
    if current is None:
        try:
            forge.open_request(base, title, body, draft=draft)
        except ForgeError:
            # The answer alone may have been lost, or another run was faster.
            if not any(entry.branch == BRANCH for entry in forge.requests()):
                raise
        said = "opened a change request"
    elif pushed or not _is_same(current.body, body) or (current.title, current.draft) != (title, draft):
        forge.update_request(current, title, body, draft=draft)
        said = "updated the change request"
    else:
        return ""
    if pushed or not current:
        forge.start_checks()
    return said


def _say_failure(forge: GitHub | GitLab, body: str) -> str:
    """Keep the one issue: opened by the first failure, and changed by another one."""
    for issue in forge.issues():
        if _is_same(issue.body, body):
            return "the issue says so already"
        forge.update_issue(issue, body)
        return "updated the issue"
    if any(_is_same(issue.body, body) for issue in forge.closed_issues()):
        return "somebody has closed the issue that says so"
    try:
        forge.open_issue(body)
    except ForgeError:
        if not forge.issues():
            raise
    return "opened an issue"


def _is_same(one: str, other: str) -> bool:
    """Whether two texts are the same, however a forge keeps the ends of their lines."""
    return one.replace("\r\n", "\n").strip() == other.strip()


def _push(bundle: Path, remote: str, token: str) -> bool:
    """Push the branch of the bundle unless the remote has the same content on the same base."""
    _git("fetch", "--quiet", "--force", str(bundle), f"{BRANCH}:refs/nightly/new")
    listed = _git("ls-remote", remote, f"refs/heads/{BRANCH}", token=token)
    before = listed.partition("\t")[0]
    if before:
        _git("fetch", "--quiet", "--force", remote, f"{BRANCH}:refs/nightly/old", token=token)
        # Commits differ by their moment alone.
        pairs = [_git("log", "--format=%T %s", f"refs/nightly/{each}", "-4") for each in ("old", "new")]
        if pairs[0] == pairs[1]:
            return False
        whose = _git("log", "--no-merges", "--format=%ae %ce", "refs/nightly/old", "--not", "HEAD").split()
        if others := sorted({*whose} - {PERSON}):
            raise ForeignCommitsError(
                f"The branch `{BRANCH}` has commits of {', '.join(others)}, and is not overwritten. "
                f"What to do: merge its change request, or remove the branch."
            )
    # If another run has pushed meanwhile, it is refused.
    lease = f"--force-with-lease=refs/heads/{BRANCH}:{before}"
    _git("push", "--quiet", lease, remote, f"refs/nightly/new:refs/heads/{BRANCH}", token=token)
    return True


def _git(*arguments: str, token: str = "") -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    environment.pop("FORGE_TOKEN", None)
    if token:
        # Not in the URL, which is in the list of arguments and in messages; and for no other host, and no hook.
        settings = {
            "http.extraHeader": f"Authorization: Basic {_pair(token)}",
            "http.followRedirects": "false",
            "core.hooksPath": os.devnull,
        }
        environment["GIT_CONFIG_COUNT"] = str(len(settings))
        for number, (key, value) in enumerate(settings.items()):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    done = subprocess.run(["git", *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ForgeError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def _pair(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _scrubbed(text: str, token: str) -> str:
    """A text without the token, in any form in which a program may have quoted it."""
    for secret in (_pair(token), token, quote(token, safe="")):
        text = text.replace(secret, "***")
    return text


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    kind, api = FORGES[options.forge]
    token = os.environ.get("FORGE_TOKEN", "").strip()
    if not token.isprintable() or not token.isascii() or not token:
        what = "has characters that no token has" if token else "is not set"
        print(f"propose: failed, FORGE_TOKEN {what}", file=sys.stderr)
        return 1
    forge = kind(options.api or api, options.repository, token)
    try:
        print(propose(options.folder, forge, options.remote, options.base))
    except (ForgeError, OSError) as error:
        print(f"propose: failed, {_scrubbed(str(error), token)}", file=sys.stderr)
        return 1
    except (LookupError, TypeError, AttributeError) as error:
        # A proxy, or something that only looks like one of the two.
        said = _scrubbed(repr(error), token)
        print(f"propose: failed, {forge.api} does not answer as {options.forge} does: {said}", file=sys.stderr)
        return 1
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="propose.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--forge", choices=FORGES, required=True)
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME")
    parser.add_argument("--remote", required=True, metavar="URL", help="where to push to, over https")
    parser.add_argument("--base", default="main", metavar="BRANCH", help="what the change is for")
    parser.add_argument("--api", metavar="URL", help="the API of a forge of your own")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
