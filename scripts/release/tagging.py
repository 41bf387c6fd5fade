"""Version, changelog, commit and tag of a release, all or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from scripts.compatibility.changelog import add_changelog_entry, latest_release
from scripts.compatibility.judge import Change, level
from scripts.compatibility.released import Released, api_entry, last_release, recorded_at, release_tags, version_of
from scripts.compatibility.surface import surface
from scripts.compatibility.versions import FILE as VERSION_FILE
from scripts.compatibility.versions import next_version, parse_version, read_version, write_version
from scripts.evolution.history import is_shallow
from scripts.lib import process
from scripts.lib.layout import Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, counted, refused
from scripts.spec import lock as locks
from scripts.spec.registry import read_registry, write_registry

STEP = "release"
AUTO = "auto"
CHANGELOG = Path("CHANGELOG.md")

Git = Callable[..., str]
"""Runs git in the repository with these arguments. Returns its output; raises `Failed`."""

_refused = partial(refused, STEP)


@dataclass(frozen=True)
class Release:
    """A release that was made.

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


def release(layout: Layout, version: str, *, date: datetime.date, on_step: Progress.OnStep) -> Release:
    """Make the release `version`, or the one that follows if that is `AUTO`.

    Raises `Refused` or `Failed` with everything as it was.
    """
    git = partial(process.git, STEP, layout.root)
    on_step("check")
    if changed := git("status", "--porcelain").splitlines():
        what = f"{counted(changed, 'file')} not committed: {', '.join(line[3:] for line in changed[:3])}"
        raise _refused(what, "a release is what is committed; commit them, or remove them")
    if is_shallow(layout):
        what = "the clone is shallow: it does not know what was released"
        raise _refused(what, "a version would be made twice; `git fetch --unshallow --tags`")
    branch = git("branch", "--show-current").strip()
    if not branch:
        raise _refused("no branch is checked out", "the commit of the release would be on none; `git switch` to one")
    tags = release_tags(layout)
    if version != AUTO:
        _check(layout, version, tags)
    on_step("compare")
    previous, because = last_release(layout), ""
    if version != AUTO:
        now = recorded_at("HEAD", layout).surface
    elif previous:
        now = surface(layout, on_step=on_step)
        version, because = _following(previous, previous.changes(now))
        _check(layout, version, tags)
    else:
        current = read_version((layout.root / VERSION_FILE).read_text("utf-8"))
        why = f"the first version is for you to choose; `nox -s release -- {current}`"
        raise _refused("there is no release to compare with, so no version follows", why)
    tag = f"v{version}"
    log = _read(layout.root / CHANGELOG)
    # What somebody has prepared by hand stays as it is.
    entry = "" if latest_release(log) == version else api_entry(previous, now, locks.read(layout.lock))
    contents = {
        VERSION_FILE: write_version(layout.root, version),
        CHANGELOG: add_changelog_entry(log, version, date, entry).encode(),
    }
    if layout.names.exists() and (names := read_registry(layout.names)).review:
        # What is released stays.
        contents[layout.names.relative_to(layout.root)] = write_registry(replace(names, review={})).encode()
    before = git("rev-parse", "HEAD").strip()
    # Of whoever has a key, GPG's or SSH's, the release is signed.
    signed = bool(git("config", "--default", "", "--get", "user.signingkey").strip())
    on_step("commit")
    with _all_or_nothing(git, list(contents), before, tag):
        for file, content in contents.items():
            (layout.root / file).write_bytes(content)
        git("add", "--", *map(str, contents))
        if git("diff", "--cached", "--name-only"):  # else somebody has prepared the release by hand
            git("commit", "--quiet", *(["--gpg-sign"] if signed else []), "--message", f"Release {version}")
        on_step("tag")
        git("tag", "--sign" if signed else "--annotate", tag, "--message", f"Release {version}")
    commit = git("rev-parse", "HEAD").strip()
    remote = git("config", "--default", "origin", "--get", f"branch.{branch}.remote").strip()
    return Release(version, tag, before, commit, branch, remote, previous.ref if previous else "", because)


def _following(previous: Released, changes: Sequence[Change]) -> tuple[str, str]:
    """The version that follows from what has changed since a release, and the reason in words."""
    raised = level(changes) or "patch"
    because = f"{counted(changes, 'change')} of the surface since {previous.ref}: {raised}"
    return next_version(previous.version, raised), because


def _check(layout: Layout, version: str, tags: Sequence[str]) -> None:
    """Refuse a version that was released, or is not higher than all that were."""
    wanted = parse_version(version)
    highest = max(tags, key=version_of, default="")
    if f"v{version}" in tags:
        raise _refused(f"the tag v{version} exists", "a release is never changed; take a higher version, or `auto`")
    if highest and wanted < version_of(highest):
        raise _refused(f"{version} is not higher than {highest}", "versions only rise; take a higher one, or `auto`")
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
            todo = f"git tag --delete {tag}; git reset --hard {before}"
            raise Failed(STEP, f"{error}; then it could not be undone: {another.message}", todo) from error
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
