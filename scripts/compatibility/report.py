"""Report the changes of a client: as Markdown for a change request and a changelog, as JSON, and on a terminal.

Text that comes from the document is code there, in which nothing is markup.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.compatibility.evidence import place_of
from scripts.compatibility.examples import example
from scripts.compatibility.judge import Change, Effect, level
from scripts.lib.report import print_line, visible

Quote = Callable[[str], str]

MAX_WIDTH = 100
"""The characters that are shown of one text, and of a list of names in one line."""
FOLDED = 4
"""From how many on, like changes share a line."""
Evidence = tuple[Mapping[str, str], Mapping[str, str]]
"""Where the subjects of changes are in the old document, and in the new one."""
NO_EVIDENCE: Evidence = ({}, {})
BREAKING = "**Breaking:** "
CHANGELOG_LINES = 40
"""From how many lines on a changelog entry has one for each resource and class, unless it breaks code."""

NAMES = {
    Effect.BREAKING: ("breaking change", "breaking changes"),
    Effect.BEHAVIOUR: ("change of behaviour", "changes of behaviour"),
    Effect.ADDITIVE: ("addition", "additions"),
    Effect.PROSE: ("change of words only", "changes of words only"),
}
HEADINGS = {
    Effect.BREAKING: "Breaking: code that ran or passed a type checker may stop to",
    Effect.BEHAVIOUR: "Behaviour: the same code has another effect",
    Effect.ADDITIVE: "Additive: there is more, and everything that worked works",
}
FACTS = "Facts of the document that change no code"
STYLES = {Effect.BREAKING: "bold red", Effect.BEHAVIOUR: "yellow", Effect.ADDITIVE: "green", Effect.PROSE: ""}


def summary(changes: Sequence[Change]) -> str:
    """The changes in one sentence."""
    if not changes:
        return "Nothing changes for code that uses the client."
    counts = Counter(change.effect for change in changes)
    parts = [f"{counts[effect]} {NAMES[effect][counts[effect] != 1]}" for effect in Effect if counts[effect]]
    return f"For code that uses the client this is a {level(changes)} change: {_enumerated(parts)}."


# --- for a change request ---


def markdown(
    changes: Sequence[Change], evidence: Evidence = NO_EVIDENCE, *, width: int = sys.maxsize, words: bool = True
) -> str:
    """The report of a change request: what breaks code comes first, with examples; what has one cause is one entry.

    `width` is about how many characters a list of names may have; without it nothing is left out. Without `words` those
    places are only counted where nothing but the words changed.
    """
    blocks = [summary(changes)]
    if changes:
        blocks.append("\n".join(_counts(changes)))
    for effect, heading in HEADINGS.items():
        entries = _entries([change for change in changes if change.effect is effect], code, width=width)
        if entries:
            blocks.append(f"### {heading}")
            blocks += _explained(entries, evidence) if effect is Effect.BREAKING else ["\n".join(_bullets(entries))]
    facts = [change for change in changes if change.effect is Effect.PROSE and change.aspect != "words"]
    if facts:
        blocks += [f"### {FACTS}", "\n".join(_bullets(_entries(facts, code, width=width)))]
    reworded = [change for change in changes if change.effect is Effect.PROSE and change.aspect == "words"]
    if reworded and not words:
        blocks.append(f"And {len(reworded)} {NAMES[Effect.PROSE][len(reworded) != 1]}.")
    elif reworded:
        counted = f"<summary>{len(reworded)} {NAMES[Effect.PROSE][len(reworded) != 1]}</summary>"
        blocks += [f"<details>\n{counted}", "\n".join(_places(reworded, width)), "</details>"]
    return "\n\n".join(blocks) + "\n"


def _explained(entries: Iterable[Entry], evidence: Evidence) -> Iterator[str]:
    """What breaks code: its id, its place in both documents, and code before and after."""
    for entry in entries:
        first = entry.changes[0]
        ids = [code(change.id) for change in entry.changes]
        places = dict.fromkeys(filter(None, _pointers(first, evidence)))
        at = f"; in the document at {' → '.join(map(code_of_any_length, places))}" if places else ""
        lines = [f"- {entry.line(code, whole=True)}", f"  - id {', '.join(ids)}{at}"]
        before, after = map(plain, example(first))
        if before:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", before + after)), default=0))
            shown = [f"{fence}python", "# before", before, "# after", after or "# removed", fence]
            lines += ["", *(f"  {line}" for line in shown)]
        yield "\n".join(lines)


def _counts(changes: Sequence[Change]) -> Iterator[str]:
    counts = Counter((change.kind, change.effect) for change in changes)
    effects = [effect for effect in Effect if any(change.effect is effect for change in changes)]
    yield f"| | {' | '.join(effects)} |"
    yield "|---|" + "---:|" * len(effects)
    for kind in dict.fromkeys(change.kind for change in changes):
        yield f"| {_plural(kind)} | {' | '.join(str(counts[kind, effect] or '') for effect in effects)} |"


def _bullets(entries: Iterable[Entry]) -> Iterator[str]:
    """A list with a level for the resource or class where several things changed there."""
    for where, group in groupby(entries, key=lambda entry: entry.where):
        several = list(group)
        if where and len(several) > 1:
            yield f"- {code(where)}"
            yield from (f"  - {entry.line(code)}" for entry in several)
        else:
            yield from (f"- {entry.line(code, whole=True)}" for entry in several)


def _places(changes: Iterable[Change], width: int) -> Iterator[str]:
    for where, group in groupby(changes, key=lambda change: change.where):
        names = [_within(where, change.subject) for change in group]
        names = [code(name) if name else "itself" for name in names]
        yield f"- {code(where)}: {_listed(names, width)}"


# --- for the changelog ---


def changelog_entry(changes: Sequence[Change]) -> str:
    """Sections for the changelog; if they are long, with a line for each place. "" if nothing changed but words."""
    sections: dict[str, list[Change]] = {"Added": [], "Changed": [], "Deprecated": [], "Removed": []}
    for change in changes:
        if change.effect is not Effect.PROSE:
            # What is new and breaks code (a required argument) is a change of what it is added to.
            is_change = change.action == "added" and change.effect is Effect.BREAKING
            sections["Changed" if is_change else change.action.capitalize()].append(change)
    bullets = {name: list(_lines(_worst_first(some))) for name, some in sections.items() if some}
    if sum(map(len, bullets.values())) > CHANGELOG_LINES:
        bullets = {name: list(_lines_by_place(_worst_first(sections[name]))) for name in bullets}
    return "\n\n".join(f"### {name}\n\n" + "\n".join(some) for name, some in bullets.items()) + "\n" if bullets else ""


def _worst_first(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.effect is not Effect.BREAKING)


def _lines(changes: list[Change]) -> Iterator[str]:
    for entry in _entries(changes, code):
        yield f"- {BREAKING if entry.effect is Effect.BREAKING else ''}{entry.line(code, whole=True)}"


def _lines_by_place(changes: list[Change]) -> Iterator[str]:
    """Breaking changes as they are; the rest in a line for each resource and class, with the names only."""
    yield from _lines([change for change in changes if change.effect is Effect.BREAKING])
    rest = [change for change in changes if change.effect is not Effect.BREAKING]
    yield from _lines([change for change in rest if change.subject == change.where])
    by_place: dict[str, list[str]] = {}
    for change in rest:
        if change.subject != change.where:
            by_place.setdefault(change.where, []).append(code(_within(change.where, change.subject)))
    for where, names in by_place.items():
        yield f"- {code(where)}: {_listed(list(dict.fromkeys(names)))}"


# --- for programs, and on a terminal ---


def record(changes: Sequence[Change], evidence: Evidence = NO_EVIDENCE) -> dict[str, Any]:
    """The changes as plain values, and which of them have one cause."""
    counts = Counter(change.effect for change in changes)
    return {
        "level": level(changes),
        "counts": {str(effect): counts[effect] for effect in Effect},
        "changes": [_recorded(change, evidence) for change in changes],
        "causes": [
            {"effect": group[0].effect, "what": group[0].what, "changes": [change.id for change in group]}
            for group in causes(changes)
        ],
    }


def _recorded(change: Change, evidence: Evidence) -> dict[str, Any]:
    old, new = _pointers(change, evidence)
    before, after = example(change) if change.effect is Effect.BREAKING else ("", "")
    found = {"pointers": {"old": old, "new": new}, "code": {"before": before, "after": after}}
    return {"id": change.id, **asdict(change), "what": change.what, **found}


def _pointers(change: Change, evidence: Evidence) -> tuple[str, str]:
    """The place of a change in the old document and in the new one; "" where it is not there."""
    old, new = (place_of(change, found) for found in evidence)
    return "" if change.action == "added" else old, "" if change.action == "removed" else new


def show(
    changes: Sequence[Change],
    evidence: Evidence = NO_EVIDENCE,
    *,
    stream: TextIO | None = None,
    as_json: bool = False,
) -> None:
    """Print the changes to `stream` (standard output): a table on a terminal, else a line each, or JSON."""
    stream = stream or sys.stdout
    if as_json:
        print(json.dumps(record(changes, evidence), indent=2), file=stream)
        return
    entries = _by_effect(changes)
    if stream.isatty():
        console = Console(file=stream, highlight=False)
        console.print(summary(changes))
        if entries:
            console.print(_table(entries))
    else:
        print_line(stream, "\n".join([summary(changes), *lines(changes)]))


def lines(changes: Sequence[Change]) -> list[str]:
    """The changes as lines of plain text, the worst first; those of words share a line."""
    return [f"{entry.effect:<9}  {entry.line(plain, whole=True)}" for entry in _by_effect(changes)]


def _by_effect(changes: Sequence[Change]) -> list[Entry]:
    of = {effect: [change for change in changes if change.effect is effect] for effect in Effect}
    reworded = [change for change in of[Effect.PROSE] if change.aspect == "words"]
    of[Effect.PROSE] = [change for change in of[Effect.PROSE] if change.aspect != "words"]
    entries = [entry for some in of.values() for entry in _entries(some, plain)]
    if reworded:
        names = _listed([plain(change.subject) for change in reworded])
        places = f"{len(reworded)} {'places' if len(reworded) > 1 else 'place'}"
        entries.append(Entry(Effect.PROSE, "", "", f"words changed at {places}: {names}", tuple(reworded)))
    return entries


def _table(entries: Sequence[Entry]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("effect", "where", "what"):
        table.add_column(heading, overflow="fold")
    for number, entry in enumerate(entries):
        last = entry is entries[-1] or entries[number + 1].effect is not entry.effect
        effect = Text(entry.effect, style=STYLES[entry.effect])
        table.add_row(effect, Text(entry.whole), Text(entry.text), end_section=last)
    return table


# --- lines ---


@dataclass(frozen=True)
class Entry:
    """One line of a report: one change, or several with one cause.

    `name` is what changed at `where`, "" for all of it.
    """

    effect: Effect
    where: str
    name: str
    text: str
    changes: tuple[Change, ...]

    @property
    def whole(self) -> str:
        """The subject, as a user writes it; "" for several places."""
        return f"{self.where}.{self.name}" if self.name else self.where

    def line(self, quote: Quote, *, whole: bool = False) -> str:
        subject = self.whole if whole else self.name
        return f"{quote(subject)}: {self.text}" if subject else self.text


def causes(changes: Sequence[Change]) -> list[tuple[Change, ...]]:
    """The changes, those with one cause together: the same change of several places, or many parts new in one."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        groups.setdefault(_cause(change), []).append(change)
    found: list[tuple[Change, ...]] = []
    for change in changes:
        group = groups[_cause(change)]
        if len(group) < FOLDED:
            found.append((change,))
        elif change is group[0]:
            found.append(tuple(group))
    return found


