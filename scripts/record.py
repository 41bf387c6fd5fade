"""Record answers of operations as cassettes.

--sandbox records all of them anew from the sandbox, over a real socket and with the real client.

--live records from the service itself, with the key in INSTANTLY_API_KEY: reads, all of them or those that are named,
and writes that are named one by one. It shows what it would call, and calls nothing without --run. What is written has
stand-ins for people, companies, texts and secrets. Values that no list of the service has are given as JSON:

    --arguments '{"getCtdStatus": {"query": {"host": "track.example.com"}}}'

What was recorded elsewhere stays, and a run that fails changes nothing.

Exit status: 0 done, 1 a step failed or nothing was recorded, 2 wrong arguments or no key.
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
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from instantly_contract import cassettes
from instantly_contract.calls import located
from instantly_contract.cassettes import Provenance, Recording
from instantly_contract.recording import live
from instantly_contract.recording.tour import recordings
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.registry import HANDLERS
from instantly_sandbox.engine.resources import is_sampled
from instantly_sandbox.recording.scrub import BASE_URL
from scripts.lib.layout import PROJECT
from scripts.lib.progress import Progress
from scripts.lib.replace import replace_tree
from scripts.lib.report import Failed, counted, show_error, show_table
from scripts.lib.verb import Arguments

KEY = "INSTANTLY_API_KEY"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parse(arguments)
    try:
        return record_sandbox(options) if options.sandbox else record_live(options)
    except Failed as error:
        return show_error(error, as_json=options.json)
    except live.KeyRefusedError:
        refused = Failed("record", f"the service does not take the key in {KEY}")
        return show_error(refused, as_json=options.json)


def record_sandbox(options: argparse.Namespace) -> int:
    """Record all from the sandbox."""
    with Progress(quiet=options.json) as progress:
        progress.step("record")
        recorded = list(recordings())
        progress.step("write")
        write(recorded, options.output, instead_of="sandbox")
        sampled = [operation.id for operation in pinned() if is_sampled(operation)]
        if options.output == PROJECT.recordings:
            list_sampled(PROJECT.root / "docs" / "sandbox.md", sampled)
    report(recorded, options)
    if not options.json:
        print(f"answered by samples alone, without a handler: {', '.join(sampled) or 'none'}")
        print(f"handlers of operations that are no more: {', '.join(HANDLERS.keys() - pinned().operations) or 'none'}")
    return 0


def list_sampled(guide: Path, operations: Sequence[str]) -> None:
    """Name the operations in the last section of the guide to the sandbox."""
    rest, heading, _ = guide.read_text("utf-8").partition("## What is only sampled\n")
    listed = "".join(f"- `{operation}`\n" for operation in operations) or "No operation of this version.\n"
    guide.write_text(f"{rest}{heading}\n{listed}", encoding="utf-8", newline="\n")


def record_live(options: argparse.Namespace) -> int:
    """Show what would be called, or call it and record the answers."""
    steps = live.plan(options.operations, options.write, options.arguments)
    if not options.run:
        show(steps, options)
        return 0
    if not confirmed([step for step in steps if step.writes], options.yes):
        print("nothing was called", file=sys.stderr)
        return 2
    with Progress(quiet=options.json) as progress:
        results = list(live.record(steps, os.environ[KEY].strip(), options.base_url, progress.step))
        recorded = [result.recording for result in results if result.recording]
        if recorded:
            progress.step("write")
            write(recorded, options.output)
    report(recorded, options, {result.step.operation.id: result.why for result in results if result.why})
    return 0 if recorded else 1


def confirmed(writes: Sequence[live.Step], yes: bool) -> bool:
    """Whether these may be carried out: none, or all with the word of somebody who saw them."""
    if not writes or yes:
        return True
    for step in writes:
        print(f"{step.operation.id} writes: {step.description or 'without arguments'}", file=sys.stderr)
    if not sys.stdin.isatty():
        print("confirm it with --yes", file=sys.stderr)
        return False
    print("Carry it out? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def show(steps: Sequence[live.Step], options: argparse.Namespace) -> None:
    """Print what would be called: a table on a terminal, elsewhere a line each, or JSON."""
    rows = [
        (
            step.operation.id,
            f"{step.operation.method} {step.operation.path}",
            "write" if step.writes else "read",
            step.description,
        )
        for step in steps
    ]
    names = ("operation", "request", "kind", "with")
    if options.json:
        print(json.dumps({"planned": [dict(zip(names, row, strict=True)) for row in rows]}, indent=2))
        return
    if sys.stdout.isatty():
        show_table(names, rows)
    else:
        for row in rows:
            print("  ".join(cell for cell in row if cell not in ("", "read")))
    calls = [step for step in steps if not step.lacks]
    print(f"{counted(calls, 'call')} to {options.base_url}; nothing was called: add --run")


def report(recorded: Sequence[Recording], options: argparse.Namespace, skipped: dict[str, str] | None = None) -> None:
    """Print what was recorded, and what was not."""
    cases = Counter(recording.case for recording in recorded)
    if options.json:
        summary = {"recordings": len(recorded), "cases": cases, "skipped": skipped or {}}
        print(json.dumps(summary, indent=2))
        return
    for name, why in (skipped or {}).items():
        print(f"{name}: {why}")
    provenances = " and ".join(sorted({recording.provenance for recording in recorded}))
    counts = ", ".join(f"{count} {case}" for case, count in sorted(cases.items()))
    print(f"{counted(recorded, 'recording')} ({provenances or 'nothing'}) in {options.output}: {counts or 'none'}")


def write(recorded: Iterable[Recording], folder: Path, *, instead_of: Provenance | None = None) -> None:
    """Add recordings to a folder, in the place of all those of a provenance if one is named.

    Raises:
        Failed: it cannot be written; everything is as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".recordings-", dir=folder.parent) as temporary:
        new = Path(temporary) / "recordings"
        new.mkdir()
        for name, old in cassettes.recordings(folder):
            if old.provenance != instead_of:
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / name, new / name)
        for recording in recorded:
            (new / file_of(recording)).parent.mkdir(parents=True, exist_ok=True)
            (new / file_of(recording)).write_text(_text(recording, folder / file_of(recording)), encoding="utf-8")
        replace_tree(new, folder)


