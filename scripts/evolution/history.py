"""The pins on record: every document that was ever pinned, as git has its lock."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.lib.layout import Layout
from scripts.lib.process import git

STEP = "history"


@dataclass(frozen=True)
class Pin:
    """A document that was pinned in a commit. `digests` are those that its lock names."""

    commit: str
    date: datetime.date
    operations: int
    digests: frozenset[str]


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
