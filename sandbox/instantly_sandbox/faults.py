"""Failures on request: what a real network and a real service do now and then, here when a test wants it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from .messages import Answer, Refusal, answer

EDGE_PAGE = "<!DOCTYPE html><html><head><title>520: unknown error</title></head><body>cloudflare</body></html>"

Change = Callable[[Any], Any]


@dataclass
class Fault:
    """A failure, and which requests it hits.

    Attributes:
        operation: only this operationId; any without it.
        times: how many requests it hits before it is over; without end if None.
        probability: of hitting a request that it could hit.
        instead: what is answered; the service never sees the request.
        after: what becomes of the answer of a request that was carried out.
        hits: how many it has hit.
    """

    operation: str | None = None
    times: int | None = 1
    probability: float = 1.0
    instead: Answer | None = None
    after: Callable[[Answer], Answer] | None = None
    hits: int = field(default=0)

    @property
    def over(self) -> bool:
        """Whether it will hit nothing more."""
        return self.times is not None and self.hits >= self.times

    def strikes(self, operation: str | None, random: Random) -> bool:
        """Whether it hits a request of this operation."""
        if self.over or (self.operation is not None and self.operation != operation):
            return False
        if self.probability < 1.0 and random.random() >= self.probability:
            return False
        self.hits += 1
        return True


class Faults:
    """The failures that wait for requests. Each method adds one, and takes these arguments beside its own:

    `operation` (an operationId: only its requests), `times` (how many requests, 1 without it, None for no end) and
    `probability` (drawn from the sandbox's seed).
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.waiting: list[Fault] = []
        self.endings: dict[str, list[str]] = {}
        """How the next jobs and OAuth sessions end that would succeed otherwise."""

    def add(self, fault: Fault) -> Fault:
        """Add a failure made by hand."""
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """From now on everything works."""
        self.waiting.clear()
        self.endings.clear()

    def strike(self, operation: str | None) -> Fault | None:
        """The failure that hits a request of this operation, if one does."""
        self.waiting = [fault for fault in self.waiting if not fault.over]
        return next((fault for fault in self.waiting if fault.strikes(operation, self._random)), None)

    def _instead(self, told: Answer, which: dict[str, Any]) -> Fault:
        return self.add(Fault(instead=told, **which))

    def _after(self, change: Callable[[Answer], Answer], which: dict[str, Any]) -> Fault:
        return self.add(Fault(after=change, **which))

    def _body(self, change: Change, which: dict[str, Any]) -> Fault:
        return self._after(lambda told: _with_json(told, change), which)

    # Of what goes on behind the answers

    def job(self, status: str = "failed") -> None:
        """Let the next background job that starts end as `failed` or `cancelled`; after it, the one after that."""
        self.endings.setdefault("job", []).append(status)

    def oauth(self, error: str = "access_denied") -> None:
        """Let the next OAuth session end with the code of an error."""
        self.endings.setdefault("oauth", []).append(error)

    def ending(self, of: str) -> str | None:
        """How the next one ends that is not to succeed; asking uses it up."""
        waiting = self.endings.get(of)
        return waiting.pop(0) if waiting else None

    # Instead of the service

    def status(self, status: int, message: str = "", **which: Any) -> Fault:
        """Refuse with a status, such as 500, in the service's manner."""
        return self._instead(Refusal(status, message or f"Fault {status}").answer(), which)

    def rate_limit(self, retry_after: float | str | None = None, **which: Any) -> Fault:
        """Refuse with 429; `retry_after` is the header, in seconds or as a date, which the service often leaves out."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        return self._instead(Refusal(429, "Rate limit exceeded", headers=headers).answer(), which)

    def edge_error(self, status: int = 520, **which: Any) -> Fault:
        """Answer with an HTML page of the edge, 520 to 526."""
        return self._instead(answer(status, EDGE_PAGE, "text/html; charset=UTF-8"), which)

    def edge_block(self, **which: Any) -> Fault:
        """Answer 403 with the plain text by which the edge turns clients away."""
        return self._instead(answer(403, "error code: 1010", "text/plain; charset=UTF-8"), which)

    def drop_before(self, **which: Any) -> Fault:
        """Break the connection; the request is not carried out."""
        return self._instead(Answer(0, dropped=True), which)

    # After the service

    def drop_after(self, **which: Any) -> Fault:
        """Carry the request out and break the connection instead of answering."""
        return self._after(lambda told: replace(told, dropped=True), which)

    def latency(self, seconds: float, **which: Any) -> Fault:
        """Carry the request out and answer later, in real time."""
        return self._after(lambda told: replace(told, delay=seconds), which)

    def half_sent(self, **which: Any) -> Fault:
        """Break the connection in the middle of the body."""
        return self._after(lambda told: replace(told, cut=len(told.body) // 2), which)

    def truncated(self, **which: Any) -> Fault:
        """Answer with half of the JSON, as if that were all."""
        return self._after(lambda told: replace(told, body=told.body[: len(told.body) // 2]), which)

    def unknown_field(self, name: str = "brand_new_field", value: Any = "news", **which: Any) -> Fault:
        """Add a field that no document knows to each object."""
        return self._body(lambda row: {**row, name: value}, which)

    def unknown_value(self, field: str, value: Any, **which: Any) -> Fault:
        """Give a field of each object a value, such as one that its enumeration does not have."""
        return self._body(lambda row: {**row, field: value}, which)

    def missing_field(self, field: str, **which: Any) -> Fault:
        """Leave a field out of each object."""
        return self._body(lambda row: {name: value for name, value in row.items() if name != field}, which)

    def null_field(self, field: str, **which: Any) -> Fault:
        """Make a field of each object null."""
        return self.unknown_value(field, None, **which)

    def repeated_cursor(self, cursor: str = "the-same-again", **which: Any) -> Fault:
        """Give each page this cursor, for ever."""

        def change(told: Answer) -> Answer:
            return _changed(told, {**told.json(), "next_starting_after": cursor})

        return self._after(change, {"times": None, **which})


def _with_json(told: Answer, change: Change) -> Answer:
    """Change the object of an answer, or each object of its list or page."""
    if "json" not in told.headers.get("content-type", ""):
        return told
    value = told.json()
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        return _changed(told, {**value, "items": [_each(row, change) for row in value["items"]]})
    if isinstance(value, list):
        return _changed(told, [_each(row, change) for row in value])
    return _changed(told, _each(value, change))


def _each(row: Any, change: Change) -> Any:
    return change(row) if isinstance(row, dict) else row


def _changed(told: Answer, value: Any) -> Answer:
    return replace(told, body=json.dumps(value, separators=(",", ":")).encode())
