"""Structural mutations of documents: parts that are left out, moved, wrapped, renamed, or replaced by odd ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from scripts.lib.layout import PROJECT
from scripts.spec.document import METHODS, Document
from scripts.spec.load import load
from tests.pipeline.documents import small_document
from tests.pipeline.large_documents import LINKS, ladder, with_schemas

NAMES = [
    *(
        "class",
        "self",
        "None",
        "list",
        "fields",
        "warning",
        "datetime",
        "models",
        "builtins",
        "__init__",
        "Model",
        "name",
    ),
    *("", " ", "1", "-", "a b", "ü", "../x", "a/b", "a.b", "a:b", "a[]", "{}", "x-y", "$ref", "A", "a_", "x" * 300),
    *("items", "next_starting_after", "limit", "offset", "properties", "enum", "type", "required"),
]
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**30, "", "string", "null", [], {}, [None], [[]], [{}], {"": {}}),
    *({"type": "string"}, {"type": ["string", "null"]}, {"type": "array"}, {"type": "object"}, {"nullable": True}),
    *({"enum": ["fields", "warning", "none", "", "a-b", "a_b"]}, {"enum": [0, 1, True, None, 1.5, "1"]}, {"const": 1}),
    *({"anyOf": [{}]}, {"allOf": [{"type": "string"}, {"type": "integer"}]}, {"not": {}}, {"$ref": "#"}, {"$ref": 5}),
    *({"type": "array", "prefixItems": [{"type": "string"}]}, {"type": "string", "format": "binary"}),
    *(
        {"properties": {"a": {"properties": {"a": {"enum": [1]}}}}},
        {"additionalProperties": {"additionalProperties": {}}},
    ),
]

Place = tuple[Any, Any]


def pieces(randomness: Random) -> Document:
    """A document to begin with: a small one, one that is large to walk, or some operations of the pinned one."""
    kind = randomness.randrange(3)
    if kind == 0:
        return small_document()
    if kind == 1:
        link = randomness.choice(sorted(LINKS))
        return with_schemas(ladder(link, randomness.randrange(1, 12)), body=LINKS[link](0))
    pinned = load(PROJECT.document).document
    paths = dict(randomness.sample(sorted(pinned["paths"].items()), 3))
    return {
        **pinned,
        "paths": copy.deepcopy(paths),
        "components": {**pinned["components"], "schemas": _used(pinned, paths)},
    }


def _used(pinned: Document, node: Any) -> dict[str, Any]:
    """The component schemas that a part of a document leads to."""
    schemas = pinned["components"]["schemas"]
    found: dict[str, Any] = {}
    waiting = [node]
    while waiting:
        text = json.dumps(waiting.pop())
        for key in schemas:
            if key not in found and f'"#/components/schemas/{key}"' in text:
                found[key] = copy.deepcopy(schemas[key])
                waiting.append(found[key])
    return found


def mutated(document: Document, randomness: Random) -> Document:
    """A copy of a document with one to four mutations."""
    document = copy.deepcopy(document)
    for _ in range(randomness.randrange(1, 5)):
        places = list(_places(document))
        if places:
            randomness.choice(MUTATIONS)(randomness, places, randomness.choice(places))
    return document


def _places(node: Any) -> Iterator[Place]:
    """Every place of a value as its container and its key; operations and schemas among them, as they are most."""
    entries: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(entries):
        yield node, key
        yield from _places(value)


def leave_out(randomness: Random, places: list[Place], place: Place) -> None:
    container, key = place
    del container[key]


def replace(randomness: Random, places: list[Place], place: Place) -> None:
    container, key = place
    container[key] = copy.deepcopy(randomness.choice(VALUES))


def graft(randomness: Random, places: list[Place], place: Place) -> None:
    container, key = place
    other, name = randomness.choice(places)
    container[key] = copy.deepcopy(other[name])


def rename(randomness: Random, places: list[Place], place: Place) -> None:
    container, key = place
    if isinstance(container, dict):
        container[randomness.choice(NAMES)] = container.pop(key)
    elif isinstance(container[key], str):
        container[key] = randomness.choice(NAMES)


def say_otherwise(randomness: Random, places: list[Place], place: Place) -> None:
    texts = [(container, key) for container, key in places if isinstance(container[key], str)]
    if texts:
        container, key = randomness.choice(texts)
        container[key] = randomness.choice(NAMES)


def double(randomness: Random, places: list[Place], place: Place) -> None:
    container, key = place
    if isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    else:
        spellings = [f"{key}_", str(key).upper(), str(key).title(), f"{key}2", randomness.choice(NAMES)]
        container[randomness.choice(spellings)] = copy.deepcopy(container[key])


def _schemas(places: list[Place]) -> list[Place]:
    keys = {"type", "properties", "items", "anyOf", "oneOf", "allOf", "enum", "$ref"}
    return [(c, k) for c, k in places if isinstance(c[k], dict) and keys & c[k].keys() and k not in METHODS]


def wrap(randomness: Random, places: list[Place], place: Place) -> None:
    if schemas := _schemas(places):
        container, key = randomness.choice(schemas)
        schema = container[key]
        container[key] = randomness.choice(
            [
                {"anyOf": [schema, {"type": "null"}]},
                {"allOf": [schema, {"properties": {"more": {"type": "string"}}}]},
                {"oneOf": [schema, copy.deepcopy(schema), {"type": "array", "items": schema}]},
                {"type": "array", "items": schema},
                {"type": "object", "additionalProperties": schema},
                {**schema, "type": [schema.get("type", "string"), "null"]},
                {**schema, "nullable": True},
                {**schema, "anyOf": [{"required": ["a"]}, {"properties": {"b": {"type": "integer"}}}]},
            ]
        )


def refer(randomness: Random, places: list[Place], place: Place) -> None:
    """Refer to a component, perhaps from inside it."""
    if schemas := _schemas(places):
        container, key = randomness.choice(schemas)
        known = [name for other, name in schemas if isinstance(name, str) and ("def-" in name or "Step" in name)]
        container[key] = {"$ref": f"#/components/schemas/{randomness.choice(known or ['none'])}"}


Mutation = Callable[[Random, list[Place], Place], None]
MUTATIONS: list[Mutation] = [leave_out, replace, graft, rename, say_otherwise, double, wrap, wrap, refer, refer]
