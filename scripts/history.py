"""Print the API by date: every document that was pinned, and what changed of the client with it.

With NAME only what happened to one part of the client: `leads.list`, `leads.list(status=)`, `Lead.email`. It is read
from git; what was corrected after a pin, as a name that was reviewed, belongs to that pin.

Exit status: 0 done, 1 git failed, 2 refused: this is no clone, or the client never had NAME.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from typing import Any

from scripts.compatibility.released import release_tags
from scripts.compatibility.report import lines, record
from scripts.evolution.history import Event, Period, events, is_shallow, periods
from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed, Refused, print_line, show_error
from scripts.lib.verb import Arguments


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        found = periods(PROJECT)
        happened = events(options.name, found) if options.name else [Event(each, "", [*each.changes]) for each in found]
        notes = list(_notes(found))
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    happened = [event for event in happened if not options.since or event.period.pin.date >= options.since]
    if options.json:
        print(json.dumps({"notes": notes, "history": [_recorded(event) for event in happened]}, indent=2))
        return 0
    for event in happened:
        print_line(sys.stdout, "\n".join(_told(event)))
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def _told(event: Event) -> Iterator[str]:
    pin = event.period.pin
    release = f"since {event.period.release}" if event.period.release else "in no release"
    words = [str(pin.date), f"{pin.operations} operations", f"commit {pin.commit[:12]}", release, event.what]
    yield "  ".join(filter(None, words))
    if event.period.client is None:
        yield "  no surface is on record that can be read"
    yield from (f"  {line}" for line in lines(event.changes))


def _recorded(event: Event) -> dict[str, Any]:
    pin = event.period.pin
    values = {"date": str(pin.date), "operations": pin.operations, "commit": pin.commit, "sha256": sorted(pin.digests)}
    happened = {"what": event.what} if event.what else {}
    return {**values, "release": event.period.release, **happened, **record(event.changes)}


def _notes(found: list[Period]) -> Iterator[str]:
    """What this clone cannot know."""
    if is_shallow(PROJECT):
        first = found[0].pin.commit[:12]
        yield f"this clone is shallow: pins before commit {first} are not in it; `git fetch --unshallow` brings them"
    if not release_tags(PROJECT):
        yield "this clone has no tag of a release; if there are any, `git fetch --tags` brings them"


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.history", __doc__)
    parser.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="a part of the client: leads.list, Lead.email"
    )
    parser.add_argument(
        "--since", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="leave out what was published before"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
