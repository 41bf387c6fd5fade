"""Facts about the places of a document, and how documentation states them."""

from __future__ import annotations

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


def _limits(schema: Schema) -> Iterator[str]:
    for unit, lower, upper in (
        ("", "minimum", "maximum"),
        (" characters", "minLength", "maxLength"),
        (" items", "minItems", "maxItems"),
        (" fields", "minProperties", "maxProperties"),
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
    if lower is not None and upper is not None:
        return [f"between {lower} and {upper}{unit}"]
    if lower is not None:
        return [f"at least {lower}{unit}"]
    return [f"at most {upper}{unit}"] if upper is not None else []


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return literal(value) if isinstance(value, str) else ascii(value)
