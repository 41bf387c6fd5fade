"""Say what changed for users of the client between two documents of the vendor; nothing is touched.

Both are named by openapi/names.toml and corrected by openapi/overlay.yaml where it applies. New names are derived.

Exit status: 0 done, also where there are changes, 1 a step failed, 2 a document was refused.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from scripts.codegen.pipeline import model_of, read_curation
from scripts.compatibility.evidence import pointers
from scripts.compatibility.judge import Change, judge
from scripts.compatibility.report import Evidence, markdown, show
from scripts.evolution.upgrade import upgrade
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, show_error
from scripts.lib.verb import Arguments
from scripts.spec.document import Document
from scripts.spec.lint import lint
from scripts.spec.load import load


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            found, evidence = compare(options.old, options.new, layout=PROJECT, on_step=progress.step)
            if options.report:
                _write(options.report, markdown(found, evidence))
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    show(found, evidence, as_json=options.json)
    return 0


def compare(old: Path, new: Path, *, layout: Layout, on_step: Progress.OnStep) -> tuple[list[Change], Evidence]:
    """The changes between the clients of the documents in two files; nothing is kept that the second dropped.

    Raises `Refused` or `Failed`; the name of a step that comes before the comparison names the document, too.
    """
    first, second = (_read(file, on_step) for file in (old, new))
    curation = replace(read_curation(layout), tombstones=())
    upgraded = upgrade(first, second, curation, retention=None, pinned=False, on_step=on_step)
    on_step("describe")
    before, after = (model_of(each, layout) for each in (upgraded.old, upgraded.new))
    on_step("compare")
    return judge(before, after), (pointers(upgraded.old, before), pointers(upgraded.new, after))


def diff(old: Path, new: Path, *, layout: Layout, on_step: Progress.OnStep) -> list[Change]:
    """The changes that `compare` finds."""
    return compare(old, new, layout=layout, on_step=on_step)[0]


def _write(file: Path, report: str) -> None:
    try:
        file.write_text(report, "utf-8")
    except OSError as error:
        raise Failed("report", f"{file} cannot be written: {error.strerror}") from error


def _read(file: Path, on_step: Progress.OnStep) -> Document:
    on_step(f"load {file.name}")
    try:
        document = load(file).document
        findings = lint(document)
    except Refused as refusal:
        raise Refused(f"{refusal.step} of {file}", refusal.findings) from refusal
    if findings:
        raise Refused(f"lint of {file}", findings)
    return document


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.diff", __doc__)
    parser.add_argument("old", type=Path, metavar="OLD", help="the document that code was written against")
    parser.add_argument("new", type=Path, metavar="NEW", help="the document that comes after it")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report to this file, as Markdown")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
