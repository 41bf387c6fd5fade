"""Way in without a socket: transports for the clients of this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

from instantly_core.http.library import (
    AsyncBaseTransport,
    AsyncByteStream,
    BaseTransport,
    ReadTimeout,
    RemoteProtocolError,
    SyncByteStream,
)
from instantly_core.http.library import Request as ClientRequest
from instantly_core.http.library import Response as ClientResponse

from ..engine.messages import Answer, Request

Handle = Callable[[Request], Answer]


class SandboxTransport(BaseTransport):
    """Transport that passes requests to a function of this process."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def handle_request(self, request: ClientRequest) -> ClientResponse:
        """Answer a request."""
        answer = self._handle(_read(request, request.read()))
        if answer.delay:
            time.sleep(min(answer.delay, _read_timeout(request)))
        return _response(answer, request)


class AsyncSandboxTransport(AsyncBaseTransport):
    """Asynchronous twin of `SandboxTransport`."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def handle_async_request(self, request: ClientRequest) -> ClientResponse:
        """Answer a request."""
        answer = self._handle(_read(request, await request.aread()))
        if answer.delay:
            await asyncio.sleep(min(answer.delay, _read_timeout(request)))
        return _response(answer, request)


class _Cut(SyncByteStream, AsyncByteStream):
    """Body that ends too early."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise RemoteProtocolError("peer closed connection without sending complete message body")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _read(request: ClientRequest, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, request.url.raw_path.decode("ascii"), headers, body)


def _read_timeout(request: ClientRequest) -> float:
    read = request.extensions.get("timeout", {}).get("read")
    return float("inf") if read is None else float(read)


def _response(answer: Answer, request: ClientRequest) -> ClientResponse:
    if answer.delay > _read_timeout(request):
        raise ReadTimeout("no answer in time", request=request)
    if answer.dropped:
        raise RemoteProtocolError("Server disconnected without sending a response.", request=request)
    if answer.cut is not None:
        cut = _Cut(answer.body[: answer.cut])
        return ClientResponse(answer.status, headers=dict(answer.headers), stream=cut, request=request)
    return ClientResponse(answer.status, headers=dict(answer.headers), content=answer.body, request=request)
