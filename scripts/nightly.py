"""Look whether the vendor has published another document than the pinned one, and prepare the change of the client.

It pins what is published, records what the sandbox answers then, runs the fast tests, and leaves in a folder: the
outcome (`nightly.json`), the text for people (`body.md`), the whole report, and the commits (`change.bundle`). It needs
no secret and pushes nothing: `scripts/propose.py` brings that to a forge. Run it in a clone that may change.

Exit status: 0 a change, or nothing new, 1 it failed: the folder says why.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from scripts.evolution.report import MAX_BODY, SHORTENED, TO_JUDGE
from scripts.lib.junit import failures
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.process import end, execute, git, run, tool
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, show_error
from scripts.lib.verb import Arguments
from scripts.spec import lock as locks

STEP = "nightly"
BRANCH = "document"
"""The branch of the change; `scripts.propose`, which imports nothing of ours, knows it too."""

SOURCES = ("core", "generated", "sandbox", "contract", "")
PERSON = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "nightly"), ("EMAIL", "nightly@localhost"))
}
"""Whom the commits are by: what is by others, `scripts.propose` does not overwrite."""
MAX_LISTED = 20
MAX_LINE = 300


def main(arguments: list[str] | None = None, *, layout: Layout = PROJECT) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        with Progress(quiet=options.json) as progress:
            if git(STEP, layout.root, "status", "--porcelain"):
                raise Failed(STEP, "the clone has changes", "run it in one of its own")
            outcome = prepare(layout, options.folder, options.document, on_step=progress.step)
    except (Refused, Failed) as error:
        body = f"The nightly run could not take up what the vendor publishes.\n\n```text\n{error}\n```\n"
        _write(options.folder, {"outcome": "failure"}, body)
        show_error(error, as_json=options.json)
        return 1
    print(json.dumps(outcome, indent=2) if options.json else outcome["outcome"])
    return 0


def prepare(layout: Layout, folder: Path, document: list[str], *, on_step: Progress.OnStep) -> dict[str, object]:
    """Pin, record, test and commit, with all that people need in `folder`. Returns the outcome; raises `Failed`."""
    on_step("check")
    _run(layout, "scripts.check_generated")
    on_step("pin")
    report, body = folder / "report.md", folder / "body.md"
    before = locks.read(layout.lock)
    draft = _pin(layout, report, body, *document)
    if date := _date_of_proposed(layout, folder, before):
        # As on the night when it came: else the same change would be another one each night.
        git(STEP, layout.root, "reset", "--quiet", "--hard")
        git(STEP, layout.root, "clean", "--quiet", "--force", "-d")
        draft = _pin(layout, report, body, *document, "--date", date)
    if not git(STEP, layout.root, "status", "--porcelain"):
        return _write(folder, {"outcome": "nothing"}, "Nothing new was published.\n")
    draft = draft or TO_JUDGE in report.read_text("utf-8")
    on_step("record")
    _run(layout, "scripts.record", "--sandbox")
    on_step("test")
    failed = _test(layout, folder)
    text = body.read_text("utf-8")
    if failed:
        listed = "\n".join(f"- {each[:MAX_LINE]}" for each in failed[:MAX_LISTED])
        text = f"## {len(failed)} tests fail after it\n\n{listed}\n\n{text}"
        if len(text) > MAX_BODY:
            text = f"{text[: MAX_BODY - len(SHORTENED) - 3]}\n\n{SHORTENED}\n"
    on_step("commit")
    sha256 = locks.read(layout.lock).sha256[:12]
    _commit(layout, folder, sha256)
    title = f"Pin the document {sha256}"
    return _write(folder, {"outcome": "change", "title": title, "draft": draft or bool(failed)}, text)


def _pin(layout: Layout, report: Path, body: Path, *arguments: str) -> bool:
    """Pin what is published. Returns whether people have to decide, because it would break users."""
    report.unlink(missing_ok=True)
    command = ("scripts.pin", *arguments, "--report", str(report), "--body", str(body))
    try:
        _run(layout, *command)
    except Failed:
        # A report without a pin: all went well, but it would break its users. They decide in the change request.
        if not report.exists() or not report.stat().st_size:
            raise
        because = "the nightly run; who merges its change request decides"
        _run(layout, *command, "--accept-breaking", "--because", because)
        return True
    return False


def _date_of_proposed(layout: Layout, folder: Path, before: locks.Lock) -> str:
    """The date that the document which was just pinned has in the change request that there is; "" if in none."""
    pinned, path = locks.read(layout.lock), folder / "proposed.lock.toml"
    try:
        place = f"refs/remotes/origin/{BRANCH}:{layout.lock.relative_to(layout.root).as_posix()}"
        path.write_text(git(STEP, layout.root, "show", place), "utf-8")
        proposed = locks.read(path)
    except (Failed, Refused):
        return ""  # There is none, or not in this clone.
    is_same = (proposed.sha256, proposed.vendor_sha256) == (pinned.sha256, pinned.vendor_sha256)
    return str(proposed.date) if is_same and before.date <= proposed.date < pinned.date else ""


def _commit(layout: Layout, folder: Path, sha256: str) -> None:
    """The commits of the change on a branch of its own, as a bundle: generated code and recordings by themselves."""
    root = layout.root
    base = git(STEP, root, "rev-parse", "HEAD").strip()
    git(STEP, root, "switch", "--quiet", "--force-create", BRANCH)
    groups = {
        f"Pin the document {sha256}": [".", ":!generated", ":!tests/contract/recordings"],
        "Regenerate": ["generated"],
        "Record the answers of the sandbox": ["tests/contract/recordings"],
    }
    for message, paths in groups.items():
        git(STEP, root, "add", "--all", "--", *(path for path in paths if path[0] == ":" or (root / path).exists()))
        if git(STEP, root, "diff", "--cached", "--name-only"):
            command = ["git", "commit", "--quiet", "--message", message]
            run(STEP, "git commit", command, folder=root, variables={**os.environ, **PERSON})
    git(STEP, root, "bundle", "create", "--quiet", str((folder / "change.bundle").resolve()), f"{base}..{BRANCH}")


def _test(layout: Layout, folder: Path) -> list[str]:
    results = (folder / "tests.xml").resolve()
    options = ("--quiet", "--numprocesses=auto", "-m", "not slow", f"--junit-xml={results}")
    done = execute(tool("pytest", *options), folder=layout.root, variables=_variables(layout), merged=True)
    (folder / "tests.log").write_text(done.stdout, "utf-8")
    if not results.exists():
        raise Failed("test", f"the tests do not run\n{end(done.stdout)}")
    return failures(results)


def _run(layout: Layout, module: str, *arguments: str) -> None:
    done = execute(tool(module, *arguments), folder=layout.root, variables=_variables(layout), merged=True)
    if done.returncode:
        # What is said once must not differ by how long a step took.
        lines = [line for line in done.stdout.splitlines() if not line.endswith(" s")]
        raise Failed(module.rpartition(".")[2], end("\n".join(lines)))


def _variables(layout: Layout) -> dict[str, str]:
    path = os.pathsep.join(str(layout.root / source) for source in SOURCES)
    return {**os.environ, "PYTHONPATH": path}


def _write(folder: Path, outcome: dict[str, object], body: str) -> dict[str, object]:
    (folder / "body.md").write_text(body, "utf-8")
    (folder / "nightly.json").write_text(json.dumps(outcome, indent=2) + "\n", "utf-8")
    return outcome


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.nightly", __doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to leave what was found")
    parser.add_argument("document", nargs="*", metavar="URL|FILE", help="another document than the published one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
