"""Error mapping: the error for an answer that reports a failure or cannot be accepted."""

from __future__ import annotations

import re
from math import ceil
from typing import Any

from .. import error_tree as errors
from ..http.codec import loads
from ..http.exchange import Answer
from ..models.decode import Report
from ..models.drift import general
from ..secret import Secret
from .operation import Operation
from .retry import Failure, of_status

_BY_STATUS: dict[int, type[errors.StatusError]] = {
    400: errors.ValidationError,
    401: errors.AuthenticationError,
    402: errors.PaymentRequiredError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    413: errors.PayloadTooLargeError,
    422: errors.ValidationError,
    429: errors.RateLimitError,
}
_EDGE = r"(?i)error code:\s*1\d\d\d|cf-error-|cloudflare"
_TITLE = r"(?is)<title[^>]*>(.*?)</title>"
_BODY_CHARACTERS = 2000
_SUMMARY_CHARACTERS = 200
_REASON_CHARACTERS = 100
_IDENTITY_CHARACTERS = 200


def kind_of(status: int) -> type[errors.StatusError]:
    """The class of the error for a status other than success."""
    return _BY_STATUS.get(status) or (errors.ServerError if status >= 500 else errors.StatusError)


def status_error(
    operation: Operation[Any],
    answer: Answer,
    secret: Secret,
    retry_after: float | None,
    *,
    attempt: int,
    workspace: str | None,
) -> errors.StatusError:
    """Return the error for an answer other than success."""
    status = answer.status_code
    body = body_of(answer, secret)
    kind = kind_of(status)
    if status == 403 and isinstance(body, str) and re.search(_EDGE, body):
        kind = errors.EdgeBlockedError
    identity = request_id(answer, secret)
    parts = [f"{operation.name}: {status} {secret.shown(answer.reason, _REASON_CHARACTERS)}".rstrip()]
    if summary := summarise(body, secret):
        parts.append(f": {summary}")
    if kind is errors.PermissionDeniedError:
        causes = []
        # The service may have named them itself.
        if any(scope not in summary for scope in operation.scopes):
            causes.append(f"needs one of the scopes {', '.join(operation.scopes)}")
        if workspace:
            causes.append(f"may not act for the workspace {workspace}")
        if causes:
            parts.append(f" (the key {', or '.join(causes)})")
    elif of_status(status) is not Failure.FINAL:
        asked = "" if retry_after is None else f"; it asks to wait {ceil(retry_after)} s"
        parts.append(f" (attempt {attempt}{asked})")
    if identity:
        parts.append(f" (request {identity})")
    return kind(
        "".join(parts),
        operation=operation.name,
        status_code=status,
        body=body,
        request_id=identity,
        retry_after=retry_after,
        scopes=operation.scopes,
    )


def drift_error(
    operation: Operation[Any], report: Report, status_code: int, body: Any, secret: Secret
) -> errors.DriftError:
    """Return the error that a strict client raises."""
    place = secret.shown(general(report.pointer, indices=True), _SUMMARY_CHARACTERS) or "its root"
    return errors.DriftError(
        f"{operation.name}: the answer deviates at {place}: expected {report.expected}",
        operation=operation.name,
        status_code=status_code,
        body=body,
        scopes=operation.scopes,
        pointer=report.pointer,
        expected=report.expected,
    )


def body_of(answer: Answer, secret: Secret) -> Any:
    """Return the body of an answer: parsed if it is JSON, else the beginning of its text; None if it is empty."""
    if not answer.content:
        return None
    try:
        body = loads(answer.content)
    except (ValueError, RecursionError):
        text: str = secret.scrub(answer.text)
        return text[:_BODY_CHARACTERS]
    return secret.scrub(body)


def summarise(body: Any, secret: Secret) -> str:
    """Return the line of a body that explains the failure to a person."""
    if isinstance(body, dict):
        for name in ("message", "error", "detail", "errorCode", "code"):
            if body.get(name):
                return summarise(body[name], secret)
        return ""
    if isinstance(body, list):
        return summarise(body[0], secret) if body else ""
    if body is None:
        return ""
    text = str(body)
    if title := re.search(_TITLE, text):
        text = title[1]
    return secret.shown(" ".join(text.split()), _SUMMARY_CHARACTERS)


def request_id(answer: Answer, secret: Secret) -> str | None:
    """Return the id that the service, or the network in front of it, gave the request."""
    for name in ("x-request-id", "request-id", "cf-ray"):
        if identity := answer.headers.get(name):
            return secret.shown(identity, _IDENTITY_CHARACTERS)
    return None
