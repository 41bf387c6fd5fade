"""Check all that must be so for what is committed here to be released.

All checks run, even after one has failed; each refusal says what to do. None can be left out: with `--only` some of
them run to work on them, and the preflight is not passed. What `build` leaves in dist/ is what `smoke` tries. If all
pass, a receipt is left there, by which `publish` knows what may go out.

Exit status: 0 passed, 1 refused, 3 with `--only` when all that was asked for passed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import counted, show_table, visible
from scripts.lib.verb import Arguments
from scripts.release import preflight
from scripts.release.preflight import Verdict

INCOMPLETE = 3
"""The exit status of a run with `--only` in which nothing failed."""


def main(arguments: list[str] | None = None, *, layout: Layout = PROJECT) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    with Progress(quiet=options.json) as progress:
        verdicts = preflight.run_checks(
            layout, preflight.CHECKS, only=options.only or preflight.CHECKS, on_step=progress.step
        )
    well = all(verdict.passed for verdict in verdicts)
    passed = well and len(verdicts) == len(preflight.CHECKS)
    if passed:
        verdicts.append(preflight.still_the_same(layout, verdicts))
        passed = well = verdicts[-1].passed
    if passed:
        preflight.write_receipt(layout, verdicts)
    if options.json:
        print(json.dumps({"passed": passed, "checks": [asdict(verdict) for verdict in verdicts]}, indent=2))
    else:
        show(verdicts, passed=passed)
    return 0 if passed else INCOMPLETE if well else 1


def show(verdicts: Sequence[Verdict], *, passed: bool) -> None:
    rows = [
        (each.check, "passed" if each.passed else "REFUSED", f"{each.seconds:.1f} s", each.what, each.todo)
        for each in verdicts
    ]
    show_table(("check", "", "took", "found", "what to do"), rows)
    for each in verdicts:
        if each.said:
            print(f"\n{each.check} said:\n{visible(each.said, keep=chr(10))}")
    refused = [each for each in verdicts if not each.passed]
    if passed:
        print("\nthe preflight is passed; its receipt is in dist/")
    elif refused:
        print(f"\nthe preflight is not passed: {counted(refused, 'refusal')}")
    else:
        print(f"\nthe preflight is not passed: only {', '.join(each.check for each in verdicts)} was asked for")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.preflight", __doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=preflight.CHECKS,
        metavar="CHECK",
        help=f"run only this: {', '.join(preflight.CHECKS)}",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
