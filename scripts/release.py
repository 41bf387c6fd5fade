"""Make a release here: the version, its section in CHANGELOG.md, a commit and an annotated tag. Nothing is pushed.

VERSION is what the release is to be called; `auto` is the version that follows from what has changed of the public
surface since the last release. If a step fails, or is interrupted, everything is as it was.

Exit status: 0 done, 1 a step failed, 2 refused.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.pipeline import PROJECT, Layout
from scripts.progress import Progress
from scripts.report import Failed, Finding, Refused, counted, show_error
from scripts.surface import changes_since
from scripts.versions import FILE as VERSION_FILE
from scripts.versions import add_changelog_entry, level, next_version, parse_version, read_version, write_version

STEP = "release"
AUTO = "auto"
CHANGELOG = Path("CHANGELOG.md")


@dataclass(frozen=True)
class Release:
    """What was made, and of what.

    `before` and `commit` are the commits without it and with it, `previous` is the tag of the release before, "" if
    there was none, and `because` says why this version follows, "" if it was given.
    """

    version: str
    tag: str
    before: str
    commit: str
    branch: str
    remote: str
    previous: str
    because: str


def main(arguments: list[str] | None = None, *, layout: Layout = PROJECT) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        with Progress(quiet=options.json) as progress:
            made = release(layout, options.version, date=today, tell=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    print(json.dumps(asdict(made), indent=2) if options.json else _summary(made))
    return 0


def release(layout: Layout, version: str, *, date: datetime.date, tell: Progress.Tell) -> Release:
    """Make the release `version`, or the one that follows if that is `AUTO`.

    Raises `Refused` or `Failed` with everything as it was.
    """
    git = Git(layout.root)
    tell("check")
    if changed := git("status", "--porcelain").splitlines():
        what = f"{counted(changed, 'file')} not committed: {', '.join(line[3:] for line in changed[:3])}"
        raise _refused(what, "a release is what is committed; commit them, or remove them")
    branch = git("branch", "--show-current").strip()
    if not branch:
        raise _refused("no branch is checked out", "the commit of the release would be on none; `git switch` to one")
    tags = _tags(git)
    previous = max(tags, key=parse, default="")
    because = ""
    if version == AUTO:
        if not previous:
            current = read_version((layout.root / VERSION_FILE).read_text("utf-8"))
            why = f"the first version is for you to choose; `nox -s release -- {current}`"
            raise _refused("there is no release to compare with, so no version follows", why)
        tell("compare")
        released, changes = changes_since(previous, layout)
        version = next_version(released, level(changes))
        because = f"{counted(changes, 'change')} of the surface since {previous}: {level(changes)}"
    tag = f"v{version}"
    _check(layout, version, tag, tags, previous)
    contents = {
        VERSION_FILE: write_version(layout.root, version),
        CHANGELOG: add_changelog_entry(_read(layout.root / CHANGELOG), version, date, "").encode(),
    }
    before = git("rev-parse", "HEAD").strip()
    tell("commit")
    with _all_or_nothing(git, list(contents), before, tag):
        for file, content in contents.items():
            (layout.root / file).write_bytes(content)
        git("add", "--", *map(str, contents))
        if git("diff", "--cached", "--name-only"):  # else somebody has prepared the release by hand
            git("commit", "--quiet", "--message", f"Release {version}")
        tell("tag")
        git("tag", "--annotate", tag, "--message", f"Release {version}")
    commit = git("rev-parse", "HEAD").strip()
    remote = git("config", "--default", "origin", "--get", f"branch.{branch}.remote").strip()
    return Release(version, tag, before, commit, branch, remote, previous, because)


def parse(tag: str) -> tuple[int, int, int]:
    """The version of a tag."""
    return parse_version(tag.removeprefix("v"))


class Git:
    """Runs git in the repository at `root`. A call returns what git says, and raises `Failed` if it fails."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, *arguments: str) -> str:
        command = ["git", *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self._root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise Failed(STEP, f"git cannot be run: {error}") from error
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise Failed(STEP, f"git {arguments[0]}, exit status {done.returncode}\n{said}")
        return done.stdout


def _tags(git: Git) -> list[str]:
    """The tags of releases."""
    tags = []
    for tag in git("tag", "--list", "v*").split():
        try:
            parse(tag)
        except Refused:
            continue
        tags.append(tag)
    return tags


def _check(layout: Layout, version: str, tag: str, tags: list[str], previous: str) -> None:
    """Refuse a version that was released, or is not higher than all that were."""
    wanted = parse_version(version)
    if tag in tags:
        raise _refused(f"the tag {tag} exists", "a release is never changed; take a higher version, or `auto`")
    if previous and wanted < parse(previous):
        raise _refused(f"{version} is not higher than {previous}", "versions only rise; take a higher one, or `auto`")
    current = read_version((layout.root / VERSION_FILE).read_text("utf-8"))
    # What version.py has was released, unless it has no tag: then it may be what this release is to be called.
    if wanted < parse_version(current):
        what = f"{version} is not higher than {current}, which {VERSION_FILE.as_posix()} has"
        raise _refused(what, "versions only rise; take a higher one")


@contextmanager
def _all_or_nothing(git: Git, files: list[Path], before: str, tag: str) -> Iterator[None]:
    """Go back to the commit `before`, without the `tag` and with these `files` as they were, unless all succeeds."""
    try:
        yield
    except BaseException as error:
        try:
            if git("tag", "--list", tag):
                git("tag", "--delete", tag)
            git("reset", "--quiet", "--soft", before)
            git("restore", "--source", before, "--staged", "--worktree", "--", *map(str, files))
        except Failed as another:
            hint = f"\n  What to do: git tag --delete {tag}; git reset --hard {before}"
            raise Failed(STEP, f"{error}; then it could not be undone: {another.message}{hint}") from error
        if isinstance(error, Failed):
            raise Failed(STEP, f"{error.message}\nEverything is as it was.") from error
        if isinstance(error, OSError):
            raise Failed(STEP, f"a file could not be written: {error}\nEverything is as it was.") from error
        raise


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise _refused(f"{path.name} cannot be read: {error}", "bring it back from version control") from error


def _refused(what: str, why: str) -> Refused:
    return Refused(STEP, [Finding("", what, why)])


def _summary(made: Release) -> str:
    return "\n".join(
        [
            f"{made.version}: commit {made.commit[:12]} on {made.branch}, tag {made.tag}",
            *([f"  {made.because}"] if made.because else []),
            "Nothing is pushed. What to do next:",
            "  python3 scripts/dev.py nox -s gate",
            f"  git push --atomic {made.remote} {made.branch} {made.tag}",
            f"Or take it back: git tag --delete {made.tag} && git reset --hard {made.before[:12]}",
        ]
    )


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", metavar="VERSION", help=f"MAJOR.MINOR.PATCH, or `{AUTO}`")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
