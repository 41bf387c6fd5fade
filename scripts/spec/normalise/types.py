"""Every schema says its type once: lists of types and mixed enumerations become unions of single-typed schemas."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import COMBINATORS, Schema

ANNOTATIONS = (
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "x-removed",
    "x-removed-required",
)

ENUMERABLE = ("boolean", "integer", "number", "string")
KEYWORDS = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("format", "pattern", "minLength", "maxLength"),
    "number": ("format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
KEYWORDS["integer"] = KEYWORDS["number"]


def drop_examples(schema: Schema) -> Schema:
    """Examples are for readers of the document; the generator would compile them into code."""
    return {key: value for key, value in schema.items() if key not in ("example", "examples")}


def const_as_enumeration(schema: Schema) -> Schema:
    """`const` is an enumeration of one."""
    if "const" not in schema:
        return schema
    rest = {key: value for key, value in schema.items() if key != "const"}
    return {**rest, "enum": [schema["const"]]}


def say_the_type(schema: Schema) -> Schema:
    """A schema without `type` gets the type that its keywords imply."""
    if "type" in schema or "$ref" in schema:
        return schema
    if "enum" in schema:
        return {**schema, "type": sorted({_json_type(value) for value in schema["enum"]})}
    if any(combinator in schema for combinator in COMBINATORS):
        return schema
    for name in ("object", "array"):
        if any(keyword in schema for keyword in KEYWORDS[name]):
            return {**schema, "type": name}
    return schema


def tuples_as_arrays(schema: Schema) -> Schema:
    """An array whose items differ by their position is an array of any of them."""
    if "prefixItems" not in schema:
        return schema
    items = [*schema["prefixItems"], *([schema["items"]] if isinstance(schema.get("items"), dict) else [])]
    rest = {key: value for key, value in schema.items() if key != "prefixItems"}
    return {**rest, "items": {"anyOf": items}}


def give_arrays_items(schema: Schema) -> Schema:
    """An array without `items` holds anything; the generator would drop the object around it."""
    if schema.get("type") == "array" and "items" not in schema:
        return {**schema, "items": {}}
    return schema


def one_type_each(schema: Schema) -> Schema:
    """A list of types, or an enumeration of several, becomes `anyOf`; null comes last, in the one form for nullable."""
    declared = schema.get("type", [])
    declared = declared if isinstance(declared, list) else [declared]
    if not declared:
        return schema
    if "enum" in schema:
        # The values decide, not the type: documents list "CAMPAIGN" under number, and null under string.
        names = [name for name in ENUMERABLE if _values(schema["enum"], name)]
        nullable = None in schema["enum"] or "null" in declared
    else:
        names = [name for name in declared if name != "null"]
        nullable = "null" in declared
        if "number" in names and "integer" in names:
            names.remove("integer")
    # And so do fields and items: where documents list them under string or null, the type is what is wrong.
    names += [
        name
        for name, inner in (("object", "properties"), ("array", "items"))
        if schema.get(inner) and name not in names
    ]
    if len(names) == 1 and not nullable:
        return _single(schema, names[0])
    outer = {key: value for key, value in schema.items() if key in ANNOTATIONS}
    inner = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    members = [_single(inner, name) for name in names]
    if not members and any(combinator in inner for combinator in COMBINATORS):
        # The alternatives say more than the type beside them, which only adds null.
        members = [{key: value for key, value in inner.items() if key != "type"}]
    return {**outer, "anyOf": members + [{"type": "null"}] * nullable}


def _single(schema: Schema, name: str) -> Schema:
    """The part of `schema` that speaks of one type."""
    alien = {keyword for keywords in KEYWORDS.values() for keyword in keywords} - set(KEYWORDS.get(name, ()))
    part = {key: value for key, value in schema.items() if key not in alien}
    part["type"] = name
    if "enum" in schema:
        values, labels = _values(part.pop("enum"), name), part.pop("x-enumDescriptions", {})
        known = {label_key(value): labels[label_key(value)] for value in values if label_key(value) in labels}
        part |= {"enum": values} if values else {}
        part |= {"x-enumDescriptions": known} if known else {}
    return part


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    return "integer" if isinstance(value, (int, float)) else "string"


def _values(values: list[Any], name: str) -> list[Any]:
    chosen = [value for value in values if _json_type(value) == name]
    chosen = [int(value) if name == "integer" else value for value in chosen]
    return list(dict.fromkeys(chosen))


def label_key(value: Any) -> str:
    """The spelling of a value in `x-enumDescriptions`: JSON text, strings without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
