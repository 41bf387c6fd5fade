"""Publish the package to a private index: what lies in dist/, once the gate has let it through.

The index is a URL for uploads, or a name: docs/publishing.md says where names and passwords come from. Only what the
index lacks goes up, so a run that broke off can be run again. Then the package is installed from there and used.

Exit status: 0 done or nothing to do, 1 a step failed, 2 refused.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn

from scripts import gate as gating
from scripts.build import SUMS
from scripts.index import address, credentials
from scripts.index.address import Index
from scripts.index.credentials import Credentials
from scripts.index.listing import Listing
from scripts.index.trial import try_out
from scripts.index.upload import Conflict, upload
from scripts.pipeline import PROJECT
from scripts.progress import Progress
from scripts.report import Failed, Finding, Refused, show_error, show_table

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


def pass_gate(tell: Progress.Tell) -> None:
    """Run the gate, which builds dist/ anew. Raises `Refused` with every reason not to publish."""
    verdicts = gating.gate(PROJECT, gating.CHECKS, only=gating.CHECKS, tell=tell)
    findings = [Finding(verdict.check, verdict.what, verdict.todo) for verdict in verdicts if not verdict.passed]
    if findings:
        raise Refused("gate", findings)


def main(
    arguments: list[str] | None = None,
    *,
    gate: Callable[[Progress.Tell], None] = pass_gate,
    dist: Path = DIST,
) -> int:
    """Run the command; returns its exit status. Raising `Refused` or `Failed`, `gate` lets nothing go out."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            index = address.find(options.index, simple=options.check_url, root=PROJECT.root)
            who = credentials.find(index)
            with credentials.withheld():
                if not options.dry_run:
                    progress.step("index")
                    reach(index, who)
                    gate(progress.step)
                files = publish(dist, index, who, dry_run=options.dry_run, tell=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    _show(files, index, options)
    return 0


def reach(index: Index, who: Credentials | None) -> None:
    """Read what the index lists: what is wrong with it is better told before the gate takes its minutes."""
    with Listing(index, who) as listing:
        listing.files(PACKAGE)


def publish(
    dist: Path, index: Index, who: Credentials | None, *, tell: Progress.Tell, dry_run: bool = False
) -> list[File]:
    """Upload what the index lacks of `dist`, then install the wheel from there and use it.

    Raises `Refused` when the index has another content under one of the names, before anything is uploaded.
    """
    files = distributions(dist)
    with Listing(index, who) as listing:
        tell("compare")
        missing = [file for file in files if not _is_there(file, listing)]
        if not dry_run:
            for number, file in enumerate(missing, 1):
                tell(f"upload {number}/{len(missing)}")
                _upload(file.path, index, who, listing)
            _await(missing, listing)
    if not dry_run:
        tell("install")
        try_out(files[0].path, files[0].sha256, index, who)
    state = "missing" if dry_run else "uploaded"
    return [replace(file, state=state if file in missing else "there already") for file in files]


def distributions(dist: Path) -> list[File]:
    """The wheel and the source archive of the build in `dist`, in this order; refuses what is no whole build."""
    found = [path for kind in ("*.whl", "*.tar.gz") for path in sorted(dist.glob(kind))]
    if [path.suffix for path in found] != [".whl", ".gz"] or not (dist / SUMS).exists():
        what = f"{dist} does not hold one wheel, one source archive and their {SUMS}"
        raise Refused(STEP, [Finding("", what, _BUILD)])
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
        raise Refused(STEP, [Finding(file.path.name, what, why)])
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
            raise Failed(
                STEP,
                f"the index took {', '.join(waiting)} but does not list it after {SECONDS_UNTIL_LISTED:.0f} s\n"
                "  What to do: see that --check-url is the simple API of the index that takes the uploads",
            )
        time.sleep(0.5)


def _show(files: list[File], index: Index, options: argparse.Namespace) -> None:
    if options.json:
        listed = [{**asdict(file), "path": file.path.name} for file in files]
        print(json.dumps({"index": asdict(index), "dry_run": options.dry_run, "files": listed}, indent=2))
        return
    if options.dry_run:
        print(f"dry run: nothing is uploaded, the gate did not run; this would go to {index.upload}")
    elif all(file.state == "there already" for file in files):
        print(f"nothing to do: {index.simple} has both files, and they install and run")
    else:
        print(f"published: {index.simple} has both files, and they install and run")
    rows = [(file.path.name, f"{file.size:,}", file.sha256, file.state) for file in files]
    show_table(("file", "bytes", "sha256", "is"), rows)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # argparse repeats what it does not understand, which may be a password.
        if message.startswith("unrecognized arguments"):
            message = "there are arguments that it does not know; passwords are no arguments: see docs/publishing.md"
        super().error(message)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m scripts.publish",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--index", required=True, metavar="NAME|URL", help="the index, or its URL for uploads")
    parser.add_argument(
        "--check-url", metavar="URL", help="its simple API, where no configuration names it; else simple/ below --index"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would go where, without the gate")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
