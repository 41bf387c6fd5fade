"""Write a document in the one dialect that every later step reads, where OpenAPI has several spellings for one thing.

Paths by reference are written out, a schema is an object and no boolean, and what is left of OpenAPI 3.0 (`nullable`,
exclusive limits that are flags) is said as 3.1 says it.
"""

from __future__ import annotations

from typing import Any

from scripts.spec.document import COMBINATORS, Document, Schema, map_schemas, resolve


def in_one_dialect(document: Document) -> Document:
    """A copy of a document that passed lint, which means the same."""
    paths = {
        path: _written_out(document, item) for path, item in document["paths"].items() if not path.startswith("x-")
    }
    components = {key: value for key, value in document.get("components", {}).items() if key != "pathItems"}
    return map_schemas({**document, "components": components, "paths": paths}, _schema)


def _written_out(document: Document, item: dict[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in item.items() if key != "$ref"}
    return {**resolve(document, item), **own} if "$ref" in item else item


def _schema(schema: Schema) -> Schema:
    schema = {key: value for key, value in schema.items() if key != "nullable" or value is True}
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(flag := schema.get(exclusive), bool):
            del schema[exclusive]
            if flag and limit in schema:
                schema[exclusive] = schema.pop(limit)
    if isinstance(schema.get("items"), bool):
        # Only beside `prefixItems` it says something: whether there may be more.
        del schema["items"]
    return _nullable(schema) if schema.pop("nullable", False) else schema


def _nullable(schema: Schema) -> Schema:
    """A schema that also takes null."""
    if "$ref" in schema or any(combinator in schema for combinator in COMBINATORS):
        return {"anyOf": [schema, {"type": "null"}]}
    if "enum" in schema:
        schema["enum"] = list(dict.fromkeys([*schema["enum"], None]))
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = list(dict.fromkeys([*types, "null"]))
    return schema
