"""Check recordings against the client that is installed, and report each place that does not fit.

The recordings are a folder of cassettes, or of JSON files, one an answer:

    {"operationId": "getCampaign", "status": 200, "headers": {"content-type": "application/json"}, "body": {...}}

A body that is a text is taken as it came; anything else is JSON, and null is no body. HAR archives will do, too.

`instantly-contract calibrate --help` says how to compare the sandbox with them.

Exit status: 0 without findings; 1 with findings or, with --matrix, operations without a recorded success; 2 if a file
cannot be checked.
"""

from __future__ import annotations

import argparse
import json
import sys
from io import TextIOWrapper
from pathlib import Path

from instantly_contract.calibration import command as calibration
from instantly_contract.captured import Captured, Problem, gather
from instantly_contract.check import check
from instantly_contract.coverage import coverage
from instantly_contract.report import Outcome, as_json, show


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == [calibration.NAME]:
        return calibration.main(arguments[1:])
    options = parse(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    gathered = list(gather(options.recordings))
    captured = [file for file in gathered if isinstance(file, Captured)]
    found = [
        (file, finding)
        for file, recording in captured
        for exchange in recording.exchanges
        for finding in check(recording.operation, exchange)
    ]
    outcome = Outcome(
        recordings=len(captured),
        findings=[each for each in found if each[1].costs or not options.lenient],
        notes=[each for each in found if options.lenient and not each[1].costs],
        problems=[file for file in gathered if isinstance(file, Problem)],
        rows=coverage(recording for _, recording in captured) if options.matrix else [],
    )
    if options.json:
        print(json.dumps(as_json(outcome), indent=2))
    else:
        show(outcome)
    return 2 if outcome.problems else int(bool(outcome.findings) or any(not row.successes for row in outcome.rows))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="instantly-contract", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=Path, required=True, metavar="DIR", help="the folder to check")
    parser.add_argument("--matrix", action="store_true", help="also show what is recorded of each operation")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--strict", action="store_true", help="every deviation is a finding (the default)")
    how.add_argument(
        "--lenient", action="store_true", help="only what raises or loses something is one; the rest are notes"
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)
