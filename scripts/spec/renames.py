"""Speak of a document in the words of the registry: what the vendor has renamed keeps the name that is on record.

Everything after this step, the overlay included, finds operations, schemas and tags under the names that it knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scripts.lib.identifiers import pascal_case, snake_case, tell_apart
from scripts.spec.document import Document, component_schemas, map_operations, operations, with_operation_ids
from scripts.spec.registry import Registry

_NUMBERED = re.compile(r"def-?\d+")


def apply_renames(document: Document, registry: Registry) -> Document:
    """A copy of `document` with an id for each operation, and with the names on record.

    `x-operation-id` keeps what the vendor calls an operation. A name that the vendor uses again for something of its
    own is left to it.
    """
    document = _schemas(with_operation_ids(document), registry.renamed.get("schemas", {}))
    document = _tags(document, registry.renamed.get("tags", {}))
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


def _tags(document: Document, renamed: Mapping[str, str]) -> Document:
    if not renamed:
        return document

    def rule(raw: dict[str, Any]) -> dict[str, Any]:
        tags = raw.get("tags", [])
        return {**raw, "tags": [renamed.get(tag, tag) for tag in tags]} if tags else raw

    described = [{**tag, "name": renamed.get(tag.get("name"), tag.get("name"))} for tag in document.get("tags", [])]
    document = map_operations(document, rule)
    return {**document, "tags": described} if "tags" in document else document
