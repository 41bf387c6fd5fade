"""Routes: which operation of the API a method and a path are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, cast
from urllib.parse import unquote

from .operation import Operation


class Routes:
    """All operations of the API by method and path.

    Args:
        package: the package with a module for each resource.
        operations: method and path, such as "POST /api/v2/campaigns/{id}/pause" -> module and constant there.
    """

    __slots__ = ("_operations", "_package")

    def __init__(self, package: str, operations: Mapping[str, str]) -> None:
        self._package = package
        self._operations = operations

    def find(self, method: str, path: str) -> Operation[Any] | None:
        """Return the operation that a method and a path are, if the API has it. `path` is encoded."""
        segments = [unquote(segment) for segment in _segments(path)]
        routes = [route for route in self._operations if _matches(route, method, segments)]
        if not routes:
            return None
        # A fixed segment counts more than a value, the more the further ahead it is.
        module, _, constant = self._operations[min(routes, key=_values)].partition(".")
        return cast("Operation[Any]", getattr(import_module(f"{self._package}.{module}"), constant))


def _matches(route: str, method: str, segments: list[str]) -> bool:
    verb, _, template = route.partition(" ")
    parts = list(_segments(template))
    return (
        verb == method
        and len(parts) == len(segments)
        and all("{" in part or part == segment for part, segment in zip(parts, segments, strict=True))
    )


def _values(route: str) -> list[bool]:
    return ["{" in part for part in _segments(route)]


def _segments(path: str) -> Iterable[str]:
    return filter(None, path.split("/"))
