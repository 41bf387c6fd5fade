"""The results, for people and for programs, and where a long run is."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from benchmarks.figure import PEER, STOCK, Measured, Row, Unavailable

Result = tuple[Row, Measured]

HEADINGS = ("ours", "quartiles", "limit", "", "stock", PEER)


def show(results: Sequence[Result]) -> None:
    """Print a table: on a terminal in colours, unless NO_COLOR is set; elsewhere in plain lines, one a figure."""
    terminal = sys.stdout.isatty()
    # A log is as wide as it needs to be.
    console = Console(highlight=False, width=None if terminal else 1000)
    table = Table(box=SIMPLE_HEAD if terminal else None, pad_edge=False)
    table.add_column("figure")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    if not terminal:
        table.add_column("in numbers")
    for row, measured in results:
        plainly = Text(measured.plainly, style="dim")
        if terminal:
            title = Text.assemble((row.name, "bold"), f"  {row.title}")
            table.add_row(Text("\n").join([title, plainly]), *cells(row, measured))
        else:
            table.add_row(f"{row.name}: {row.title}", *cells(row, measured), plainly)
    with console.capture() as capture:
        console.print(table)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))
    for note in notes(results):
        print(note)


def cells(row: Row, measured: Measured) -> list[Text]:
    mark, style = verdict(row, measured)
    low_high = "-".join(amount(value, "") for value in measured.quartiles or ())
    return [
        Text(amount(measured.ours, row.unit), style="bold"),
        Text(low_high, style="dim"),
        Text(limit_of(row)),
        Text(mark, style=style),
        *(Text(amount(measured.others.get(name, ""), row.unit)) for name in (STOCK, PEER)),
    ]


def limit_of(row: Row) -> str:
    return "" if row.limit is None else ("at least " if row.least else "") + amount(row.limit, row.unit)


def verdict(row: Row, measured: Measured) -> tuple[str, str]:
    if isinstance(measured.ours, Unavailable):
        return "skipped", "yellow"
    if row.limit is None:
        return "", ""
    return ("MISSED", "bold red") if row.missed(measured) else ("ok", "green")


def amount(value: float | str | Unavailable, unit: str) -> str:
    if isinstance(value, str | Unavailable):
        return "not available" if str(value) else ""
    number = f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"
    return f"{number} {unit}".strip()


def notes(results: Sequence[Result]) -> list[str]:
    """The text below the table: why something is not there, and each row's own remarks."""
    missing = {
        f"{name}: not available: {value}": None
        for _, measured in results
        for name, value in {"ours": measured.ours, **measured.others}.items()
        if isinstance(value, str | Unavailable)
    }
    remarks = [f"{row.name}: {remark}" for row, measured in results for remark in measured.remarks]
    return [*missing, *remarks]


def as_json(results: Sequence[Result]) -> str:
    """All results as a JSON array."""
    return json.dumps(
        [
            {
                "figure": row.name,
                "title": row.title,
                "ours": str(measured.ours) if isinstance(measured.ours, Unavailable) else measured.ours,
                "quartiles": measured.quartiles,
                "limit": row.limit,
                "least": row.least,
                "unit": row.unit,
                "verdict": verdict(row, measured)[0],
                "others": measured.others,
                "in_numbers": measured.plainly,
                "remarks": measured.remarks,
            }
            for row, measured in results
        ],
        indent=2,
    )


class Progress:
    """Shows on standard error which row runs and how far it is: a spinner on a terminal, lines elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._row = ""

    @contextmanager
    def row(self, name: str) -> Iterator[None]:
        self._row = name
        start = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(name) as self._status:
                yield
        else:
            self._console.print(f"{name} ...")
            yield
        self._console.print(f"{name}: {time.monotonic() - start:.0f} s")

    def on_step(self, what: str) -> None:
        if self._status:
            self._status.update(f"{self._row}: {what}")
