"""A union has at most one member of each JSON type, so that a value says by itself which member it is.

`allOf`, `anyOf` and `oneOf` are folded into that form: objects of a union become one object with all their fields,
arrays become one array, enumerations one enumeration. Nothing that carries data is dropped; what a combinator says
about which fields go together ("either campaign_id or list_id") is left to the service.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scripts.normalise.types import ANNOTATIONS
from scripts.openapi import COMBINATORS, Document, Schema, map_schemas, resolve

NULL: Schema = {"type": "null"}


def fold_combinators(document: Document) -> Document:
    """Rewrite every `allOf`, `anyOf` and `oneOf` into a plain schema, a reference, or a union in the one form."""
    fold = _Fold(document)
    return map_schemas(document, fold.schema)


class _Fold:
    def __init__(self, document: Document) -> None:
        self._document = document

    def schema(self, schema: Schema) -> Schema:
        if "$ref" in schema and len(schema) > 1:
            annotations = {key: value for key, value in schema.items() if key in ANNOTATIONS}
            return {**annotations, "allOf": [{"$ref": schema["$ref"]}]} if annotations else {"$ref": schema["$ref"]}
        if is_reference(schema) or not any(combinator in schema for combinator in COMBINATORS):
            return schema
        annotations = {key: value for key, value in schema.items() if key in ANNOTATIONS or key.startswith("x-")}
        base = {key: value for key, value in schema.items() if key not in COMBINATORS and key not in annotations}
        alternatives = [member for key in ("anyOf", "oneOf") for member in schema.get(key, [])]
        alternatives = [member for member in alternatives if _says_a_type(member)]
        if alternatives and "properties" not in base:
            base = {}  # a bare `type` beside alternatives only repeats, or contradicts, what they say themselves
        for part in schema.get("allOf", []):
            base = self._both(base, part) if base else part
        if not alternatives:
            members = [base] if base else []
        elif base:
            members = self._members([self._both(base, member) for member in alternatives])
        else:
            members = self._members(alternatives)
        return _rebuild(annotations, members)

    def _members(self, schemas: Iterable[Schema]) -> list[Schema]:
        """The members of a union, flattened, one for each JSON type, null last."""
        by_type: dict[str, Schema] = {}
        for schema in schemas:
            for member in schema.get("anyOf", [schema]):
                kind = str(self._resolved(member).get("type", "any"))
                kind = "number" if kind == "integer" and "number" in by_type else kind
                if kind == "number" and "integer" in by_type:
                    by_type["number"] = by_type.pop("integer")
                by_type[kind] = self._either(by_type[kind], member) if kind in by_type else member
        if "any" in by_type:
            return [by_type["any"]]
        nullable = by_type.pop("null", None) is not None
        return list(by_type.values()) + [NULL] * nullable

    def _either(self, one: Schema, other: Schema) -> Schema:
        """One schema for two of the same JSON type."""
        if one == other:
            return one
        one, other = self._resolved(one), self._resolved(other)
        merged = {key: value for key, value in one.items() if key in ("type", "description") or other.get(key) == value}
        if one["type"] == "object":
            merged["properties"] = self._fields(one, other)
            required = set(one.get("required", [])) & set(other.get("required", []))
            merged["required"] = [name for name in one.get("required", []) if name in required]
            merged["additionalProperties"] = self._open(one, other)
        elif one["type"] == "array":
            merged["items"] = self._union(one.get("items", {}), other.get("items", {}))
        elif "enum" in one or "enum" in other:
            # A plain string beside an enumeration: enumerations are open in this client, so the values suffice.
            merged["enum"] = list(dict.fromkeys([*one.get("enum", []), *other.get("enum", [])]))
            merged["x-enumDescriptions"] = {**one.get("x-enumDescriptions", {}), **other.get("x-enumDescriptions", {})}
        return merged

    def _both(self, one: Schema, other: Schema) -> Schema:
        """One schema for `one` and `other` at the same time."""
        one, other = self._resolved(one), self._resolved(other)
        merged = {**other, **one}
        if "properties" in one or "properties" in other:
            merged["properties"] = self._fields(one, other)
            merged["required"] = list(dict.fromkeys([*one.get("required", []), *other.get("required", [])]))
            merged["type"] = "object"
        return merged

    def _fields(self, one: Schema, other: Schema) -> dict[str, Schema]:
        fields = dict(one.get("properties", {}))
        for name, field in other.get("properties", {}).items():
            fields[name] = self._union(fields[name], field) if name in fields else field
        return fields

    def _union(self, one: Schema, other: Schema) -> Schema:
        if one == other:
            return one
        annotations = {key: value for source in (other, one) for key, value in source.items() if key in ANNOTATIONS}
        bare = [{key: value for key, value in source.items() if key not in annotations} for source in (one, other)]
        return _rebuild(annotations, self._members(bare))

    def _open(self, one: Schema, other: Schema) -> Any:
        values = [one.get("additionalProperties", True), other.get("additionalProperties", True)]
        schemas = [value for value in values if isinstance(value, dict)]
        if len(schemas) == 2:
            return self._union(*schemas)
        return schemas[0] if schemas and False in values else any(value is not False for value in values)

    def _resolved(self, schema: Schema) -> Schema:
        if is_reference(schema):
            return self.schema(resolve(self._document, reference(schema)))
        return schema


def is_reference(schema: Schema) -> bool:
    """Whether the schema is a reference, plain or wrapped in `allOf` to carry annotations of its own."""
    return "$ref" in schema or (
        [*schema.get("allOf", ())] != []
        and len(schema["allOf"]) == 1
        and "$ref" in schema["allOf"][0]
        and all(key in ANNOTATIONS or key.startswith("x-") or key == "allOf" for key in schema)
    )


def reference(schema: Schema) -> Schema:
    """The bare `$ref` of a schema that `is_reference`."""
    return schema if "$ref" in schema else schema["allOf"][0]


def _says_a_type(schema: Schema) -> bool:
    return "type" in schema or "$ref" in schema or any(combinator in schema for combinator in COMBINATORS) or not schema


def _rebuild(annotations: Schema, members: list[Schema]) -> Schema:
    if len(members) != 1:
        return {**annotations, "anyOf": members} if members else annotations
    (member,) = members
    if "$ref" in member:
        return {**annotations, "allOf": [member]} if annotations else member
    return {**member, **annotations}
