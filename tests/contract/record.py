"""Record answers as cassettes.

--sandbox   all of them anew from the sandbox, over a real socket and with the real client
--live      from the real service, with the key in INSTANTLY_API_KEY: reads only, all of them or those that are named.
            Shows what it would call; --run calls it. A write is called if it is named with --write and confirmed.
            What comes is scrubbed before anything is written: key, addresses, names, texts.

What was recorded elsewhere stays. A run that fails changes nothing.

Exit status: 0 done, 1 a step failed, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from instantly_client import Instantly
from instantly_core import UNSET
from instantly_core.errors import ConfigurationError
from scripts.progress import Progress
from scripts.report import Failed, show_error
from scripts.swap import swap_in
from tests.contract import cassettes, live, tour
from tests.contract.calls import located
from tests.contract.cassettes import RECORDINGS, Recording


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parse(arguments)
    try:
        if options.sandbox:
            return record_sandbox(options)
        return record_live(options)
    except Failed as error:
        return show_error(error, as_json=options.json)
    except (ValueError, ConfigurationError) as error:
        print(f"record: {error}", file=sys.stderr)
        return 2


def record_sandbox(options: argparse.Namespace) -> int:
    """Record all from the sandbox."""
    with Progress(quiet=options.json) as progress:
        progress.step("record")
        recorded = list(tour.recordings())
        progress.step("write")
        replace(recorded, options.output)
    report(recorded, [], options)
    return 0


def record_live(options: argparse.Namespace) -> int:
    """Show what would be recorded from the service, or record it."""
    writes = dict(body_of(text) for text in options.write)
    plans = live.plan(options.operations, writes)
    key = os.environ.get("INSTANTLY_API_KEY", "")
    if not options.run:
        show(plans, options)
        return 0
    if not key:
        raise ValueError("set INSTANTLY_API_KEY to the key of the workspace to record from")
    if writes and not options.yes and not confirmed(writes, options.base_url):
        raise ValueError("not confirmed: nothing was called")
    with Progress(quiet=options.json) as progress:
        client_of = partial(Instantly, api_key=key, base_url=options.base_url)
        provenance = live.provenance_of(options.base_url)
        told = list(live.record(plans, lambda tape: client_of(transport=tape), key, provenance, progress.step))
        recorded = [one for one in told if isinstance(one, Recording)]
        progress.step("write")
        add(recorded, options.output)
    report(recorded, [one for one in told if isinstance(one, live.Skipped)], options)
    return 0


def body_of(text: str) -> tuple[str, Any]:
    """Read OPERATION or OPERATION=JSON, which is the body."""
    name, given, body = text.partition("=")
    try:
        return name, json.loads(body) if given else UNSET
    except ValueError:
        raise ValueError(f"the body of {name} is no JSON: {body}") from None


def confirmed(writes: Iterable[str], base_url: str) -> bool:
    """Ask on the terminal; without one nobody confirms."""
    if not sys.stdin.isatty():
        return False
    return input(f"Really call {', '.join(writes)} at {base_url}? Type yes: ").strip() == "yes"


def show(plans: Sequence[live.Plan], options: argparse.Namespace) -> None:
    """Say what would be called."""
    rows = [
        {
            "operation": each.operation.id,
            "call": f"{each.operation.method} {each.operation.path}",
            "note": f"skipped: nobody knows {', '.join(each.lacks)}" if each.lacks else "write" if each.write else "",
        }
        for each in plans
    ]
    if options.json:
        print(json.dumps({"base_url": options.base_url, "would_call": rows}, indent=2))
        return
    for row in rows:
        print(f"{row['operation']:<45} {row['call']}{'   ' + row['note'] if row['note'] else ''}")
    skipped = sum(bool(each.lacks) for each in plans)
    print(f"{len(rows) - skipped} calls at {options.base_url}, {skipped} skipped. Nothing was called; --run does it.")


def report(recorded: Sequence[Recording], skipped: Sequence[live.Skipped], options: argparse.Namespace) -> None:
    """Say what was recorded."""
    counted = Counter(recording.case for recording in recorded)
    if options.json:
        why = {one.operation: one.reason for one in skipped}
        print(json.dumps({"recordings": len(recorded), "cases": counted, "skipped": why}, indent=2))
        return
    for one in skipped:
        print(f"skipped {one.operation}: {one.reason}")
    cases = ", ".join(f"{count} {case}" for case, count in sorted(counted.items()))
    print(f"{len(recorded)} recordings in {options.output}: {cases}")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s record --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--sandbox", action="store_true", help="record all from the sandbox")
    which.add_argument("--live", action="store_true", help="record from the service")
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="with --live: only these reads")
    parser.add_argument("--run", action="store_true", help="with --live: call, and do not only show")
    parser.add_argument(
        "--write", action="append", default=[], metavar="OPERATION[=JSON]", help="a write to call, with its body"
    )
    parser.add_argument("--yes", action="store_true", help="the writes are confirmed")
    parser.add_argument("--base-url", default=f"https://{live.PRODUCTION}", metavar="URL", help="another service")
    parser.add_argument("--output", type=Path, default=RECORDINGS, metavar="DIR", help="another folder of recordings")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


def add(recorded: Iterable[Recording], folder: Path) -> None:
    """Put these beside the recordings that are there; the same case of the same provenance is replaced."""
    with tempfile.TemporaryDirectory(prefix=".recordings-", dir=folder.parent) as temporary:
        new = Path(temporary) / "recordings"
        shutil.copytree(folder, new) if folder.exists() else new.mkdir()
        for recording in recorded:
            cassettes.write(new / file_of(recording), _dated(recording, folder / file_of(recording)))
        swap_in(new, folder)


def replace(recorded: Iterable[Recording], folder: Path) -> None:
    """Put these in the place of all recordings of the same provenance; raises `Failed` with everything as it was."""
    recorded = list(recorded)
    replaced = {recording.provenance for recording in recorded}
    with tempfile.TemporaryDirectory(prefix=".recordings-", dir=folder.parent) as temporary:
        new = Path(temporary) / "recordings"
        new.mkdir()
        for name, recording in cassettes.recordings(folder):
            if recording.provenance not in replaced:
                (new / name).parent.mkdir(exist_ok=True)
                shutil.copyfile(folder / name, new / name)
        for recording in recorded:
            cassettes.write(new / file_of(recording), _dated(recording, folder / file_of(recording)))
        swap_in(new, folder)


def _dated(recording: Recording, before: Path) -> Recording:
    """The recording with the date on which the same was first recorded."""
    old = cassettes.read(before) if before.exists() else recording
    return old if dataclasses.replace(old, date=recording.date) == recording else recording


def file_of(recording: Recording) -> Path:
    """Where a recording lies: by resource, method and case."""
    resource, method, _ = located()[recording.operation]
    case = recording.case if recording.provenance != "live" else f"live-{recording.case}"
    return Path(resource) / f"{method}.{case}.yaml"


if __name__ == "__main__":
    sys.exit(main())
