"""Move every object and enumeration into the components under its class name, so that the generator invents no name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Any

from scripts.naming.names import METHOD_NAMES, Namer, Proposals, names_of_model, primary_tag
from scripts.naming.shapes import Shape, member_place, shapes
from scripts.spec.document import (
    COMBINATORS,
    SCHEMA_REF,
    Document,
    Schema,
    all_schemas,
    component_key,
    component_place,
    map_root_schemas,
    operations,
    resolve,
)
from scripts.spec.normalise.aliases import is_class
from scripts.spec.normalise.types import ANNOTATIONS, label_key
from scripts.spec.pages import page_places
from scripts.spec.registry import Registry


@dataclass(frozen=True)
class NamedDocument:
    """A document whose components are the classes of the client, with every other name of the client.

    `class_at` has the class of each place; `aliases` are calls that are in a second resource, too; `internal` are
    components that only describe a body or a page, and `maps` those that are plain mappings: neither becomes a class.
    """

    document: Document
    class_at: dict[str, str]
    internal: frozenset[str]
    maps: frozenset[str]
    resources: dict[str, str]
    methods: dict[str, str]
    aliases: dict[str, str]
    attributes: dict[str, dict[str, str]]
    members: dict[str, dict[Any, str]]
    proposals: Proposals


def name_document(
    document: Document, registry: Registry, known_shapes: Mapping[str, str] = MappingProxyType({})
) -> NamedDocument:
    """Name everything in a normalised document, and hoist its objects and enumerations.

    `known_shapes` gives the classes that shapes had before; an object at a new place that looks the same is the same,
    and so is what was a reference before (see `named_shapes`).
    """
    components = {component_place(key, raw): raw for key, raw in document["components"]["schemas"].items()}
    roots = {**components, **{operation.id: operation.raw for operation in operations(document)}}
    removed = {root for root, raw in roots.items() if "x-removed" in raw}
    classes = [place for place, raw in components.items() if is_class(raw)]
    namer = Namer(registry, page_places(document), known_shapes, classes, removed)
    resources, methods = namer.resources(document), namer.methods(document)
    class_at: dict[str, str] = {}
    internal: set[str] = set()

    def name(shape: Shape) -> Mapping[str, str]:
        named = namer.classes(shape)
        class_at.update(named)
        if namer.is_internal(shape):
            internal.update(named.values())
        return named

    found = shapes(document, name, known_shapes)
    hoister = _Hoister(document, class_at)
    schemas = hoister.components(found)
    document = {**document, "components": {"schemas": schemas}, "paths": hoister.paths()}
    schemas.update(hoister.maps)
    attributes = {
        owner: namer.attributes(owner, schema["properties"], names_of_model(schema))
        for owner, schema in schemas.items()
        if owner not in internal and "properties" in schema
    }
    for operation in operations(document):
        whole = {"body"} if "requestBody" in operation.raw and not has_fields(document, operation.raw) else set()
        arguments = argument_names(document, operation.raw)
        attributes[operation.id] = namer.attributes(operation.id, arguments, METHOD_NAMES | whole)
    members = {
        owner: namer.members(owner, schema["enum"], schema.get("x-enumDescriptions", {}))
        for owner, schema in schemas.items()
        if "enum" in schema
    }
    return NamedDocument(
        document,
        class_at,
        frozenset(internal),
        frozenset(hoister.maps),
        resources,
        methods,
        namer.aliases(document),
        attributes,
        members,
        namer.proposals,
    )


def named_shapes(document: Document, named: NamedDocument) -> dict[str, str]:
    """The shapes of a normalised document (`Shape.key`), with the class of each, and the places of references.

    A place of a reference has the class that it refers to, and so have the places that it would have if the schema
    were written out there.
    """
    found = shapes(document, lambda shape: {place: named.class_at[place] for place in shape.places})
    known = {shape.key: name for shape in found if (name := named.class_at[shape.places[0]]) not in named.internal}
    components = document["components"]["schemas"]
    referring = {
        place: component_place(key := component_key(schema["$ref"]), components[key])
        for place, schema in all_schemas(document)
        if "$ref" in schema
    }
    for place, target in referring.items():
        inside = {q: name for q, name in named.class_at.items() if re.match(re.escape(target) + r"(?![^.:\[{|])", q)}
        known |= {place + q.removeprefix(target): name for q, name in inside.items()}
    return known


def method_paths(named: NamedDocument) -> dict[str, str]:
    """OperationId -> how a user writes the call: `client.campaigns.pause`."""
    return {
        operation.id: f"client.{named.resources[primary_tag(operation)]}.{named.methods[operation.id]}"
        for operation in operations(named.document)
    }


def argument_names(document: Document, operation: dict[str, Any]) -> list[str]:
    """The arguments of an operation: its parameters, then the fields of its body.

    A field of the body that is called like a parameter is another thing, and is written `body.name`.
    """
    names = [parameter["name"] for parameter in operation["parameters"]]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        fields = body_fields(document, media.get("schema", {}))
        names += [f"body.{name}" if name in names else name for name in fields]
    return list(dict.fromkeys(names))


def has_fields(document: Document, operation: dict[str, Any]) -> bool:
    """Whether the body of an operation becomes arguments, one a field."""
    content = operation["requestBody"].get("content", {}).values()
    return any(body_fields(document, media.get("schema", {})) for media in content)


def body_fields(document: Document, schema: Schema) -> list[str]:
    """The fields of a body that is an object; a body of any other type has none and is given whole."""
    for member in schema.get("allOf", [schema]):
        schema = resolve(document, member)
    return [name for name, field in schema.get("properties", {}).items() if not field.get("readOnly")]


class _Hoister:
    def __init__(self, document: Document, class_at: Mapping[str, str]) -> None:
        self._document = document
        self._class_at = class_at
        self._descriptions: dict[str, str] = {}
        for place, schema in all_schemas(document):
            if schema.get("description"):
                self._descriptions.setdefault(place, schema["description"])
        self._class_of_key = {
            key: class_at[component_place(key, schema)]
            for key, schema in document["components"]["schemas"].items()
            if is_class(schema)
        }
        roots = [(component_place(key, schema), schema) for key, schema in document["components"]["schemas"].items()]
        roots += [(operation.id, operation.raw) for operation in operations(document)]
        self._removed_roots = {root: raw["x-removed"] for root, raw in roots if "x-removed" in raw}
        self.maps: dict[str, Schema] = {}

    def components(self, found: list[Shape]) -> dict[str, Schema]:
        """Class -> schema, in the order of the classes' names."""
        components: dict[str, Schema] = {}
        for shape in found:
            for name in dict.fromkeys(self._class_at[place] for place in shape.places):
                places = [place for place in shape.places if self._class_at[place] == name]
                place = places[0]
                schema = self._inside(place, shape.schemas.get(place, shape.schema))
                each = [shape.schemas.get(other, shape.schema).get("x-enumDescriptions", {}) for other in places]
                if labels := {key: label for known in reversed(each) for key, label in known.items()}:
                    schema["x-enumDescriptions"] = labels
                helpers = [shape.schemas.get(other, shape.schema).get("x-helpers") for other in places]
                if any(helpers):
                    schema["x-helpers"] = next(filter(None, helpers))
                if any("x-open" in shape.schemas.get(other, shape.schema) for other in places):
                    schema["x-open"] = True
                if since := self._removed(places):
                    schema["x-removed"] = since
                if "x-extends" in schema:
                    schema["x-extends"] = self._class_of_key.get(component_key(schema["x-extends"]), "")
                schema["title"] = name
                schema["description"] = self._description(places)
                if name in components:
                    _merge(components[name], schema)
                else:
                    components[name] = schema
        return dict(sorted(components.items()))

    def _removed(self, places: list[str]) -> str:
        """Since when all of these places are in operations and schemas that were removed; "" if one is not."""
        inside = {root: re.compile(re.escape(root) + r"(?![^:.\[{|])") for root in self._removed_roots}
        days = {next((day for root, day in self._removed_roots.items() if inside[root].match(p)), "") for p in places}
        return "" if "" in days else min(days)

    def _description(self, places: list[str]) -> str:
        """The description of a class at these places: what most components say of it, else most operations.

        A place is described, or else the array or the map whose item is there.
        """
        said: dict[bool, list[str]] = {}
        for place in places:
            of_operation = ":" in place
            place = place.split("|")[0]
            while place not in self._descriptions and place.endswith(("[]", "{}")):
                place = place[:-2]
            if place in self._descriptions:
                said.setdefault(of_operation, []).append(self._descriptions[place])
        return Counter(said[min(said)]).most_common(1)[0][0] if said else ""

    def paths(self) -> dict[str, Any]:
        """The paths of the document with references to the components in place of objects and enumerations."""
        paths: dict[str, Any] = map_root_schemas({"paths": self._document["paths"]}, self._reference)["paths"]
        return paths

    def _reference(self, place: str, schema: Schema) -> Schema:
        """The schema of `place` once its object or enumeration is a component."""
        if is_class(schema):
            return self._annotated(schema, self._class_at[place])
        if "$ref" in schema:
            return {"$ref": SCHEMA_REF + self._class_of_key[component_key(schema["$ref"])]}
        if schema.get("type") == "object":
            return self._annotated(schema, self._map(place, schema))
        return self._inside(place, schema)

    def _inside(self, place: str, schema: Schema) -> Schema:
        schema = dict(schema)
        if "properties" in schema:
            schema["properties"] = {
                name: self._reference(f"{place}.{name}", field) for name, field in schema["properties"].items()
            }
        if "items" in schema:
            schema["items"] = self._reference(f"{place}[]", schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            schema["additionalProperties"] = self._reference(f"{place}{{}}", schema["additionalProperties"])
        for combinator in COMBINATORS:
            if combinator in schema:
                schema[combinator] = [
                    self._reference(member_place(place, schema, member), member) for member in schema[combinator]
                ]
        return schema

    def _annotated(self, schema: Schema, name: str) -> Schema:
        notes = {key: value for key, value in schema.items() if key in ANNOTATIONS or key in ("x-default", "x-format")}
        notes.pop("title", None)
        reference = {"$ref": SCHEMA_REF + name}
        return {**notes, "allOf": [reference]} if notes else reference

    def _map(self, place: str, schema: Schema) -> str:
        """A mapping is a component too, because the generator knows no other way to say one; equal ones are shared."""
        values = schema.get("additionalProperties")
        values = self._reference(f"{place}{{}}", values) if isinstance(values, dict) else True
        for name, known in self.maps.items():
            if known["additionalProperties"] == values:
                return name
        taken = {*self._class_at.values(), *self.maps}
        name = next(name for name in (f"Mapping{number}" for number in count()) if name not in taken)
        self.maps[name] = {"title": name, "type": "object", "additionalProperties": values}
        return name


def _mark_parts(schema: Schema) -> None:
    """Mark a schema that was removed as a whole part by part: it becomes a part of something that was not."""
    since = schema.pop("x-removed", "")
    if since and "enum" in schema:
        removed = {label_key(value): since for value in schema["enum"]}
        schema["x-removed-values"] = {**removed, **schema.get("x-removed-values", {})}
    elif since:
        for name, field in schema["properties"].items():
            if "x-removed" not in field:
                schema["properties"][name] = {**({"allOf": [field]} if "$ref" in field else field), "x-removed": since}


def _merge(known: Schema, other: Schema) -> None:
    """Add what `other` has to `known`: the registry says that they are one class."""
    if ("x-removed" in known) != ("x-removed" in other):
        for each in (known, other):
            _mark_parts(each)
    if "enum" in known:
        removed = {**other.get("x-removed-values", {}), **known.get("x-removed-values", {})}
        there = {
            label_key(v)
            for each in (known, other)
            for v in each["enum"]
            if label_key(v) not in each.get("x-removed-values", {})
        }
        known["x-removed-values"] = {key: since for key, since in removed.items() if key not in there}
        known["enum"] = list(dict.fromkeys([*known["enum"], *other["enum"]]))
        known |= {"x-open": True} if "x-open" in other else {}
        known["x-enumDescriptions"] = {**other.get("x-enumDescriptions", {}), **known.get("x-enumDescriptions", {})}
        return
    for name, field in other["properties"].items():
        if "x-removed" in known["properties"].setdefault(name, field):
            known["properties"][name] = field  # as long as it is anywhere
    required = set(known.get("required", [])) & set(other.get("required", []))
    known["required"] = [name for name in known.get("required", []) if name in required]
    if other.get("additionalProperties") is not False:
        known.pop("additionalProperties", None)
