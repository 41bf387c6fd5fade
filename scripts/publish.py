"""Publish the package to a private index: what lies in dist/, once the preflight has passed.

The index is a URL for uploads, or a name: docs/publishing.md says where names and passwords come from. Only what the
index lacks goes up, so a run that broke off can be run again. Then the package is installed from there and used.

Exit status: 0 done or nothing to do, 1 a step failed, 2 refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, show_error, show_table
from scripts.lib.verb import Arguments
from scripts.release.index import address, credentials
from scripts.release.index.address import Index
from scripts.release.preflight import require_preflight
from scripts.release.publish import DIST, File, publish, reach


def main(
    arguments: list[str] | None = None,
    *,
    preflight: Callable[[Layout, Progress.OnStep], None] = require_preflight,
    dist: Path = DIST,
) -> int:
    """Run the command; returns its exit status. Raising `Refused` or `Failed`, `preflight` lets nothing go out."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            index = address.find(options.index, simple=options.check_url, root=PROJECT.root)
            who = credentials.find(index)
            with credentials.withheld():
                if not options.dry_run:
                    progress.step("index")
                    reach(index, who)
                    preflight(PROJECT, progress.step)
                files = publish(dist, index, who, dry_run=options.dry_run, on_step=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    _show(files, index, options)
    return 0


def _show(files: list[File], index: Index, options: argparse.Namespace) -> None:
    if options.json:
        listed = [{**asdict(file), "path": file.path.name} for file in files]
        print(json.dumps({"index": asdict(index), "dry_run": options.dry_run, "files": listed}, indent=2))
        return
    if options.dry_run:
        print(f"dry run: nothing is uploaded, the preflight did not run; this would go to {index.upload}")
    elif all(file.state == "there already" for file in files):
        print(f"nothing to do: {index.simple} has both files, and they install and run")
    else:
        print(f"published: {index.simple} has both files, and they install and run")
    rows = [(file.path.name, f"{file.size:,}", file.sha256, file.state) for file in files]
    show_table(("file", "bytes", "sha256", "is"), rows)


class _Arguments(Arguments):
    def error(self, message: str) -> NoReturn:
        # argparse repeats what it does not understand, which may be a password.
        if message.startswith("unrecognized arguments"):
            message = "there are arguments that it does not know; passwords are no arguments: see docs/publishing.md"
        super().error(message)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = _Arguments("python -m scripts.publish", __doc__)
    parser.add_argument("--index", required=True, metavar="NAME|URL", help="the index, or its URL for uploads")
    parser.add_argument(
        "--check-url", metavar="URL", help="its simple API, where no configuration names it; else simple/ below --index"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would go where, without the preflight")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
