"""Values for the examples of the reference: those that the document shows, and where it shows none, such as fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.codegen.client_model import Operation
from scripts.spec import document as spec
from scripts.spec.document import Document, Schema

DEPTH = 6
"""The objects in objects that are filled; a schema may contain itself."""

TEXTS = {
    "date": "2026-05-01",
    "date-time": "2026-05-01T09:00:00Z",
    "email": "ann@example.com",
    "uri": "https://example.com",
    "url": "https://example.com",
    "uuid": "019c4849-622b-7c4a-9251-ef409166a750",
}
"""Format -> a text of it."""


def example_of(operation: Operation, document: Document, raw: spec.Operation) -> tuple[tuple[str, str], ...]:
    """The arguments of a call of the operation, by name, as Python source: so many that the call does something.

    The overlay may say which (`x-example`), where the document does not say what belongs together.
    """
    schemas = {
        (each["in"], each["name"]): each.get("schema", {})
        for each in spec.parameters(document, raw)
        if {"in", "name"} <= each.keys()
    }
    body: Schema = {}
    for media in spec.resolve(document, raw.raw.get("requestBody", {})).get("content", {}).values():
        body = spec.resolve(document, media.get("schema", {}))
        schemas["whole body", "body"] = body
        for each in (body, _alternative(document, body)):
            schemas |= {("body", name): field for name, field in _fields(document, each).items()}
    given = raw.raw.get("x-example", {})
    shown = [each for each in operation.arguments if (each.place, each.json_name) in schemas]
    chosen = {each.name for each in shown if each.required}
    needed = {*given, *_required(document, _alternative(document, body))}
    chosen |= {each.name for each in shown if each.json_name in needed}
    for group in (operation.mass.within, operation.mass.filters) if operation.mass else ():
        chosen |= (
            {each.name for each in [each for each in shown if each.json_name in group][:1]} if not given else set()
        )
    if operation.has_body and not any(each.name in chosen and "body" in each.place for each in shown):
        chosen |= {each.name for each in [each for each in shown if "body" in each.place][:1]}
    values = [
        (each.name, given.get(each.json_name, sample(document, schemas[each.place, each.json_name])))
        for each in shown
        if each.name in chosen
    ]
    values += [(each.name, True) for each in operation.at("guard") if each.required]
    return tuple((name, ascii(value)) for name, value in values)


def _alternative(document: Document, body: Schema) -> Schema:
    """The first of several forms that a body has; {} of one that has a single form."""
    return next((spec.resolve(document, each) for key in ("anyOf", "oneOf") for each in body.get(key, ())), {})


def sample(document: Document, schema: Schema | bool, depth: int = DEPTH) -> Any:
    """A value of a schema: what the document shows of it, or what its keywords allow."""
    if not isinstance(schema, dict):
        return "text"  # Anything is one.
    schema = spec.resolve(document, schema)
    for known in _shown(schema):
        return known
    for keyword in ("anyOf", "oneOf"):
        # Null says little, and comes last where it is all there is.
        branches = [sample(document, each, depth) for each in schema.get(keyword, ())]
        if branches:
            return next((each for each in branches if each is not None), None)
    kinds = schema.get("type", "object" if _fields(document, schema) else "string")
    kind = next((each for each in kinds if each != "null"), "null") if isinstance(kinds, list) else kinds
    match kind:
        case "object":
            return _object(document, schema, depth - 1) if depth else {}
        case "array":
            return [sample(document, schema.get("items", {}), depth - 1)] if depth else []
        case "integer" | "number":
            return schema.get("minimum", schema.get("maximum", 1))
        case "boolean":
            return True
        case "null":
            return None
    text = TEXTS.get(schema.get("format", ""), "text")
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _shown(schema: Schema) -> Iterator[Any]:
    """The values that a schema names itself."""
    for key in ("example", "const"):
        if key in schema:
            yield schema[key]
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list):
            yield from (each for each in schema[key] if each is not None)


def _object(document: Document, schema: Schema, depth: int) -> dict[str, Any]:
    fields = _fields(document, schema)
    required = [name for name in _required(document, schema) if name in fields and not fields[name].get("readOnly")]
    names = dict.fromkeys([*required, *list(fields)[: schema.get("minProperties", 0)]])
    return {name: sample(document, fields[name], depth) for name in names}


def _fields(document: Document, schema: Schema | bool, depth: int = DEPTH) -> dict[str, Schema]:
    """The fields of an object, with those of its parts."""
    if not isinstance(schema, dict):
        return {}
    schema = spec.resolve(document, schema)
    fields = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()) if depth else ():
        fields |= _fields(document, part, depth - 1)
    return {name: spec.resolve(document, field) for name, field in fields.items() if isinstance(field, dict)}


def _required(document: Document, schema: Schema | bool, depth: int = DEPTH) -> list[str]:
    if not isinstance(schema, dict):
        return []
    schema = spec.resolve(document, schema)
    parts = schema.get("allOf", ()) if depth else ()
    return [*schema.get("required", ()), *(name for part in parts for name in _required(document, part, depth - 1))]
