"""Markdown that says what a text says: nothing in the text is taken for a heading, a link or HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from html import escape

_CODE = re.compile(r"(`[^`\n]+`)")
_ACTING = re.compile(r"([\\`\[\]*<>&|]|(?<![^\W_])_|_(?![^\W_]))")
_BEGINNING = re.compile(r"^(\d*)([#.)+=~-])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def line(text: str) -> str:
    """A text as one line, for a cell or a paragraph; what is in backticks stays code."""
    parts = _CODE.split(" ".join(text.split()))
    marked = "".join(_in_cell(part) if number % 2 else _inert(part) for number, part in enumerate(parts))
    return _BEGINNING.sub(r"\1\\\2", marked)


def prose(text: str) -> str:
    """A text of several paragraphs and lists, and code that is indented by four columns."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]
    return "\n\n".join(map(_block, blocks))


def code(text: str) -> str:
    """A text as code."""
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown."""
    return "\n".join([row(head), row(["---"] * len(head)), *map(row, rows)])


def row(cells: Sequence[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def heading(title: str) -> str:
    """The anchor of a heading, as forges and the site make it."""
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")


def _block(block: str) -> str:
    if all(each.startswith("    ") for each in block.splitlines()):
        # A language for colours, without a claim that it is a whole program.
        return f"```py\n{textwrap.dedent(block).replace('```', '')}\n```"
    return re.sub(r"::$", ":", "\n".join(_items(block)))


def _items(block: str) -> list[str]:
    """The lines of a block: one paragraph, or the items of a list."""
    found: list[str] = []
    for each in block.split("\n"):
        item = re.match(r"\s*[-*] +(.*)", each)
        if item or not found:
            found.append(f"- {item[1]}" if item else each)
        else:
            found[-1] += f" {each}"
    return [f"- {line(each[2:])}" if each.startswith("- ") else line(each) for each in found]


def _in_cell(code: str) -> str:
    """Code that ends no cell of a table: forges and the site do not agree on how a bar in backticks is written."""
    return f"<code>{escape(code[1:-1]).replace('|', '&#124;')}</code>" if "|" in code else code


def _inert(text: str) -> str:
    return _ACTING.sub(lambda sign: _ENTITIES.get(sign[0], f"\\{sign[0]}"), text)
