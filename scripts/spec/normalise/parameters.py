"""Rules for the parameters of a call."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import Document, Schema, map_operations


def drop_null_from_paths(document: Document) -> Document:
    """A value in a path is never null, whatever its schema says: there would be another path."""

    def without_null(schema: Schema) -> Schema:
        members = [member for member in schema.get("anyOf", []) if member.get("type") != "null"]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**members[0], **rest} if len(members) == 1 else {**rest, "anyOf": members} if members else schema

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        parameters = [
            {**raw, "schema": without_null(raw["schema"])} if raw["in"] == "path" and "schema" in raw else raw
            for raw in operation["parameters"]
        ]
        return {**operation, "parameters": parameters}

    return map_operations(document, rule)
