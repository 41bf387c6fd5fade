"""The preflight: each check that a commit must pass to be released, and how all of them are run."""

from __future__ import annotations

import os
import re
import sys
import time
import tomllib
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.compatibility.released import release_tags
from scripts.compatibility.versions import FILE as VERSION_FILE
from scripts.compatibility.versions import read_version
from scripts.evolution.history import is_shallow
from scripts.lib.junit import failures, skips, tests
from scripts.lib.layout import Layout
from scripts.lib.process import end, execute, git
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, counted
from scripts.release.build import build, sources_in
from scripts.release.dist import Receipt, distributions, read_metadata, sums_of
from scripts.release.environments import built_wheel, passed, try_wheel
from scripts.spec import lock as locks

LOGS = Path("build", "preflight")
"""Where the checks leave the whole output of what they run."""

RESULTS = LOGS / "tests.xml"


class Problem(Exception):  # noqa: N818 - it says what is wrong, in words for people
    """A check is not passed: `what` is wrong, `todo` says what to do about it, `said` is the part to read first."""

    def __init__(self, what: str, todo: str, said: str = "") -> None:
        self.what, self.todo, self.said = what, todo, said
        super().__init__(what, todo, said)


Check = Callable[[Layout], str]
"""Returns in a few words what it found to be well; raises `Problem`."""


@dataclass(frozen=True)
class Verdict:
    """Outcome of one check."""

    check: str
    passed: bool
    seconds: float
    what: str
    todo: str = ""
    said: str = ""


def run_checks(
    layout: Layout, checks: Mapping[str, Check], *, only: Collection[str], on_step: Progress.OnStep
) -> list[Verdict]:
    """The verdicts of those of the `checks` that are named in `only`."""
    verdicts = []
    for name, check in checks.items():
        if name in only:
            on_step(name)
            verdicts.append(_judge(name, check, layout))
    return verdicts


def still_the_same(layout: Layout, verdicts: Sequence[Verdict]) -> Verdict:
    """Whether what the checks began on is there at their end too."""
    began = next(each.what for each in verdicts if each.check == "clean")

    def check(layout: Layout) -> str:
        if (ended := check_clean(layout)) != began:
            raise Problem(f"it began on {began}, and ends on {ended}", "`nox -s preflight`, and leave the clone alone")
        return ended

    return _judge("still clean", check, layout)


def write_receipt(layout: Layout, verdicts: Sequence[Verdict]) -> Receipt:
    """Leave the receipt of a preflight in dist/ that has passed with these verdicts, on what is committed."""
    dist = layout.root / "dist"
    wheel, _ = distributions(dist)
    receipt = Receipt(
        version=str(read_metadata(wheel).version),
        commit=_git(layout, "rev-parse", "HEAD").strip(),
        tags=_git(layout, "tag", "--points-at", "HEAD").split(),
        tree=_git(layout, "rev-parse", "HEAD^{tree}").strip(),
        document=locks.read(layout.lock).sha256,
        sums=sums_of(dist),
        checks={each.check: each.what for each in verdicts},
        skips=dict(skips(layout.root / RESULTS)),
    )
    receipt.write(dist)
    return receipt


def _judge(name: str, check: Check, layout: Layout) -> Verdict:
    began = time.monotonic()
    passed, todo, said = False, "", ""
    try:
        what = check(layout)
        passed = True
    except Problem as problem:
        what, todo, said = problem.what, problem.todo, problem.said
    except (Refused, Failed) as error:
        what, _, said = str(error).partition("\n")
        todo = f"mend that, then `nox -s preflight -- --only {name}`"
    except Exception as error:
        # Not thought of, but no reason to leave the other checks out, and least of all to let anything pass.
        what, todo, said = f"{type(error).__name__}: {error}", "mend the check", traceback.format_exc()
    return Verdict(name, passed, time.monotonic() - began, what, todo, said)


# --- the checks ---


def check_clean(layout: Layout) -> str:
    """All files are committed, those apart that git ignores, in a clone that has all commits and tags."""
    if not (layout.root / ".git").exists():
        # git would speak of a repository around it, which has other commits.
        what = "this folder is no clone: nothing says which commit it is"
        raise Problem(what, "release from a clone; who has a copy without git can only build")
    if is_shallow(layout):
        what = "the clone is shallow: it does not know what was released"
        raise Problem(what, "`git fetch --unshallow --tags`; in a CI, clone with all commits and tags")
    # Not as the user may have set it, which hides new files.
    changed = _git(layout, "status", "--porcelain", "--untracked-files=normal").splitlines()
    hidden = [line for line in _git(layout, "ls-files", "-v").splitlines() if line[0] == "S" or line[0].islower()]
    if hidden:
        what = f"git does not look at {counted(hidden, 'file')}, by assume-unchanged or skip-worktree"
        raise Problem(what, "`git update-index --no-assume-unchanged --no-skip-worktree FILE`", "\n".join(hidden[:12]))
    if changed:
        what = f"{counted(changed, 'file')} not committed"
        raise Problem(what, "commit, or remove, what is not committed", "\n".join(changed[:12]))
    return f"commit {_git(layout, 'rev-parse', '--short', 'HEAD').strip()}"


