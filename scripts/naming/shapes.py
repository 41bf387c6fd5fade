"""Find the shapes of a document: every object and enumeration, wherever it is, and which of them are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field

from scripts.naming.grammar import member_name
from scripts.spec.document import (
    COMBINATORS,
    Document,
    Schema,
    component_key,
    component_place,
    inner_schemas,
    resolve,
    root_of,
    root_schemas,
)
from scripts.spec.normalise.aliases import is_class


@dataclass(frozen=True)
class Shape:
    """An object or enumeration of the document: its schema, and every place that has one like it.

    `schemas` are those at places where prose or labels differ from `schema`.
    """

    key: str
    schema: Schema
    places: list[str] = field(default_factory=list)
    schemas: dict[str, Schema] = field(default_factory=dict)


def member_place(place: str, union: Schema, member: Schema) -> str:
    """The place of a member of a union: the union's place, with the type where several members become classes."""
    members = [inner for combinator in COMBINATORS for inner in union.get(combinator, [])]
    # A body that is a union is given whole, so the object in it is a class like any other.
    several = place.endswith(":body") or sum(map(is_class, members)) > 1
    return f"{place}|{member['type']}" if is_class(member) and several else place


def nodes(document: Document) -> Iterator[tuple[str, Schema, int]]:
    """Every schema that becomes a class, with its place and its height: how many such schemas nest inside it."""

    def walk(place: str, schema: Schema) -> Iterator[tuple[str, Schema, int]]:
        height = 0
        for inner_place, inner in inner_schemas(place, schema):
            for found in walk(member_place(inner_place, schema, inner), inner):
                height = max(height, found[2] + 1)
                yield found
        if is_class(schema):
            yield place, schema, height

    for place, schema in root_schemas(document):
        yield from walk(place, schema)


def shape_key(place: str, schema: Schema, class_at: Mapping[str, str]) -> str:
    """The key of a shape, one a class: fields, types, which are required; for enumerations values and labels.

    Prose, limits and defaults do not count. Nested classes count by the name they were given (`class_at`).
    """

    def form(place: str, schema: Schema, *, root: bool = False) -> object:
        if is_class(schema) and not root:
            return {"class": class_at[place], **({"x-removed": schema["x-removed"]} if "x-removed" in schema else {})}
        if "enum" in schema:
            # The names of numbers count, and what is said of texts does not: a text is its own name.
            labels = schema.get("x-enumDescriptions", {}) if schema["type"] == "integer" else {}
            labels = {key: member_name(int(key), label) for key, label in labels.items()}
            removed = {"removed": schema["x-removed-values"]} if "x-removed-values" in schema else {}
            return {"values": sorted(map(str, schema["enum"])), "type": schema["type"], "labels": labels, **removed}
        kept = {
            key: value
            for key, value in schema.items()
            if key
            in (
                "type",
                "format",
                "$ref",
                "items",
                "properties",
                "additionalProperties",
                "x-extends",
                "x-flag",
                "x-removed",
            )
            or key in COMBINATORS
        }
        for name, inner in kept.get("properties", {}).items():
            kept["properties"] = {**kept["properties"], name: form(f"{place}.{name}", inner)}
        if "items" in kept:
            kept["items"] = form(f"{place}[]", kept["items"])
        if isinstance(kept.get("additionalProperties"), dict):
            kept["additionalProperties"] = form(f"{place}{{}}", kept["additionalProperties"])
        for combinator in COMBINATORS:
            if combinator in kept:
                kept[combinator] = [form(member_place(place, schema, inner), inner) for inner in kept[combinator]]
        if schema.get("type") == "object":
            kept["required"] = sorted(schema.get("required", []))
            kept.setdefault("additionalProperties", True)
        return kept

    return json.dumps(form(place, schema, root=True), sort_keys=True)


def shapes(document: Document, name: Callable[[Shape], Mapping[str, str]], known: Container[str] = ()) -> list[Shape]:
    """Group the document's objects and enumerations into shapes, innermost first.

    `name` gives each place of a shape its class; places of one shape may get different classes, because two things
    can look the same and mean different things. A field of a body that takes some of the numbers which it has in the
    answer is of that shape. Of those that nest as deep, shapes that are `known` (by their keys)
    are named first, then those of components, and numbers that say nothing of what they mean last.
    """

    def order(shape: Shape) -> tuple[bool, bool, bool]:
        of_component = any(":" not in place for place in shape.places)
        return shape.key not in known, _says_nothing(shape.schema), not of_component

    by_height: dict[int, list[tuple[str, Schema]]] = {}
    of_components: dict[str, Schema] = {}
    answers = dict(_answers(document))
    for place, schema, height in nodes(document):
        by_height.setdefault(height, []).append((place, schema))
        if ":" not in place:
            of_components[place] = schema
    class_at: dict[str, str] = {}
    found: list[Shape] = []
    for height in sorted(by_height):
        level: dict[str, Shape] = {}
        for place, schema in by_height[height]:
            operation, _, step = place.partition(":body")
            read = of_components.get(answers.get(operation, "") + step) if step else None
            one = read if read and _is_part(schema, read) else schema
            key = shape_key(place, one, class_at)
            shape = level.setdefault(key, Shape(key, one))
            shape.places.append(place)
            if schema != shape.schema:
                shape.schemas[place] = schema
        for shape in sorted(level.values(), key=order):
            class_at.update(name(shape))
        found += level.values()
    return found


def _answers(document: Document) -> Iterator[tuple[str, str]]:
    """Each operation that answers with a component, and the place of that."""
    for place, schema in root_schemas(document):
        if "$ref" in schema and place.endswith(":response"):
            yield root_of(place), component_place(component_key(schema["$ref"]), resolve(document, schema))


def _is_part(given: Schema, read: Schema) -> bool:
    """Whether a field takes some of the numbers that the same field has when it is read, and calls none otherwise."""
    if not (given.get("type") == read.get("type") == "integer" and {*given["enum"]} < {*read["enum"]}):
        return False
    names, others = (
        {key: member_name(int(key), label) for key, label in each.get("x-enumDescriptions", {}).items()}
        for each in (given, read)
    )
    return all(others.get(key, name) == name for key, name in names.items())


def _says_nothing(schema: Schema) -> bool:
    return schema.get("type") == "integer" and not schema.get("x-enumDescriptions")
