"""The public surface of the package as a value: one fact for each thing that code may rely on, each fact a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from scripts.lib.report import Finding, Refused

FILE = Path("tests", "release", "surface.txt")
"""Where a project has its surface on record."""

HEADER = """\
# The public surface of the package. Written by `nox -s surface -- --write`; do not edit, read what changes.
# `client` is Instantly, and AsyncInstantly with the same to await; under the name of one is what only that has.
"""

CLASS = re.compile(r"class\((.*)\)")
_DEPRECATED = "  # deprecated"
_LINE = re.compile(
    r"(?P<subject>[\w.]+)"
    r"(?:"
    r"\((?P<positional>[^()]*)\) -> (?P<result>\S.*)"
    r"|(?P<argument>\(\*{0,2}\w+=?\))?: (?P<type>\S.*?)(?: = (?P<default>\S.*))?"
    r"| = (?P<value>\S.*)"
    r")"
)


@dataclass(frozen=True)
class Fact:
    """One thing that code may rely on. As text it is one of these lines:

    client.leads.get(id, /) -> Lead                      what is called: its arguments by position, and its result
    client.leads.get(id): str                            an argument by position
    client.leads.list(limit=): int | Unset = UNSET       an argument by keyword only, and its default
    models.Lead.email: str | Unset = UNSET               an attribute; with a default where one can be given
    models.LeadStatus.PAUSED = 2                         a member of an enumeration
    models.Lead: class(Model)                            a class
    client.leads: resource                               what only holds others

    `subject` is all before the result, the type or the value, but for the arguments by position.
    """

    subject: str
    type: str = ""
    default: str = ""
    positional: str | None = None
    deprecated: bool = False

    def __str__(self) -> str:
        if self.positional is not None:
            line = f"{self.subject}({self.positional}) -> {self.type}"
        else:
            line = self.subject + (f": {self.type}" if self.type else "")
            line += f" = {self.default}" if self.default else ""
        return line + (_DEPRECATED if self.deprecated else "")

    @property
    def parent(self) -> str:
        """The subject that this belongs to: the method of an argument, the class of an attribute; "" at the top."""
        return re.sub(r"(\(.*\)|\.?\w+)$", "", self.subject)

    @property
    def callable(self) -> str:
        """Of an argument what is called, of everything else ""."""
        return self.parent if self.subject.endswith(")") else ""

    @property
    def argument(self) -> str:
        """Of an argument its name, as Python spells it in a signature; of everything else ""."""
        return self.subject[len(self.parent) + 1 : -1].rstrip("=") if self.callable else ""

    @property
    def bases(self) -> list[str] | None:
        """Of a class its bases; of everything else None."""
        match = CLASS.fullmatch(self.type)
        return match and [base for base in match[1].split(", ") if base]


CLIENTS = ("Instantly", "AsyncInstantly")
CLIENT = "client"
"""What stands for both of them."""


def as_async(fact: Fact) -> Fact:
    """The twin of a fact about `Instantly`: the result is awaited, but for a page, which fetches itself."""
    if fact.positional is None or fact.subject.endswith(".__init__"):
        return fact
    result = re.sub(r"\bPage\[", "AsyncPage[", fact.type)
    return replace(fact, type=result if result.startswith("AsyncPage[") else f"Awaitable[{result}]")


def merge_twins(sync: Mapping[str, Fact], asynchronous: Mapping[str, Fact]) -> Iterator[Fact]:
    """The facts about both clients, each under `client`: once where they are twins, else under the name of the one."""
    for subject in {**sync, **asynchronous}:
        pair = (sync.get(subject), asynchronous.get(subject))
        if pair[0] and pair[1] and as_async(pair[0]) == pair[1]:
            yield pair[0]
        else:
            for client, fact in zip(CLIENTS, pair, strict=True):
                if fact:
                    yield replace(fact, subject=client + subject.removeprefix(CLIENT))


class Surface(Mapping[str, Fact]):
    """Subject -> fact, sorted as the file has them."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = {fact.subject: fact for fact in sorted(facts, key=str)}

    def __getitem__(self, subject: str) -> Fact:
        return self._facts[subject]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def seen_from(self, client: str) -> dict[str, Fact]:
        """Subject -> fact, as they are for `client`: without what only the other has, its own under `client` too."""
        (other,) = set(CLIENTS) - {client}
        found = {}
        for fact in self.values():
            root, dot, rest = fact.subject.partition(".")
            if root == CLIENT and client == CLIENTS[1]:
                fact = as_async(fact)
            elif root == client:
                fact = replace(fact, subject=f"{CLIENT}{dot}{rest}")
            if root != other:
                found[fact.subject] = fact
        return found

    @cached_property
    def lines(self) -> list[str]:
        return [str(fact) for fact in self.values()]

    def to_text(self) -> str:
        """The surface as the text of its file, the same for the same surface."""
        return HEADER + "".join(f"{line}\n" for line in self.lines)


def parse_surface(text: str, name: str) -> Surface:
    """The surface in `text`, which `name` names where it is no surface.

    Raises:
        Refused: a line is none that a surface has, or says something about a subject that another line is about.
    """
    facts: dict[str, Fact] = {}
    findings = []
    why = "no change can be told from it; bring it back from version control, or `nox -s surface -- --write`"
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fact = _parse_line(line)
        if fact is None:
            findings.append(Finding("", f"line {number} of {name} states no fact: {line}", why))
        elif fact.subject in facts:
            findings.append(Finding("", f"line {number} of {name} is the second about {fact.subject}", why))
        else:
            facts[fact.subject] = fact
    if not facts and not findings:
        findings.append(Finding("", f"{name} is empty", why))
    if findings:
        raise Refused("surface", findings)
    return Surface(facts.values())


def _parse_line(line: str) -> Fact | None:
    match = _LINE.fullmatch(line.removesuffix(_DEPRECATED))
    if match is None:
        return None
    found = {name: value or "" for name, value in match.groupdict().items()}
    return Fact(
        found["subject"] + found["argument"],
        type=found["result"] or found["type"],
        default=found["default"] or found["value"],
        positional=match["positional"],
        deprecated=line.endswith(_DEPRECATED),
    )
