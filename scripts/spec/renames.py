"""Speak of a document in the words of the registry: what the vendor has renamed keeps the name that is on record.

Everything after this step, the overlay included, finds operations, schemas and tags under the names that it knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scripts.lib.identifiers import pascal_case, snake_case, tell_apart
from scripts.spec.document import (
    Document,
    Schema,
    component_key,
    component_schemas,
    component_title,
    map_operations,
    map_schema,
    map_schemas,
    operations,
    with_operation_ids,
)
from scripts.spec.registry import Registry

_NUMBERED = re.compile(r"def-?\d+")


def apply_renames(document: Document, registry: Registry) -> Document:
    """A copy of `document` with an id for each operation, and with the names on record.

    `x-operation-id` keeps what the vendor calls an operation. A name that the vendor uses again for something of its
    own is left to it. A component that was written out where it is used, when its places got their names, is again.
    """
    document = _schemas(with_operation_ids(document), registry.renamed.get("schemas", {}))
    document = _tags(document, registry.renamed.get("tags", {}))
    document = _written_out(document, registry.renamed.get("places", {}))
    return _operations(document, registry.renamed.get("operations", {}))


def _operations(document: Document, renamed: Mapping[str, str]) -> Document:
    taken = {operation.id for operation in operations(document)}

    def rule(raw: dict[str, Any]) -> dict[str, Any]:
        recorded = renamed.get(raw["operationId"])
        if recorded is None or recorded in taken:
            return raw
        taken.add(recorded)
        return {**raw, "operationId": recorded, "x-operation-id": raw["operationId"]}

    return map_operations(document, rule)


def _schemas(document: Document, renamed: Mapping[str, str]) -> Document:
    """The components with titles, the key for one where it is a name and not a number.

    Titles that would give two classes one module get different ones.
    """
    schemas = component_schemas(document)
    if not schemas:
        return document
    titled = {
        key: schema if schema.get("title") or "$ref" in schema or _NUMBERED.fullmatch(key) else {**schema, "title": key}
        for key, schema in schemas.items()
    }
    taken = {schema.get("title") for schema in titled.values()}
    for key, schema in titled.items():
        recorded = renamed.get(schema.get("title", ""))
        if recorded is not None and recorded not in taken:
            taken.add(recorded)
            titled[key] = {**schema, "title": recorded}
    titles = [schema["title"] for schema in titled.values() if "title" in schema]
    modules = tell_apart({title: snake_case(pascal_case(title)) for title in titles}, plain=("title", "pascal"))
    for key, schema in titled.items():
        title = schema.get("title", "")
        if title in modules and modules[title] != snake_case(pascal_case(title)):
            titled[key] = {**schema, "title": pascal_case(modules[title])}
    return {**document, "components": {**document["components"], "schemas": titled}}


def _written_out(document: Document, places: Mapping[str, str]) -> Document:
    schemas = component_schemas(document)
    wanted = {key: schema for key, schema in schemas.items() if component_title(key, schema) in places}
    if not wanted:
        return document
    for circular in _circles({key: _references(schema) & wanted.keys() for key, schema in wanted.items()}):
        del wanted[circular]

    def rule(schema: Schema) -> Schema:
        key = component_key(str(schema.get("$ref", "")))
        if key not in wanted:
            return schema
        said = {name: value for name, value in wanted[key].items() if name != "title"}
        return map_schema({**said, **{name: value for name, value in schema.items() if name != "$ref"}}, rule)

    kept = {key: schema for key, schema in schemas.items() if key not in wanted}
    return map_schemas({**document, "components": {**document["components"], "schemas": kept}}, rule)


def _references(node: Any) -> set[str]:
    """The keys of the components that are referred to in a node."""
    if isinstance(node, list):
        return {key for inner in node for key in _references(inner)}
    if not isinstance(node, dict):
        return set()
    own = {component_key(node["$ref"])} if isinstance(node.get("$ref"), str) else set()
    return own | _references(list(node.values()))


def _circles(leads_to: Mapping[str, set[str]]) -> set[str]:
    """The components that lead back to themselves."""
    found: set[str] = set()
    for start in leads_to:
        reached, todo = set[str](), [start]
        while todo:
            new = leads_to[todo.pop()] - reached
            reached |= new
            todo += new
        if start in reached:
            found.add(start)
    return found


def _tags(document: Document, renamed: Mapping[str, str]) -> Document:
    if not renamed:
        return document

    def rule(raw: dict[str, Any]) -> dict[str, Any]:
        tags = raw.get("tags", [])
        return {**raw, "tags": [renamed.get(tag, tag) for tag in tags]} if tags else raw

    described = [{**tag, "name": renamed.get(tag.get("name"), tag.get("name"))} for tag in document.get("tags", [])]
    document = map_operations(document, rule)
    return {**document, "tags": described} if "tags" in document else document
