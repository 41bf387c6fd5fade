"""What a strict client insists on: exactly this, and `promised` says it as a JSON Schema.

- The JSON type of each value; an object's required fields; no further fields where the document closes the object;
  the items of arrays and the values of maps. 1.0 is an integer.
- The values of enumerations of texts and integers. Those of booleans and fractions are not checked, and the values
  decide, not the type next to them: null is one of the values where the type or the list has it.
- Numbers and texts are what they mean, as `meant` says: counts are whole, flags 0 or 1, days texts of ten characters. A
  further value of an open enumeration is as good as its own, if it has their type.
- A timestamp is a text that means one moment, in any spelling. Other formats, such as uuid and email, are only text.
- Limits are the service's business: minimum, maximum, pattern, the number of items and of fields.
- The values of an object's further fields are anything, if it has fields of its own as well.
- A union asks for one of the JSON types of its members. Objects in it count as one object, with the fields of all,
  of which those are required that all require, and closed if all are.
- What is one class is as open as the most open of its schemas: only the inbox placement test has two.
- A page has an array of items; its cursor is a text or null; all else in it is anything.

An integer field accepts whole numbers of any size, but beyond 64 bits their digits depend on the parser of JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from instantly_contract.calls import located
from instantly_sandbox.engine.document import Document, Operation, Schema

OPEN = {"Inbox Placement Test"}
KEPT = ("properties", "required", "additionalProperties", "items")


def promised(document: Document, operation: Operation) -> Schema:
    """The schema of the answers that a strict client takes."""
    paging = located()[operation.id][2].paging
    if paging is None:
        return _relaxed(document, document.resolve(operation.success[2]))
    schema: Any = operation.success[2]
    for key in paging.items:
        schema = document.fields(schema)[key]
    promise: Any = _relaxed(document, schema)
    for key in reversed(paging.items):
        needed = [] if paging.counts else [key]
        promise = {"type": "object", "required": needed, "properties": {key: promise}}
    if not paging.counts:
        cursor: Any = {"type": ["string", "null"]}
        for key in reversed(paging.cursor):
            cursor = {"type": "object", "properties": {key: cursor}}
        promise = {"allOf": [promise, cursor]}
    return cast(Schema, promise)


def _relaxed(document: Document, schema: Schema) -> Schema:
    schema = document.resolve(schema)

    def inner(schema: Schema) -> Schema:
        return _relaxed(document, schema)

    for union in ("anyOf", "oneOf"):
        members = [document.resolve(member) for member in schema.get(union, ())]
        if any("type" in member for member in members):
            return {"anyOf": [inner(member) for member in _united(members)]}
    if "enum" in schema:
        return _enumeration(schema)
    if "allOf" in schema:
        parts = [document.resolve(part) for part in schema["allOf"]]
        needed = [name for part in (schema, *parts) for name in part.get("required", ())]
        closed = any(part.get("additionalProperties") is False for part in parts)
        whole = {"type": "object", "properties": document.fields(schema), "required": needed}
        return inner({**whole, "additionalProperties": not closed})
    relaxed: dict[str, Any] = {key: schema[key] for key in ("type", *KEPT) if key in schema}
    if schema.get("format") in ("date", "date-time"):
        relaxed["format"] = schema["format"]
    if "properties" in schema:
        relaxed["properties"] = {name: inner(field) for name, field in schema["properties"].items()}
    if "items" in schema:
        relaxed["items"] = inner(schema["items"])
    if schema.get("title") in OPEN:
        relaxed.pop("additionalProperties", None)
    if isinstance(schema.get("additionalProperties"), Mapping):
        relaxed["additionalProperties"] = schema.get("properties", {}) != {} or inner(schema["additionalProperties"])
    return relaxed


def _enumeration(schema: Schema) -> Schema:
    types = schema.get("type", [])
    null = [None] if "null" in types or None in schema["enum"] else []
    values = [value for value in schema["enum"] if isinstance(value, str | int) and not isinstance(value, bool)]
    free = {"boolean" for value in schema["enum"] if isinstance(value, bool)}
    free |= {"number" for value in schema["enum"] if isinstance(value, float) and not value.is_integer()}
    return {"anyOf": [{"enum": [*values, *null]}, *({"type": name} for name in sorted(free))]}


def _united(members: list[Any]) -> list[Schema]:
    objects = [member for member in members if member.get("type") == "object"]
    if len(objects) < 2:
        return members
    names = {name for member in objects for name in member.get("properties", {})}
    one = {
        "type": "object",
        "properties": {name: _either(name, objects) for name in sorted(names)},
        "required": sorted(set.intersection(*({*member.get("required", ())} for member in objects))),
        "additionalProperties": any(member.get("additionalProperties", True) for member in objects),
    }
    return [one, *(member for member in members if member.get("type") != "object")]


def _either(name: str, objects: list[Any]) -> Schema:
    return {"anyOf": [member["properties"][name] for member in objects if name in member.get("properties", {})]}
