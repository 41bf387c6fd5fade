"""Shared parameters, request bodies and responses are written out where they are used; schemas stay references."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import METHODS, Document, Operation, component_schemas, parameters, resolve


def inline_shared_parts(document: Document) -> Document:
    """One form for an operation: its own parameters, body and responses, path-level parameters included."""

    def operation(path: str, method: str, raw: dict[str, Any]) -> dict[str, Any]:
        result = {**raw, "parameters": parameters(document, Operation(path, method, raw))}
        if "requestBody" in raw:
            result["requestBody"] = resolve(document, raw["requestBody"])
        result["responses"] = {code: resolve(document, response) for code, response in raw["responses"].items()}
        return result

    paths = {
        path: {
            key: operation(path, key, value) if key in METHODS else value
            for key, value in item.items()
            if key != "parameters"
        }
        for path, item in document["paths"].items()
    }
    components = {"schemas": component_schemas(document)}
    return {**document, "components": components, "paths": paths}
