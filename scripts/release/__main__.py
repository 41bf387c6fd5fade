"""Make a release here: the version, its section in CHANGELOG.md, a commit and an annotated tag. Nothing is pushed.

VERSION is what the release is to be called; `auto` is the version that follows from what has changed of the public
surface since the last release. If a step fails, or is interrupted, everything is as it was.

Exit status: 0 done, 1 a step failed, 2 refused.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from dataclasses import asdict

from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, show_error
from scripts.lib.verb import Arguments
from scripts.release.tagging import AUTO, Release, release


def main(arguments: list[str] | None = None, *, layout: Layout = PROJECT) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        with Progress(quiet=options.json) as progress:
            made = release(layout, options.version, date=today, on_step=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    print(json.dumps(asdict(made), indent=2) if options.json else _summary(made))
    return 0


def _summary(made: Release) -> str:
    return "\n".join(
        [
            f"{made.version}: commit {made.commit[:12]} on {made.branch}, tag {made.tag}",
            *([f"  {made.because}"] if made.because else []),
            "Nothing is pushed. What to do next:",
            "  python3 scripts/dev.py nox -s preflight",
            f"  git push --atomic {made.remote} {made.branch} {made.tag}",
            f"Or take it back: git tag --delete {made.tag} && git reset --hard {made.before[:12]}",
        ]
    )


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.release", __doc__)
    parser.add_argument("version", metavar="VERSION", help=f"MAJOR.MINOR.PATCH, or `{AUTO}`")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
