"""Make text of the document inert, lay it out as docstrings, and take docstrings apart."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scripts.spec.document import Schema

WIDTH = 116
_OPERATION = re.compile(r"`([A-Za-z0-9&]+)`")
_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns):\n(?= )", re.MULTILINE)


def name_methods(node: Any, methods: Mapping[str, str]) -> Any:
    """A copy of a document whose prose speaks of our methods where it spoke of operationIds in backticks."""
    if isinstance(node, dict):
        return {
            key: _OPERATION.sub(lambda match: f"`{methods.get(match[1], match[1])}`", value)
            if key in ("description", "summary") and isinstance(value, str)
            else name_methods(value, methods)
            for key, value in node.items()
        }
    return [name_methods(value, methods) for value in node] if isinstance(node, list) else node


def literal(text: str) -> str:
    """A Python string literal for any text."""
    plain = all(c.isascii() or unicodedata.ucd_3_2_0.category(c)[0] not in "CZ" for c in text)
    return repr(text) if plain else ascii(text)


def literals(texts: Sequence[str]) -> str:
    """A Python tuple literal for any texts."""
    return f"({', '.join(map(literal, texts))}{',' * (len(texts) == 1)})"


def spaced(names: Iterable[str]) -> str:
    """A Python literal of names with spaces between, in as few lines as they take."""
    *lines, last = textwrap.wrap(" ".join(names), WIDTH - 8)
    return "(" + " ".join(literal(text) for text in [*(f"{line} " for line in lines), last]) + ")"


def inert(text: str) -> str:
    """Text that is only text inside a docstring: nothing in it ends the docstring or is an escape."""
    # Not Cn: what is assigned differs between Pythons, and the bytes must not.
    acting = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    text = "".join(c if c == "\n" or unicodedata.category(c) not in acting else " " for c in text.replace("\r\n", "\n"))
    text = text.strip()  # before the last character is looked at
    return text.replace("\\", "\\\\").replace('"', "'" if '"""' in text or text.endswith('"') else '"')


def docstring(paragraphs: list[str], indent: int) -> str:
    """A docstring of wrapped paragraphs, quotes included; "" if there is nothing to say."""
    paragraphs = [inert(paragraph) for paragraph in paragraphs]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    if not paragraphs:
        return ""
    width = WIDTH - indent
    blocks = [_wrapped(paragraph, width) for paragraph in paragraphs]
    first, *rest = blocks
    if not rest and "\n" not in first and len(first) <= width - 6:
        return f'"""{first}"""'
    margin = " " * indent
    return textwrap.indent(f'"""{first}' + "".join(f"\n\n{block}" for block in rest) + '\n"""', margin).lstrip()


def sentence(text: str) -> str:
    """Text with the punctuation that ends a sentence."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def entry(name: str, text: str, indent: int) -> str:
    """One line of an `Args:` section, continued with a hanging indent."""
    text = " ".join(text.split())
    return textwrap.fill(
        f"{name}: {text}" if text else name,
        WIDTH - indent,
        initial_indent="    ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wrapped(paragraph: str, width: int) -> str:
    if paragraph.startswith(("Args:", "Returns:", "Raises:")):
        return paragraph
    lines = [
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) if line.strip() else ""
        for line in paragraph.split("\n")
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def sections(text: str) -> dict[str, str]:
    """The sections of a docstring by their titles; what comes before them has the title ""."""
    before, *found = _SECTION.split(text)
    return {
        "": before.strip("\n"),
        **{title: body.strip("\n") for title, body in zip(found[::2], found[1::2], strict=True)},
    }


def entries(section: str) -> dict[str, str]:
    """The entries of a section, each a name with a text."""
    lines = re.sub(r"\n {8,}", " ", section).splitlines()
    pairs = (line.strip().partition(":") for line in lines if line.strip())
    return {name: text.strip() for name, _, text in pairs}


def about(schema: Schema) -> str:
    """The description of a place, as a sentence."""
    description = " ".join(str(schema.get("description", "")).split())
    return f"{description}." if description and description[-1] not in ".!?:`)" else description
