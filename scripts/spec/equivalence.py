"""Equivalence of documents: two have the same canonical form.

The vendor draws its examples anew at every download, shuffles keys and mends sentences. None of that is a change.
"""

from __future__ import annotations

import json
import re
from typing import Any

from scripts.spec.document import (
    METHODS,
    SCHEMA_REF,
    Document,
    component_key,
    component_schemas,
    component_title,
)
from scripts.spec.order import PROSE, TABLES, UNORDERED
from scripts.spec.scopes import scopes

UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
MOMENT = r"\d{4}-\d\d-\d\d([T ][0-9:.]+(Z|[+-][0-9:]+)?)?"
_REDRAWN = re.compile(f"{UUID}|{MOMENT}")
_DRAWN = "drawn"


def equivalent(one: Document, other: Document) -> bool:
    """Whether two sound documents differ in nothing but prose, examples, order, and the keys of schemas."""
    return canonical_form(one) == canonical_form(other)


def canonical_form(document: Document) -> str:
    """The canonical form of a document: no prose, no examples, no order, and no keys of schemas."""
    titles = {key: component_title(key, schema) for key, schema in component_schemas(document).items()}

    def walk(node: Any, key: str = "", *, names: bool = False) -> Any:
        if isinstance(node, list):
            inner = [walk(value) for value in node]
            return sorted(inner, key=_text) if key in UNORDERED else inner
        if isinstance(node, str):
            return _DRAWN if _REDRAWN.fullmatch(node) else node
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith(SCHEMA_REF) and not names:
            name = component_key(node["$ref"])
            node = {**node, "$ref": titles.get(name, name)}
        kept = {
            name: walk(value, name, names=name in TABLES and not names)
            for name, value in node.items()
            if names or (name not in PROSE and (not name.startswith("x-") or name in TABLES))
        }
        if key == "schemas" and names:
            kept = {titles.get(name, name): value for name, value in kept.items()}
        for method in METHODS if not names else ():
            if isinstance(kept.get(method), dict) and isinstance(node[method].get("responses"), dict):
                kept[method]["scopes"] = list(scopes(node[method]))
        return kept

    kept = walk({**document, "info": {"version": document["info"].get("version")}, "tags": []})
    return _text(kept)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
