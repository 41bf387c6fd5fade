"""Bring what lies in dist/ to an index that lacks it, and install it from there."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.lib.layout import PROJECT
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Finding, Refused, refused
from scripts.release.build import SUMS
from scripts.release.index.address import Index
from scripts.release.index.credentials import Credentials
from scripts.release.index.listing import Listing
from scripts.release.index.trial import try_out
from scripts.release.index.upload import Conflict, upload

DIST = PROJECT.root / "dist"
PACKAGE = "instantly-client"
STEP = "publish"
# Some indexes take up what was uploaded in the background.
SECONDS_UNTIL_LISTED = 30.0
_BUILD = "what goes out is what was built and checked: run `nox -s build`"


@dataclass(frozen=True)
class File:
    """A distribution in dist/, and what became of it: `uploaded`, `there already`, or `missing` after a dry run."""

    path: Path
    sha256: str
    size: int
    state: str = "missing"


def reach(index: Index, who: Credentials | None) -> None:
    """Read what the index lists: what is wrong with it is better known before the preflight takes its minutes."""
    with Listing(index, who) as listing:
        listing.files(PACKAGE)


def publish(
    dist: Path, index: Index, who: Credentials | None, *, on_step: Progress.OnStep, dry_run: bool = False
) -> list[File]:
    """Upload what the index lacks of `dist`, then install the wheel from there and use it.

    Raises `Refused` when the index has another content under one of the names, before anything is uploaded.
    """
    files = distributions(dist)
    with Listing(index, who) as listing:
        on_step("compare")
        missing = [file for file in files if not _is_there(file, listing)]
        if not dry_run:
            for number, file in enumerate(missing, 1):
                on_step(f"upload {number}/{len(missing)}")
                _upload(file.path, index, who, listing)
            _await(missing, listing)
    if not dry_run:
        on_step("install")
        try_out(files[0].path, files[0].sha256, index, who)
    state = "missing" if dry_run else "uploaded"
    return [replace(file, state=state if file in missing else "there already") for file in files]


def distributions(dist: Path) -> list[File]:
    """The wheel and the source archive of the build in `dist`, in this order; refuses what is no whole build."""
    found = [path for kind in ("*.whl", "*.tar.gz") for path in sorted(dist.glob(kind))]
    if [path.suffix for path in found] != [".whl", ".gz"] or not (dist / SUMS).exists():
        what = f"{dist} does not hold one wheel, one source archive and their {SUMS}"
        raise refused(STEP, what, _BUILD)
    files = [File(path, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size) for path in found]
    sums = (dist / SUMS).read_text(encoding="utf-8").splitlines()
    if changed := [file for file in files if f"{file.sha256}  {file.path.name}" not in sums]:
        raise Refused(STEP, [Finding(file.path.name, f"it is not the one of {SUMS}", _BUILD) for file in changed])
    return files


def _is_there(file: File, listing: Listing) -> bool:
    """Whether the index has this very file; refuses when it has another one of that name."""
    listed = listing.files(PACKAGE).get(file.path.name)
    if listed is None:
        return False
    if listing.sha256(listed) != file.sha256:
        found, whole = listing.content(listed), file.path.read_bytes()
        # Some indexes keep what they got of an upload that broke off.
        if whole.startswith(found):
            what = f"the index has only {len(found):,} of its {len(whole):,} bytes"
            why = "an upload broke off there: remove the file from the index, and run this again"
        else:
            what = "the index has another content under this name"
            why = "a version means one content for ever: raise it in core/instantly_core/version.py, and build again"
        raise refused(STEP, what, why, at=file.path.name)
    return True


def _upload(path: Path, index: Index, who: Credentials | None, listing: Listing) -> None:
    try:
        upload(path, index, who)
    except Conflict:
        # Another run may have been faster; what it left there is looked at like all that was there before.
        if path.name not in listing.files(PACKAGE):
            raise


def _await(uploaded: list[File], listing: Listing) -> None:
    """Wait until the index lists what was uploaded, and as it was uploaded."""
    until = time.monotonic() + SECONDS_UNTIL_LISTED
    while waiting := [file.path.name for file in uploaded if not _is_there(file, listing)]:
        if time.monotonic() > until:
            what = f"the index took {', '.join(waiting)} but does not list it after {SECONDS_UNTIL_LISTED:.0f} s"
            raise Failed(STEP, what, "see that --check-url is the simple API of the index that takes the uploads")
        time.sleep(0.5)
