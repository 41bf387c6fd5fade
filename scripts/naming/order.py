"""Order of a named document as people read it: that of the vendor, not the canonical one in which it was named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from scripts.naming.hoist import NamedDocument
from scripts.spec.document import METHODS, Document, Schema, all_schemas, operations, parameters, resolve
from scripts.spec.normalise.types import label_key

T = TypeVar("T")


def in_order_of(document: Document, named: NamedDocument) -> NamedDocument:
    """The named document with paths, arguments, fields and values in the order that they have in `document`."""
    orders = _orders(document, named.class_at)
    components = {
        name: _ordered(schema, orders.get(name, {})) for name, schema in named.document["components"]["schemas"].items()
    }
    own = {operation.id: operation for operation in operations(document)}
    paths: dict[str, Any] = {}
    for path in _sorted(named.document["paths"], document["paths"]):
        item = named.document["paths"][path]
        paths[path] = {key: item[key] for key in _sorted(item, document["paths"].get(path, ()))}
        for method in METHODS:
            raw = paths[path].get(method)
            if raw is not None and raw["operationId"] in own:
                there = [(p["in"], p["name"]) for p in parameters(document, own[raw["operationId"]])]
                by_key = {(p["in"], p["name"]): p for p in raw["parameters"]}
                paths[path][method] = {**raw, "parameters": [by_key[key] for key in _sorted(by_key, there)]}
    members = {
        owner: {value: names[value] for value in components[owner]["enum"]} for owner, names in named.members.items()
    }
    ordered = {**named.document, "components": {"schemas": components}, "paths": paths}
    return replace(named, document=ordered, members=members)


def _orders(document: Document, class_at: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Class -> the fields and the values that it has anywhere, with their ranks."""
    orders: dict[str, dict[str, int]] = {}
    for place, schema in all_schemas(document):
        names = list(_names(document, schema, set()))
        # Members of a union are at places of their own where several become classes.
        for at in (place, f"{place}|object", f"{place}|string", f"{place}|integer") if names else ():
            if at in class_at:
                order = orders.setdefault(class_at[at], {})
                for name in names:
                    order.setdefault(name, len(order))
    return orders


def _names(document: Document, schema: Schema, seen: set[int]) -> Iterator[str]:
    """The fields and values of a schema: first those of what it extends, then its own, then those of alternatives."""
    if id(schema) in seen:
        return
    seen.add(id(schema))
    for part in schema.get("allOf", ()):
        yield from _names(document, resolve(document, part), seen)
    yield from schema.get("properties", ())
    yield from map(label_key, schema.get("enum", ()))
    for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _names(document, resolve(document, alternative), seen)


def _ordered(schema: Schema, order: Mapping[str, int]) -> Schema:
    if "properties" in schema:
        return {
            **schema,
            "properties": {name: schema["properties"][name] for name in _sorted(schema["properties"], order)},
        }
    if "enum" in schema:
        return {**schema, "enum": sorted(schema["enum"], key=lambda value: order.get(label_key(value), len(order)))}
    return schema


def _sorted(names: Iterable[T], order: Iterable[T]) -> list[T]:
    """The names, first those that are in the order."""
    ranks = {name: rank for rank, name in enumerate(order)}
    return sorted(names, key=lambda name: ranks.get(name, len(ranks)))
