"""Dry runs: reads go out, and each write is built, checked, logged and not sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..log import logger


class DryRun(Exception):  # noqa: N818, nothing failed
    """A write that a client with `dry_run=True` has built, checked, and not sent.

    It is no `InstantlyError`, so that nothing that tries again after one takes it for a failure. Its text has neither
    values nor ids; its attributes have all of them.

    Attributes:
        operation: the name of the operation; "request" for a `client.request()` that the document does not know.
        method: the HTTP method.
        path: the path as it would be sent.
        query: name -> value, or a list of values.
        body: the body, as parsed JSON; None without one.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        method: str = "",
        path: str = "",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.method = method
        self.path = path
        self.query: dict[str, Any] = dict(query or {})
        self.body = body


def not_sent(operation: str, method: str, template: str, path: str, query: Mapping[str, Any], body: Any) -> DryRun:
    """Log a write that is not sent, and return what to raise for it. `template` is the path without its values."""
    fields = {**query, **(body if isinstance(body, Mapping) else {})}
    keys = ", ".join(f"{name} ({len(value)})" if isinstance(value, list) else name for name, value in fields.items())
    message = f"would {method} {template}" + (f" with {keys}" if keys else "")
    logger.info("%s", message)
    return DryRun(message, operation=operation, method=method, path=path, query=query, body=body)
