"""The two base classes of the generated clients. They send, wait and retry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, TypeVar, cast

from ..error_tree import InstantlyError
from ..http import library as http
from ..http.connections import AIOHTTP
from ..http.exchange import Answer
from ..http.pool import Pool
from ..models.unset import UNSET
from ..ratelimit.places import Places
from .arguments import explained
from .attempts import Attempts
from .base_client import BaseClient
from .operation import Operation
from .page import AsyncPage, Page, PageData, PageRequest
from .raw import RawResponse

if TYPE_CHECKING:
    from .streamed import StreamedResponse

T = TypeVar("T")


class SyncClient(BaseClient[http.Client, http.BaseTransport]):
    """A client for programs without an event loop. It serves any number of threads; close it, best by `with`."""

    _http_client_class = http.Client
    _transport_class = http.BaseTransport
    _awaits_hooks = False

    _pool: Pool

    def _make_pool(self, *settings: Any) -> Pool:
        return Pool(*settings)

    def close(self) -> None:
        """Close the connections; more than once does no harm."""
        if self._owns_connections:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def call(
        self,
        operation: Operation[T],
        path: tuple[object, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        headers: Mapping[str, Any] | None = None,
        *,
        to: str | os.PathLike[str] | None = None,
        everything: bool = False,
        confirm: bool = False,
    ) -> T:
        """Carry out an operation.

        Args:
            operation: the operation.
            path: the values in its path, in order.
            query: name -> value; UNSET and None are left out.
            body: JSON name -> value, or any JSON; UNSET is left out. By default the request has no body.
            headers: headers of this request only.
            to: the file that the answer is written to, whole or not at all; the result is its path then. By default the
                answer is read into memory.
            everything: True for a call that no filter narrows, if it is meant to reach everything.
            confirm: True for a call that costs money, if it is meant.

        Raises:
            APIError: the call failed; the subclasses say how.
            ClientClosedError: the client was closed.
            DryRun: the client has `dry_run=True`, and this is a write.
            OSError: the file cannot be written.
            TypeError, ValueError: an argument cannot be sent, or the call would reach everything, or cost money.
        """
        request = self._request(operation, operation.target(path, query), body, headers, everything, confirm)
        if to is not None:
            return cast("T", self._saved(operation, request, to))
        if self._streams:
            return cast("T", self._streamed(operation, request))
        response = self._send(operation, request)
        result = self._answer(operation, response)
        if self._observers.pending:
            self._observers.settle()
        return cast("T", self._raw_response(result, response)) if self._raw else result

    def page(
        self,
        operation: Operation[T],
        path: tuple[object, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        headers: Mapping[str, Any] | None = None,
        *,
        max_items: int | None = None,
    ) -> Page[T]:
        """Fetch a page of a list. It leads to the pages after it.

        Args:
            operation: the operation of the list.
            path: as for `call`.
            query: as for `call`; `starting_after` is the cursor to begin at.
            body: as for `call`.
            headers: as for `call`.
            max_items: the number of items after which a walk ends; by default it ends at the last item.

        Raises:
            APIError: the call failed; the subclasses say how.
            ClientClosedError: the client was closed.
            TypeError, ValueError: an argument cannot be sent.
        """
        request = PageRequest(operation, query, body, max_items)
        if self._streams:
            return cast(
                "Page[T]", self._streamed(operation, self._page_request(operation, path, request, headers, None))
            )

        def fetch(cursor: str | None) -> Answer:
            return self._send(operation, self._page_request(operation, path, request, headers, cursor))

        response = fetch(None)
        page = Page(
            self._page_data(operation, response, request, None),
            lambda cursor: self._page_data(operation, fetch(cursor), request, cursor),
            request.start,
            max_items,
        )
        return cast("Page[T]", self._raw_response(page, response)) if self._raw else page

    @explained
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = UNSET,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
        everything: bool = False,
        confirm: bool = False,
    ) -> Any:
        """Send a request that this version of the library has no method for.

        What it has a method for is guarded as there. A write is never sent again when it may have arrived, even by a
        client with `retry_writes`.

        Args:
            method: the HTTP method.
            path: from the root of the service, such as "/api/v2/campaigns"; its values are to be encoded already.
            query: name -> value; a list repeats the name.
            json: the body; by default the request has neither body nor content type.
            headers: headers of this request only.
            safe: whether the request changes nothing, so that it may be sent again; of what the library has a method
                for, it knows that itself.
            everything: True for a call that no filter narrows, if it is meant to reach everything.
            confirm: True for a call that costs money, if it is meant.

        Returns:
            The parsed JSON of the answer, or its text if it is not JSON; None if it is empty.

        Raises:
            APIError: the call failed; the subclasses say how.
            ClientClosedError: the client was closed.
            DryRun: the client has `dry_run=True`, and this is a write.
            ValueError: the path does not begin with one slash, a header cannot be sent, or the call would reach
                everything, or cost money.
        """
        operation, target = self._unnamed(method, path, query, headers, safe)
        request = self._request(operation, target, json, headers, everything, confirm)
        if self._streams:
            return self._streamed(operation, request)
        response = self._send(operation, request)
        result = self._plain_answer(operation, response)
        return self._raw_response(result, response) if self._raw else result

    def _streamed(self, operation: Operation[Any], request: http.Request) -> StreamedResponse:
        from .streamed import temporary_file

        file = temporary_file()
        try:
            return self._streamed_response(file, self._send(operation, request, file))
        except BaseException:
            file.close()
            raise

    def _saved(self, operation: Operation[Any], request: http.Request, to: str | os.PathLike[str]) -> Any:
        if self._streams:
            raise TypeError("to= has no use here: a streaming response is written to a file by its method save()")
        from .streamed import replacing

        with replacing(to) as file:
            response = self._send(operation, request, file)
        path = os.fspath(to)
        return self._raw_response(path, response) if self._raw else path

    def _send(self, operation: Operation[Any], request: http.Request, sink: IO[bytes] | None = None) -> Answer:
        with Attempts(operation, self._options, self._watcher, self._observers, sink) as attempts:
            with self._pool.ending():
                self._carry_out(operation, request, attempts)
            return attempts.outcome()

    def _carry_out(self, operation: Operation[Any], request: http.Request, attempts: Attempts) -> None:
        limiter = self._limiter
        wait: float | None = 0.0
        while wait is not None:
            if wait:
                self._pause(wait)
            self._pool.check()
            if limiter is not None:
                with Places(limiter) as places:
                    for bucket, limits in operation.admissions:
                        attempts.bucket = bucket
                        excess = limiter.acquire(bucket, limits, attempts.remaining(), attempts.limited)
                        if excess:
                            raise attempts.too_long(excess)
                        places.take(bucket)
            exchange = attempts.begin(request)
            try:
                self._pool.send(exchange)
            except InstantlyError:
                raise
            except Exception as error:
                wait = attempts.failed(error)
            else:
                wait = attempts.answered()
            finally:
                attempts.ended()
            if self._observers.pending:
                self._observers.settle()

    def _pause(self, seconds: float) -> None:
        self._clock.sleep(seconds, self._pool.stop)


class AsyncClient(BaseClient[http.AsyncClient, http.AsyncBaseTransport]):
    """A client for asyncio. It serves any number of tasks, on any event loop; close it, best by `async with`."""

    _http_client_class = http.AsyncClient
    _transport_class = http.AsyncBaseTransport
    _transports = (AIOHTTP,)
    _awaits_hooks = True

    def _make_pool(self, *settings: Any) -> Any:
        from ..http.loop_pool import AsyncPool  # A program without an event loop does without it.

        return AsyncPool(*settings)

    async def close(self) -> None:
        """Close the connections; more than once does no harm."""
        if self._owns_connections:
            await self._pool.close()

    if not TYPE_CHECKING:

        def __enter__(self):
            raise TypeError(f"{type(self).__name__} is closed by `async with`, not by `with`")

        __exit__ = __enter__

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def call(
        self,
        operation: Operation[T],
        path: tuple[object, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        headers: Mapping[str, Any] | None = None,
        *,
        to: str | os.PathLike[str] | None = None,
        everything: bool = False,
        confirm: bool = False,
    ) -> T:
        """Carry out an operation.

        Args:
            operation: the operation.
            path: the values in its path, in order.
            query: name -> value; UNSET and None are left out.
            body: JSON name -> value, or any JSON; UNSET is left out. By default the request has no body.
            headers: headers of this request only.
            to: the file that the answer is written to, whole or not at all; the result is its path then. By default the
                answer is read into memory.
            everything: True for a call that no filter narrows, if it is meant to reach everything.
            confirm: True for a call that costs money, if it is meant.

        Raises:
            APIError: the call failed; the subclasses say how.
            ClientClosedError: the client was closed.
            DryRun: the client has `dry_run=True`, and this is a write.
            OSError: the file cannot be written.
            TypeError, ValueError: an argument cannot be sent, or the call would reach everything, or cost money.
        """
        request = self._request(operation, operation.target(path, query), body, headers, everything, confirm)
        if to is not None:
            return cast("T", await self._saved(operation, request, to))
        if self._streams:
            return cast("T", await self._streamed(operation, request))
        response = await self._send(operation, request)
        result = self._answer(operation, response)
        if self._observers.pending:
            await self._observers.settle_async()
        return cast("T", self._raw_response(result, response)) if self._raw else result

    def page(
        self,
        operation: Operation[T],
        path: tuple[object, ...] = (),
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        headers: Mapping[str, Any] | None = None,
        *,
        max_items: int | None = None,
    ) -> AsyncPage[T]:
        """Return a page of a list. It leads to the pages after it, and is fetched when it is awaited or walked over.

        Args:
            operation: the operation of the list.
            path: as for `call`.
            query: as for `call`; `starting_after` is the cursor to begin at.
            body: as for `call`.
            headers: as for `call`.
            max_items: the number of items after which a walk ends; by default it ends at the last item.

        Raises:
            APIError: the call failed; the subclasses say how.
            ClientClosedError: the client was closed.
            TypeError, ValueError: an argument cannot be sent.
        """
        request = PageRequest(operation, query, body, max_items)
        if self._streams:
            first = self._page_request(operation, path, request, headers, None)
            return cast("AsyncPage[T]", self._streamed(operation, first))

        async def fetch(cursor: str | None) -> Answer:
            return await self._send(operation, self._page_request(operation, path, request, headers, cursor))

        async def fetch_data(cursor: str | None) -> PageData[T]:
            data = self._page_data(operation, await fetch(cursor), request, cursor)
            if self._observers.pending:
                await self._observers.settle_async()
            return data

        async def first_raw() -> RawResponse[AsyncPage[T]]:
            response = await fetch(None)
            page = AsyncPage(self._page_data(operation, response, request, None), fetch_data, request.start, max_items)
            return self._raw_response(page, response)

        return cast("AsyncPage[T]", first_raw()) if self._raw else AsyncPage(None, fetch_data, request.start, max_items)

    @explained
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = UNSET,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
        everything: bool = False,
        confirm: bool = False,
    ) -> Any:
        """Send a request that this version of the library has no method for.

        What it has a method for is guarded as there. A write is never sent again when it may have arrived, even by a
        client with `retry_writes`.

        Args:
            method: the HTTP method.
            path: from the root of the service, such as "/api/v2/campaigns"; its values are to be encoded already.
            query: name -> value; a list repeats the name.
            json: the body; by default the request has neither body nor content type.
            headers: headers of this request only.
            safe: whether the request changes nothing, so that it may be sent again; of what the library has a method
                for, it knows that itself.
            everything: True for a call that no filter narrows, if it is meant to reach everything.
            confirm: True for a call that costs money, if it is meant.

        Returns:
            The parsed JSON of the answer, or its text if it is not JSON; None if it is empty.

        Raises:
            APIError: the call failed; the subclasses say how.
            ClientClosedError: the client was closed.
            DryRun: the client has `dry_run=True`, and this is a write.
            ValueError: the path does not begin with one slash, a header cannot be sent, or the call would reach
                everything, or cost money.
        """
        operation, target = self._unnamed(method, path, query, headers, safe)
        request = self._request(operation, target, json, headers, everything, confirm)
        if self._streams:
            return await self._streamed(operation, request)
        response = await self._send(operation, request)
        result = self._plain_answer(operation, response)
        return self._raw_response(result, response) if self._raw else result

    async def _streamed(self, operation: Operation[Any], request: http.Request) -> StreamedResponse:
        from .streamed import temporary_file

        file = temporary_file()
        try:
            return self._streamed_response(file, await self._send(operation, request, file))
        except BaseException:
            file.close()
            raise

    async def _saved(self, operation: Operation[Any], request: http.Request, to: str | os.PathLike[str]) -> Any:
        if self._streams:
            raise TypeError("to= has no use here: a streaming response is written to a file by its method save()")
        from .streamed import replacing

        with replacing(to) as file:
            response = await self._send(operation, request, file)
        path = os.fspath(to)
        return self._raw_response(path, response) if self._raw else path

    async def _send(self, operation: Operation[Any], request: http.Request, sink: IO[bytes] | None = None) -> Answer:
        with Attempts(operation, self._options, self._watcher, self._observers, sink) as attempts:
            with self._pool.ending():
                await self._carry_out(operation, request, attempts)
            return attempts.outcome()

    async def _carry_out(self, operation: Operation[Any], request: http.Request, attempts: Attempts) -> None:
        limiter = self._limiter
        wait: float | None = 0.0
        while wait is not None:
            if wait:
                await self._pause(wait)
            self._pool.check()
            if limiter is not None:
                with Places(limiter) as places:
                    for bucket, limits in operation.admissions:
                        attempts.bucket = bucket
                        excess = await limiter.acquire_async(bucket, limits, attempts.remaining(), attempts.limited)
                        if excess:
                            raise attempts.too_long(excess)
                        places.take(bucket)
            exchange = attempts.begin(request)
            try:
                await self._pool.send(exchange)
            except InstantlyError:
                raise
            except Exception as error:
                wait = attempts.failed(error)
            else:
                wait = attempts.answered()
            finally:
                attempts.ended()
            if self._observers.pending:
                await self._observers.settle_async()

    async def _pause(self, seconds: float) -> None:
        await self._clock.sleep_async(seconds, self._pool.stop)
