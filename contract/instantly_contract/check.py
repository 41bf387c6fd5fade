"""Checks of a recorded answer against the client and the document, place by place.

strict      a strict client decodes it without complaint
round trip  what the client made of it gives the recorded JSON again: nothing lost, nothing invented
schema      it is valid
fields      no field fell into `additional_properties` unless the document leaves the object open
error       a failure is raised as the error of its kind, with all that it says; a success raises nothing
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import copy
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

from instantly_client import Instantly, resources
from instantly_contract.calls import meant
from instantly_contract.document import NO_CONTENT, Document, Promise, corrected, pointer
from instantly_contract.sameness import page, same, written
from instantly_contract.values import at, differences, extras, shown
from instantly_core import UNSET, AsyncPage, DriftEvent, Operation, Page, errors
from instantly_core.http import library as httpx
from instantly_core.models.encode import UnsendableValueError, jsonable
from instantly_sandbox.recording.exchange import Exchange

Check = Literal["request", "strict", "round trip", "schema", "fields", "error"]

KEY = "key-of-a-replay"
NEXT_CURSOR = "next_starting_after"

KINDS: dict[int, type[errors.StatusError]] = {
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

_EDGE = re.compile(r"error code: 1\d{3}|cloudflare", re.IGNORECASE)
_LONGEST_TEXT_OF_AN_ERROR = 2000


class Finding(NamedTuple):
    """A place where an answer, or what became of it, is not as it should be.

    `pointer` is a JSON pointer into the answer; what is not in its body begins with `request/` or `error/`.
    """

    operation: str
    pointer: str
    expected: str
    got: str
    check: Check

    @property
    def costs(self) -> bool:
        """Whether a user of the client would get an error, or lose something; else the client copes."""
        return self.check in ("request", "round trip", "error")


def check(operation: str, exchange: Exchange, document: Document | None = None) -> list[Finding]:
    """Let the client decode a recorded answer, and find what is not as it should be.

    Args:
        operation: its operationId.
        exchange: the answer. Of its request only the cursor counts.
        document: has the schemas; without it the one that the installed client was made from.
    """
    outcome = decoded(operation, exchange, strict=True)
    drift: list[DriftEvent] = []
    if isinstance(outcome, errors.DriftError):
        # A strict client stops at the first place; another one reports all.
        outcome = decoded(operation, exchange, on_drift=drift.append)
    found = [
        Finding(operation, event.pointer, event.expected, shown(event.got), "strict")
        for event in drift
        if event.violation
    ]
    return [*found, *examine(operation, exchange, outcome, document)]


def decoded(operation: str, exchange: Exchange, **options: Any) -> Any:
    """Outcome of a recorded answer in the client: the value that it returns, or the exception that it raises."""

    def replay(request: httpx.Request) -> httpx.Response:
        return httpx.Response(exchange.status, headers=dict(exchange.headers), content=exchange.body)

    known = copy(known_operations()[operation])
    known.mass = known.paid = None  # The request is not sent, so nothing needs a guard.
    path = tuple("id" for _ in re.findall(r"\{\w+\}", known.path))
    start = {"starting_after": start_of(exchange)} if known.cursor else None
    transport = httpx.MockTransport(replay)
    with Instantly(api_key=KEY, transport=transport, limiter=None, max_retries=0, **options) as client:
        try:
            if known.cursor == "body":
                return client.page(known, path, body=start)
            if known.paging:
                return client.page(known, path, query=start)
            fields = meant(known, {})
            said = {name: fields.pop(name) for name in ("everything", "confirm") if name in fields}
            return client.call(known, path, body=fields or UNSET, **said)
        except Exception as error:
            return error


def examine(operation: str, exchange: Exchange, outcome: Any, document: Document | None = None) -> Iterator[Finding]:
    """Find what is not as it should be in an answer and in its outcome: what the client returned or raised."""
    examined = _Examined(operation, exchange, outcome, document or corrected())
    if exchange.status >= 300:
        yield from examined.error(_kind(exchange))
    elif examined.promise.failed(examined.body):
        yield from examined.error(errors.OperationFailedError)
    elif isinstance(outcome, errors.DriftError):
        yield Finding(operation, outcome.pointer, outcome.expected, shown(at(examined.body, outcome.pointer)), "strict")
    elif isinstance(outcome, Exception):
        yield examined.found("", "a result", f"{type(outcome).__name__}: {outcome}", "error")
    else:
        yield from examined.round_trip()
        yield from examined.fields()
    yield from examined.schema()


class _Examined:
    """An answer, its outcome, and the document."""

    def __init__(self, operation: str, exchange: Exchange, outcome: Any, document: Document) -> None:
        self.promise: Promise = document.promises[operation]
        self._exchange = exchange
        self._outcome = outcome
        self._document = document
        self.body = body_of(self.promise, exchange)

    def found(self, place: str, expected: str, got: str, check: Check) -> Finding:
        return Finding(self.promise.operation, place, expected, got, check)

    def round_trip(self) -> Iterator[Finding]:
        made, came = self._outcome, self.body
        known = known_operations()[self.promise.operation]
        if known.paging and not known.cursor:
            came, back = page(came, known.paging), written(made, known.paging)
        else:
            try:
                back = self._page(made) if isinstance(made, Page | AsyncPage) else _plain(made)
            except UnsendableValueError as error:
                yield self.found("", "JSON", str(error), "round trip")
                return
        for place, recorded, got in differences(came, back):
            yield self.found(pointer(place), shown(recorded), shown(got), "round trip")

    def _page(self, page: Page[Any] | AsyncPage[Any]) -> Any:
        if isinstance(self.body, list):
            return jsonable(page.items)
        recorded = self.body if isinstance(self.body, dict) else {}
        written = {**jsonable(page.extra), "items": jsonable(page.items)}
        if page.next_cursor is not None:
            written[NEXT_CURSOR] = page.next_cursor
        elif NEXT_CURSOR in recorded and self._ends(recorded):
            written[NEXT_CURSOR] = recorded[NEXT_CURSOR]
        return written

    def _ends(self, page: dict[str, Any]) -> bool:
        """Whether a walk ends with a page, though it may have a cursor: the client then shows none."""
        return not page.get("items") or not page[NEXT_CURSOR] or page[NEXT_CURSOR] == start_of(self._exchange)

    def fields(self) -> Iterator[Finding]:
        schema = self._schema
        if schema is None:
            return
        for place, model in extras(self._outcome):
            if model and self._document.names(schema, place):
                yield self.found(pointer(place), f"a field of {model}", "an additional property", "fields")
            elif not self._document.names(schema, place) and not self._document.opens(schema, place[:-1]):
                yield self.found(pointer(place), "no such field", shown(at(self.body, pointer(place))), "fields")

    def schema(self) -> Iterator[Finding]:
        promise, status = self.promise, self._exchange.status
        if status not in promise.answers:
            if status < 300:
                documented = ", ".join(str(code) for code in sorted(promise.answers) if code < 300)
                yield self.found("", f"status {documented}", f"status {status}", "schema")
        elif status == NO_CONTENT or not promise.answers[status]:
            if self._exchange.body:
                yield self.found("", "no body", shown(self.body), "schema")
        elif self._schema is None:
            # The network in front of the service answers errors in types of its own.
            if status < 300:
                yield self.found("", " or ".join(promise.answers[status]), self._type, "schema")
        elif "json" in self._type:
            for place, expected, got in self._document.violations(self._schema, self.body):
                yield self.found(place, expected, shown(got), "schema")

    @property
    def _type(self) -> str:
        """The media type of the answer; where it does not say, the one that the document has."""
        documented = next(iter(self.promise.answers.get(self._exchange.status, ())), "")
        return self._exchange.headers.get("content-type", documented)

    @property
    def _schema(self) -> Any:
        return self.promise.schema(self._exchange.status, self._type)

    def error(self, kind: type[errors.APIError]) -> Iterator[Finding]:
        error = self._outcome
        if type(error) is not kind:
            got = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else "a result"
            yield self.found("error", kind.__name__, got, "error")
        if not isinstance(error, errors.APIError):
            return
        body = self.body[:_LONGEST_TEXT_OF_AN_ERROR] if isinstance(self.body, str) else self.body
        expected = {"operation": self.promise.operation, "status_code": self._exchange.status, "body": body}
        expected |= _retry_after(self._exchange.headers)
        if self._exchange.status == 403:
            expected["scopes"] = self.promise.scopes
        for name, value in expected.items():
            if not same(value, getattr(error, name)):
                yield self.found(f"error/{name}", shown(value), shown(getattr(error, name)), "error")


def _plain(made: Any) -> Any:
    # A file comes as bytes, and is a text in a recording.
    return made.decode("utf-8", "replace") if isinstance(made, bytes) else jsonable(made)


def body_of(promise: Promise, exchange: Exchange) -> Any:
    """The recorded body as JSON, or as text where it is no JSON; None without a body."""
    if not exchange.body or exchange.status == NO_CONTENT:
        return None
    documented = promise.answers.get(exchange.status, {"application/json": {}})
    if any("json" in kind for kind in (*documented, exchange.headers.get("content-type", ""))):
        try:
            return exchange.json()
        except (ValueError, RecursionError):
            pass
    return exchange.body.decode("utf-8", "replace")


def start_of(exchange: Exchange) -> str | None:
    """The cursor that a recorded request asked for."""
    (cursor,) = parse_qs(urlsplit(exchange.uri).query).get("starting_after", [None])
    if cursor is None and _is_json(exchange.request_body):
        body = json.loads(exchange.request_body)
        cursor = body.get("starting_after") if isinstance(body, dict) else None
    return cursor


@cache
def known_operations() -> dict[str, Operation[Any]]:
    """The operations of the installed client by their ids."""
    modules = [import_module(f"{resources.__name__}.{module.name}") for module in iter_modules(resources.__path__)]
    return {
        operation.name: operation
        for module in modules
        for operation in vars(module).values()
        if isinstance(operation, Operation)
    }


def _kind(exchange: Exchange) -> type[errors.APIError]:
    status = exchange.status
    if status == 403 and _EDGE.search(exchange.body.decode("utf-8", "replace")) and not _is_json(exchange.body):
        return errors.EdgeBlockedError
    return KINDS.get(status) or (errors.ServerError if status >= 500 else errors.StatusError)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _retry_after(headers: Mapping[str, str]) -> dict[str, float | None]:
    """The seconds of `Retry-After`, if it can be read; a date counts from the date of the answer."""
    text = headers.get("retry-after", "")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return {"retry_after": float(text)}
    if not text or "date" not in headers:
        return {}
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers["date"])
    except ValueError:
        return {"retry_after": None}
    return {"retry_after": max(0.0, wait.total_seconds())}
