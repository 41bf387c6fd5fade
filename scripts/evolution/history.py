"""The history of the API: every document that was pinned, as git has it, and what changed of the client with each."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from scripts.codegen.client_model import ClientModel
from scripts.compatibility.judge import Change, judge
from scripts.compatibility.released import parts, release_tags, surface_at, version_of
from scripts.compatibility.surface import FILE as SURFACE
from scripts.compatibility.surface import from_text
from scripts.lib.layout import Layout
from scripts.lib.process import git
from scripts.lib.report import Refused, refused

STEP = "history"


@dataclass(frozen=True)
class Pin:
    """A document that was pinned in a commit. `digests` are those that its lock names."""

    commit: str
    date: datetime.date
    operations: int
    digests: frozenset[str]


@dataclass(frozen=True)
class Period:
    """The time from a pin to the next one: what changed of the client in it, and how the client was at its end.

    `release` is the first version that has the document, "" before it. There is no `client` where no surface was on
    record that can be read, and there are no `changes` then, and in the first period.
    """

    pin: Pin
    release: str
    changes: Sequence[Change]
    client: ClientModel | None


def pins(layout: Layout) -> list[Pin]:
    """The pins that git has, the first one first; none in a copy without git. Raises `Failed` if git cannot say."""
    if not (layout.root / ".git").exists():
        return []
    name = layout.lock.relative_to(layout.root)
    commits = git(STEP, layout.root, "log", "--reverse", "--first-parent", "--format=%H", "--", str(name)).split()
    return list(_distinct(layout, commits, name))


def _distinct(layout: Layout, commits: list[str], name: Path) -> Iterator[Pin]:
    """The commits after which another document was pinned than before."""
    before: frozenset[str] = frozenset()
    for commit in commits:
        # Of a lock that is as old as that nothing else has to be understood.
        lock: dict[str, Any] = tomllib.loads(git(STEP, layout.root, "show", f"{commit}:./{name.as_posix()}"))
        digests = frozenset(value for key, value in lock.items() if key.endswith("sha256"))
        if digests != before:
            yield Pin(commit, lock["date"], lock["operations"], digests)
        before = digests


def periods(layout: Layout) -> list[Period]:
    """The periods between the pins, the first one first. Raises `Refused` in a folder that is no clone."""
    found = pins(layout)
    if not found:
        raise refused(STEP, f"git has no pin in {layout.root}", "the history is that of git; run it in a clone")
    # What is corrected after a pin, as a name that is reviewed, belongs to it.
    ends = [f"{pin.commit}~1" for pin in found[1:]]
    clients = [*(_client_at(end, layout) for end in ends), _client_now(layout)]
    made: list[Period] = []
    for pin, before, client in zip(found, [None, *clients], clients, strict=False):
        changes = judge(before, client) if before and client else []
        made.append(Period(pin, _release(pin, layout), changes, client))
    return made


def is_shallow(layout: Layout) -> bool:
    """Whether the clone lacks the commits before some day."""
    return git(STEP, layout.root, "rev-parse", "--is-shallow-repository").strip() == "true"


class Event(NamedTuple):
    """What happened to one part of the client in a period: it was `added`, `changed` or `removed`."""

    period: Period
    what: str
    changes: list[Change]


def events(name: str, periods: Sequence[Period]) -> list[Event]:
    """What happened to one part of the client: `leads.list`, `leads.list(status=)`, `Lead.email`.

    What is there in the first period is added in it.

    Raises:
        Refused: the client never had it.
    """
    there = [parts(period.client) if period.client else set() for period in periods]
    known = sorted(set().union(*there))
    subject = next((each for each in (name, f"client.{name}", f"client.{name[:-1]}=)") if each in known), "")
    if not subject:
        near = get_close_matches(f"client.{name}" if name[:1].islower() else name, known, 3)
        why = f"did you mean {', '.join(near)}?" if near else "name it as code does: leads.list, or Lead.email"
        raise refused(STEP, f"the client never had {name!r}", why)
    found = []
    before = False
    for period, now in zip(periods, [subject in each for each in there], strict=True):
        changes = [change for change in period.changes if change.subject.startswith((subject, f"{subject}."))]
        changes = [change for change in changes if change.subject[len(subject) :][:1] in ("", ".", "(")]
        if now != before:
            found.append(Event(period, "added" if now else "removed", changes))
        elif changes:
            found.append(Event(period, "changed", changes))
        before = now
    return found


def _client_at(commit: str, layout: Layout) -> ClientModel | None:
    try:
        return replace(surface_at(commit, layout), handwritten={})
    except Refused:
        return None


def _client_now(layout: Layout) -> ClientModel:
    return replace(from_text((layout.root / SURFACE).read_text("utf-8"), SURFACE.as_posix()), handwritten={})


def _release(pin: Pin, layout: Layout) -> str:
    having = git(STEP, layout.root, "tag", "--list", "v*", "--contains", pin.commit).split()
    return min((tag for tag in release_tags(layout) if tag in having), key=version_of, default="").removeprefix("v")
