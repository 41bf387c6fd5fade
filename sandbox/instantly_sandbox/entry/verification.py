"""Questions about the requests that arrived: how many had what was wanted, and which nearly had it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from ..engine.document import Document
from ..engine.selection import misses
from ..engine.service import Recorded
from ..state.arguments import check_known, check_type

NEAR = 3
"""The maximum of near misses."""


class Select(TypedDict, total=False):
    """Selection of requests. A condition that is not given holds for all.

    Attributes:
        operation: the operationId.
        method: the HTTP method.
        path: the path, where `*` is anything.
        query: query parameters, each a text, or the list of its texts.
        body: a JSON object that is a part of the body.
        key: the API key.
        status: the status of the answer.
    """

    operation: str | None
    method: str | None
    path: str | None
    query: dict[str, Any] | None
    body: dict[str, Any] | None
    key: str | None
    status: int | None


@dataclass(frozen=True)
class Arrived:
    """Requests that arrived as they were wanted.

    Attributes:
        count: their number.
        satisfied: whether it is the number that was wanted.
        requests: method and target of each.
        near: requests that lack few of the conditions, with the names of those; the nearest first.
    """

    count: int
    satisfied: bool
    requests: list[str]
    near: list[dict[str, Any]]

    def __bool__(self) -> bool:
        return self.satisfied

    def to_json(self) -> dict[str, Any]:
        """The answer of the sandbox's own API."""
        return asdict(self)


def arrived(
    document: Document, requests: Iterable[Recorded], at_least: int | None, times: int | None, select: Select
) -> Arrived:
    """Count the requests that have what is wanted of them.

    Without `at_least` and `times`, one is wanted.
    """
    for name, number in (("at_least", at_least), ("times", times)):
        check_type(name, number, int, type(None))
        if number is not None and number < 0:
            raise ValueError(f"{name} is {number}: it is at least 0")
    for name, value in select.items():
        if name not in _TYPES:
            check_known("condition", name, _TYPES)
        check_type(name, value, _TYPES[name], type(None))
    if select.get("operation") is not None:
        check_known("operation", str(select["operation"]), document.operations)
    looked = [(recorded, _lacking(recorded, select)) for recorded in requests]
    found = [recorded for recorded, lacking in looked if not lacking]
    near = sorted((pair for pair in looked if pair[1]), key=lambda pair: len(pair[1]))[:NEAR]
    count = len(found)
    satisfied = count == times if times is not None else count >= (1 if at_least is None else at_least)
    return Arrived(
        count,
        satisfied and (times is None or at_least is None or count >= at_least),
        [_line(each) for each in found],
        [] if satisfied else [{"request": _line(each), "differs": lacking} for each, lacking in near],
    )


_TYPES: dict[str, type] = {
    "operation": str, "method": str, "path": str, "query": dict, "body": dict, "key": str, "status": int,
}  # fmt: skip


def _lacking(recorded: Recorded, select: Select) -> list[str]:
    """The conditions that a request does not meet."""
    lacking = misses(
        recorded.request,
        recorded.operation,
        select.get("operation"),
        select.get("key"),
        select.get("path"),
        select.get("body"),
    )
    method, status, query = select.get("method"), select.get("status"), select.get("query") or {}
    if method is not None and method.upper() != recorded.method:
        lacking.append("method")
    if status is not None and status != recorded.answer.status:
        lacking.append("status")
    if any(recorded.query.get(name) != _texts(value) for name, value in query.items()):
        lacking.append("query")
    return lacking


def _line(recorded: Recorded) -> str:
    return f"{recorded.method} {recorded.request.target}"


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
