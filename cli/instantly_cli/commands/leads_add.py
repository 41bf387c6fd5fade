"""Command `instantly leads add`: imports the rows of a file as leads, and says what became of each."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import click

from instantly_cli.commands.method import MethodCommand
from instantly_cli.methods import Method
from instantly_cli.settings import Settings
from instantly_client import ImportReport, Instantly

_FOR_PROGRAMS = ("report", "chunk_size")
"""Arguments of `import_rows` by which a program goes on after a failure."""
_MAX_SHOWN = 5

_HELP = """Add the leads of a file to a campaign or list, a thousand a request.

The file is CSV with a header, or JSON lines if its name ends in .jsonl; `-` is CSV on the standard input. A column
becomes the field of the same name, or nearly so (`E-mail`, `First Name`, `Company`); any other becomes a custom
variable of the lead. Empty cells are left out. The file is read whole before anything is sent. Rows without a valid
address are not sent, and of rows with the same one only the first is.
"""


class AddLeads(MethodCommand):
    """The command. Its other options are the arguments of `import_rows`."""

    def __init__(self) -> None:
        super().__init__("add", Method("leads", "import_rows"))
        self.help = _HELP
        self.short_help = "Add the leads of a CSV or JSON lines file, and report on each row."

    def parameters(self) -> list[click.Parameter]:
        """Make the options for the files, and those of the method that a person needs."""
        return [
            click.Option(["source", "--from"], metavar="FILE", required=True, help="The file with the leads."),
            click.Option(
                ["report_file", "--report"],
                metavar="FILE",
                help="Write a CSV file that says of each row what became of it, why, and the id that its lead has.",
            ),
            *(each for each in super().parameters() if each.name not in _FOR_PROGRAMS),
        ]

    def details(self) -> Sequence[str]:
        """Nothing: the help text of the command is its own, and that of the method is for programs."""
        return ()

    def call(self, ctx: click.Context, client: Instantly, positional: list[Any], keywords: dict[str, Any]) -> Any:
        """Add the leads, and write the report also when it stops before the last one."""
        if len({"campaign_id", "list_id"} & keywords.keys()) != 1:
            raise click.UsageError("say where to: --campaign ID or --list ID", ctx)
        rows = read_rows(ctx.params["source"])
        report = ImportReport()
        with _written(report, ctx.params["report_file"]), _shown() as show:
            keywords |= {"report": report, "on_progress": show}
            super().call(ctx, client, [rows, *positional], keywords)
        settings = ctx.find_object(Settings)
        if settings is not None and (settings.layout or settings.fields):
            return [row._asdict() for row in report.rows]
        _say_why_not(report)
        return report.counts


def read_rows(source: str) -> list[dict[str, Any]]:
    """Read the rows of a file.

    Raises:
        UsageError: it cannot be read; the message names the line.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"cannot read {source}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"cannot read {source}: it is no text in UTF-8") from None
    text = text.removeprefix("\ufeff")
    return _json_lines(source, text) if source.endswith((".jsonl", ".ndjson")) else _csv_rows(source, text)


def _json_lines(source: str, text: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise click.UsageError(f"{source}, line {number} is no JSON: {error}") from None
            if not isinstance(row, dict):
                raise click.UsageError(f"{source}, line {number} is no object")
            rows.append(row)
    return rows


def _csv_rows(source: str, text: str) -> list[dict[str, Any]]:
    reader = csv.reader(StringIO(text, newline=""), _dialect(text), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not any(header):
            raise click.UsageError(f"{source} has no header: its first line names the columns")
        rows = []
        for row in reader:
            if len(row) > len(header):
                raise click.UsageError(f"{source}, line {reader.line_num} has more cells than the header")
            for name, cell in zip(header, row, strict=False):
                if cell.strip() and not name:
                    raise click.UsageError(f"{source}, line {reader.line_num}: {cell!r} is in a column without a name")
            if any(cell.strip() for cell in row):
                rows.append({name: cell for name, cell in zip(header, row, strict=False) if name})
    except csv.Error as error:
        raise click.UsageError(f"{source}, line {reader.line_num}: {error}") from None
    named = [name for name in header if name]
    if len({*named}) < len(named):
        raise click.UsageError(f"{source}: two columns have the same name")
    return rows


def _dialect(text: str) -> type[csv.Dialect]:
    """The dialect of a file, whose header says what is between two cells."""
    header = text.partition("\n")[0]

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=header.count)

    return Dialect


@contextmanager
def _written(report: ImportReport, file: str | None) -> Generator[None]:
    """A report that is written to a file, if one is named, also when the import stops before its last row.

    Raises:
        UsageError: it cannot be written; before the import begins, if possible.
    """
    try:
        if file is not None:
            report.to_csv(file)
        try:
            yield
        finally:
            if file is not None:
                report.to_csv(file)
    except OSError as error:
        if error.filename != file:
            raise
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from None


@contextmanager
def _shown() -> Generator[Callable[[ImportReport], None]]:
    """The progress on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda report: None
        return
    from instantly_cli.terminal import progress

    with progress("adding leads") as say:
        yield lambda report: say(f"{report.done:,} of {report.total:,}")


def _say_why_not(report: ImportReport) -> None:
    """Say on the standard error why rows were not added: of the first of them."""
    left = [row for row in report.rows if row.outcome != "added"]
    for row in left[:_MAX_SHOWN]:
        click.echo(f"row {row.number} was not added: {row.outcome}, {row.reason}", err=True)
    if len(left) > _MAX_SHOWN:
        click.echo(f"and {len(left) - _MAX_SHOWN:,} more: --report FILE has all of them", err=True)
    if not report.rows:
        click.echo("there are no rows: nothing was sent", err=True)


def command() -> click.Command:
    """Make the command."""
    return AddLeads()
