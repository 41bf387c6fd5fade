#!/usr/bin/env python3
"""Bring what the nightly run found to the people of a forge: one change request, or one issue if it failed.

    python3 scripts/propose.py FOLDER --forge github|gitlab --repository OWNER/NAME --remote URL [--api URL]

FOLDER is what `scripts.nightly` left. The token is in the variable FORGE_TOKEN, and only this program needs it, which
uses the standard library alone and runs nothing but git. The change request stays the same one from night to night,
with what is published today; older ones are closed. So does the issue, and the same failure is said once.

Exit status: 0 done, 1 the forge or git refused.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

BRANCH = "document"
"""The branch of the one change request, as `scripts.nightly` makes it; those of older ones begin so."""

ISSUE = "The nightly run fails"
SECONDS = 60


class ForgeError(Exception):
    """The forge, or git, did not do what it was asked for; the message says what and why."""


@dataclass(frozen=True)
class Entry:
    """A change request or an issue: `number` is what the forge calls it, `id` what its GraphQL does."""

    number: int
    branch: str
    body: str
    draft: bool = False
    id: str = ""


class Forge:
    """The REST API of a forge: what is open, and how to change it."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self.api = api.rstrip("/")
        self.repository = repository
        self.token = token

    def ask(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Any:
        body = json.dumps(data).encode() if data is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = Request(f"{self.api}{path}", data=body, method=method, headers=headers)
        try:
            with urlopen(request, timeout=SECONDS) as response:
                text = response.read()
        except HTTPError as error:
            said = error.read().decode("utf-8", "replace")[:300]
            raise ForgeError(f"{method} {path}: {error.code}: {said}") from None
        except (URLError, OSError) as error:
            raise ForgeError(f"{method} {path}: {error}") from None
        return json.loads(text) if text else None


class GitHub(Forge):
    @property
    def root(self) -> str:
        return f"/repos/{self.repository}"

    def requests(self) -> list[Entry]:
        found = self.ask("GET", f"{self.root}/pulls?state=open&per_page=100")
        return [Entry(e["number"], e["head"]["ref"], e["body"] or "", e["draft"], e["node_id"]) for e in found]

    def open_request(self, base: str, title: str, body: str, *, draft: bool) -> None:
        data = {"head": BRANCH, "base": base, "title": title, "body": body, "draft": draft}
        self.ask("POST", f"{self.root}/pulls", data)

    def update_request(self, entry: Entry, title: str, body: str, *, draft: bool) -> None:
        self.ask("PATCH", f"{self.root}/pulls/{entry.number}", {"title": title, "body": body})
        if draft != entry.draft:
            mutation = "convertPullRequestToDraft" if draft else "markPullRequestReadyForReview"
            query = f"mutation($id: ID!) {{ {mutation}(input: {{pullRequestId: $id}}) {{ clientMutationId }} }}"
            self.ask("POST", "/graphql", {"query": query, "variables": {"id": entry.id}})

    def close_request(self, entry: Entry, why: str) -> None:
        self.ask("POST", f"{self.root}/issues/{entry.number}/comments", {"body": why})
        self.ask("PATCH", f"{self.root}/pulls/{entry.number}", {"state": "closed"})

    def start_checks(self) -> None:
        # What is pushed with the token of a workflow starts none by itself.
        self.ask("POST", f"{self.root}/actions/workflows/checks.yml/dispatches", {"ref": BRANCH})

    def issue(self) -> Entry | None:
        found = self.ask("GET", f"{self.root}/issues?state=open&per_page=100")
        return next((Entry(e["number"], "", e["body"] or "") for e in found if e["title"] == ISSUE), None)

    def open_issue(self, body: str) -> None:
        self.ask("POST", f"{self.root}/issues", {"title": ISSUE, "body": body})

    def update_issue(self, entry: Entry, body: str) -> None:
        self.ask("PATCH", f"{self.root}/issues/{entry.number}", {"body": body})
        note = {"body": f"It fails for another reason:\n\n{body}"}
        self.ask("POST", f"{self.root}/issues/{entry.number}/comments", note)

    def close_issue(self, entry: Entry) -> None:
        self.ask("PATCH", f"{self.root}/issues/{entry.number}", {"state": "closed"})


class GitLab(Forge):
    @property
    def root(self) -> str:
        return f"/projects/{quote(self.repository, safe='')}"

    def requests(self) -> list[Entry]:
        found = self.ask("GET", f"{self.root}/merge_requests?{urlencode({'state': 'opened', 'per_page': 100})}")
        return [Entry(e["iid"], e["source_branch"], e["description"] or "", e["draft"]) for e in found]

    def open_request(self, base: str, title: str, body: str, *, draft: bool) -> None:
        data = {"source_branch": BRANCH, "target_branch": base, "description": body}
        self.ask("POST", f"{self.root}/merge_requests", {**data, "title": self._title(title, draft)})

    def update_request(self, entry: Entry, title: str, body: str, *, draft: bool) -> None:
        data = {"title": self._title(title, draft), "description": body}
        self.ask("PUT", f"{self.root}/merge_requests/{entry.number}", data)

    def _title(self, title: str, draft: bool) -> str:
        return f"Draft: {title}" if draft else title

    def close_request(self, entry: Entry, why: str) -> None:
        self.ask("POST", f"{self.root}/merge_requests/{entry.number}/notes", {"body": why})
        self.ask("PUT", f"{self.root}/merge_requests/{entry.number}", {"state_event": "close"})

    def start_checks(self) -> None:
        """A push starts the pipeline by itself."""

    def issue(self) -> Entry | None:
        found = self.ask("GET", f"{self.root}/issues?{urlencode({'state': 'opened', 'search': ISSUE, 'in': 'title'})}")
        return next((Entry(e["iid"], "", e["description"] or "") for e in found if e["title"] == ISSUE), None)

    def open_issue(self, body: str) -> None:
        self.ask("POST", f"{self.root}/issues", {"title": ISSUE, "description": body})

    def update_issue(self, entry: Entry, body: str) -> None:
        self.ask("PUT", f"{self.root}/issues/{entry.number}", {"description": body})
        note = {"body": f"It fails for another reason:\n\n{body}"}
        self.ask("POST", f"{self.root}/issues/{entry.number}/notes", note)

    def close_issue(self, entry: Entry) -> None:
        self.ask("PUT", f"{self.root}/issues/{entry.number}", {"state_event": "close"})


FORGES: dict[str, tuple[type[GitHub] | type[GitLab], str]] = {
    "github": (GitHub, "https://api.github.com"),
    "gitlab": (GitLab, "https://gitlab.com/api/v4"),
}


def propose(folder: Path, forge: GitHub | GitLab, remote: str, base: str) -> str:
    """Bring the outcome in `folder` to the forge. Returns in a line what was done; raises `ForgeError`."""
    if (folder / "nightly.json").exists():
        outcome = json.loads((folder / "nightly.json").read_text("utf-8"))
        body = (folder / "body.md").read_text("utf-8")
    else:
        outcome, body = {"outcome": "failure"}, "The nightly run did not get to its end: its log says why.\n"
    issue = forge.issue()
    if outcome["outcome"] == "failure":
        return _say_failure(forge, issue, body)
    done = []
    if issue:
        forge.close_issue(issue)
        done.append("closed the issue of an earlier failure")
    open_now = forge.requests()
    current = next((entry for entry in open_now if entry.branch == BRANCH), None)
    older = [entry for entry in open_now if entry.branch.startswith(f"{BRANCH}-")]
    if outcome["outcome"] == "change":
        pushed = _push(folder / "change.bundle", remote, forge.token)
        if current:
            if pushed or current.body != body or current.draft != outcome["draft"]:
                forge.update_request(current, outcome["title"], body, draft=outcome["draft"])
                done.append("updated the change request")
        else:
            forge.open_request(base, outcome["title"], body, draft=outcome["draft"])
            done.append("opened a change request")
        if pushed or not current:
            forge.start_checks()
    elif current:
        older.append(current)
    for entry in older:
        forge.close_request(entry, "Another document is published now, or this one is pinned.")
        done.append(f"closed the change request {entry.number}")
    return "; ".join(done) or "nothing to do"


def _say_failure(forge: GitHub | GitLab, issue: Entry | None, body: str) -> str:
    if issue is None:
        forge.open_issue(body)
        return "opened an issue"
    if issue.body.strip() == body.strip():
        return "the issue says so already"
    forge.update_issue(issue, body)
    return "updated the issue"


def _push(bundle: Path, remote: str, token: str) -> bool:
    """Push the branch of the bundle unless the remote has the same content on the same base."""
    _git("fetch", "--quiet", "--force", str(bundle), f"{BRANCH}:refs/nightly/new")
    listed = _git("ls-remote", remote, f"refs/heads/{BRANCH}", token=token)
    if listed:
        _git("fetch", "--quiet", "--force", remote, f"{BRANCH}:refs/nightly/old", token=token)
        # Commits differ by their moment alone.
        pairs = [_git("log", "--format=%T %s", f"refs/nightly/{each}", "-4") for each in ("old", "new")]
        if pairs[0] == pairs[1]:
            return False
    _git("push", "--quiet", "--force", remote, f"refs/nightly/new:refs/heads/{BRANCH}", token=token)
    return True


def _git(*arguments: str, token: str = "") -> str:
    environment = dict(os.environ)
    environment.pop("FORGE_TOKEN", None)
    if token:
        # Not in the URL, which is in the list of arguments and in messages.
        pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        header = {"KEY_0": "http.extraHeader", "VALUE_0": f"Authorization: Basic {pair}", "COUNT": "1"}
        environment |= {f"GIT_CONFIG_{name}": value for name, value in header.items()}
    done = subprocess.run(["git", *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ForgeError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    kind, api = FORGES[options.forge]
    token = os.environ.get("FORGE_TOKEN", "")
    try:
        if not token:
            raise ForgeError("FORGE_TOKEN is not set")
        forge = kind(options.api or api, options.repository, token)
        print(propose(options.folder, forge, options.remote, options.base))
    except (ForgeError, OSError) as error:
        print(f"propose: failed, {str(error).replace(token, '***') if token else error}", file=sys.stderr)
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