def _text(recording: Recording, before: Path) -> str:
    """The text of the cassette, with the date on which the same was first recorded."""
    if before.exists():
        old = before.read_text("utf-8")
        if cassettes.dumps(dataclasses.replace(recording, date=cassettes.read(before).date)) == old:
            return old
    return cassettes.dumps(recording)


def file_of(recording: Recording) -> Path:
    """The file of a recording: by resource, method and case."""
    resource, method, _ = located()[recording.operation]
    return Path(resource) / f"{method}.{recording.case}.yaml"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the arguments; wrong ones end the program with status 2."""
    parser = Arguments("nox -s record --", __doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--sandbox", action="store_true", help="record all from the sandbox")
    source.add_argument("--live", action="store_true", help="record from the service")
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="a read to record; all of them without any")
    parser.add_argument("--run", action="store_true", help="make the calls")
    parser.add_argument(
        "--write", action="append", default=[], metavar="OPERATION", help="a write to carry out as well"
    )
    parser.add_argument("--yes", action="store_true", help="carry out the writes without asking")
    parser.add_argument("--arguments", default="{}", metavar="JSON", help="operation -> path, query, body")
    parser.add_argument("--base-url", default=BASE_URL, metavar="URL", help="another service; its answers are not live")
    parser.add_argument(
        "--output", type=Path, default=PROJECT.recordings, metavar="DIR", help="another folder of recordings"
    )
    options = parser.parse_args(arguments)
    if options.sandbox and (options.operations or options.write or options.run):
        parser.error("--sandbox records everything: it takes no operations, --write or --run")
    if options.live:
        options.arguments = _given(parser, options.arguments)
        _check_operations(parser, options)
        if options.run and not os.environ.get(KEY, "").strip():
            parser.error(f"--live --run needs an API key in the environment variable {KEY}")
    return options


def _given(parser: argparse.ArgumentParser, text: str) -> dict[str, live.Given]:
    try:
        given = json.loads(text)
    except ValueError as error:
        parser.error(f"--arguments is no JSON: {error}")
    if not isinstance(given, dict) or not all(map(_fits, given.values())):
        parser.error('--arguments is not like {"getCampaign": {"path": {"id": "..."}}}')
    return given


def _fits(given: Any) -> bool:
    is_object = isinstance(given, dict) and given.keys() <= {"path", "query", "body"}
    return is_object and all(isinstance(values, dict) for values in given.values())


def _check_operations(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    known = pinned().operations
    for name in (*options.operations, *options.write, *options.arguments):
        if name not in known:
            near = get_close_matches(name, known, 1)
            parser.error(f"there is no operation {name}" + (f"; is {near[0]} meant?" if near else ""))
    for name in options.operations:
        if not live.reads(known[name]):
            parser.error(f"{name} writes: name it with --write {name}")
    for name in options.write:
        if live.reads(known[name]):
            parser.error(f"{name} only reads: name it without --write")
    for step in live.plan([], options.write, options.arguments) if options.write else ():
        if step.lacks:
            parser.error(
                f"nothing is chosen for a write: give {', '.join(step.lacks)} of {step.operation.id} by --arguments"
            )


if __name__ == "__main__":
    sys.exit(main())
