"""Pin a new version of the vendor's document: the document, its lock, new names and the client, all or nothing.

The file is checked as in every run; only when the client of it is generated and verified does anything change. New
names are derived and recorded: look at them before the change lands.

Exit status: 0 done or nothing to do, 1 a step failed, 2 the document was refused.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts import lock as locks
from scripts.load import load
from scripts.pipeline import PROJECT, Layout, Outcome, build, provenance_of, read_judgement
from scripts.progress import Progress
from scripts.registry import merged, write_registry
from scripts.report import Failed, Refused, counted, show_error
from scripts.swap import swap_in


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            outcome = pin(options.file, date=options.date, layout=PROJECT, tell=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    names = outcome.named.proposals.lines() if outcome else []
    if options.json:
        print(json.dumps({"pinned": outcome is not None, "proposed_names": names}, indent=2))
    elif outcome is None:
        print("this document is pinned already")
    else:
        print(
            f"pinned: {counted(outcome.named.methods, 'operation')}; {counted(names, 'new name')} in openapi/names.toml"
        )
        print("".join(f"  {line}\n" for line in names), end="")
    return 0


def pin(file: Path, *, date: datetime.date, layout: Layout, tell: Callable[[str], None]) -> Outcome | None:
    """Make the document in `file` the pinned one, published on `date`; None if it is already.

    Raises `Refused` or `Failed` with everything as it was.
    """
    tell("load")
    source = load(file)
    old = locks.read(layout.lock)
    if source.sha256 == old.sha256:
        return None
    note = "The document as it was published at source_url on that date."
    lock = locks.describe(source, source_url=old.source_url, date=date, note=note)
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=layout.root) as folder:
        generated = Path(folder) / "generated"
        outcome = build(source, provenance_of(lock), generated, layout=layout, pinned=True, tell=tell)
        names = write_registry(merged(read_judgement(layout).registry, outcome.named.proposals.names))
        staged = {
            layout.document: source.bytes_,
            layout.lock: lock.to_toml().encode(),
            layout.names: names.encode(),
        }
        for number, content in enumerate(staged.values()):
            (Path(folder) / str(number)).write_bytes(content)
        tell("swap in")
        for number, target in enumerate(staged):
            os.replace(Path(folder) / str(number), target)
        swap_in(generated, layout.generated)
    return outcome


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.pin", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the document as it was published")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.add_argument(
        "--date",
        type=datetime.date.fromisoformat,
        default=datetime.datetime.now(datetime.UTC).date(),
        metavar="YYYY-MM-DD",
        help="when it was published; today if not given",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
