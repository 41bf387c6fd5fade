"""The only import of the HTTP library. To take a successor with the same interface, change the line below."""

from __future__ import annotations

import os
import ssl
from functools import cache
from threading import Lock

from httpx import (
    URL,
    AsyncBaseTransport,
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
    Timeout,
    TimeoutException,
    TooManyRedirects,
    UnsupportedProtocol,
    create_ssl_context,
)

__all__ = [
    "NO_AUTH",
    "POOL_LIMITS",
    "URL",
    "AsyncBaseTransport",
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
    "Timeout",
    "TimeoutException",
    "TooManyRedirects",
    "UnsupportedProtocol",
    "standard_headers",
    "tls_context",
]

# Passed on every send, so that the library neither looks for credentials in the URL nor replaces our header.
NO_AUTH = Auth()

# At half a second an answer as many as the service allows. The library looks through all of them for each request.
POOL_LIMITS = Limits(max_connections=50, max_keepalive_connections=50, keepalive_expiry=5.0)


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


def _renew_lock() -> None:
    global _tls_lock
    _tls_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
