"""What the engine knows of one operation of the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from .encode import path_segment, query_string
from .limits import WORKSPACE, Limit
from .unset import UNSET

if TYPE_CHECKING:
    from .decode import Decoder

T = TypeVar("T")

_PLACE = re.compile(r"\{(\w+)\}")


class FailureWhen(NamedTuple):
    """How an answer of status 200 tells of a failure: `field` is `value`, or merely present where no value is given."""

    field: str
    value: object = UNSET

    def matches(self, body: Any) -> bool:
        """Tell whether a parsed answer is a failure."""
        if not isinstance(body, dict):
            return False
        found = body.get(self.field)
        return bool(found) if self.value is UNSET else found == self.value


class Operation(Generic[T]):
    """An operation of the API, and what calling it takes. T is what its answer becomes, of a page one item.

    Args:
        name: the operationId.
        method: in upper case.
        path: the template, such as "/api/v2/campaigns/{id}/pause".
        scopes: any one of them permits the call.
        response: gives the decoder of the answer when it is first needed; `text` for an answer that is no JSON;
            None where the answer says nothing.
        reads: a POST that changes nothing, and may be repeated.
        cursor: where the cursor of a page is sent; None where the answer is no page.
        page_size: the largest page that may be asked for, which is asked for where the caller names none.
        limits: its own, beside those of the workspace.
        failure: how an answer of status 200 tells of a failure.
        timeout: seconds, where it takes longer than others; the client's own timeout goes first.
    """

    __slots__ = (
        "_decoder",
        "_names",
        "_parts",
        "admissions",
        "cursor",
        "failure",
        "limits",
        "method",
        "name",
        "page_size",
        "path",
        "reads",
        "response",
        "scopes",
        "timeout",
    )

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        *,
        scopes: Sequence[str] = (),
        response: Callable[[], Decoder[T]] | None = None,
        reads: bool = False,
        cursor: Literal["query", "body"] | None = None,
        page_size: int | None = None,
        limits: Sequence[Limit] = (),
        failure: FailureWhen | None = None,
        timeout: float | None = None,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.scopes = tuple(scopes)
        self.response = response
        self.reads = reads
        self.cursor = cursor
        self.page_size = page_size
        self.limits = tuple(limits)
        self.failure = failure
        self.timeout = timeout
        # The limiter's buckets that a request passes. Its own first: a place there may be long in coming.
        shared: tuple[str, tuple[Limit, ...]] = (WORKSPACE, ())
        self.admissions = ((name, self.limits), shared) if limits else (shared,)
        self._parts = _PLACE.split(path)[::2]
        self._names = _PLACE.findall(path)
        self._decoder: Decoder[T] | None = None

    def __repr__(self) -> str:
        return f"<Operation {self.name} {self.method} {self.path}>"

    @property
    def decoder(self) -> Decoder[T]:
        """The decoder of the answer."""
        decoder = self._decoder
        if decoder is None:
            assert self.response is not None
            decoder = self._decoder = self.response()
        return decoder

    def target(self, values: Sequence[object], query: Mapping[str, Any] | None) -> str:
        """Return the path and the query string for a call.

        Raises:
            TypeError: a value is no text, or there are too many or too few.
            ValueError: a value would address something else.
        """
        names = self._names
        if len(values) != len(names):
            raise TypeError(f"{self.name} takes {len(names)} values in its path, not {len(values)}")
        target = self._parts[0]
        for name, value, part in zip(names, values, self._parts[1:], strict=True):
            target += path_segment(name, value) + part
        if query and (pairs := query_string(query)):
            target += "?" + pairs
        return target


def text() -> Decoder[str]:
    """Mark an operation whose answer is text, such as CSV."""
    return lambda value, container, key, drift: str(value)
