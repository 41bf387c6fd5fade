"""Shared parameters, request bodies and responses are written out where they are used; schemas stay references."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import (
    METHODS,
    Document,
    Operation,
    Schema,
    component_schemas,
    component_title,
    parameters,
    resolve,
)

OF_HTTP = {
    *("accept", "authorization", "connection", "content-length", "content-type", "cookie", "expect", "host"),
    *("trailer", "transfer-encoding", "upgrade"),
}
"""Headers that the client sets itself; OpenAPI says of some that they are no parameters, and HTTP of the others."""


def inline_shared_parts(document: Document) -> Document:
    """One form for an operation: its own parameters, body and responses, path-level parameters included."""

    def operation(path: str, method: str, raw: dict[str, Any]) -> dict[str, Any]:
        found = parameters(document, Operation(path, method, raw))
        result = {**raw, "parameters": [_with_schema(each) for each in found if not is_of_http(each)]}
        if "requestBody" in raw:
            result["requestBody"] = resolve(document, raw["requestBody"])
        responses = {
            code: resolve(document, response)
            for code, response in raw["responses"].items()
            if not code.startswith("x-")
        }
        # The generator insists on words.
        result["responses"] = {code: {"description": "", **response} for code, response in responses.items()}
        return result

    paths = {
        path: {
            key: operation(path, key, value) if key in METHODS else value
            for key, value in item.items()
            if key != "parameters"
        }
        for path, item in document["paths"].items()
    }
    return {**document, "components": {"schemas": component_schemas(document)}, "paths": paths}


def say_titles(document: Document) -> Document:
    """A component says the title that it goes by, lest it gets that of a part that is joined with it."""

    def titled(key: str, schema: Schema) -> Schema:
        return schema if "$ref" in schema else {**schema, "title": component_title(key, schema)}

    components = {key: titled(key, schema) for key, schema in component_schemas(document).items()}
    return {**document, "components": {"schemas": components}}


def is_of_http(parameter: dict[str, Any]) -> bool:
    """Whether a parameter is a header that no caller gives."""
    return bool(parameter["in"] == "header") and parameter["name"].lower() in OF_HTTP


def _with_schema(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter with a schema of its own, also where it is described by its content, which is JSON."""
    if "content" not in parameter:
        return parameter
    rest = {key: value for key, value in parameter.items() if key != "content"}
    (media,) = parameter["content"].values()
    return {**rest, "schema": media.get("schema", {}), "style": "json"}