def _cause(change: Change) -> object:
    if change.action in ("added", "removed"):
        return change.effect, change.action, change.kind, _owner(change)
    return change.effect, change.action, change.aspect, change.old, change.new


def _entries(changes: Sequence[Change], quote: Quote, *, width: int = MAX_WIDTH) -> list[Entry]:
    """The changes, those with one cause in one line; first those that are of no single place.

    Of names that do not fit `width` only some are shown, unless the change breaks code.
    """
    entries: list[Entry] = []
    for group in causes(changes):
        first = group[0]
        if len(group) == 1:
            name = _within(first.where, first.subject)
            entries.append(Entry(first.effect, first.where, name, _told(first, quote), group))
        else:
            owners = {_owner(change) for change in group}
            owner = owners.pop() if len(owners) == 1 else ""
            where = first.where if owner and owner.startswith(first.where) else ""
            most = sys.maxsize if first.effect is Effect.BREAKING else width
            name = _within(where, owner) if where else ""
            entries.append(Entry(first.effect, where, name, _folded(group, quote, most, owner), group))
    order = {where: place for place, where in enumerate(dict.fromkeys(entry.where for entry in entries))}
    return sorted(entries, key=lambda entry: (bool(entry.where), order[entry.where]))


def _told(change: Change, quote: Quote) -> str:
    """A change in words, after its subject."""
    if change.action == "added":
        return ", ".join(filter(None, ["added", change.aspect, quote(change.new)]))
    if change.action == "removed":
        return f"removed, was {quote(change.old)}" if change.old else "removed"
    return _aspect(change, quote)


