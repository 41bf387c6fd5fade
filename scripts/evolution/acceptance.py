"""Acceptance: a pin stops at each objection until a person accepts it, with a reason that is put on record."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from scripts.compatibility.judge import OURS, Change
from scripts.lib.report import Finding, Refused
from scripts.spec.lock import Lock

HEADER = """\
# Objections to a pin that a person accepted, with the reason. Written by `nox -s pin -- --accept ID --because "..."`.
"""


@dataclass(frozen=True)
class Objection:
    """One reason not to pin: `what` would break or be lost at `subject`, and `why` that matters.

    A person accepts it by its `id`.
    """

    id: str
    subject: str
    what: str
    why: str = "code that uses it may stop to work; look at the report, then accept it by its id"

    @classmethod
    def to(cls, change: Change) -> Self:
        """The objection to a change that breaks code."""
        if code := OURS.get(change.aspect):
            why = f"no pin changes what is sent: accept it, and edit {code}"
            return cls(change.id, change.subject, change.what, why)
        return cls(change.id, change.subject, change.what)


@dataclass(frozen=True)
class Acceptance:
    """The objections that a person accepts: id -> reason. With `everything` it is all of them, `because` of that."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    everything: bool = False
    because: str = "accepted with all that breaks"

    def reason(self, objection: Objection) -> str:
        """The reason to accept an objection; "" for one that is not accepted."""
        return self.reasons.get(objection.id) or (self.because if self.everything else "")

    def check(self, objections: Iterable[Objection]) -> None:
        """Raise `Refused` if an objection is accepted that does not exist."""
        there = {objection.id for objection in objections}
        why = f"there are {', '.join(sorted(there))}" if there else "nothing has to be accepted"
        unknown = [id_ for id_ in self.reasons if id_ not in there]
        if unknown:
            raise Refused("accept", [Finding("--accept", f"no change has the id {id_!r}", why) for id_ in unknown])


def with_accepted(path: Path, objections: Iterable[Objection], acceptance: Acceptance, lock: Lock) -> str:
    """The record at `path` with the objections to the document of `lock`, all of which are accepted."""
    text = path.read_text("utf-8") if path.exists() else HEADER
    return text + "".join(_entry(objection, acceptance.reason(objection), lock) for objection in objections)


def _entry(objection: Objection, because: str, lock: Lock) -> str:
    entry: dict[str, str | datetime.date] = {
        "date": lock.date,
        "document": lock.sha256[:12],
        "id": objection.id,
        "subject": objection.subject,
        "what": objection.what,
        "because": because,
    }
    lines = [f"{key} = {json.dumps(value) if isinstance(value, str) else value}" for key, value in entry.items()]
    return "\n".join(["", "[[accepted]]", *lines, ""])
