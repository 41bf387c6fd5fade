"""Selection of requests: by operation, key, path and body, for faults and for questions about what arrived."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from .messages import Request


def matches(
    request: Request,
    operation: str | None,
    wanted: str | None = None,
    key: str | None = None,
    path: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> bool:
    """Whether a request of an operation has what is wanted of it; None is no condition."""
    return not misses(request, operation, wanted, key, path, body)


def misses(
    request: Request,
    operation: str | None,
    wanted: str | None = None,
    key: str | None = None,
    path: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> list[str]:
    """What a request has otherwise than wanted, of `operation`, `key`, `path` and `body`."""
    found = {
        "operation": wanted is None or wanted == operation,
        "key": key is None or request.key == key,
        "path": path is None or fnmatchcase(request.path, path),
        "body": body is None or contains(_json(request), body),
    }
    return [name for name, fits in found.items() if not fits]


def contains(value: Any, part: Any) -> bool:
    """Whether a JSON value has all that a part of it says: objects may have more fields, all else is equal."""
    if isinstance(part, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and contains(value[name], inner) for name, inner in part.items()
        )
    return bool(value == part)


def _json(request: Request) -> Any:
    try:
        return request.json()
    except (ValueError, RecursionError):
        return None
