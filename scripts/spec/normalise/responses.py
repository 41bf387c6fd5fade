"""Rules for the answers of a call: only its success. Failures are the engine's business, whatever shape they have."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import Document, Operation, Schema, map_operations, operations, successes
from scripts.spec.media_types import JSON, TEXT, chosen, kind_of
from scripts.spec.pages import paging

NO_CONTENT = {"204", "205"}


def drop_error_responses(document: Document) -> Document:
    """Keep the successes of each operation: errors are decoded by the engine, the same way for all."""

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        return {**operation, "responses": dict(successes(Operation("", "", operation)))}

    return map_operations(document, rule)


def drop_content_of_empty_responses(document: Document) -> Document:
    """A 204 has no body whatever media type the document gives it: reading one would fail on success."""

    def without_content(response: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in response.items() if key != "content"}

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        responses = {
            code: without_content(response) if code in NO_CONTENT else response
            for code, response in operation["responses"].items()
        }
        return {**operation, "responses": responses}

    return map_operations(document, rule)


def join_successes(document: Document) -> Document:
    """One success an operation: what any of its statuses answers with, in the one media type that the client reads."""

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        responses = operation["responses"]
        if not responses:
            return operation
        found = [chosen(response.get("content", {})) for response in responses.values()]
        media = [each for each in found if each is not None]
        code, response = next(iter(responses.items()))
        joined = {key: value for key, value in response.items() if key != "content"}
        if media:
            joined["content"] = _content([*media], optional=len(media) < len(found))
        return {**operation, "responses": {"200" if code == "default" else code: joined}}

    return map_operations(document, rule)


def _content(media: list[tuple[str, dict[str, Any]]], *, optional: bool) -> dict[str, Any]:
    kinds = {kind_of(media_type) for media_type, _ in media}
    if kinds != {JSON}:
        # Lint has seen to it that there is only one kind.
        return {"text/plain" if kinds == {TEXT} else "application/octet-stream": {"schema": {"type": "string"}}}
    schemas: list[Schema] = []
    for _, said in media:
        if said.get("schema", {}) not in schemas:
            schemas.append(said.get("schema", {}))
    schemas += [{"type": "null"}] if optional else []
    return {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}


def drop_null_pages(document: Document) -> Document:
    """An answer that is a page or nothing is a page: one without items walks as well."""
    paged: dict[str, dict[str, Any]] = {}
    for operation in operations(document):
        code, response = successes(operation)[0]
        members = response.get("content", {}).get("application/json", {}).get("schema", {}).get("anyOf", [])
        if len(members) == 2 and members[1] == {"type": "null"}:
            answer = {**response, "content": {"application/json": {"schema": members[0]}}}
            raw = {**operation.raw, "responses": {code: answer}}
            if paging(document, operation._replace(raw=raw)):
                paged[operation.id] = raw
    return map_operations(document, lambda raw: paged.get(raw["operationId"], raw))
