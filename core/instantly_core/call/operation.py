"""Operations of the API, as the engine sees them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, MappingProxyType, UnionType
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from ..models.decode import Decoder
from ..models.encode import UnsendableError, path_segment, query_string
from ..models.given import AsGiven
from ..models.unset import UNSET
from ..ratelimit.limits import WORKSPACE
from ..ratelimit.window import Limit
from .guards import Mass, Paid, check_mass, check_paid

T = TypeVar("T")

JSON = "application/json"

_PLACE = re.compile(r"\{(\w+)\}")


class FailureWhen(NamedTuple):
    """A failure that an answer of status 200 reports: `field` has `value`, or any value if it is left out."""

    field: str
    value: object = UNSET

    def matches(self, body: Any) -> bool:
        """Return whether a parsed answer is a failure."""
        if not isinstance(body, dict):
            return False
        found = body.get(self.field)
        return bool(found) if self.value is UNSET else found == self.value


class Paging(NamedTuple):
    """The way from one page of a list to the next: by a cursor in the answer, or by counting.

    `parameter` takes the cursor or the count, `limit` the size of a page, both in the `place` of the request. The keys
    `items` and `cursor` lead to both in the answer; without `items` it is an array. `counts` says what is counted from
    `first` on, where there is no cursor.
    """

    place: Literal["query", "body"]
    parameter: str = "starting_after"
    items: Sequence[str] = ("items",)
    cursor: Sequence[str] = ("next_starting_after",)
    limit: str = "limit"
    counts: Literal["items", "pages"] | None = None
    first: int = 0


class Operation(AsGiven, Generic[T]):
    """An operation of the API. T is the type of its decoded answer, of a page the type of an item.

    Args:
        name: the operationId.
        method: the HTTP method in upper case.
        path: the template, such as "/api/v2/campaigns/{id}/pause".
        scopes: any one of them permits the call.
        response: returns the type of the answer when it is first needed, or a decoder where no type says it; `as_text`
            for an answer that is plain text, `as_bytes` for any other that is no JSON; None for one without content.
        safe: a POST that changes nothing, and may be repeated.
        cursor: where the cursor of a page is sent; None if the answer is not a page, or has a `paging` of its own.
        paging: the way from page to page, where it is not the usual one.
        page_size: the maximum size of a page, which is requested unless the caller gives one.
        limits: rate limits of its own, on top of those of the workspace.
        failure: the failure that an answer of status 200 can report.
        timeout: seconds, for an operation that takes longer than others; a timeout of the client overrides it.
        content_type: the media type of its body.
        styles: the names in its query that are written in another way than usual (see `query_string`).
        mass: what it does to everything where no filter narrows it.
        paid: what it costs money for.
        names: the arguments of those fields that have another name, for messages.
        once: whether a write is never sent again when it may have arrived, even by a client with `retry_writes`.
    """

    __slots__ = (
        "_decoder",
        "_names",
        "_parts",
        "admissions",
        "content_type",
        "cursor",
        "failure",
        "fast_path",
        "limits",
        "mass",
        "method",
        "name",
        "names",
        "once",
        "page_size",
        "paging",
        "paid",
        "path",
        "response",
        "safe",
        "scopes",
        "styles",
        "timeout",
    )

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        *,
        scopes: Sequence[str] = (),
        response: Callable[[], type[T] | UnionType | Decoder[T] | None] | None = None,
        safe: bool = False,
        cursor: Literal["query", "body"] | None = None,
        paging: Paging | None = None,
        page_size: int | None = None,
        limits: Sequence[Limit] = (),
        failure: FailureWhen | None = None,
        timeout: float | None = None,
        content_type: str = JSON,
        styles: Mapping[str, str] = MappingProxyType({}),
        mass: Mass | None = None,
        paid: Paid | None = None,
        names: Mapping[str, str] = MappingProxyType({}),
        once: bool = False,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.scopes = tuple(scopes)
        self.response = response
        self.safe = safe
        self.cursor = cursor
        self.paging = Paging(cursor) if cursor else paging
        self.page_size = page_size
        self.limits = tuple(limits)
        self.failure = failure
        self.timeout = timeout
        self.content_type = content_type
        self.styles = styles
        self.mass = mass
        self.paid = paid
        self.names = names
        self.once = once
        # The limiter's buckets that a request passes. Its own first: a place there may take long.
        shared: tuple[str, tuple[Limit, ...]] = (WORKSPACE, ())
        self.admissions = ((name, self.limits), shared) if limits else (shared,)
        self._parts = _PLACE.split(path)[::2]
        self._names = _PLACE.findall(path)
        self._decoder: Decoder[T] | None = None
        self.fast_path: Any = UNSET

    def __repr__(self) -> str:
        return f"<Operation {self.name} {self.method} {self.path}>"

    @property
    def decoder(self) -> Decoder[T]:
        """The decoder of the answer."""
        decoder = self._decoder
        if decoder is None:
            from ..models.build import decoder_of

            assert self.response is not None
            found = self.response()
            decoder = self._decoder = found if isinstance(found, FunctionType) else decoder_of(found)
        return decoder

    def check(self, sent: Mapping[str, Any], *, everything: bool, confirm: bool) -> None:
        """Refuse a call that reaches everything or costs money, unless the caller says that it is meant.

        Raises:
            ValueError: nobody says so; the message says what the call would do, and how to say that it is meant.
        """
        if self.mass is not None:
            check_mass(self.mass, sent, everything, self.names)
        if self.paid is not None:
            check_paid(self.paid, sent, confirm, self.names)

    def target(self, values: Sequence[object], query: Mapping[str, Any] | None) -> str:
        """Return the path and the query string for a call.

        Raises:
            TypeError: a value is neither a str nor a UUID, or there are too many or too few.
            ValueError: a value would address another resource, or cannot be sent.
        """
        names = self._names
        if len(values) != len(names):
            raise TypeError(f"{self.name} takes {len(names)} values in its path, not {len(values)}")
        target = self._parts[0]
        try:
            for name, value, part in zip(names, values, self._parts[1:], strict=True):
                target += path_segment(name, value) + part
            if query and (pairs := query_string(query, self.styles)):
                target += "?" + pairs
        except UnsendableError as problem:
            problem.call = self.name
            raise
        return target


def by_request(name: str, method: str, path: str, *, safe: bool, known: Operation[Any] | None) -> Operation[Any]:
    """Return an operation for a request by method and path, with what is known of the one that it is."""
    if known is None:
        return Operation(name, method, path, safe=safe, once=True)
    return Operation(
        known.name,
        method,
        known.path,
        scopes=known.scopes,
        safe=known.safe,
        limits=known.limits,
        failure=known.failure,
        timeout=known.timeout,
        mass=known.mass,
        paid=known.paid,
        once=True,
    )


def as_text() -> Decoder[str]:
    """Mark an operation whose answer is text, such as CSV."""
    return lambda value, container, key, drift: str(value)


def as_bytes() -> Decoder[bytes]:
    """Mark an operation whose answer is neither JSON nor text, such as a picture."""
    return lambda value, container, key, drift: bytes(value)
