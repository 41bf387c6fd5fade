"""Raw answers: status, headers and body together with the parsed result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from ..http.library import Headers
from .page import AsyncPage

T = TypeVar("T")
P = ParamSpec("P")


class RawResponse(Generic[T]):
    """An answer with its status, headers and body.

    Attributes:
        parsed: the result of the method without `with_raw_response`.
        status_code: the HTTP status.
        headers: the headers of the answer; names in any case.
        content: the body, as bytes.
        request_id: the service's id of the request; None if it gives none.
    """

    __slots__ = ("content", "headers", "parsed", "request_id", "status_code")

    def __init__(
        self, parsed: T, *, status_code: int, headers: Headers, content: bytes, request_id: str | None
    ) -> None:
        self.parsed = parsed
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.request_id = request_id

    if not TYPE_CHECKING:

        def __iter__(self):
            raise TypeError("A RawResponse is not the result itself, which is in its `parsed`")

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code}, {len(self.content)} bytes>"


class _Method:
    __slots__ = ("_method",)

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method

    # The client of a raw resource returns raw responses, so the method itself is the same.
    def _bound(self, resource: Any) -> Any:
        return self._method if resource is None else MethodType(self._method, resource)


class RawMethod(_Method, Generic[P, T]):
    """A method of a sync resource that returns a `RawResponse`."""

    __slots__ = ()

    def __init__(self, method: Callable[Concatenate[Any, P], T]) -> None:
        super().__init__(method)

    def __get__(self, resource: Any, owner: Any) -> Callable[P, RawResponse[T]]:
        return cast("Callable[P, RawResponse[T]]", self._bound(resource))


class AsyncRawMethod(_Method, Generic[P, T]):
    """A method of an async resource that returns a `RawResponse`."""

    __slots__ = ()

    def __init__(self, method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> None:
        super().__init__(method)

    def __get__(self, resource: Any, owner: Any) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]:
        return cast("Callable[P, Coroutine[Any, Any, RawResponse[T]]]", self._bound(resource))


class AsyncRawPageMethod(_Method, Generic[P, T]):
    """A method of an async resource that returns a `RawResponse` of a page."""

    __slots__ = ()

    def __init__(self, method: Callable[Concatenate[Any, P], AsyncPage[T]]) -> None:
        super().__init__(method)

    def __get__(self, resource: Any, owner: Any) -> Callable[P, Awaitable[RawResponse[AsyncPage[T]]]]:
        return cast("Callable[P, Awaitable[RawResponse[AsyncPage[T]]]]", self._bound(resource))
