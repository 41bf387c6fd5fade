"""Facts about the places of a document, and how documentation states them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scripts.codegen.client_model import Fact
from scripts.codegen.docstrings import literal
from scripts.spec.document import Schema

FORMATS = {
    "uuid": "A UUID.",
    "email": "An e-mail address.",
    "date": "A date, YYYY-MM-DD.",
    "uri": "A URL.",
    "url": "A URL.",
    "date-time": "A timestamp.",
}


def facts(schema: Schema) -> tuple[Fact, ...]:
    """The facts about a place, aspect after aspect, none twice."""
    parts = [schema, *schema.get("anyOf", [])]
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
    found += [Fact(f"{fact.aspect} of items", fact.value) for item in items for fact in facts(item)]
    return tuple(dict.fromkeys(found))


def sentence(fact: Fact) -> str:
    """A fact as documentation states it; "" where it does not."""
    match fact.aspect:
        case "format":
            return FORMATS.get(fact.value, "")
        case "pattern":
            return f"Matches `{fact.value}`." if len(fact.value) < 80 else ""
        case "limits":
            return f"{fact.value.capitalize()}."
        case "values":
            return f"One of: {fact.value}."
        case "default":
            return f"Default of the service: {fact.value}."
        case "deprecated":
            return "Deprecated."
    return ""


_SAID = {
    "uuid": r"\bUUIDs?\b",
    "email": r"\be-?mail address",
    "date": r"YYYY-MM-DD",
    "uri": r"\bUR[IL]s?\b",
    "url": r"\bUR[IL]s?\b",
    "date-time": r"\btimestamps?\b",
}


def is_said(fact: Fact, prose: str) -> bool:
    """Whether the description of a place says a fact already, in words of its own."""
    prose = re.sub(r"\bone\b", "1", re.sub(r"(?<=\d),(?=\d{3})", "", prose))
    match fact.aspect:
        case "format":
            pattern = _SAID.get(fact.value, "")
        case "limits":
            numbers = [re.escape(number) for number in re.findall(r"-?\d+(?:\.\d+)?", fact.value)]
            bound = r"(?:at least|at most|up to|no more than|not more than|maximum|minimum)"
            pattern = rf"(?<![\d.-]){numbers[0]}\b\D{{1,24}}\b{numbers[1]}\b" if len(numbers) > 1 else ""
            pattern = rf"\b{bound}\D{{1,16}}\b{numbers[0]}\b" if len(numbers) == 1 else pattern
        case "default" if value := re.escape(fact.value.strip("'\"")):
            pattern = rf"(?<!\w){value}(?!\w)[^.;]*\bdefault|\bdefault[^.;]*(?<!\w){value}(?!\w)"
        case _:
            return False
    return bool(pattern) and re.search(pattern, prose, re.IGNORECASE) is not None


def _limits(schema: Schema) -> Iterator[str]:
    for unit, lower, upper in (
        ("", "minimum", "maximum"),
        ("character", "minLength", "maxLength"),
        ("item", "minItems", "maxItems"),
        ("field", "minProperties", "maxProperties"),
    ):
        yield from _span(unit, schema.get(lower), schema.get(upper))
    for keyword, words in (
        ("exclusiveMinimum", "more than"),
        ("exclusiveMaximum", "less than"),
        ("multipleOf", "a multiple of"),
    ):
        if keyword in schema:
            yield f"{words} {schema[keyword]}"
    if schema.get("uniqueItems"):
        yield "no item twice"


def _span(unit: str, lower: Any, upper: Any) -> list[str]:
    last = lower if upper is None else upper
    counted = "" if not unit else f" {unit}" if last == 1 else f" {unit}s"
    if lower is not None and upper is not None:
        return [f"exactly {upper}{counted}" if lower == upper else f"between {lower} and {upper}{counted}"]
    if last is None:
        return []
    return [f"at {'most' if lower is None else 'least'} {last}{counted}"]


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return literal(value) if isinstance(value, str) else ascii(value)
