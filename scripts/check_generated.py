"""Check that `generated/` and the reference are what the pinned document gives: regenerate elsewhere, compare.

Exit status: 0 up to date, 1 the trees differ or a step failed, 2 the input was refused.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from scripts.codegen.pipeline import build, load_pinned
from scripts.codegen.reference import write_reference
from scripts.compatibility.surface import with_handwritten
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, show_error
from scripts.lib.transaction import reading
from scripts.lib.verb import Arguments

REFERENCE = "docs/reference"
IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache"}


class Difference(NamedTuple):
    """One file that is not as it should be: `changed`, `missing` or `extra`."""

    kind: str
    path: str


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = Arguments("python -m scripts.check_generated", __doc__)
    options = parser.parse_args(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            differences, unrecorded = out_of_date(PROJECT, on_step=progress.step)
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
            print("generated/ is up to date")
    return 1 if differences or unrecorded else 0


def out_of_date(layout: Layout, *, on_step: Callable[[str], None]) -> tuple[list[Difference], list[str]]:
    """Differences of `generated/` from a fresh run, and the names that such a run has to derive."""
    with reading(layout.root, on_step=on_step), tempfile.TemporaryDirectory(prefix="check-generated-") as folder:
        on_step("load")
        source, provenance = load_pinned(layout)
        # The places of a project, for what is made of it.
        fresh = Layout(Path(folder))
        outcome = build(source, provenance, fresh.generated, layout=layout, pinned=True, on_step=on_step)
        fresh.reference.parent.mkdir()
        whole = with_handwritten(outcome.model, layout.root / "core", fresh.generated)
        write_reference(whole, layout, fresh.reference, fresh.overview)
        on_step("compare")
        differences = [
            *compare(fresh.generated, layout.generated),
            *(Difference(each.kind, f"{REFERENCE}/{each.path}") for each in compare(fresh.reference, layout.reference)),
        ]
        if not layout.overview.exists() or layout.overview.read_bytes() != fresh.overview.read_bytes():
            differences.append(Difference("changed", fresh.overview.name))
        return differences, outcome.named.proposals.lines()


def compare(expected: Path, found: Path) -> list[Difference]:
    """Differences of the folder `found` from `expected`, byte for byte, new files and folders included."""
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
