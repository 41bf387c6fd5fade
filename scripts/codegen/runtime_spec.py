"""The document without its prose, which ships with the client for whatever has to know what the service accepts.

It has the overlay's corrections in it, and what the client model knows of each operation: the scopes, which the vendor
names in prose only, and the method that calls it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from scripts.codegen.client_model import ClientModel
from scripts.spec.document import Document, Schema, map_operations, map_schemas

FILE = "openapi.json"

_PROSE = {"description", "summary", "examples", "externalDocs", "x-enumDescriptions"}
_MEANINGS = {"x-meaning", "x-names", "x-open", "x-values-of"}


def runtime_spec(document: Document, model: ClientModel) -> Document:
    """A copy of a document without titles and texts for people; examples of single values stay."""
    known: dict[str, dict[str, Any]] = {}
    for resource, operation in model.operations:
        # What also is where it was before comes last.
        scopes = {"x-scopes": list(operation.scopes)} if operation.scopes else {}
        known.setdefault(operation.id, {"x-method": f"{resource.name}.{operation.name}", **scopes})
    document = map_operations(document, lambda raw: {**_bare_operation(raw), **known.get(raw["operationId"], {})})
    bare = {
        "openapi": document["openapi"],
        "info": {"title": str(document["info"].get("title", "")), "version": str(document["info"].get("version", ""))},
        "servers": [{"url": server["url"]} for server in document.get("servers", []) if "url" in server],
        **map_schemas({key: document[key] for key in ("paths", "components") if key in document}, _bare),
    }
    return _with_shared_errors(bare)


def write_runtime_spec(document: Document, model: ClientModel, path: Path) -> None:
    """Write it as JSON: one line an operation or schema, so that changes are seen where they are."""
    path.write_text(_lines(runtime_spec(document, model)) + "\n", encoding="utf-8", newline="\n")


def _with_shared_errors(document: Document) -> Document:
    """The document with each error that operations have in common in one place: it would be a third of the file."""
    shared: dict[str, Any] = {}
    names: dict[str, str] = {}

    def rule(raw: dict[str, Any]) -> dict[str, Any]:
        responses = dict(raw["responses"])
        for code, response in responses.items():
            if not code.startswith("2") and "$ref" not in response:
                name = names.setdefault(json.dumps(response), f"{code}-{len(names) + 1}")
                shared[name] = response
                responses[code] = {"$ref": f"#/components/responses/{name}"}
        return {**raw, "responses": responses}

    document = map_operations(document, rule)
    components = document.get("components", {})
    return {**document, "components": {**components, "responses": {**components.get("responses", {}), **shared}}}


def _bare(schema: Schema) -> Schema:
    bare = {key: value for key, value in schema.items() if key not in _PROSE | _MEANINGS}
    if isinstance(bare.get("$ref"), str):
        # A title that became a key can hold what no reference does.
        bare["$ref"] = quote(unquote(bare["$ref"]), safe="#/~")
    return bare


def _bare_operation(raw: dict[str, Any]) -> dict[str, Any]:
    bare = {key: value for key, value in raw.items() if key not in {*_PROSE, "tags", "x-example"}}
    if "parameters" in raw:
        bare["parameters"] = [_bare(parameter) for parameter in raw["parameters"]]
    # The specification wants a description here, if only an empty one.
    bare["responses"] = {
        code: {**response, "description": ""}
        for code, response in raw["responses"].items()
        if not code.startswith("x-")
    }
    return bare


def _lines(value: Any, depth: int = 4) -> str:
    if depth and isinstance(value, dict) and value:
        entries = [f"{json.dumps(key)}:{_lines(inner, depth - 1)}" for key, inner in value.items()]
        return "{" + ",\n".join(entries) + "}"
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
