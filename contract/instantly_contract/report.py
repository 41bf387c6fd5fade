"""Report of the checks, and the matrix of what is recorded, for people and for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from instantly_contract.captured import Problem
from instantly_contract.check import Finding
from instantly_contract.coverage import PAGES, Coverage, cell
from instantly_core.version import __version__

Found = tuple[str, Finding]
"""A finding, after the name of its file."""

FINDINGS = ("recording", "operation", "JSON pointer", "expected", "got", "check")
PROBLEMS = ("file", "what is wrong", "what to do")
COVERAGE = ("operation", "success", "errors", "pages", "missing")


@dataclass(frozen=True)
class Outcome:
    """Outcome of the checks: the number of recordings, the findings, and the files that could not be checked."""

    recordings: int
    findings: Sequence[Found]
    notes: Sequence[Found]
    problems: Sequence[Problem]
    rows: Sequence[Coverage]


def show(outcome: Outcome) -> None:
    """Print it: tables on a terminal, elsewhere a line each."""
    if sys.stdout.isatty():
        _show_tables(outcome)
    else:
        for line in _lines(outcome):
            print(_printable(line))
    if outcome.rows:
        print(_recorded(outcome.rows))
    if unrecorded := [row.operation for row in outcome.rows if not row.successes]:
        print(f"no recorded success of {', '.join(unrecorded)}")
    counts = [
        _count(len(outcome.findings), "finding"),
        *([_count(len(outcome.notes), "note")] if outcome.notes else []),
        *([f"{_count(len(outcome.problems), 'file')} could not be checked"] if outcome.problems else []),
    ]
    recordings = _count(outcome.recordings, "recording")
    print(f"{recordings} checked against instantly-client {__version__}: {', '.join(counts)}")


def as_json(outcome: Outcome) -> dict[str, Any]:
    """It as JSON."""
    return {
        "client": __version__,
        "recordings": outcome.recordings,
        "findings": [{"recording": file, **finding._asdict()} for file, finding in outcome.findings],
        "notes": [{"recording": file, **finding._asdict()} for file, finding in outcome.notes],
        "problems": [problem._asdict() for problem in outcome.problems],
        "operations": [
            {
                "operation": row.operation,
                **{
                    name: {provenance: sorted(found) for provenance, found in sorted(recorded.items())}
                    for name, recorded in (("successes", row.successes), ("errors", row.errors), ("pages", row.pages))
                },
                "missing": row.missing,
            }
            for row in outcome.rows
        ],
    }


def table_of(found: Sequence[Found]) -> str:
    """Findings as a table in plain text."""
    text = StringIO()
    Console(file=text, width=160, highlight=False).print(_table("", FINDINGS, _rows(found)))
    return text.getvalue()


def _show_tables(outcome: Outcome) -> None:
    console = Console(highlight=False)
    for title, headings, rows in (
        ("Recorded", COVERAGE, [_cells(row) for row in outcome.rows]),
        ("Notes: the client copes with these", FINDINGS, _rows(outcome.notes)),
        ("Findings", FINDINGS, _rows(outcome.findings)),
        ("Could not be checked", PROBLEMS, outcome.problems),
    ):
        if rows:
            console.print(_table(title, headings, rows))


def _lines(outcome: Outcome) -> list[str]:
    return [
        *("  ".join(f"{name} {text}" for name, text in zip(COVERAGE, _cells(row), strict=True) if text)
          for row in outcome.rows),
        *(f"note: {_line(row)}" for row in _rows(outcome.notes)),
        *(_line(row) for row in _rows(outcome.findings)),
        *(f"{file}: {what}; {advice}" for file, what, advice in outcome.problems),
    ]  # fmt: skip


def _line(row: Sequence[str]) -> str:
    file, operation, pointer, expected, got, check = row
    return f"{file}: {operation} {pointer}: expected {expected}, got {got} ({check})"


def _rows(found: Sequence[Found]) -> list[list[str]]:
    return [
        [file, finding.operation, finding.pointer or "(root)", finding.expected, finding.got, finding.check]
        for file, finding in found
    ]


def _cells(row: Coverage) -> list[str]:
    successes = {provenance: [str(len(cases))] for provenance, cases in row.successes.items()}
    return [row.operation, cell(successes), cell(row.errors), cell(row.pages, PAGES), " ".join(row.missing)]


def _recorded(rows: Sequence[Coverage]) -> str:
    lists = [row for row in rows if row.paged]
    documented = sum(len(row.promise.errors) for row in rows)
    missing = [name for row in rows for name in row.missing]
    errors = documented - sum(name.isdigit() for name in missing)
    pages = sum(not set(PAGES).intersection(row.missing) for row in lists)
    return (
        f"recorded: {len(rows) - missing.count('success')} of {len(rows)} operations with a success, "
        f"{errors} of {documented} documented errors, {pages} of {len(lists)} lists with first, middle and last page"
    )


def _printable(text: str) -> str:
    """A text in which nothing acts: a terminal could take some characters as commands."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_printable(text)) for text in row))
    return table
