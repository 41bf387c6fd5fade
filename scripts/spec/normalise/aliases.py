"""Components are objects and enumerations; one that only renames something else is written out where it is used."""

from __future__ import annotations

from scripts.spec.document import Document, Schema, component_key, map_schema, map_schemas, resolve
from scripts.spec.normalise.size import MAX_SCHEMAS, too_large
from scripts.spec.normalise.unions import is_reference, reference


def inline_aliases(document: Document) -> Document:
    """Replace references to components that will not become classes by what they mean."""

    count = 0

    def written_out(schema: Schema, above: frozenset[str] = frozenset()) -> Schema:
        nonlocal count
        count += 1
        if count > MAX_SCHEMAS:
            raise too_large()
        if not is_reference(schema):
            return schema
        target = final_target(document, reference(schema)["$ref"])
        meaning = resolve(document, {"$ref": target})
        if is_class(meaning):
            return {"$ref": target} if "$ref" in schema else {**schema, "allOf": [{"$ref": target}]}
        if target in above:
            return {}  # an alias of itself, such as "any JSON value", can hold anything
        meaning = map_schema(meaning, lambda inner: written_out(inner, above | {target}))
        own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        # Its title is that of the component, and would make another component of the one that is an alias of it.
        return {**{key: value for key, value in meaning.items() if key != "title"}, **own}

    return map_schemas(document, written_out)


def final_target(document: Document, target: str) -> str:
    """The reference to the component that `target` means, by way of components that only refer to another."""
    component = document["components"]["schemas"][component_key(target)]
    while "$ref" in component:
        target = component["$ref"]
        component = document["components"]["schemas"][component_key(target)]
    return target


def is_class(schema: Schema) -> bool:
    """Whether a schema becomes a class of its own: an object with fields, or an enumeration with named values."""
    if schema.get("type") == "object":
        return bool(schema.get("properties"))
    return "enum" in schema and schema.get("type") in ("string", "integer")
