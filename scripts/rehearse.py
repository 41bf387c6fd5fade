"""Rehearse a pin in a copy of the project: take up documents, do the steps that CONTRIBUTING.md names, run all tests.

The copy is a clone of the last commit in a temporary folder; the project stays as it is. The documents are pinned one
after the other, each as published on the day that its file is named after, or else on the day after the one before it.
What breaks users is accepted, and so is what is older or was pinned before. The report lists what a person has to do;
there should be nothing.

Exit status: 0 nothing is left to do, 1 something is, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scripts.lib.junit import failures
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, counted, show_error
from scripts.lib.verb import Arguments
from scripts.spec import lock as locks

SOURCES = ("core", "generated", "sandbox", "cli", "contract", ".")
COMMITTER = ("-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.com")


@dataclass(frozen=True)
class Rehearsal:
    """Result of a rehearsal: what a person has to do, as the step that stopped, or as the tests that fail."""

    pinned: list[str] = field(default_factory=list)
    stopped: str = ""
    failures: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.stopped and not self.failures


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    marks = "not slow" if options.fast else "not long"
    try:
        with Progress(quiet=options.json) as progress, tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
            found = rehearse(options.files, Path(folder), ["-m", marks, *options.tests], on_step=progress.step)
    except Failed as error:
        return show_error(error, as_json=options.json)
    if options.json:
        print(json.dumps({"done": found.done, **asdict(found)}, indent=2))
    else:
        print("\n".join([*found.failures, *([found.stopped] if found.stopped else [])]) or "nothing is left to do")
        if found.failures:
            print(f"{counted(found.failures, 'failing test')} after {', '.join(found.pinned)}")
    return 0 if found.done else 1


def rehearse(files: Sequence[Path], folder: Path, tests: Sequence[str], *, on_step: Progress.OnStep) -> Rehearsal:
    """Rehearse the pin of `files` in `folder`, and run `tests`, the arguments of pytest.

    Raises:
        Failed: the project cannot be copied.
    """
    on_step("copy")
    copy = Layout(folder / "project")
    _git("clone", "--quiet", "--local", str(PROJECT.root), str(copy.root))
    (copy.root / ".venv").symlink_to(PROJECT.root / ".venv")
    pinned: list[str] = []
    for file in files:
        on_step("pin")
        day = _day_of(file, locks.read(copy.lock).date)
        why = _run(copy, "scripts.pin", str(file.resolve()), "--date", day.isoformat(), "--accept-breaking", "--older")
        if why:
            return Rehearsal(pinned, stopped=f"pin {file.name}: {why}")
        pinned.append(file.name)
    on_step("record")
    if why := _run(copy, "scripts.record", "--sandbox"):
        return Rehearsal(pinned, stopped=f"record: {why}")
    _git("-C", str(copy.root), "add", "--all")
    _git("-C", str(copy.root), *COMMITTER, "commit", "--quiet", "--allow-empty", "--message", "Pin")
    on_step("test")
    results = folder / "results.xml"
    _run(copy, "pytest", "--quiet", "--numprocesses=auto", "--dist=worksteal", f"--junit-xml={results}", *tests)
    if not results.exists():
        return Rehearsal(pinned, stopped="test: pytest does not start")
    return Rehearsal(pinned, failures=failures(results))


def _run(copy: Layout, module: str, *arguments: str) -> str:
    """Run a module in the copy; returns what it said at its end if it failed, else nothing."""
    path = os.pathsep.join(str(copy.root / source) for source in SOURCES)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=copy.root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return "" if done.returncode == 0 else "\n".join(said[-20:]) or f"exit status {done.returncode}"


def _day_of(file: Path, before: datetime.date) -> datetime.date:
    """The day on which a document was published."""
    try:
        return datetime.date.fromisoformat(file.stem)
    except ValueError:
        return min(before + datetime.timedelta(days=1), datetime.datetime.now(datetime.UTC).date())


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed("copy", f"git {' '.join(arguments[:3])} failed: {done.stderr.strip()}")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("nox -s rehearse --", __doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a document to pin")
    parser.add_argument("--fast", action="store_true", help="run the fast tests only")
    parser.add_argument("--tests", action="append", default=[], metavar="PATH", help="run these tests only")
    options = parser.parse_args(arguments)
    for file in options.files:
        if not file.is_file():
            parser.error(f"{file} is no file")
    return options


if __name__ == "__main__":
    sys.exit(main())
