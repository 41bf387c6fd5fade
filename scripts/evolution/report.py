"""The report of a pin: both documents, the changes for users, and what is left for a person to look at."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from scripts.compatibility.judge import OURS, Change, breaking
from scripts.compatibility.report import MAX_WIDTH, Evidence, code, code_of_any_length, markdown, record
from scripts.evolution.acceptance import Objection
from scripts.evolution.review import Question
from scripts.lib.report import counted
from scripts.spec.lock import Lock
from scripts.spec.removed import Tombstone

MAX_BODY = 65_536
"""The characters that a forge takes as the text of a change request."""
TO_JUDGE = "### To judge of new operations, and to mark in openapi/overlay.yaml"
SHORTENED = "This is not all: the whole report is attached to the run that made this change request."


@dataclass(frozen=True)
class Report:
    """A pin of the document that `new` describes, after the one that `old` does.

    `released` is the version of the last release and `following` the one that its changes so far lead to, each "" if
    it does not exist. `objections` are what has to be accepted, `questions` what a person has to judge, `names` the
    derived names that nobody has looked at, `expired` what the vendor dropped so long ago that it can be purged,
    `stubs` places whose words are only derived, `joined` new classes that join several components, `reworded` places
    where the vendor has other words than before, `renames` what the vendor calls by another name, `unused_texts` keys
    of openapi/texts.toml that no place has, `numbers` new places of numbers that may be whole ones, and `not_taken_up`
    what hand-written helpers do not know.
    """

    old: Lock
    new: Lock
    released: str
    following: str
    changes: Sequence[Change]
    evidence: Evidence
    objections: Sequence[Objection]
    questions: Sequence[Question]
    names: Sequence[str]
    expired: Sequence[Tombstone]
    stubs: Sequence[str] = ()
    joined: Sequence[str] = ()
    reworded: Sequence[str] = ()
    renames: Sequence[str] = ()
    unused_texts: Sequence[str] = ()
    numbers: Sequence[str] = ()
    not_taken_up: Sequence[str] = ()

    def markdown(self, *, width: int = sys.maxsize, words: bool = True) -> str:
        """The whole report; for `width` and `words` see `compatibility.report.markdown`."""
        changed = markdown(self.changes, self.evidence, width=width, words=words).strip()
        blocks = [f"## {self.title}", self.version]
        changes = {change.id for change in self.changes}
        if lost := [each for each in self.objections if each.id not in changes]:
            losses = [
                f"- {code(each.subject)}: {code_of_any_length(each.what)}\n  - id {code(each.id)}" for each in lost
            ]
            blocks += ["### Lost at once, and to be accepted only if it is so", "\n".join(losses)]
        blocks.append(changed)
        if self.renames:
            listed = "\n".join(f"- {code_of_any_length(each)}" for each in self.renames)
            blocks += ["### Renamed by the vendor; the client keeps the names on record", listed]
        if self.questions:
            blocks += [TO_JUDGE, "\n".join(self._asked())]
        for sentence, lines in self.to_do():
            listed = "\n".join(f"- {line}" for line in lines)
            blocks.append(f"<details>\n<summary>{sentence}</summary>\n\n{listed}\n\n</details>" if words else sentence)
        return "\n\n".join(blocks) + "\n"

    def body(self, max_length: int = MAX_BODY) -> str:
        """The report as the text of a change request: if it is too long, without words, and with shorter lists."""
        text = self.markdown()
        for width in (4 * MAX_WIDTH, MAX_WIDTH):
            if len(text) > max_length:
                text = self.markdown(width=width, words=False) + f"\n{SHORTENED}\n"
        if len(text) > max_length:
            end = text.rindex("\n\n", 0, max_length - len(SHORTENED) - 3)
            text = f"{text[:end]}\n\n{SHORTENED}\n"
        return text

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "documents": [{"date": str(lock.date), "sha256": lock.sha256} for lock in (self.old, self.new)],
            "versions": {"released": self.released, "following": self.following},
            **record(self.changes, self.evidence),
            "to_accept": [asdict(objection) for objection in self.objections],
            "to_judge": [asdict(question) for question in self.questions],
            "names_to_review": list(self.names),
            "texts_to_write": list(self.stubs),
            "unused_texts": list(self.unused_texts),
            "joined_alternatives": list(self.joined),
            "reworded_by_the_vendor": list(self.reworded),
            "renamed_by_the_vendor": list(self.renames),
            "numbers_to_judge": list(self.numbers),
            "not_taken_up": list(self.not_taken_up),
            "can_be_purged": [stone.name for stone in self.expired],
        }

    @property
    def title(self) -> str:
        """One line."""
        return f"The API of {self.new.date}, after that of {self.old.date}"

    @property
    def version(self) -> str:
        """The version that a release would have now, in a sentence."""
        if not self.released:
            return "Nothing is released yet: the first version is for a person to choose."
        if not self.following:
            return f"Nothing of the surface has changed since {self.released}."
        return f"With all that changed since {self.released}, the next release is {self.following}."

    def _asked(self) -> Iterator[str]:
        """The questions as a list, those of one kind together."""
        for (mark, why), asked in groupby(self.questions, key=lambda question: (question.mark, question.why)):
            yield f"- {code(mark)}: {why}"
            yield from (f"  - {code(each.call)}, {code(each.request)}" for each in asked)

    def to_do(self) -> Iterator[tuple[str, list[str]]]:
        """The things that are left for a person: each a sentence, and a list in Markdown."""
        for aspect, ours in OURS.items():
            if changed := [change for change in breaking(self.changes) if change.aspect == aspect]:
                lines = [f"{code(each.subject)}: {code(each.old)} → {code(each.new)}" for each in changed]
                yield f"To edit by hand, since the {aspect} changed: {ours}.", lines
        for sentence, keys, noun in (
            ("To review in openapi/names.toml, while it is not released", self.names, "derived name"),
            ("To know: alternatives of a union that one class joins, with the fields of all", self.joined, "class"),
            ("To mark with x-meaning in openapi/overlay.yaml, if they are whole or flags", self.numbers, "number"),
            ("To take up in core/instantly_core/helpers, which copes with it", self.not_taken_up, "part"),
            ("To say in openapi/texts.toml, since nothing there does", self.stubs, "place"),
            ("To compare with openapi/texts.toml, since the vendor has other words there", self.reworded, "place"),
            ("To drop from openapi/texts.toml, since no place has them", self.unused_texts, "key"),
        ):
            if keys:
                yield f"{sentence}: {counted(keys, noun)}.", list(map(code_of_any_length, keys))
        if self.expired:
            many = counted(self.expired, "tombstone")
            lines = [f"{code(stone.name)}, removed since {stone.since}" for stone in self.expired]
            yield f"Beyond the days of grace, and purged with --accept-breaking or --purge: {many}.", lines