def check_changelog(layout: Layout) -> str:
    """CHANGELOG.md says what is in this version."""
    version = read_version((layout.root / VERSION_FILE).read_text("utf-8"))
    tag = f"v{version}"
    if tag in release_tags(layout) and len({*_git(layout, "rev-parse", f"{tag}^{{commit}}", "HEAD").split()}) > 1:
        todo = "`nox -s release -- auto` makes the next release"
        raise Problem(f"{version} is released as {tag}, and this is another commit", todo)
    here = {*_git(layout, "tag", "--points-at", "HEAD").split()} & {*release_tags(layout)}
    if others := sorted(here - {tag}):
        what = f"the tag {', '.join(others)} is at this commit, whose version is {version}"
        raise Problem(what, f"`git tag --delete {' '.join(others)}`; `nox -s release` makes a tag with its version")
    changelog = (layout.root / "CHANGELOG.md").read_text("utf-8")
    heading = rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)[ \t]*$"
    found = re.search(rf"{heading}(?P<text>.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if not found:
        todo = f"`nox -s release -- {version}` makes one of what is under Unreleased"
        raise Problem(f"CHANGELOG.md has no section for {version}", todo)
    if not re.search(r"^[-*] +\S", found["text"], re.MULTILINE):
        raise Problem(f"CHANGELOG.md says nothing about {version}", "say what changes for users")
    return f"{version} of {found[1]}"


def check_build(layout: Layout) -> str:
    """The archives can be built, and nothing is wrong with them."""
    artefacts = build(layout, layout.root / "dist", on_step=lambda step: None)
    # What git ignores by settings of the user alone would be in the wheel, and in no commit.
    committed = {*_git(layout, "ls-files", "-z").split("\0")}
    if foreign := [name for name in sources_in(layout, layout.root / "dist") if name not in committed]:
        what = f"{counted(foreign, 'file')} in the build and in no commit"
        raise Problem(what, "commit, or remove, them", "\n".join(foreign[:12]))
    return f"{counted(artefacts, 'file')} in dist/"


def check_smoke(layout: Layout) -> str:
    """The wheel of dist/ works in bare environments."""
    trials = try_wheel(built_wheel(layout.root / "dist"), on_step=lambda step: None)
    failures = [trial for trial in trials if trial.status == "failed"]
    skipped = sorted({trial.said for trial in trials if trial.status == "skipped"})
    if not passed(trials):
        said = "\n".join(f"Python {each.python}, {each.dependencies}: {each.said}" for each in failures)
        what = f"{len(failures)} of {counted(trials, 'environment')} failed" if failures else "; ".join(skipped)
        raise Problem(what, "`nox -s smoke` shows it again" if failures else "install a Python", said)
    done = [trial for trial in trials if trial.status == "passed"]
    return "; ".join([counted(done, "environment"), *skipped])


def command(name: str, todo: str, *arguments: str) -> Check:
    """The check that `python ARGUMENTS` succeeds, with its whole output in NAME.log."""

    def check(layout: Layout) -> str:
        log = layout.root / LOGS / f"{name}.log"
        status, output = _run(layout, log, *arguments)
        if status:
            raise Problem(f"exit status {status}", todo, f"{end(output)}\nall of it: {log.relative_to(layout.root)}")
        return end(output).rpartition("\n")[2].strip("= ")

    return check


def check_tests(layout: Layout) -> str:
    """All tests pass, and those that were skipped may be."""
    results, log = layout.root / RESULTS, layout.root / LOGS / "tests.log"
    results.unlink(missing_ok=True)
    status, output = _run(layout, log, "-m", "nox", "--session", "test", "--", f"--junit-xml={results}")
    where = f"all of it: {log.relative_to(layout.root)}"
    if not results.exists():
        raise Problem("the tests do not run", "mend what stops them", f"{end(output)}\n{where}")
    failed = failures(results)
    if status or failed:
        what = f"exit status {status}, {counted(failed, 'failure')}"
        raise Problem(what, "mend them; `nox -s test` runs them again", "\n".join([*failed, where]))
    reasons = skips(results)
    if unknown := [f"{number} x {reason}" for reason, number in reasons.items() if not _is_admitted(reason, layout)]:
        todo = "make them run here, or admit the reason: `[tool.preflight] skips` in pyproject.toml"
        raise Problem(f"{counted(unknown, 'reason')} to skip tests that may not be skipped", todo, "\n".join(unknown))
    return f"{tests(results)} tests, {reasons.total()} of them skipped for {counted(reasons, 'admitted reason')}"


def _is_admitted(reason: str, layout: Layout) -> bool:
    settings = tomllib.loads((layout.root / "pyproject.toml").read_text("utf-8"))
    return any(re.search(pattern, reason) for pattern in settings["tool"]["preflight"]["skips"])


def _run(layout: Layout, log: Path, *arguments: str) -> tuple[int, str]:
    """Run `python ARGUMENTS`, with its whole output in `log`. Returns its exit status and the output."""
    # No check needs to publish, and what has no credentials cannot show them.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("UV_PUBLISH_", "TWINE_"))}
    done = execute([sys.executable, *arguments], folder=layout.root, variables=environment, merged=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(done.stdout, "utf-8")
    return done.returncode, done.stdout


def _verb(name: str, todo: str) -> Check:
    """The check that a verb of the noxfile succeeds."""
    return command(name, todo, "-m", "nox", "--session", name)


CHECKS: dict[str, Check] = {
    "clean": check_clean,
    "changelog": check_changelog,
    "surface": command(
        "surface", "`nox -s surface -- --write`, and look at the difference", "-m", "scripts.surface", "--check"
    ),
    "lint": _verb("lint", "`nox -s lint -- --fix`"),
    "build": check_build,
    "check-generated": command(
        "check-generated", "`nox -s regenerate`, and commit it", "-m", "scripts.check_generated"
    ),
    "types": _verb("types", "mend them; `nox -s types` shows them again"),
    "smoke": check_smoke,
    "tests": check_tests,
}
"""By name, the quick ones first."""


def _git(layout: Layout, *arguments: str) -> str:
    try:
        return git("clean", layout.root, *arguments)
    except Failed as error:
        what = "git says nothing about this folder"
        raise Problem(what, "release from a clone, with git installed", error.message) from error
