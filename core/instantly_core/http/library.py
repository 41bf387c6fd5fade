"""The only import of the HTTP library and its core. To take a successor with the same interface, change it here."""

from __future__ import annotations

import re
import ssl
from collections.abc import Awaitable, Callable
from functools import cache, partial
from logging import INFO, getLogger
from typing import TYPE_CHECKING, Any

from httpx import (
    URL,
    AsyncBaseTransport,
    AsyncByteStream,
    AsyncClient,
    AsyncHTTPTransport,
    Auth,
    BaseTransport,
    ByteStream,
    Client,
    ConnectError,
    ConnectTimeout,
    Cookies,
    DecodingError,
    Headers,
    HTTPTransport,
    InvalidURL,
    Limits,
    LocalProtocolError,
    MockTransport,
    PoolTimeout,
    Proxy,
    ProxyError,
    QueryParams,
    ReadTimeout,
    RemoteProtocolError,
    Request,
    RequestError,
    Response,
    SyncByteStream,
    Timeout,
    TimeoutException,
    TooManyRedirects,
    UnsupportedProtocol,
    create_ssl_context,
)
from httpx._utils import URLPattern, get_environment_proxies

if TYPE_CHECKING:
    import httpcore as core

__all__ = [
    "KEEPALIVE_SECONDS",
    "URL",
    "AsyncBaseTransport",
    "AsyncByteStream",
    "AsyncClient",
    "AsyncHTTPTransport",
    "Auth",
    "BaseTransport",
    "ByteStream",
    "Client",
    "ConnectError",
    "ConnectTimeout",
    "Cookies",
    "DecodingError",
    "HTTPTransport",
    "Headers",
    "InvalidURL",
    "Limits",
    "LocalProtocolError",
    "MockTransport",
    "PoolTimeout",
    "Proxy",
    "ProxyError",
    "QueryParams",
    "ReadTimeout",
    "RemoteProtocolError",
    "Request",
    "RequestError",
    "Response",
    "SyncByteStream",
    "Timeout",
    "TimeoutException",
    "TooManyRedirects",
    "URLPattern",
    "UnsupportedProtocol",
    "addressing",
    "async_connection",
    "async_sending",
    "connection",
    "core",
    "create_ssl_context",
    "get_environment_proxies",
    "sending",
    "sending_of_client",
    "standard_headers",
]

# Passed to clients of callers, so that the library neither looks for credentials in the URL nor replaces our header.
_NO_AUTH = Auth()

# What the library would leave as it is: no relative segments, and nothing that it encodes.
_PLAIN_TARGET = re.compile(r"((?:/(?!\.)[\w.~%-]+)+)(?:\?([\w.~%=&-]+))?", re.ASCII)
_MAX_PLAIN_TARGET = 4096

_logger = getLogger("httpx")

KEEPALIVE_SECONDS = 5.0
# Connections are counted here, not there: the count of the library never recovers from cancelled requests.
ONE_CONNECTION = Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE_SECONDS)


def __getattr__(name: str) -> Any:
    if name != "core":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import httpcore  # With the first connection: it takes a third as long as the library itself.

    return httpcore


@cache
def standard_headers() -> Headers:
    """Return the headers that the library sends with every request, such as the encodings that it understands."""
    return Client(transport=BaseTransport()).headers


def addressing(base_url: str) -> Callable[[str], URL]:
    """Return the function that makes the URL of a target below a base URL; an InvalidURL says that none can be made.

    The library takes longer to parse one than for all else of a request, so targets that need none are taken as is.
    """
    reference = URL(base_url + "/")._uri_reference
    prefix = reference.path.removesuffix("/")

    def address(target: str) -> URL:
        plain = _PLAIN_TARGET.fullmatch(target)
        if plain is None or len(target) > _MAX_PLAIN_TARGET:
            return URL(base_url + target)
        url = URL.__new__(URL)
        url._uri_reference = reference._replace(path=prefix + plain[1], query=plain[2])
        return url

    return address


def sending(transport: BaseTransport) -> Callable[[Request], Response]:
    """Return what sends by a transport, without a client of the library: credentials and redirects are not its own."""

    def send(request: Request) -> Response:
        response = transport.handle_request(request)
        if _logger.isEnabledFor(INFO):
            _log(request, response)
        return response

    return send


def async_sending(transport: AsyncBaseTransport) -> Callable[[Request], Awaitable[Response]]:
    """Return the same for a transport of an event loop."""

    async def send(request: Request) -> Response:
        response = await transport.handle_async_request(request)
        if _logger.isEnabledFor(INFO):
            _log(request, response)
        return response

    return send


def sending_of_client(client: Client | AsyncClient) -> Callable[[Request], Any]:
    """Return what sends by a client of the caller, which signs requests with its own credentials."""
    return partial(client.send, auth=client.auth or _NO_AUTH, follow_redirects=False, stream=True)


def _log(request: Request, response: Response) -> None:
    # As a client of the library does.
    version, status, reason = response.http_version, response.status_code, response.reason_phrase
    _logger.info('HTTP Request: %s %s "%s %d %s"', request.method, request.url, version, status, reason)


def connection(backend: core.NetworkBackend, proxy: Proxy | None, tls: ssl.SSLContext) -> HTTPTransport:
    """Make a transport with one connection over a backend, and through a proxy, if there is one."""
    transport = HTTPTransport(verify=tls, limits=ONE_CONNECTION, proxy=_trusting(proxy, tls))
    _install(backend, transport)
    return transport


def async_connection(backend: core.AsyncNetworkBackend, proxy: Proxy | None, tls: ssl.SSLContext) -> AsyncHTTPTransport:
    """Make the same for an event loop."""
    transport = AsyncHTTPTransport(verify=tls, limits=ONE_CONNECTION, proxy=_trusting(proxy, tls))
    _install(backend, transport)
    return transport


def _trusting(proxy: Proxy | None, tls: ssl.SSLContext) -> Proxy | None:
    # By itself the library trusts for a proxy what is built into it.
    if proxy is None or proxy.url.scheme != "https":
        return proxy
    return Proxy(proxy.url, ssl_context=tls, auth=proxy.auth, headers=proxy.headers)


def _install(backend: object, transport: Any) -> None:
    # The library passes no backend on to its core.
    transport._pool._network_backend = backend
