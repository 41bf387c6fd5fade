"""The only import of the HTTP library and its core. To take a successor with the same interface, change it here."""

from __future__ import annotations

import ssl
from functools import cache
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
    "NO_AUTH",
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
    "async_connection",
    "connection",
    "core",
    "create_ssl_context",
    "get_environment_proxies",
    "standard_headers",
]

# Passed on every send, so that the library neither looks for credentials in the URL nor replaces our header.
NO_AUTH = Auth()

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


def connection(backend: core.NetworkBackend, proxy: Proxy | None, tls: ssl.SSLContext) -> Client:
    """Make a client with one connection over a backend, and through a proxy, if there is one."""
    transport = HTTPTransport(verify=tls, limits=ONE_CONNECTION, proxy=proxy)
    _install(backend, transport)
    return Client(transport=transport, trust_env=False, event_hooks={"response": [_without_location]})


def async_connection(backend: core.AsyncNetworkBackend, proxy: Proxy | None, tls: ssl.SSLContext) -> AsyncClient:
    """Make an async client with one connection over a backend, and through a proxy, if there is one."""
    transport = AsyncHTTPTransport(verify=tls, limits=ONE_CONNECTION, proxy=proxy)
    _install(backend, transport)
    return AsyncClient(transport=transport, trust_env=False, event_hooks={"response": [_without_location_async]})


def _install(backend: object, transport: Any) -> None:
    # The library passes no backend on to its core.
    transport._pool._network_backend = backend


def _without_location(response: Response) -> None:
    # Nobody follows it, and the library fails to build the request for some.
    response.headers.pop("location", None)


async def _without_location_async(response: Response) -> None:
    response.headers.pop("location", None)
