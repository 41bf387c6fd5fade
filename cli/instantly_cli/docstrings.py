"""Docstrings of methods, taken apart for help texts."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import NamedTuple

_SECTION = re.compile(r"^(Args|Returns|Raises):$")
_ARGUMENT = re.compile(r"^    (\w+): ?(.*)$")
_REQUEST = re.compile(r"`[A-Z]+ /")
_METHOD = re.compile(r"`client\.(\w+)\.(\w+)(?:\([^`]*\))?`")


class Doc(NamedTuple):
    """Parts of a docstring: its first sentence, the paragraphs after it, a text for each argument, and the request."""

    summary: str
    paragraphs: tuple[str, ...]
    arguments: dict[str, str]
    request: str


def read(docstring: str | None) -> Doc:
    """Take a docstring apart. Sections about results and errors are left out, which the command line has its own of."""
    # Python run with -OO has none.
    summary, *blocks = re.split(r"\n\s*\n", cleandoc(docstring or ""))
    paragraphs: list[str] = []
    arguments: dict[str, str] = {}
    for block in blocks:
        first, *lines = block.splitlines()
        if not _SECTION.match(first):
            # Indented blocks are code in Python.
            paragraphs += [] if first.startswith(" ") else [_in_words(block)]
        elif first == "Args:":
            arguments |= _arguments(lines)
    request = paragraphs.pop() if paragraphs and _REQUEST.match(paragraphs[-1]) else ""
    return Doc(_in_words(summary), tuple(paragraphs), arguments, request)


def _arguments(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        if begun := _ARGUMENT.match(line):
            name, text = begun.groups()
            found[name] = text
        elif name:
            found[name] += f" {line.strip()}"
    return {name: _in_words(text) for name, text in found.items()}


def _in_words(text: str) -> str:
    """A text on one line, with the methods that it names as commands."""
    as_command = _METHOD.sub(lambda method: f"`instantly {' '.join(method.groups())}`".replace("_", "-"), text)
    return " ".join(as_command.split())
