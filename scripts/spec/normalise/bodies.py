"""Rules for the body of a call."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import Document, map_operations, resolve
from scripts.spec.media_types import BINARY, TEXT, bare, chosen, kind_of

PLAIN = "application/json"


def keep_one_body(document: Document) -> Document:
    """One media type a request: JSON where it is offered, because a call takes its fields as arguments.

    Other types are described as JSON is, and said under `x-content-type`.
    """

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        body = operation.get("requestBody", {})
        found = chosen(body.get("content", {}))
        if found is None:
            return operation
        media_type, media = found
        schema = {"type": "string"} if kind_of(media_type) in (TEXT, BINARY) else media.get("schema", {})
        body = {**body, "content": {PLAIN: {"schema": schema}}}
        if "*" not in media_type and bare(media_type) != PLAIN:
            body["x-content-type"] = bare(media_type)
        return {**operation, "requestBody": body}

    return map_operations(document, rule)


def drop_null_bodies(document: Document) -> Document:
    """A body of type null means: no body and no content type. The service refuses `{}` and even an empty JSON body."""

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {})
        schemas = [resolve(document, media.get("schema", {})) for media in content.values()]
        if not content or all(schema.get("type") in ("null", ["null"]) for schema in schemas):
            return {key: value for key, value in operation.items() if key != "requestBody"}
        return operation

    return map_operations(document, rule)


def drop_read_only_fields(document: Document) -> Document:
    """Read-only fields of a body written out in an operation cannot be sent, so they are not arguments."""

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        if "requestBody" not in operation:
            return operation
        content = {name: {**media} for name, media in operation["requestBody"]["content"].items()}
        for media in content.values():
            schema = media.get("schema", {})
            fields = schema.get("properties", {})
            kept = {name: field for name, field in fields.items() if not field.get("readOnly")}
            if len(kept) < len(fields):
                required = [name for name in schema.get("required", []) if name in kept]
                media["schema"] = {**schema, "properties": kept, "required": required}
        return {**operation, "requestBody": {**operation["requestBody"], "content": content}}

    return map_operations(document, rule)
