"""Refusals and failures of the steps, and how people and programs get to read them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence, Sized
from dataclasses import asdict, dataclass
from typing import ClassVar, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Characters that act instead of show: a terminal could take them as commands, or turn the direction of what it shows.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with an input.

    `pointer` is the JSON pointer (RFC 6901) of the place, `""` for the whole input; `what` says what is wrong
    there, `why` why that matters to somebody who uses the client.
    """

    pointer: str
    what: str
    why: str

    def __str__(self) -> str:
        place = f"{visible(self.pointer)}: " if self.pointer else ""
        return f"{place}{visible(self.what)} ({visible(self.why)})"


class Refused(Exception):  # noqa: N818 - it says what happened; the program did not err
    """The input of a step is not fit to go on with: `step` names the step, `findings` everything wrong with it."""

    exit_status: ClassVar[int] = 2

    def __init__(self, step: str, findings: Iterable[Finding]) -> None:
        self.step = step
        self.findings = tuple(findings)
        super().__init__(step, self.findings)

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"  {finding}" for finding in self.findings)])

    @property
    def headline(self) -> str:
        """The refusal in one line, without its findings."""
        return f"{self.step}: refused, {counted(self.findings, 'finding')}"


def refused(step: str, what: str, why: str, *, at: str = "") -> Refused:
    """The refusal of an input for one reason, at the pointer `at` or as a whole."""
    return Refused(step, [Finding(at, what, why)])


class Failed(Exception):  # noqa: N818 - as above
    """A step could not do its work although its input was fit: `step` names the step, `message` says on what.

    The message ends with `todo`: what a person can do about it.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, step: str, message: str, todo: str = "") -> None:
        self.step = step
        self.message = f"{message}\n  What to do: {todo}" if todo else message
        super().__init__(step, self.message)

    def __str__(self) -> str:
        return f"{self.step}: failed, " + visible(self.message, keep="\n")


def counted(things: Sized, noun: str) -> str:
    """The number of things, in words: `1 finding`, `2 findings`."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 'es' if noun.endswith('s') else 's'}"


def child(pointer: str, *keys: str | int) -> str:
    """The JSON pointer of the value under `keys` below `pointer`, escaped as RFC 6901 says."""
    return pointer + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def visible(text: str, *, keep: str = "") -> str:
    """`text` with every character of `CONTROL` as an escape; those in `keep` stay."""

    def escape(match: re.Match[str]) -> str:
        character = match[0]
        if character in keep:
            return character
        code = ord(character)
        return _SHORT_ESCAPES.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")

    return CONTROL.sub(escape, text)


def show_findings(findings: Sequence[Finding], *, stream: TextIO | None = None, as_json: bool = False) -> None:
    """Print `findings` to `stream` (standard output): a table on a terminal, else a line each, or a JSON array.

    The environment variable `NO_COLOR` is respected. Nothing in the findings is ever taken as markup.
    """
    stream = stream or sys.stdout
    if as_json:
        print_line(stream, json.dumps([asdict(finding) for finding in findings], indent=2))
    elif stream.isatty():
        _console(stream).print(_table(findings))
    else:
        for finding in findings:
            print_line(stream, str(finding))


def show_error(error: Refused | Failed, *, stream: TextIO | None = None, as_json: bool = False) -> int:
    """Print why a run stopped to `stream` (standard error) and return the exit status that says so.

    As JSON it is one object: `step`, `status` (`refused` or `failed`), `message` and `findings`.
    """
    stream = stream or sys.stderr
    findings = error.findings if isinstance(error, Refused) else ()
    headline = error.headline if isinstance(error, Refused) else str(error)
    if as_json:
        status = "refused" if isinstance(error, Refused) else "failed"
        listed = [asdict(finding) for finding in findings]
        record = {"step": error.step, "status": status, "message": headline, "findings": listed}
        print_line(stream, json.dumps(record, indent=2))
    else:
        if stream.isatty():
            _console(stream).print(Text(headline, style="bold red"))
        else:
            print_line(stream, headline)
        show_findings(findings, stream=stream)
    return error.exit_status


def show_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, stream: TextIO | None = None) -> None:
    """Print `rows` under `headings` to `stream` (standard output): with a frame on a terminal, else in plain columns.

    Nothing in the cells is ever taken as markup.
    """
    stream = stream or sys.stdout
    terminal = stream.isatty()
    table = Table(*headings, box=SIMPLE_HEAD if terminal else None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    # A log is as wide as it needs to be.
    console = Console(file=stream, highlight=False, width=None if terminal else 1000)
    with console.capture() as capture:
        console.print(table)
    print_line(stream, "\n".join(line.rstrip() for line in capture.get().splitlines()))


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading, style in (("where", "cyan"), ("what", ""), ("why it matters", "dim")):
        table.add_column(heading, style=style, overflow="fold")
    for finding in findings:
        table.add_row(*(Text(visible(cell)) for cell in (finding.pointer, finding.what, finding.why)))
    return table


def _console(stream: TextIO) -> Console:
    return Console(file=stream, highlight=False)


def print_line(stream: TextIO, text: str) -> None:
    """Print to a stream, with escapes for what its encoding lacks."""
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)
