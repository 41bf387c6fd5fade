"""Registry of handlers, which answer operations, and of hooks, which run after a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .context import RequestContext
from .messages import Request

Handler = Callable[[RequestContext], Any]
H = TypeVar("H", bound=Handler)

HANDLERS: dict[str, Handler] = {}
"""By operationId. A handler returns the JSON of a success, or an `Answer`."""

KINDS: dict[str, tuple[str, ...]] = {}
"""OperationId -> the kinds of which its path names an object, of the operations whose handlers look one up."""

AFTER_REQUEST: list[Callable[[RequestContext, Request, Any], None]] = []
"""Hooks, called after each request that succeeded, with the value that its handler returned."""


def handles(*operations: str, of: str | tuple[str, ...] | None = None) -> Callable[[H], H]:
    """Register a function as the handler of these operations, whose path names an object of this kind, or of these."""

    def register(handler: H) -> H:
        for operation in operations:
            assert operation not in HANDLERS, operation
            HANDLERS[operation] = handler
            KINDS.update({operation: (of,) if isinstance(of, str) else of} if of else {})
        return handler

    return register
