"""Bring what is in dist/ to an index that lacks it, and install it from there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.lib.progress import Progress
from scripts.lib.report import Failed, refused
from scripts.release.dist import distributions, read_metadata, sha256
from scripts.release.index.address import Index
from scripts.release.index.credentials import Credentials
from scripts.release.index.listing import Listing
from scripts.release.index.trial import try_out
from scripts.release.index.upload import Unclear, ask, upload

STEP = "publish"
# Some indexes take up what was uploaded in the background.
SECONDS_UNTIL_LISTED = 30.0
# How long an index is asked for a file after an answer that does not say whether it has it.
SECONDS_UNTIL_CLEAR = 5.0


@dataclass(frozen=True)
class File:
    """A distribution in dist/, and what became of it: `uploaded`, `there already`, or `missing` after a dry run."""

    path: Path
    sha256: str
    size: int
    state: str = "missing"


def publish(
    dist: Path, index: Index, who: Credentials | None, *, on_step: Progress.OnStep, dry_run: bool = False
) -> list[File]:
    """Upload what the index lacks of `dist`, then install the wheel from there and use it.

    Raises `Refused` when the index has another content under one of the names, before anything is uploaded.
    """
    files = [File(path, sha256(path), path.stat().st_size) for path in distributions(dist)]
    wheel = files[0]
    package = read_metadata(wheel.path).name
    if not dry_run:
        on_step("ask")
        ask(index, who)
    with Listing(index, who) as listing:
        on_step("compare")
        missing = [file for file in files if not _is_there(file, listing, package)]
        if not dry_run:
            for number, file in enumerate(missing, 1):
                on_step(f"upload {number}/{len(missing)}")
                try:
                    upload(file.path, wheel.path, index, who)
                except Unclear:
                    if not _came(file, listing, package):
                        raise
            _await(missing, listing, package)
            on_step("install")
            try_out(wheel.path.name, wheel.sha256, listing, package)
    state = "missing" if dry_run else "uploaded"
    return [replace(file, state=state if file in missing else "there already") for file in files]


def _is_there(file: File, listing: Listing, package: str) -> bool:
    """Whether the index has this very file; refuses when it has another one of that name."""
    listed = listing.find(package, file.path.name)
    if listed is None:
        return False
    if listed.is_yanked:
        why = "installers pass it over: take that back in the index, or `nox -s release -- auto` makes the next version"
        raise refused(STEP, "the index has yanked it", why, at=file.path.name)
    if listing.sha256(listed) != file.sha256:
        found, whole = listing.content(listed), file.path.read_bytes()
        # Some indexes keep what they got of an upload that broke off.
        if whole.startswith(found):
            what = f"the index has only {len(found):,} of its {len(whole):,} bytes"
            why = "an upload broke off there: remove the file from the index, and run this again"
        else:
            what = "the index has another content under this name"
            why = "a version means one content for ever: `nox -s release -- auto` makes the next one"
        raise refused(STEP, what, why, at=file.path.name)
    return True


def _came(file: File, listing: Listing, package: str) -> bool:
    """Whether the index has the file after all, although its answer did not say so."""
    for _ in _times(SECONDS_UNTIL_CLEAR):
        with suppress(Failed):
            if _is_there(file, listing, package):
                return True
    return False


def _await(uploaded: list[File], listing: Listing, package: str) -> None:
    """Wait until the index lists what was uploaded, and as it was uploaded."""
    waiting, said = uploaded, ""
    for _ in _times(SECONDS_UNTIL_LISTED):
        try:
            waiting = [file for file in waiting if not _is_there(file, listing, package)]
        except Failed as error:
            said = f"\n{error.message}"
        if not waiting:
            return
    names = ", ".join(file.path.name for file in waiting)
    what = f"the index took {names} but does not list it after {SECONDS_UNTIL_LISTED:.0f} s{said}"
    raise Failed(STEP, what, "see that --check-url is the simple API of the index that takes the uploads")


def _times(seconds: float) -> Iterator[None]:
    """Moments to ask at: now, and twice a second until that many are over."""
    until = time.monotonic() + seconds
    yield
    while time.monotonic() < until:
        time.sleep(0.5)
        yield
