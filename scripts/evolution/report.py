"""The report of a pin: both documents, the changes for users, and what is left for a person to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.compatibility.judge import Change
from scripts.compatibility.report import code, markdown, record
from scripts.lib.report import counted
from scripts.spec.lock import Lock
from scripts.spec.removed import Tombstone


@dataclass(frozen=True)
class Report:
    """A pin of the document that `new` describes, after the one that `old` does.

    `released` is the version of the last release and `following` the one that its changes so far lead to, each "" if
    it does not exist. `names` are the derived names that nobody has looked at, `expired` what the vendor dropped so
    long ago that it can be purged. `stubs` are places whose words are only derived, `unused_texts` keys of
    openapi/texts.toml that no place has.
    """

    old: Lock
    new: Lock
    released: str
    following: str
    changes: Sequence[Change]
    names: Sequence[str]
    expired: Sequence[Tombstone]
    stubs: Sequence[str] = ()
    unused_texts: Sequence[str] = ()

    def markdown(self) -> str:
        """The text of a change request."""
        return "\n".join([f"## {self.title}", "", markdown(self.changes), self.version, "", *self.to_do(), ""])

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "documents": [{"date": str(lock.date), "sha256": lock.sha256} for lock in (self.old, self.new)],
            "versions": {"released": self.released, "following": self.following},
            **record(self.changes),
            "names_to_review": list(self.names),
            "texts_to_write": list(self.stubs),
            "unused_texts": list(self.unused_texts),
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

    def to_do(self) -> Iterator[str]:
        """The things that a person should look at, as lines."""
        if self.names:
            yield f"To review in `openapi/names.toml`, while it is not released: {counted(self.names, 'derived name')}."
            yield from (f"- {code(name)}" for name in self.names)
        if self.stubs:
            yield f"To say in `openapi/texts.toml`, since nothing there does: {counted(self.stubs, 'place')}."
            yield from (f"- {code(place)}" for place in self.stubs)
        if self.unused_texts:
            yield f"To drop from `openapi/texts.toml`, since no place has them: {counted(self.unused_texts, 'key')}."
            yield from (f"- {code(key)}" for key in self.unused_texts)
        if self.expired:
            many = counted(self.expired, "tombstone")
            yield f"Beyond the days of grace, and purged with the next breaking change, or by `--purge`: {many}."
            yield from (f"- {code(stone.name)}, removed since {stone.since}" for stone in self.expired)
