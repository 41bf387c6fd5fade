"""Refusals in the documented shapes."""

from __future__ import annotations

from typing import Any

from .document import Operation
from .messages import Refusal, Request


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
    fields = operation.refusals.get(refusal.status, {}).get("properties")
    if not fields or "statusCode" not in refusal.body:
        return refusal
    body: dict[str, Any] = {name: refusal.message for name in ("error", "message") if name in fields}
    if "statusCode" in fields:
        fixed = {name: field["enum"][0] for name, field in fields.items() if "enum" in field}
        body = {**refusal.body, **fixed}
    return Refusal(refusal.status, refusal.message, body=body, headers=refusal.headers)


def _documented_status(operation: Operation, status: int) -> Any:
    field = operation.refusals.get(status, {}).get("properties", {}).get("statusCode", {})
    return next(iter(field.get("enum", ())), None)
