"""The operations that answer with a page of a list, and where they take the cursor of the next one."""

from __future__ import annotations

from scripts.spec.document import Document, Operation, Schema, operations, parameters, resolve, successes

CURSOR = "starting_after"


def cursor_place(document: Document, operation: Operation) -> str:
    """The part of the request that takes the cursor of a page operation, `query` or `body`; "" for other operations."""
    if not any(is_page(resolved(document, schema)) for schema in _schemas(successes(operation)[0][1])):
        return ""
    if any(p["in"] == "query" and p["name"] == CURSOR for p in parameters(document, operation)):
        return "query"
    bodies = [resolved(document, schema) for schema in _schemas(operation.raw.get("requestBody", {}))]
    return "body" if any(CURSOR in body.get("properties", {}) for body in bodies) else ""


def page_places(document: Document) -> set[str]:
    """The places of the responses that are pages."""
    return {f"{operation.id}:response" for operation in operations(document) if cursor_place(document, operation)}


def is_page(schema: Schema) -> bool:
    """Whether a response is one page of a list: its items, the cursor of the next page, and nothing else."""
    fields = schema.get("properties", {})
    return set(fields) == {"items", "next_starting_after"} and fields["items"].get("type") == "array"


def resolved(document: Document, schema: Schema) -> Schema:
    """The schema itself, or the component that it refers to, plainly or in the wrapper for annotations."""
    for member in schema.get("allOf", [schema])[:1]:
        return resolve(document, member)
    return schema


def _schemas(node: Schema) -> list[Schema]:
    return [media.get("schema", {}) for media in node.get("content", {}).values()]
