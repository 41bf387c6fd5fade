"""What is drawn on a terminal, by rich: tables of its width, and the progress of long commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

_GAP = 2
_MAX_WIDTH = 40
_MIN_WIDTH = 14


class TableWriter:
    """Writes rows as a table, a few at a time: the first ones decide about the widths."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._console = Console(file=sys.stdout, highlight=False)
        self._widths: list[int] = []

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Write rows, each with a text for every column."""
        first = not self._widths
        if first:
            self._widths = fitted(
                [column_width(each) for each in zip(self._columns, *rows, strict=False)], self._console.width
            )
        table = Table(box=None, show_header=first, header_style="bold", pad_edge=False, padding=(0, _GAP, 0, 0))
        for name, width in zip(self._columns, self._widths, strict=False):
            table.add_column(name, width=width, no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row[: len(self._widths)]))
        self._console.print(table)


def column_width(cells: Sequence[str]) -> int:
    """The width of a column that shows its cells whole, within a limit."""
    return min(max(map(cell_len, cells)), _MAX_WIDTH)


def fitted(widths: Sequence[int], space: int) -> list[int]:
    """The widths of columns in the space of a terminal: wide ones shrink, and the last ones are left out."""
    found = list(widths)
    while sum(found) + _GAP * (len(found) - 1) > space:
        # The first column is an id, which is of no use in part.
        widest = max(range(1, len(found)), key=found.__getitem__, default=0)
        if not widest:
            return [min(found[0], space)]
        if found[widest] > _MIN_WIDTH:
            found[widest] -= 1
        else:
            found = list(widths[: len(found) - 1])
    return found


def write_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Write the fields of one object, a line each or more."""
    table = Table.grid(padding=(0, _GAP, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields:
        table.add_row(name, Text(value))
    Console(file=sys.stdout, highlight=False).print(table)


@contextmanager
def progress(what: str) -> Generator[Callable[[str], None]]:
    """Show on the standard error that something goes on; the function that it gives says how far it is."""
    spinner = Spinner("dots", Text(what))
    # A Status of rich would take the standard output along, which goes into a file here.
    with Live(spinner, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False):
        yield lambda text: spinner.update(text=Text(f"{what}: {text}"))