def _folded(group: Sequence[Change], quote: Quote, width: int, owner: str) -> str:
    first = group[0]
    names = _listed([quote(_name(change) if owner else change.subject) for change in group], width)
    kinds = Counter(change.kind for change in group)
    counted = _enumerated([f"{count} {_plural(kind) if count > 1 else kind}" for kind, count in kinds.items()])
    if first.action == "added":
        return f"{len(group)} new {_plural(first.kind)}: {names}"
    if first.action == "removed":
        return f"{counted} removed: {names}"
    return f"{_aspect(first, quote)} in {counted}: {names}"


def _aspect(change: Change, quote: Quote) -> str:
    """The side of something that changed, and how."""
    if not (change.old or change.new):
        return change.aspect or "changed"
    turned = f"{quote(change.old) or 'none'} → {quote(change.new) or 'none'}"
    return f"{change.aspect} {quote(change.new) if change.action == 'deprecated' else turned}".strip()


def _owner(change: Change) -> str:
    """The owner of a subject: the operation of an argument, the class of a field; "" for a class."""
    if change.kind == "argument":
        return change.subject.partition("(")[0]
    return change.subject.rpartition(".")[0]


def _name(change: Change) -> str:
    return change.subject.removeprefix(_owner(change)).strip(".()")


def _within(where: str, subject: str) -> str:
    return subject.removeprefix(where).removeprefix(".")


def _listed(names: Sequence[str], width: int = MAX_WIDTH) -> str:
    """As many of the names as fit."""
    shown: list[str] = []
    for name in names:
        if shown and len(", ".join([*shown, name])) > width:
            return f"{', '.join(shown)} and {len(names) - len(shown)} more"
        shown.append(name)
    return ", ".join(shown)


def _enumerated(parts: Sequence[str]) -> str:
    """Several things in a sentence."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"


def plain(text: str) -> str:
    """Text of the document for a terminal: nothing in it acts, and it is not long."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in visible(text))
    return text if len(text) <= MAX_WIDTH else f"{text[: MAX_WIDTH - 1]}…"


def code(text: str) -> str:
    """Text of the document as code in Markdown: nothing in it is markup, whatever it holds; "" for no text."""
    return code_of_any_length(plain(text))


def code_of_any_length(text: str) -> str:
    text = visible(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""
