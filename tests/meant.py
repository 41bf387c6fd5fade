"""The pinned document with what its numbers and texts mean, in the form that they have in JSON."""

from __future__ import annotations

from functools import cache

from instantly_sandbox.engine.document import Document
from scripts.spec.document import Schema, map_schemas
from scripts.spec.normalise.meanings import give_meanings
from tests.prepared import prepared


@cache
def meant() -> Document:
    """The document that the client was made from, as its service keeps it.

    Counts are whole, flags 0 or 1, days and moments texts. Open enumerations have any values of a type, and those that
    have names in `x-known`.
    """
    return Document(map_schemas(give_meanings(prepared().corrected), _in_json))


def _in_json(schema: Schema) -> Schema:
    if "x-flag" in schema:
        if "null" in schema["type"]:
            return {**schema, "type": ["integer", "null"], "enum": [0, 1, None]}
        return {**schema, "type": "integer", "enum": [0, 1]}
    if "x-open" in schema:
        types = {"string" if isinstance(value, str) else "integer" for value in schema["enum"] if value is not None}
        null = ["null"] if None in schema["enum"] or "null" in schema["type"] else []
        rest = {key: value for key, value in schema.items() if key != "enum"}
        return {**rest, "type": [*sorted(types), *null], "x-known": schema["enum"]}
    return schema
