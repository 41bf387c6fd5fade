"""Faults: failures of network and service, on request of a test."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from random import Random
from threading import Lock
from typing import Any, TypedDict, Unpack

from ..state.arguments import NUMBER, check_known, check_type
from .document import NEXT_CURSOR
from .messages import Answer, Refusal, Request, make_answer
from .selection import matches

EDGE_PAGE = "<!DOCTYPE html><html><head><title>520: unknown error</title></head><body>cloudflare</body></html>"

EDGE_BLOCK = make_answer(403, "error code: 1010", "text/plain; charset=UTF-8")

Change = Callable[[Answer], Answer]


class Which(TypedDict, total=False):
    """Selection of the requests that a fault hits.

    Attributes:
        operation: an operationId; without it any request can be hit.
        key: the API key that the request must have.
        path: the path that it must have, where `*` is anything.
        body: a JSON object that must be a part of its body.
        times: the number of requests, 1 without it; None for no end.
        probability: the chance to hit a request that can be hit, drawn from the sandbox's seed; 1.0 without it.
    """

    operation: str | None
    key: str | None
    path: str | None
    body: dict[str, Any] | None
    times: int | None
    probability: float


@dataclass
class Fault:
    """Fault: a failure that waits for requests.

    Attributes:
        name: the method of `Faults` that made it.
        instead: the answer; the service never sees the request.
        change: changes the answer to a request that was carried out.
        breaks: the answer is lost or broken, so that no other such fault hits the same request.
        operation: see `Which`.
        key: see `Which`.
        path: see `Which`.
        body: see `Which`.
        times: see `Which`.
        probability: see `Which`.
        hits: the number of requests that it has hit.
    """

    name: str = "custom"
    instead: Answer | None = None
    change: Change | None = None
    breaks: bool = True
    operation: str | None = None
    key: str | None = None
    path: str | None = None
    body: dict[str, Any] | None = None
    times: int | None = 1
    probability: float = 1.0
    hits: int = 0

    def __post_init__(self) -> None:
        for name in ("operation", "key", "path"):
            check_type(name, getattr(self, name), str, type(None))
        check_type("body", self.body, dict, type(None))
        check_type("times", self.times, int, type(None))
        check_type("probability", self.probability, *NUMBER)
        if self.times is not None and self.times < 1:
            raise ValueError(f"times is {self.times}: it is at least 1, or None for no end")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability is {self.probability}: it lies between 0 and 1")

    @property
    def over(self) -> bool:
        """Whether it has hit all its requests."""
        return self.times is not None and self.hits >= self.times

    def strikes(self, request: Request, operation: str | None, random: Random) -> bool:
        """Decide whether it hits a request of this operation, and count the hit."""
        if self.over or not matches(request, operation, self.operation, self.key, self.path, self.body):
            return False
        if self.probability < 1.0 and random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def applied(self, answer: Answer, operation: str | None) -> Answer:
        """The answer to a request that it has hit."""
        return self.change(answer) if self.change else answer


@dataclass
class _RepeatedCursor(Fault):
    """Fault that repeats the first cursor of each list. No list understands the cursor of another."""

    first: dict[str | None, str] = field(default_factory=dict)

    def applied(self, answer: Answer, operation: str | None) -> Answer:
        def repeat(page: Any) -> Any:
            if not _is_page(page):
                return page
            if page.get(NEXT_CURSOR):
                self.first.setdefault(operation, page[NEXT_CURSOR])
            return {**page, NEXT_CURSOR: self.first[operation]} if operation in self.first else page

        return _in_json(repeat)(answer)


class Faults:
    """Faults of a sandbox. Each method adds a fault; `Which` selects the requests that it hits.

    Of the faults that refuse a request or break its answer, one hits a request: the first that was added. Faults that
    only change or delay an answer combine with all others.
    """

    def __init__(self, random: Random, operations: Collection[str]) -> None:
        self.random = random
        self._operations = operations
        self._faults: list[Fault] = []
        self.endings: dict[str, list[str]] = {}
        """Ends of the next jobs and OAuth sessions, which would succeed otherwise."""
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Faults {', '.join(fault.name for fault in self.waiting) or 'none'}>"

    @property
    def waiting(self) -> list[Fault]:
        """The faults that are not over, in the order in which they were added."""
        return [fault for fault in self._faults if not fault.over]

    def add(self, fault: Fault) -> Fault:
        """Add a fault that was made by hand.

        Raises:
            ValueError: there is no such operation.
        """
        check_type("fault", fault, Fault)
        if fault.operation is not None:
            check_known("operation", fault.operation, self._operations)
        with self._lock:
            self._faults = [*self.waiting, fault]
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults = []
            self.endings.clear()

    def around(self, request: Request, operation: str | None, carry_out: Callable[[], Answer]) -> Answer:
        """Carry out a request of this operation, with the faults that hit it, and return the answer."""
        breaking = next(self._striking(request, operation, breaks=True), None)
        if breaking and breaking.instead:
            return breaking.instead
        answer = carry_out()
        for fault in [*self._striking(request, operation, breaks=False), *([breaking] if breaking else [])]:
            answer = fault.applied(answer, operation)
        return answer

    def _striking(self, request: Request, operation: str | None, *, breaks: bool) -> Iterator[Fault]:
        return (
            fault for fault in self.waiting if fault.breaks is breaks and fault.strikes(request, operation, self.random)
        )

    # Faults of jobs and OAuth sessions

    def job(self, status: str = "failed") -> None:
        """Let the next background job that starts end as `failed` or `cancelled`. Each further call adds a job."""
        if status not in ("failed", "cancelled"):
            raise ValueError(f"status is {status!r}: a job ends as 'failed' or 'cancelled'")
        self.endings.setdefault("job", []).append(status)

    def oauth(self, error: str = "access_denied") -> None:
        """Let the next OAuth session end with the code of an error."""
        check_type("error", error, str)
        self.endings.setdefault("oauth", []).append(error)

    def ending(self, of: str) -> str | None:
        """Take the end of the next job or session; None if it succeeds."""
        waiting = self.endings.get(of)
        return waiting.pop(0) if waiting else None

    # Faults in place of the service's answer

    def status(self, status: int, message: str = "", **which: Unpack[Which]) -> Fault:
        """Refuse with a status, such as 500, in the form of the service."""
        check_type("message", message, str)
        answer = Refusal(_error(status), message or f"Fault {status}").answer()
        return self.add(Fault("status", instead=answer, **which))

    def rate_limit(self, retry_after: float | str | None = None, **which: Unpack[Which]) -> Fault:
        """Refuse with 429. `retry_after` is the header, in seconds or as a date; the service often leaves it out."""
        headers = {} if retry_after is None else {"retry-after": _moment(retry_after)}
        answer = Refusal(429, "Rate limit exceeded", headers=headers).answer()
        return self.add(Fault("rate_limit", instead=answer, **which))

    def edge_error(self, status: int = 520, **which: Unpack[Which]) -> Fault:
        """Answer with an HTML page of the edge, 520 to 526."""
        answer = make_answer(_error(status), EDGE_PAGE, "text/html; charset=UTF-8")
        return self.add(Fault("edge_error", instead=answer, **which))

    def edge_block(self, **which: Unpack[Which]) -> Fault:
        """Answer 403 with plain text, as the edge does for clients that it blocks."""
        return self.add(Fault("edge_block", instead=EDGE_BLOCK, **which))

    def drop_before(self, **which: Unpack[Which]) -> Fault:
        """Break the connection; the request is not carried out."""
        return self.add(Fault("drop_before", instead=Answer(0, dropped=True), **which))

    # Faults that break the service's answer

    def drop_after(self, **which: Unpack[Which]) -> Fault:
        """Carry the request out and break the connection instead of answering."""
        return self.add(Fault("drop_after", change=lambda answer: replace(answer, dropped=True), **which))

    def half_sent(self, **which: Unpack[Which]) -> Fault:
        """Break the connection in the middle of the body, or before the answer if it has no body."""
        return self.add(Fault("half_sent", change=_half, **which))

    def truncated(self, **which: Unpack[Which]) -> Fault:
        """Answer with half of the JSON, as if that were all."""
        return self.add(
            Fault(
                "truncated", change=lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]), **which
            )
        )

    # Faults that change or delay the service's answer

    def latency(self, seconds: float, **which: Unpack[Which]) -> Fault:
        """Carry the request out and answer later, in real time."""
        check_type("seconds", seconds, *NUMBER)
        if not 0 <= seconds < math.inf:
            raise ValueError(f"a latency of {seconds} seconds cannot be")
        return self._changes("latency", lambda answer: replace(answer, delay=answer.delay + seconds), which)

    def unknown_field(self, name: str = "brand_new_field", value: Any = "news", **which: Unpack[Which]) -> Fault:
        """Add an undocumented field to each object."""
        check_type("name", name, str)
        return self._changes("unknown_field", _each(lambda row: {**row, name: value}), which)

    def unknown_value(self, field: str, value: Any = "brand-new-value", **which: Unpack[Which]) -> Fault:
        """Give a field of each object a value that its enumeration does not have."""
        check_type("field", field, str)
        return self._changes("unknown_value", _each(lambda row: {**row, field: value}), which)

    def missing_field(self, field: str, **which: Unpack[Which]) -> Fault:
        """Leave a field out of each object."""
        check_type("field", field, str)
        change = _each(lambda row: {name: value for name, value in row.items() if name != field})
        return self._changes("missing_field", change, which)

    def null_field(self, field: str, **which: Unpack[Which]) -> Fault:
        """Make a field of each object null."""
        check_type("field", field, str)
        return self._changes("null_field", _each(lambda row: {**row, field: None}), which)

    def repeated_cursor(self, cursor: str | None = None, **which: Unpack[Which]) -> Fault:
        """Give each page this cursor, or the cursor of the first page that has one; without `times`, for ever.

        A list refuses a `cursor` that is not of its kind when it comes back.
        """
        check_type("cursor", cursor, str, type(None))
        which = {"times": None, **which}
        if cursor is None:
            return self.add(_RepeatedCursor("repeated_cursor", breaks=False, **which))
        change = _in_json(lambda page: {**page, NEXT_CURSOR: cursor} if _is_page(page) else page)
        return self._changes("repeated_cursor", change, which)

    def _changes(self, name: str, change: Change, which: Which) -> Fault:
        return self.add(Fault(name, change=change, breaks=False, **which))


def _moment(retry_after: float | str) -> str:
    check_type("retry_after", retry_after, *NUMBER, str)
    text = str(retry_after)
    try:
        possible = 0 <= float(text) < math.inf
    except ValueError:
        try:
            possible = bool(parsedate_to_datetime(text))
        except ValueError:
            possible = False
    if not possible:
        raise ValueError(f"retry_after is {retry_after!r}: it is a number of seconds, or a date of HTTP")
    return text


def _error(status: int) -> int:
    check_type("status", status, int)
    if not 400 <= status <= 599:
        raise ValueError(f"status is {status}: that of a failure lies between 400 and 599")
    return status


def _half(answer: Answer) -> Answer:
    return replace(answer, cut=len(answer.body) // 2) if answer.body else replace(answer, dropped=True)


def _is_page(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("items"), list)


def _in_json(change: Callable[[Any], Any]) -> Change:
    """A change of the JSON of answers; answers of other types stay."""

    def changed(answer: Answer) -> Answer:
        if "json" not in answer.headers.get("content-type", ""):
            return answer
        return replace(answer, body=json.dumps(change(answer.json()), separators=(",", ":")).encode())

    return changed


def _each(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """A change of the object of an answer, or of each object of its list or page."""

    def one(row: Any) -> Any:
        return change(row) if isinstance(row, dict) else row

    def whole(value: Any) -> Any:
        if _is_page(value):
            return {**value, "items": [one(row) for row in value["items"]]}
        return [one(row) for row in value] if isinstance(value, list) else one(value)

    return _in_json(whole)
