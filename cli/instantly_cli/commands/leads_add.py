"""Command `instantly leads add`: adds the leads of a file, and says what became of each row."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import click

from instantly_cli.commands.method import MethodCommand
from instantly_cli.methods import Method
from instantly_cli.settings import Settings
from instantly_client import Instantly
from instantly_client.models import NewLead
from instantly_core import BulkAddProgress

_FOR_PROGRAMS = ("chunk_size", "skip_confirmed", "collect")
"""Arguments of `add_many` by which a program goes on after a failure, or saves memory."""

_HELP = """Add the leads of a file to a campaign or list, a thousand a request.

The file is CSV with a header, or JSON lines if its name ends in .jsonl; `-` is CSV on the standard input. A column
is the field of the same name (`First Name` is first_name); any other becomes a custom variable of the lead. Empty
cells are left out. The file is read whole before anything is sent.
"""


class AddLeads(MethodCommand):
    """The command. Its other options are the arguments of `add_many`."""

    def __init__(self) -> None:
        super().__init__("add", Method("leads", "add_many"))
        self.help = _HELP
        self.short_help = "Add the leads of a CSV or JSON lines file, and report on each row."

    def parameters(self) -> list[click.Parameter]:
        """Make the options for the files, and those of the method that a person needs."""
        return [
            click.Option(["source", "--from"], metavar="FILE", required=True, help="The file with the leads."),
            click.Option(
                ["--report"],
                metavar="FILE",
                help="Write a CSV file that says of each row whether its lead was created, and the id that it has.",
            ),
            *(each for each in super().parameters() if each.name not in _FOR_PROGRAMS),
        ]

    def details(self) -> Sequence[str]:
        """Nothing: the help text of the command is its own, and that of the method is for programs."""
        return ()

    def call(self, ctx: click.Context, client: Instantly, positional: list[str], keywords: dict[str, Any]) -> Any:
        """Add the leads, and write the report also when it stops before the last one."""
        if not {"campaign_id", "list_id"} & keywords.keys():
            raise click.UsageError("say where to: --campaign ID or --list ID", ctx)
        leads = read_leads(ctx.params["source"])
        done: BulkAddProgress[Any] = BulkAddProgress()
        report = Path(ctx.params["report"]) if ctx.params["report"] else None
        if report is not None:
            write_report(report, leads, done)
        try:
            with _shown() as say:
                keywords["on_progress"] = lambda now: say(f"{now.confirmed:,} of {len(leads):,}")
                result = client.leads.add_many(leads, progress=done, **keywords)
        finally:
            if report is not None:
                write_report(report, leads, done)
        settings = ctx.find_object(Settings)
        # One by one they are in the report and in JSON.
        in_full = settings is not None and settings.layout in ("json", "jsonl")
        return result if in_full else {**result.to_dict(), "created_leads": None}


def read_leads(source: str) -> list[dict[str, Any]]:
    """Read the leads of a file.

    Raises:
        UsageError: it cannot be read; the message names the line.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"cannot read {source}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"cannot read {source}: it is no text in UTF-8") from None
    return _json_lines(source, text) if source.endswith((".jsonl", ".ndjson")) else _csv_rows(source, text)


def _json_lines(source: str, text: str) -> list[dict[str, Any]]:
    leads = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                lead = json.loads(line)
            except ValueError as error:
                raise click.UsageError(f"{source}, line {number} is no JSON: {error}") from None
            if not isinstance(lead, dict):
                raise click.UsageError(f"{source}, line {number} is no object")
            leads.append(_lead(lead))
    return leads


def _csv_rows(source: str, text: str) -> list[dict[str, Any]]:
    reader = csv.reader(StringIO(text, newline=""), _dialect(text), strict=True)
    try:
        header = next(reader, [])
        if len({*header}) < len(header):
            raise click.UsageError(f"{source}: two columns have the same name")
        leads = []
        for row in reader:
            if len(row) > len(header):
                raise click.UsageError(f"{source}, line {reader.line_num} has more cells than the header")
            if any(cell.strip() for cell in row):
                leads.append(_lead(dict(zip(header, row, strict=False))))
    except csv.Error as error:
        raise click.UsageError(f"{source}, line {reader.line_num}: {error}") from None
    return leads


def _dialect(text: str) -> type[csv.Dialect]:
    """The dialect of a file, whose header says what is between two cells."""
    header = text.partition("\n")[0]

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=header.count)

    return Dialect


def _lead(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a lead: what is no field of one becomes a custom variable."""
    lead: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or value == "":
            continue
        field = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).replace("e_mail", "email")
        if field == "custom_variables" and isinstance(value, Mapping):
            variables |= value
        elif field in NewLead.FIELDS:
            lead[field] = value
        else:
            variables[name.strip()] = value
    return {**lead, "custom_variables": variables} if variables else lead


def write_report(file: Path, leads: Sequence[Mapping[str, Any]], done: BulkAddProgress[Any]) -> None:
    """Write what became of each row.

    Raises:
        UsageError: it cannot be written.
    """
    created = {lead.index: lead.id for lead in done.result.created_leads}
    unclear = done.confirmed + len(done.chunk) if done.in_doubt else done.confirmed
    try:
        with file.open("w", encoding="utf-8", newline="") as written:
            writer = csv.writer(written)
            writer.writerow(("row", "email", "result", "id"))
            for number, lead in enumerate(leads):
                outcome = "created" if number in created else "not created"
                if number >= done.confirmed:
                    outcome = "in doubt" if number < unclear else "not sent"
                writer.writerow((number + 1, lead.get("email", ""), outcome, created.get(number, "")))
    except OSError as error:
        raise click.UsageError(f"cannot write {file}: {error.strerror}") from None


def _shown() -> Any:
    """The progress on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        return nullcontext(lambda text: None)
    from instantly_cli.terminal import progress

    return progress("adding leads")


def command() -> click.Command:
    """Make the command."""
    return AddLeads()
