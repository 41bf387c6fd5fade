"""Record answers of every operation as cassettes.

--sandbox records all of them anew from the sandbox, over a real socket and with the real client. What was recorded
elsewhere stays. A run that fails changes nothing.

Exit status: 0 done, 1 a step failed, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from scripts.progress import Progress
from scripts.report import Failed, show_error
from scripts.swap import swap_in
from tests.contract import cassettes
from tests.contract.calls import located
from tests.contract.cassettes import RECORDINGS, Recording
from tests.contract.tour import recordings


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            progress.step("record")
            recorded = list(recordings())
            progress.step("write")
            replace(recorded, RECORDINGS)
    except Failed as error:
        return show_error(error, as_json=options.json)
    counted = Counter(recording.case for recording in recorded)
    if options.json:
        print(json.dumps({"recordings": len(recorded), "cases": counted}, indent=2))
    else:
        cases = ", ".join(f"{count} {case}" for case, count in sorted(counted.items()))
        print(f"{len(recorded)} recordings from the sandbox in {RECORDINGS}: {cases}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s record --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sandbox", action="store_true", required=True, help="record all from the sandbox")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


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
    return Path(resource) / f"{method}.{recording.case}.yaml"


if __name__ == "__main__":
    sys.exit(main())
