"""Check that `generated/` is what the pinned document gives: regenerate elsewhere, compare the trees.

Exit status: 0 no drift, 1 the trees differ or a step failed, 2 the input was refused.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from scripts.pipeline import PROJECT, Layout, build, load_pinned
from scripts.progress import Progress
from scripts.report import Failed, Refused, show_error
from scripts.transaction import reading

IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache"}


class Difference(NamedTuple):
    """One file that is not as it should be: `changed`, `missing` or `extra`."""

    kind: str
    path: str


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.drift", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    options = parser.parse_args(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            differences, unrecorded = drift(PROJECT, tell=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    if options.json:
        print(json.dumps({"differences": [d._asdict() for d in differences], "unrecorded_names": unrecorded}, indent=2))
    else:
        for difference in differences:
            print(f"{difference.kind:<8} {difference.path}")
        for line in unrecorded:
            print(f"not on record: {line}")
        if differences:
            print(f"{len(differences)} files differ from what the pinned document gives: run `nox -s regenerate`")
        if unrecorded:
            print("record new names: `nox -s regenerate -- --record-names`")
        if not differences and not unrecorded:
            print("no drift")
    return 1 if differences or unrecorded else 0


def drift(layout: Layout, *, tell: Callable[[str], None]) -> tuple[list[Difference], list[str]]:
    """What in `generated/` differs from a fresh run, and the names that such a run has to derive."""
    with reading(layout.root, tell=tell), tempfile.TemporaryDirectory(prefix="drift-") as folder:
        tell("load")
        source, provenance = load_pinned(layout)
        fresh = Path(folder) / "generated"
        outcome = build(source, provenance, fresh, layout=layout, pinned=True, tell=tell)
        tell("compare")
        return compare(fresh, layout.generated), outcome.named.proposals.lines()


def compare(expected: Path, found: Path) -> list[Difference]:
    """Where the folder `found` differs from `expected`, byte for byte, new files and folders included."""
    wanted, there = _files(expected), _files(found)
    differences = [Difference("missing", path) for path in wanted.keys() - there.keys()]
    differences += [Difference("extra", path) for path in there.keys() - wanted.keys()]
    differences += [
        Difference("changed", path)
        for path in wanted.keys() & there.keys()
        if there[path].is_symlink() or wanted[path].read_bytes() != there[path].read_bytes()
    ]
    return sorted(differences, key=lambda difference: difference.path)


def _files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and not IGNORED.intersection(path.relative_to(folder).parts)
    }


if __name__ == "__main__":
    sys.exit(main())
