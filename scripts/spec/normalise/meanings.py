"""What numbers and texts mean: a count is an integer, a day a date, a flag yes or no, a status one of an enumeration.

JSON has one kind of number, and the vendor calls most of them `number`. The name of a count says so; where the name
says nothing, the overlay does: `x-meaning`, `x-values-of` and `x-names`. The wire is as before: only the client reads
these.
"""

from __future__ import annotations

import re
from typing import Any

from scripts.lib.identifiers import singular, words
from scripts.lib.report import Finding
from scripts.spec.document import COMBINATORS, Document, Schema, all_schemas, map_operations, map_schemas

_COUNTING = """
    code count day delay gap hour index limit millisecond minute month ms number offset order port position qty quantity
    row second size skip step variant week year
"""
COUNTING = frozenset(_COUNTING.split())
"""The last words of names whose numbers are whole."""

_MEASURING = """
    amount average avg budget confidence cost credit discount dollar euro fee fraction interest mean median per percent
    percentage point price probability rate ratio revenue score share usd value weight
"""
MEASURING = frozenset(_MEASURING.split())
"""Words of names whose numbers may have fractions, whatever other words there are."""

MEANINGS = {
    "integer": "number",
    "number": "number",
    "flag": "number",
    "string": "string",
    "date": "string",
    "date-time": "string",
}
"""Meaning, as `x-meaning` says it -> the type that the document has there."""


_DAY = len("2026-01-02")


def give_meanings(document: Document) -> Document:
    """Every number and text as what it means: by the overlay where that says something, else by its name."""
    found = _enumerated(document)

    def schema(schema: Schema) -> Schema:
        if "properties" not in schema:
            return schema
        fields = {name: _meant(name, field, found) for name, field in schema["properties"].items()}
        return {**schema, "properties": fields}

    def operation(raw: dict[str, Any]) -> dict[str, Any]:
        if "parameters" not in raw:
            return raw
        return {**raw, "parameters": [parameter(each) for each in raw["parameters"]]}

    def parameter(raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "schema": _meant(str(raw.get("name")), raw["schema"], found)} if "schema" in raw else raw

    return map_operations(map_schemas(document, schema), operation)


def unknown_meanings(document: Document) -> list[Finding]:
    """The places to which the overlay gives a meaning that they cannot have."""
    found = _enumerated(document)
    problems = []
    for place, schema in all_schemas(document):
        meaning, source = schema.get("x-meaning"), schema.get("x-values-of")
        types = {"number": ("number", "integer"), "string": ("string",)}.get(MEANINGS.get(str(meaning), ""), ())
        if meaning is not None and not any(_has_type(schema, type_) for type_ in types):
            what = f"{place} cannot have the x-meaning {meaning!r}"
            problems.append(Finding("", what, f"numbers and texts are meant, as one of: {', '.join(MEANINGS)}"))
        if source is not None and source not in found:
            what = f"{place} has values of {source!r}, and no place with an `enum` is called so"
            problems.append(Finding("", what, "x-values-of names a place, such as Campaign.status"))
    return problems


def is_count(name: str) -> bool:
    """Whether a number of this name is a whole one: `daily_limit`, `number_of_leads`, `failed_events`."""
    parts = words(name)
    singulars = [singular(word) for word in parts]
    if not parts or MEASURING & {*singulars}:
        return False
    return singulars[-1] in COUNTING or parts[0] == "number" or singulars[-1] != parts[-1]


def is_flag(name: str) -> bool:
    """Whether a number of this name is 1 for yes and 0 for no: `is_unread`."""
    return words(name)[:1] in (["is"], ["has"])


def date_format(name: str) -> str:
    """The format of a text of this name: of a day, of a moment, or "" for neither."""
    parts = words(name)
    if parts[-1:] == ["date"]:
        return "date"
    return "date-time" if "timestamp" in parts or parts[1:][-1:] == ["at"] else ""


def _meant(name: str, schema: Schema, found: dict[str, Schema]) -> Schema:
    for combinator in COMBINATORS:
        if combinator in schema:
            schema = {**schema, combinator: [_meant(name, part, found) for part in schema[combinator]]}
    if isinstance(schema.get("items"), dict):
        schema = {**schema, "items": _meant(singular(name), schema["items"], found)}
    meaning = schema.get("x-meaning")
    source, names = schema.get("x-values-of"), schema.get("x-names")
    schema = {key: value for key, value in schema.items() if key not in ("x-meaning", "x-values-of", "x-names")}
    if source in found:
        return {**schema, **found[source]}
    if names:
        return {**schema, "enum": [int(value) for value in names], "x-enumDescriptions": names, "x-open": True}
    if meaning is None and _is_plain(schema, "number") and not _has_fractions(schema):
        meaning = "flag" if is_flag(name) else "integer" if is_count(name) else None
    if meaning is None and _is_plain(schema, "string") and _is_form_of(date_format(name), schema.get("example")):
        meaning = date_format(name)
    if meaning in ("date", "date-time"):
        return {**schema, "format": meaning}
    if meaning == "flag":
        return {**_with_type(schema, "boolean"), "x-flag": True}
    return _with_type(schema, "integer") if meaning == "integer" else schema


def _with_type(schema: Schema, type_: str) -> Schema:
    """A schema of a number as one of `type_`."""
    types = schema.get("type")
    if not _has_type(schema, "number"):
        return schema
    return {
        **schema,
        "type": [type_ if each == "number" else each for each in types] if isinstance(types, list) else type_,
    }


def _is_plain(schema: Schema, type_: str) -> bool:
    """Whether the document says no more of a place than that it has a value of this type."""
    return _has_type(schema, type_) and not {"enum", "const", "format", "pattern"} & schema.keys()


def _has_type(schema: Schema, type_: str) -> bool:
    declared = schema.get("type")
    return type_ in (declared if isinstance(declared, list) else [declared])


def _has_fractions(schema: Schema) -> bool:
    """Whether the document itself has a fraction of such a number."""
    values = [schema.get(key) for key in ("default", "example", "minimum", "maximum", "multipleOf")]
    values += schema.get("examples", []) if isinstance(schema.get("examples"), list) else []
    return any(isinstance(value, float) and not value.is_integer() for value in values)


def _is_form_of(format_: str, example: Any) -> bool:
    """Whether a text of this format can be like an example of the document; without one it can."""
    return format_ != "" and (not isinstance(example, str) or (len(example) == _DAY) == (format_ == "date"))


def _enumerated(document: Document) -> dict[str, Schema]:
    """The values of enumerations by their places: `Campaign.status`."""
    return {
        place: {key: schema[key] for key in ("enum", "x-enumDescriptions", "x-open") if key in schema}
        for place, schema in all_schemas(document)
        if "enum" in schema
    }


def undecided(document: Document) -> set[str]:
    """The places of fields with plain numbers of which neither a name nor the overlay says whether they are whole."""
    found = set()
    for place, schema in all_schemas(document):
        name = re.split(r"[.:]", place)[-1]
        said = {"x-meaning", "x-values-of", "x-names"} & schema.keys() or MEASURING & set(map(singular, words(name)))
        if _is_plain(schema, "number") and not (said or is_count(name) or is_flag(name) or name.endswith(("]", "}"))):
            found.add(place)
    return found
