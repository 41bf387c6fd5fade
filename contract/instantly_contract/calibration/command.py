"""Calibrate the sandbox: replay recorded requests against it, and list where its answers differ.

The recordings are a folder of HAR archives, of cassettes of VCR, or of JSON files with an answer and its request each,
also of deliveries to a webhook. Ids are mapped to ids that exist in the sandbox. Without a folder, the shapes that were
measured at the service, and that come with this command, are compared.

    never-given     a key that was recorded, and that the sandbox never gives
    never-recorded  a key that the sandbox gives, and that was never recorded
    own-key         either of a key that is no field of the API's, such as a custom variable
    type            a key whose types have nothing in common
    status          a status that the sandbox does not give for the same request
    header          a header that only one of them gives

The budget is the number of differences that are fine; never-recorded and own-key count only with one of their own.

Exit status: 0 within the budget, 1 over it, 2 a file cannot be read or the arguments are wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, get_args

from instantly_contract.calibration.compare import Calibration, calibrate
from instantly_contract.calibration.measured import measured
from instantly_contract.calibration.shapes import Difference, Kind
from instantly_contract.captured import Captured, Delivery, Problem, gather, named
from instantly_core.version import __version__

NAME = "calibrate"
KINDS: tuple[Kind, ...] = get_args(Kind)
UNCOUNTED = ("never-recorded", "own-key")
"""Kinds that depend on how much was recorded."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    logging.getLogger("instantly_sandbox").addHandler(logging.NullHandler())  # Nobody asks what is only sampled.
    gathered = [_fitting(each) for each in gather(options.recordings)] if options.recordings else []
    problems = [each for each in gathered if isinstance(each, Problem)]
    captured = [each for each in gathered if not isinstance(each, Problem)]
    found = calibrate(captured) if options.recordings else measured()
    over = _over(found.differences, dict(options.budget))
    if options.json:
        print(json.dumps(_as_json(found, problems, over), indent=2))
    else:
        _show(found, problems, over)
    return 2 if problems else int(bool(over))


def _fitting(found: Captured | Delivery | Problem) -> Captured | Delivery | Problem:
    """What was found in a file; a problem if a request in it cannot be made again as one of its operation."""
    if not isinstance(found, Captured):
        return found
    for exchange in found.recording.exchanges:
        operation = named(exchange)[1] if exchange.method else None
        if exchange.method and (operation is None or operation.id != found.recording.operation):
            what = f"{exchange.method} {exchange.uri} is no request of {found.recording.operation}"
            return Problem(found.file, what, "name the operation of the request, or leave the request out")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"instantly-contract {NAME}",
        allow_abbrev=False,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--recordings", type=Path, metavar="DIR", help="a folder of recordings, or one file")
    parser.add_argument(
        "--budget",
        action="append",
        default=[],
        type=_budget,
        metavar="N|KIND=N",
        help="fine are N differences in all (0 without it), or N of a kind, which are then not among them",
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser


def _budget(text: str) -> tuple[str, int]:
    kind, _, number = text.rpartition("=")
    if (kind and kind not in KINDS) or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor KIND=N with one of {', '.join(KINDS)}")
    return kind, int(number)


def _over(differences: Sequence[Difference], budgets: Mapping[str, int]) -> list[str]:
    """What is over the budget, in words."""
    counts = Counter(difference.kind for difference in differences)
    rest = sum(counts[kind] for kind in KINDS if kind not in budgets and kind not in UNCOUNTED)
    used: dict[str, int] = {kind: counts[kind] for kind in KINDS if kind in budgets}
    used[""] = rest
    return [
        f"{number} {kind or 'differences'} of {budgets.get(kind, 0)}"
        for kind, number in used.items()
        if number > budgets.get(kind, 0)
    ]


def _as_json(found: Calibration, problems: Sequence[Problem], over: Sequence[str]) -> dict[str, Any]:
    return {
        "client": __version__,
        "compared": found.compared,
        "not_replayed": found.not_replayed,
        "counts": {kind: sum(each.kind == kind for each in found.differences) for kind in KINDS},
        "differences": [difference._asdict() for difference in found.differences],
        "over_budget": list(over),
        "problems": [problem._asdict() for problem in problems],
    }


def _show(found: Calibration, problems: Sequence[Problem], over: Sequence[str]) -> None:
    last = ""
    for operation, kind, place, recorded, given in found.differences:
        if operation != last:
            print(operation)
            last = operation
        print(f"  {kind:14}  {place}".rstrip() + f"  {_sides(recorded, given)}")
    for file, what, advice in problems:
        print(f"{file}: {what}; {advice}")
    counts = Counter(difference.kind for difference in found.differences)
    numbers = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) or "no differences"
    rest = f", {found.not_replayed} not replayed" if found.not_replayed else ""
    print(f"{found.compared} compared with the sandbox of instantly-client {__version__}{rest}: {numbers}")
    if over:
        print(f"over the budget: {', '.join(over)}")


def _sides(recorded: str, given: str) -> str:
    if recorded and given:
        return f"recorded {recorded}, given {given}"
    return recorded or given
