"""Canonical order of a document: what decides by order, such as which of two places names a class, decides the same.

The vendor may shuffle the keys of objects, the paths and components among them, and the lists that have no order.
Steps that choose work on a document in this order; people read the client in the order of the vendor's.
"""

from __future__ import annotations

import json
from typing import Any

from scripts.spec.document import COMBINATORS, SCHEMA_REF, Document, component_key, component_schemas, component_title

PROSE = {"description", "summary", "title", "example", "examples", "externalDocs"}
TABLES = {
    *("content", "headers", "parameters", "paths", "properties", "requestBodies", "responses", "schemas"),
    *("securitySchemes", "x-enumDescriptions"),
}
"""Keys whose object has names of the vendor's for keys."""
UNORDERED = {"enum", "parameters", "required", "type", *COMBINATORS}
"""Keys whose list has no order."""
_VALUES = {"const", "default", "example", "examples"}
_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
"""The types as people list them, the one that most values have first."""


def in_canonical_order(document: Document) -> Document:
    """A copy of a document with its keys and the lists that have no order sorted, however its schemas are keyed."""
    titles = {key: component_title(key, schema) for key, schema in component_schemas(document).items()}

    def walk(node: Any, key: str = "", *, names: bool = False) -> Any:
        if isinstance(node, list):
            inner = [walk(value) for value in node]
            return sorted(inner, key=rank) if key in UNORDERED else inner
        if not isinstance(node, dict):
            return node
        table = key in TABLES and not names
        keys = sorted(node, key=lambda name: (titles.get(name, name), name) if key == "schemas" and table else name)
        return {
            name: node[name] if name in _VALUES and not table else walk(node[name], name, names=table) for name in keys
        }

    def rank(value: Any) -> tuple[int, str, str]:
        return _rank_of_type(value), _text(bare(value)), _text(value)

    def bare(value: Any) -> Any:
        """A value without words, and with the titles of schemas in the place of their keys."""
        if isinstance(value, list):
            return list(map(bare, value))
        if not isinstance(value, dict):
            return value
        kept = {name: bare(inner) for name, inner in value.items() if name not in PROSE or isinstance(inner, dict)}
        reference = kept.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMA_REF):
            kept["$ref"] = titles.get(component_key(reference), reference)
        return kept

    ordered: Document = walk(document)
    return ordered


def _rank_of_type(value: Any) -> int:
    """The rank of a type or of a schema of one type, among others."""
    name = value.get("type", "object" if "$ref" in value else "") if isinstance(value, dict) else value
    return _TYPES.index(name) if name in _TYPES else len(_TYPES)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
