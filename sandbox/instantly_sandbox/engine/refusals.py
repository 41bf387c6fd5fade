"""Refusals in the documented shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

from .document import Document, Operation, Schema
from .messages import Refusal, Request
from .samples import Sampler
from .validation import validator

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def no_route(request: Request, allowed: list[str]) -> Refusal:
    """The refusal of a request that matches no operation; `allowed` are the methods of its path."""
    if not allowed:
        return Refusal(404, f"Route {request.method}:{request.path} not found")
    methods = ", ".join(allowed)
    return Refusal(405, f"{request.path} takes {methods}, not {request.method}", headers={"allow": methods})


def documented(operation: Operation, refusal: Refusal) -> Refusal:
    """The refusal as the document describes it. Some operations have their own statuses and bodies of errors."""
    if refusal.status == 404 and _documented_status(operation, 400) == 404:
        # Some operations document 400 for a missing object, with the statusCode 404 in its body.
        return Refusal(400, refusal.message, body=refusal.body)
    content_type = operation.refusal_type(refusal.status)
    if not any(sign in content_type for sign in ("json", "*")):
        return Refusal(
            refusal.status, refusal.message, body=refusal.message, headers=refusal.headers, content_type=content_type
        )
    schema = operation.refusals.get(refusal.status)
    if not schema or "statusCode" not in refusal.body:
        return refusal
    body = _shaped(operation.document, schema, refusal)
    return Refusal(refusal.status, refusal.message, body=body, headers=refusal.headers)


def _shaped(document: Document, schema: Schema, refusal: Refusal) -> Any:
    """The body of a refusal in the shape of its schema: the usual fields, the message, and samples of all others."""
    fields = document.fields(schema)
    body: dict[str, Any] = {name: refusal.message for name in ("error", "message") if name in fields}
    if "statusCode" in fields:
        fixed = {name: field["enum"][0] for name, field in fields.items() if "enum" in field}
        body = {name: value for name, value in refusal.body.items() if name in fields or name == "code"} | fixed
    takes = validator(document, schema)
    if takes.is_valid(body):
        return body
    sample = Sampler(document, Random(refusal.message), _LONG_AGO).fitting(schema)
    for name, value in body.items() if isinstance(sample, dict) else ():
        changed = {**sample, name: value}
        sample = changed if takes.is_valid(changed) else sample
    return sample


def _documented_status(operation: Operation, status: int) -> Any:
    field = operation.document.fields(operation.refusals.get(status)).get("statusCode", {})
    return next(iter(field.get("enum", ())), None)
