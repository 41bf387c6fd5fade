"""The way in without a socket: transports for the client's HTTP library."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx

from ..engine.messages import Answer, Request

Handle = Callable[[Request], Answer]


class SandboxTransport(httpx.BaseTransport):
    """Sends requests to a function in this process."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one."""
        told = self._handle(_read(request, request.read()))
        if told.delay:
            limit = _patience(request)
            time.sleep(min(told.delay, limit))
            if told.delay > limit:
                raise httpx.ReadTimeout("no answer in time", request=request)
        return _response(told, request)


class AsyncSandboxTransport(httpx.AsyncBaseTransport):
    """The same on an event loop."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one."""
        told = self._handle(_read(request, await request.aread()))
        if told.delay:
            limit = _patience(request)
            await asyncio.sleep(min(told.delay, limit))
            if told.delay > limit:
                raise httpx.ReadTimeout("no answer in time", request=request)
        return _response(told, request)


def _read(request: httpx.Request, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, request.url.raw_path.decode("ascii"), headers, body)


def _patience(request: httpx.Request) -> float:
    read = request.extensions.get("timeout", {}).get("read")
    return float("inf") if read is None else float(read)


def _response(told: Answer, request: httpx.Request) -> httpx.Response:
    if told.dropped:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    if told.cut is not None:
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body", request=request)
    return httpx.Response(told.status, headers=dict(told.headers), content=told.body, request=request)
