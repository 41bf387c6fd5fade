"""The only import of the HTTP library and its core. To take a successor with the same interface, change it here."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from httpx import (
    URL,
    AsyncBaseTransport,
    AsyncByteStream,
    AsyncClient,
    Auth,
    BaseTransport,
    ByteStream,
    Client,
    ConnectError,
    ConnectTimeout,
    DecodingError,
    Headers,
    HTTPTransport,
    InvalidURL,
    Limits,
    LocalProtocolError,
    MockTransport,
    PoolTimeout,
    ProxyError,
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

from ..error_tree import ConfigurationError

if TYPE_CHECKING:
    import httpcore as core

__all__ = [
    "KEEPALIVE_SECONDS",
    "NO_AUTH",
    "URL",
    "AsyncBaseTransport",
    "AsyncByteStream",
    "AsyncClient",
    "Auth",
    "BaseTransport",
    "ByteStream",
    "Client",
    "ConnectError",
    "ConnectTimeout",
    "DecodingError",
    "HTTPTransport",
    "Headers",
    "InvalidURL",
    "Limits",
    "LocalProtocolError",
    "MockTransport",
    "PoolTimeout",
    "ProxyError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Request",
    "RequestError",
    "Response",
    "SyncByteStream",
    "Timeout",
    "TimeoutException",
    "TooManyRedirects",
    "UnsupportedProtocol",
    "async_connection",
    "connection",
    "core",
    "standard_headers",
    "tls_context",
]

AnyClient = TypeVar("AnyClient", Client, AsyncClient)

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


_tls_lock = Lock()
_tls: ssl.SSLContext | None = None


def tls_context() -> ssl.SSLContext:
    """Return the TLS context that all clients of the process share: reading the certificates takes some 20 ms."""
    global _tls
    if _tls is None:
        with _tls_lock:
            if _tls is None:
                _tls = create_ssl_context()
    return _tls


def connection(backend: core.NetworkBackend) -> Client:
    """Make a client with one connection over a backend, or two where only some addresses have a proxy.

    Raises:
        ConfigurationError: the proxies that the environment names cannot be used.
    """
    hooks = {"response": [_without_location]}
    return _installed(backend, _made(partial(Client, event_hooks=hooks)))


def async_connection(backend: core.AsyncNetworkBackend) -> AsyncClient:
    """Make an async client with one connection over a backend, or two where only some addresses have a proxy.

    Raises:
        ConfigurationError: the proxies that the environment names cannot be used.
    """
    hooks = {"response": [_without_location_async]}
    return _installed(backend, _made(partial(AsyncClient, event_hooks=hooks)))


def _made(make: Callable[..., AnyClient]) -> AnyClient:
    try:
        return make(verify=tls_context(), limits=ONE_CONNECTION)
    except (ImportError, InvalidURL, ValueError) as error:
        # It may name the value, which may contain a password.
        raise ConfigurationError(
            "The proxies of the environment cannot be used: correct HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, "
            f"or give a client of your own as http_client= ({type(error).__name__})"
        ) from None


def _installed(backend: core.NetworkBackend | core.AsyncNetworkBackend, client: AnyClient) -> AnyClient:
    # The library passes no backend on to its core.
    transports: list[Any] = [client._transport, *client._mounts.values()]
    for transport in transports:
        if transport is not None:
            transport._pool._network_backend = backend
    return client


def _without_location(response: Response) -> None:
    # Nobody follows it, and the library fails to build the request for some.
    response.headers.pop("location", None)


async def _without_location_async(response: Response) -> None:
    response.headers.pop("location", None)


def _renew_lock() -> None:
    global _tls_lock
    _tls_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
