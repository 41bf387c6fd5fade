"""What an examination found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was examined: whether it is as it should be, what it is, and what to do about it."""

    subject: str
    level: Level
    what: str
    todo: str = ""


def ok(subject: str, what: str) -> Finding:
    return Finding(subject, "ok", what)


def note(subject: str, what: str, todo: str = "") -> Finding:
    return Finding(subject, "note", what, todo)


def problem(subject: str, what: str, todo: str) -> Finding:
    return Finding(subject, "problem", what, todo)
