"""Make text of the document inert, and lay it out as docstrings."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from scripts.spec.document import Schema

WIDTH = 116
_OPERATION = re.compile(r"`([A-Za-z0-9&]+)`")


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


def inert(text: str) -> str:
    """Text that is only text inside a docstring: nothing in it ends the docstring or is an escape."""
    acting = {"Cc", "Cf", "Co", "Cs"}  # not Cn: what is assigned differs between Pythons, and the bytes must not
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


def about(schema: Schema) -> str:
    """What a place holds, in the words of its description."""
    description = " ".join(str(schema.get("description", "")).split())
    return f"{description}." if description and description[-1] not in ".!?:`)" else description


class Fact(NamedTuple):
    """One thing about a place that changes what the service does, though not the place's type.

    `aspect` is `format`, `pattern`, `limits`, `values`, `default` or `deprecated`; the items of a list have theirs, as
    in `limits of items`. `said` says what it is.
    """

    aspect: str
    said: str

    @property
    def sentence(self) -> str:
        """The fact as documentation tells it; "" where it does not."""
        match self.aspect:
            case "format":
                return FORMATS.get(self.said, "")
            case "pattern":
                return f"Matches `{self.said}`." if len(self.said) < 80 else ""
            case "limits":
                return f"{self.said.capitalize()}."
            case "values":
                return f"One of: {self.said}."
            case "default":
                return f"Default of the service: {self.said}."
            case "deprecated":
                return "Deprecated."
        return ""


def facts(schema: Schema) -> tuple[Fact, ...]:
    """The facts about a place, aspect after aspect, none twice."""
    parts = _value_schemas(schema)
    found = [
        *(Fact("format", str(part["x-format"])) for part in parts if part.get("x-format")),
        *(Fact("pattern", str(part["pattern"])) for part in parts if part.get("pattern")),
        *(Fact("limits", limit) for part in parts for limit in _limits(part)),
    ]
    values = [value for part in parts for value in part.get("x-values", [])]
    if values:
        found.append(Fact("values", ", ".join(map(_shown, values))))
    if "x-default" in schema:
        found.append(Fact("default", _shown(schema["x-default"])))
    if schema.get("deprecated"):
        found.append(Fact("deprecated", "yes"))
    items = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
    found += [Fact(f"{aspect} of items", said) for item in items for aspect, said in facts(item)]
    return tuple(dict.fromkeys(found))


def told(about: str, facts: Iterable[Fact], gone: str = "") -> str:
    """A place in one paragraph: its description, its facts, and the day since when the API has it no more."""
    return " ".join(filter(None, [about, *(fact.sentence for fact in facts), went(gone)]))


def went(gone: str) -> str:
    """What is said of something that the API has no more; "" for what it has."""
    return f"Deprecated: removed from the API on {gone}." if gone else ""


FORMATS = {
    "uuid": "A UUID.",
    "email": "An e-mail address.",
    "date": "A date, YYYY-MM-DD.",
    "uri": "A URL.",
    "url": "A URL.",
    "date-time": "A timestamp.",
}


def _limits(schema: Schema) -> Iterator[str]:
    for unit, least, most in (
        ("", "minimum", "maximum"),
        (" characters", "minLength", "maxLength"),
        (" items", "minItems", "maxItems"),
        (" fields", "minProperties", "maxProperties"),
    ):
        yield from _span(unit, schema.get(least), schema.get(most))
    for keyword, words in (
        ("exclusiveMinimum", "more than"),
        ("exclusiveMaximum", "less than"),
        ("multipleOf", "a multiple of"),
    ):
        if keyword in schema:
            yield f"{words} {schema[keyword]}"
    if schema.get("uniqueItems"):
        yield "no item twice"


def _span(unit: str, least: Any, most: Any) -> list[str]:
    if least is not None and most is not None:
        return [f"between {least} and {most}{unit}"]
    if least is not None:
        return [f"at least {least}{unit}"]
    return [f"at most {most}{unit}"] if most is not None else []


def _value_schemas(schema: Schema) -> list[Schema]:
    return [schema, *schema.get("anyOf", [])]


def _shown(value: Any) -> str:
    if _scalar(value):
        return {None: "null", True: "true", False: "false"}[value]
    return literal(value) if isinstance(value, str) else ascii(value)


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool)
