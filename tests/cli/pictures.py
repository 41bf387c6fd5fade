"""Pictures of the command line for its guide, as terminals show it: `python -m tests.cli.pictures` draws them anew."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from instantly_cli.run import run

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
COLUMNS = 96
PICTURES = {
    "list": "instantly leads list --limit 6 --fields email,first_name,company_name,status --sandbox",
    "refused": "instantly campaigns list --limt 5 --sandbox",
    "dry-run": "instantly campaigns delete 019cc043-aee6-7ae9-a545-d7de53430e37 --dry-run --sandbox",
}
"""Name of a picture -> the command that it shows."""

# The pictures bring no font along, and load none from another host.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace("Fira Code", "Consolas")


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def _terminal() -> Iterator[_Terminal]:
    """A terminal for both outputs, with colours."""
    screen, before, variables = _Terminal(), (sys.stdout, sys.stderr), dict(os.environ)
    os.environ |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": "40"}
    os.environ.pop("NO_COLOR", None)
    sys.stdout = sys.stderr = screen
    try:
        yield screen
    finally:
        sys.stdout, sys.stderr = before
        os.environ.clear()
        os.environ.update(variables)


def drawn(command: str) -> str:
    """The picture of a terminal with a command and what it writes, as SVG."""
    _, *arguments = command.split()
    with _terminal() as screen:
        run(arguments)
    console = Console(record=True, file=StringIO(), width=COLUMNS, force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(Text.from_ansi(screen.getvalue().rstrip()))
    return console.export_svg(title="instantly", code_format=_FORMAT)


def words(picture: str) -> list[str]:
    """The texts of a picture."""
    return re.findall(r"<text[^>]*>(.*?)</text>", picture, re.DOTALL)


def main() -> None:
    """Draw all pictures into the docs."""
    FOLDER.mkdir(exist_ok=True)
    for name, command in PICTURES.items():
        (FOLDER / f"cli-{name}.svg").write_text(drawn(command), encoding="utf-8")


if __name__ == "__main__":
    main()
