"""Rules for the answers of a call: only its success. Failures are the engine's business, whatever shape they have."""

from __future__ import annotations

from typing import Any

from scripts.spec.document import Document, map_operations

NO_CONTENT = {"204", "205"}


def drop_error_responses(document: Document) -> Document:
    """Keep the 2xx responses of each operation: errors are decoded by the engine, the same way for all."""

    def rule(operation: dict[str, Any]) -> dict[str, Any]:
        kept = {code: response for code, response in operation["responses"].items() if code.startswith("2")}
        return {**operation, "responses": kept}

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
