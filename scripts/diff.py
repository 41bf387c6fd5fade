"""Say what changed for users of the client between two documents of the vendor; nothing is touched.

Both are named by openapi/names.toml and corrected by openapi/overlay.yaml where it applies. New names are derived.

Exit status: 0 done, also where there are changes, 1 a step failed, 2 a document was refused.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.change_report import show
from scripts.changes import Change, changes
from scripts.description import Description, describe
from scripts.generate import configuration, parse
from scripts.load import load
from scripts.pipeline import PROJECT, Layout, prepare, registry
from scripts.progress import Progress
from scripts.registry import Registry, merged
from scripts.report import Failed, Refused, show_error


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            found = diff(options.old, options.new, layout=PROJECT, tell=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    show(found, as_json=options.json)
    return 0


def diff(old: Path, new: Path, *, layout: Layout, tell: Progress.Tell) -> list[Change]:
    """What changed between the clients of the documents in two files.

    Raises `Refused` or `Failed`; the step that it names tells which document it is about.
    """
    before, names = describe_document(old, registry(layout), layout=layout, tell=lambda step: tell(f"old {step}"))
    after, _ = describe_document(new, names, layout=layout, tell=lambda step: tell(f"new {step}"))
    tell("compare")
    return changes(before, after)


def describe_document(
    file: Path, names: Registry, *, layout: Layout, tell: Progress.Tell
) -> tuple[Description, Registry]:
    """The client of the document in `file`, and `names` with those that had to be derived for it.

    A newer document that gets the names of an older one calls the same things the same. Raises `Refused` or `Failed`.
    """
    try:
        tell("load")
        prepared = prepare(load(file), names, layout=layout, pinned=False, tell=tell)
        tell("describe")
        description = describe(parse(prepared.named, configuration(layout.root)))
    except Refused as refusal:
        raise Refused(f"{refusal.step} of {file}", refusal.findings) from refusal
    except Failed as failure:
        raise Failed(f"{failure.step} of {file}", failure.message) from failure
    return description, merged(names, prepared.named.proposals.names)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.diff", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the document that code was written against")
    parser.add_argument("new", type=Path, metavar="NEW", help="the document that comes after it")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
