"""aiohttp as the sender of an async client, which takes far less work. It takes the extra `aiohttp`.

Its exceptions become those of the HTTP library, which the rest of the client knows.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from ..error_tree import ConfigurationError
from .environment import tls_context
from .library import (
    KEEPALIVE_SECONDS,
    ConnectError,
    ConnectTimeout,
    Headers,
    LocalProtocolError,
    Proxy,
    ProxyError,
    ReadTimeout,
    RemoteProtocolError,
)

if TYPE_CHECKING:
    from .exchange import Exchange

try:
    import aiohttp
except ImportError as problem:
    raise ImportError(
        f'transport="aiohttp" needs {problem.name}: pip install "instantly-client[aiohttp]"', name=problem.name
    ) from None

_SMALL_BYTES = 1_000_000
# Of one header, and of the status line; by itself it takes 8 KB.
_MAX_HEADER_BYTES = 65_536

# Of those that fit an exception the first one counts.
_ERRORS: tuple[tuple[type[Exception], Callable[[str], Exception]], ...] = (
    (aiohttp.ClientHttpProxyError, ProxyError),
    (aiohttp.ClientConnectorError, ConnectError),
    (aiohttp.ConnectionTimeoutError, ConnectTimeout),
    (aiohttp.ServerTimeoutError, ReadTimeout),
    (aiohttp.InvalidURL, LocalProtocolError),
    (aiohttp.ClientError, RemoteProtocolError),
)


@contextmanager
def _translated(exchange: Exchange | None = None) -> Generator[None, None, None]:
    try:
        yield
    except aiohttp.ServerDisconnectedError as error:
        message = error.message
        # Before the request is sent it is the answer of a proxy.
        if exchange is not None and exchange.sent and isinstance(message, aiohttp.http.RawResponseMessage):
            exchange.cut(b"HTTP/1.1 %d" % message.code)
        raise RemoteProtocolError("the connection was closed before the answer was complete") from None
    except aiohttp.ClientError as error:
        kind = next(kind for its, kind in _ERRORS if isinstance(error, its))
        raise kind(str(error)) from error


async def _sent(session: aiohttp.ClientSession, context: SimpleNamespace, event: object) -> None:
    context.trace_request_ctx.sent = True


def check_proxy(proxy: Proxy | None) -> None:
    """Raise a ConfigurationError for a proxy that aiohttp cannot use."""
    if proxy is not None and proxy.url.scheme not in ("http", "https"):
        raise ConfigurationError(
            f'transport="aiohttp" has no use for a proxy of the scheme {proxy.url.scheme}: leave transport= out'
        )


def _address(proxy: Proxy) -> str:
    if proxy.auth is None:
        return str(proxy.url)
    user, password = proxy.auth
    return str(proxy.url.copy_with(username=user, password=password))


class AiohttpResponse:
    """An answer, as `Exchange` reads one."""

    is_stream_consumed: ClassVar = False

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status_code = response.status
        self.reason_phrase = response.reason or ""
        self.headers = Headers(list(response.raw_headers))
        self.stream = self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        with _translated():
            async for piece in self._response.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        """Close the connection, unless the answer is whole."""
        self._response.close()


class AiohttpSender:
    """The connections of an async client on one event loop, in the place of a `Connection`, for all attempts."""

    sockets: ClassVar = None

    def __init__(self, max_connections: int, proxy: Proxy | None) -> None:
        self._proxy = None if proxy is None else _address(proxy)
        traces = aiohttp.TraceConfig()
        traces.on_request_headers_sent.append(_sent)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=max_connections, ssl=tls_context(), keepalive_timeout=KEEPALIVE_SECONDS
            ),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
            trace_configs=[traces],
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )
        # It would send a DELETE again by itself whose connection was lost.
        self._session._retry_connection = False

    def begin(self, exchange: Exchange) -> None:
        """Start an attempt."""
        exchange.sent = False

    def hasten(self, exchange: Exchange) -> None:
        """Take over a deadline that has become an earlier one; the client itself keeps it."""

    def end(self, exchange: Exchange) -> None:
        """Note how far an attempt has come, which is noted already."""

    async def send(self, exchange: Exchange) -> Any:
        """Send a request and return the answer, whose body has not been read."""
        request = exchange.request
        timeouts = request.extensions["timeout"]
        content = request.content
        # In its next round but one the loop has noticed which connections the service has closed.
        await sleep(0)
        await sleep(0)
        with _translated(exchange):
            response = await self._session.request(
                request.method,
                str(request.url),
                headers=request.headers.items(),
                # It wants large bodies as a file.
                data=BytesIO(content) if len(content) > _SMALL_BYTES else content or None,
                allow_redirects=False,
                proxy=self._proxy,
                # To connect is for aiohttp also to wait for a free connection, and for a proxy.
                timeout=aiohttp.ClientTimeout(
                    connect=timeouts["pool"], sock_connect=timeouts["connect"], sock_read=timeouts["read"]
                ),
                trace_request_ctx=exchange,
            )
        if response.status < 200:
            # Its connection has gone back to the others already.
            if response._protocol is not None:
                response._protocol.close()
            response.close()
            raise RemoteProtocolError(f"the service answered {response.status}, which nobody asked for")
        return AiohttpResponse(response)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._session.close()
