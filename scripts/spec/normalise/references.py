"""Shared parameters, request bodies and responses are written out where they are used; schemas stay references."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import METHODS, Document, resolve


def inline_shared_parts(document: Document) -> Document:
    """One form for an operation: its own parameters, body and responses, path-level parameters included."""

    def operation(raw: dict[str, Any], shared: list[dict[str, Any]]) -> dict[str, Any]:
        own = [resolve(document, parameter) for parameter in raw.get("parameters", [])]
        taken = {(parameter["in"], parameter["name"]) for parameter in own}
        inherited = [
            parameter
            for parameter in (resolve(document, parameter) for parameter in shared)
            if (parameter["in"], parameter["name"]) not in taken
        ]
        result = {**raw, "parameters": own + inherited}
        if "requestBody" in raw:
            result["requestBody"] = resolve(document, raw["requestBody"])
        result["responses"] = {code: resolve(document, response) for code, response in raw["responses"].items()}
        return result

    paths = {
        path: {
            key: operation(value, item.get("parameters", [])) if key in METHODS else value
            for key, value in item.items()
            if key != "parameters"
        }
        for path, item in document["paths"].items()
    }
    components = {"schemas": document.get("components", {}).get("schemas", {})}
    return {**document, "components": components, "paths": paths}
