"""A union has at most one member of each JSON type, so that a value says by itself which member it is.

`allOf`, `anyOf` and `oneOf` are folded into that form: objects of a union become one object with all their fields,
arrays become one array, enumerations one enumeration. What
is another object with more says so (`x-extends`). Nothing that carries data is dropped; what a combinator says about
which fields go together ("either campaign_id or list_id") is left to the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from scripts.lib.report import refused
from scripts.spec.document import (
    COMBINATORS,
    Document,
    Schema,
    component_key,
    component_title,
    map_schema,
    map_schemas,
    resolve,
)
from scripts.spec.normalise.size import too_large
from scripts.spec.normalise.types import ANNOTATIONS, say_the_type

NULL: Schema = {"type": "null"}
MAX_DEPTH = 64
MAX_JOINS = 50_000


def fold_combinators(document: Document) -> Document:
    """Rewrite every `allOf`, `anyOf` and `oneOf` into a plain schema, a reference, or a union in the one form."""
    fold = _Fold(document)
    return map_schemas(document, fold.schema)


class _Fold:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._components: dict[str, Schema] = {}
        self._depth = 0
        self._joins = 0

    def schema(self, schema: Schema) -> Schema:
        if "$ref" in schema and len(schema) > 1:
            annotations = {key: value for key, value in schema.items() if key in ANNOTATIONS}
            return {**annotations, "allOf": [{"$ref": schema["$ref"]}]} if annotations else {"$ref": schema["$ref"]}
        schema = _with_notes(schema)
        if is_reference(schema) or not any(combinator in schema for combinator in COMBINATORS):
            return schema
        annotations = {key: value for key, value in schema.items() if _annotates(key)}
        base = {key: value for key, value in schema.items() if key not in COMBINATORS and key not in annotations}
        if extended := self._extended(schema):
            annotations["x-extends"] = extended
        alternatives = [member for key in ("anyOf", "oneOf") for member in schema.get(key, [])]
        for part in schema.get("allOf", []):
            kinds = {self._kind(base), self._kind(part)} - {"any"}
            if "anyOf" in self._resolved(part) or (len(kinds) > 1 and kinds != {"integer", "number"}):
                alternatives.append(part)  # no value is of two types, but documents say so where they mean either
            else:
                base = self._both(base, part) if base else part
        base = say_the_type(base)
        alternatives = self._members([member for member in alternatives if _says_a_type(member)])
        if not alternatives:
            return _rebuild(annotations, [base] if base else [])
        if not base.keys() - {"type"}:
            # A bare `type` next to alternatives only repeats, or contradicts, what they say themselves.
            return _rebuild(annotations, alternatives)
        kind = self._kind(base)
        if not any(self._kind(member) == kind for member in alternatives):
            alternatives = [base, *alternatives]
        joined = [self._both(base, member) if self._kind(member) == kind else member for member in alternatives]
        return _rebuild(annotations, self._members(joined))

    def _extended(self, schema: Schema) -> str:
        """The reference to the object that a schema is with more: the first one of its `allOf`; "" without any."""
        for part in schema.get("allOf", []):
            if is_reference(part) and self._resolved(part).get("properties"):
                target: str = reference(part)["$ref"]
                while "$ref" in (component := self._document["components"]["schemas"][component_key(target)]):
                    target = component["$ref"]
                return target
        return ""

    def _members(self, schemas: Iterable[Schema]) -> list[Schema]:
        """The members of a union, flattened, one for each JSON type, null last."""
        by_type: dict[str, Schema] = {}
        for schema in schemas:
            for member in self._flattened(schema):
                kind = self._kind(member)
                if kind == "number" and "integer" in by_type:
                    by_type["number"] = by_type.pop("integer")
                kind = "number" if kind == "integer" and "number" in by_type else kind
                by_type[kind] = self._either(by_type[kind], member) if kind in by_type else member
        anything = by_type.pop("any", None)
        if anything is not None and not any(_carries_data(member) for member in by_type.values()):
            return [anything]
        nullable = by_type.pop("null", None) is not None
        return list(by_type.values()) + [NULL] * nullable

    def _flattened(self, schema: Schema) -> list[Schema]:
        """The members of a schema that is a union, or refers to one; else the schema itself."""
        members = schema.get("anyOf") or (self._resolved(schema).get("anyOf") if is_reference(schema) else None)
        return [schema] if members is None else [inner for member in members for inner in self._flattened(member)]

    def _kind(self, schema: Schema) -> str:
        return str(self._resolved(schema).get("type", "any"))

    def _either(self, one: Schema, other: Schema) -> Schema:
        """One schema for two of the same JSON type."""
        if one == other:
            return one
        joined = [*self._joined(one), *self._joined(other)]
        one, other = self._resolved(one), self._resolved(other)
        merged = {key: value for key, value in one.items() if key in ("type", "description") or other.get(key) == value}
        if "type" not in one:
            return merged  # two that can be anything
        if one["type"] == "object":
            if len(joined) > 1:
                merged["x-joined"] = joined
                merged["description"] = f"One of {', '.join(joined)}, with the fields of all."
            merged["properties"] = self._fields(one, other)
            required = set(one.get("required", [])) & set(other.get("required", []))
            merged["required"] = [name for name in one.get("required", []) if name in required]
            merged["additionalProperties"] = self._open(one, other)
        elif one["type"] == "array":
            merged["items"] = self._union(one.get("items", {}), other.get("items", {}))
        else:
            merged["type"] = one["type"] if one["type"] == other["type"] else "number"
            _unite_values(merged, one, other)
        return merged

    def _joined(self, schema: Schema) -> list[str]:
        """The components that a member of a union is, or joins."""
        if is_reference(schema):
            key = component_key(reference(schema)["$ref"])
            return [component_title(key, self._document["components"]["schemas"][key])]
        return [*schema.get("x-joined", ())]

    def _both(self, one: Schema, other: Schema) -> Schema:
        """One schema for `one` and `other` at the same time."""
        if one == other:
            return one
        one, other = self._resolved(one), self._resolved(other)
        merged = {**other, **one}
        if "properties" in one or "properties" in other:
            merged["properties"] = self._fields(one, other)
            merged["type"] = "object"
        if "required" in one or "required" in other:
            merged["required"] = list(dict.fromkeys([*one.get("required", []), *other.get("required", [])]))
        if "items" in one and "items" in other:
            with self._joining(one, other):
                merged["items"] = self._both(one["items"], other["items"])
        further = [schema["additionalProperties"] for schema in (one, other) if "additionalProperties" in schema]
        schemas = [value for value in further if isinstance(value, dict)]
        if schemas:
            merged["additionalProperties"] = self._both(*schemas) if len(schemas) == 2 else schemas[0]
        elif further:
            merged["additionalProperties"] = all(further)
        _unite_values(merged, one, other)
        return merged

    def _fields(self, one: Schema, other: Schema) -> dict[str, Schema]:
        fields = dict(one.get("properties", {}))
        for name, field in other.get("properties", {}).items():
            fields[name] = self._union(fields[name], field) if name in fields else field
        return fields

    def _union(self, one: Schema, other: Schema) -> Schema:
        if one == other:
            return one
        annotations = {key: value for source in (other, one) for key, value in source.items() if _annotates(key)}
        bare = [{key: value for key, value in source.items() if key not in ANNOTATIONS} for source in (one, other)]
        with self._joining(one, other):
            return _rebuild(annotations, self._members(bare))

    def _open(self, one: Schema, other: Schema) -> Any:
        values = [one.get("additionalProperties", True), other.get("additionalProperties", True)]
        schemas = [value for value in values if isinstance(value, dict)]
        if len(schemas) == 2:
            return self._union(*schemas)
        return schemas[0] if schemas else any(values)

    def _resolved(self, schema: Schema) -> Schema:
        if not is_reference(schema):
            return schema
        target = reference(schema)["$ref"]
        if target not in self._components:
            component = resolve(self._document, {"$ref": target})
            self._components[target] = component  # as it is, for what in it refers back to it
            self._components[target] = map_schema(component, self.schema)
        return self._components[target]

    @contextmanager
    def _joining(self, one: Schema, other: Schema) -> Iterator[None]:
        """Two schemas that refer to each other could be joined for ever, each time one level deeper."""
        if self._depth > MAX_DEPTH:
            names = [reference(schema)["$ref"] for schema in (one, other) if is_reference(schema)]
            what = f"{' and '.join(names) or 'two schemas'} cannot be joined: they go in circles"
            raise refused("normalise", what, "each joint would hold another; an object of its own would end the circle")
        self._joins += 1
        if self._joins > MAX_JOINS:
            raise too_large()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1


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


def _with_notes(schema: Schema) -> Schema:
    """A schema that says itself what parts of its `allOf` only note about it."""
    parts = schema.get("allOf", [])
    if not (notes := [part for part in parts if all(map(_annotates, part))]):
        return schema
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    noted = {key: value for part in notes for key, value in part.items()}
    real = [part for part in parts if part not in notes]
    return {**noted, **rest, **({"allOf": real} if real else {})}


def _annotates(key: str) -> bool:
    return key in ANNOTATIONS or (key.startswith("x-") and key not in ("x-enumDescriptions", "x-values"))


def _says_a_type(schema: Schema) -> bool:
    return "type" in schema or "$ref" in schema or any(combinator in schema for combinator in COMBINATORS) or not schema


def _carries_data(schema: Schema) -> bool:
    """Whether a schema knows more of a value than its type."""
    inner = [schema.get("items"), schema.get("additionalProperties")]
    return is_reference(schema) or any(key in schema for key in ("properties", "enum")) or any(map(bool, inner))


def _unite_values(merged: Schema, one: Schema, other: Schema) -> None:
    """Next to a plain text or number an enumeration keeps its values, and is open: any other value is as good."""
    if "x-open" in one or "x-open" in other or ("enum" in one) != ("enum" in other):
        merged["x-open"] = True
    for key in ("enum", "x-values"):
        if key in one or key in other:
            merged[key] = list(dict.fromkeys([*one.get(key, []), *other.get(key, [])]))
    labels = {**other.get("x-enumDescriptions", {}), **one.get("x-enumDescriptions", {})}
    if labels:
        merged["x-enumDescriptions"] = labels


def _rebuild(annotations: Schema, members: list[Schema]) -> Schema:
    if len(members) != 1:
        return {**annotations, "anyOf": members} if members else annotations
    (member,) = members
    if "$ref" in member:
        return {**annotations, "allOf": [member]} if annotations else member
    return {**member, **annotations}
