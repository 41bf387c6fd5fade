"""Proxies and certificates that the environment names, checked when a client is made.

Messages name the variable and never its value, which may contain a password.
"""

from __future__ import annotations

import os
import re
import ssl
from functools import lru_cache
from stat import S_ISREG
from threading import Lock
from typing import Any

from ..error_tree import ConfigurationError
from ..log import logger
from .library import URL, InvalidURL, Proxy, URLPattern, create_ssl_context, get_environment_proxies

_INSTEAD = "correct it, unset it, or give an HTTP client of your own as http_client="
# All that the library looks at for proxies, in both spellings.
_VARIABLES = tuple(
    name for base in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (base, base.lower())
)
_MISSING = (FileNotFoundError, NotADirectoryError)
_HASHED = r"[0-9a-f]{8}\.\d+"

_Names = tuple[str | None, ...]


def proxy_for(url: URL) -> Proxy | None:
    """Return the proxy that requests to a URL pass, as the environment says.

    Raises:
        ConfigurationError: a variable names no proxy that can be used, whether this URL passes it or not.
    """
    for pattern, proxy in _proxies(tuple(map(os.environ.get, (*_VARIABLES, "REQUEST_METHOD")))):
        if pattern.matches(url):
            return proxy
    return None


@lru_cache(maxsize=1)
def _proxies(environment: _Names) -> list[tuple[Any, Proxy | None]]:
    """The proxies by pattern, the most specific first; None for what passes none. Read once for an environment."""
    found: list[tuple[Any, Proxy | None]] = []
    unreadable = 0
    for pattern, text in get_environment_proxies().items():
        if text is not None:
            found.append((URLPattern(pattern), _proxy(text, pattern.removesuffix("://"))))
            continue
        try:
            found.append((URLPattern(pattern), None))
        except (InvalidURL, ValueError):
            unreadable += 1
    if unreadable:
        logger.warning("NO_PROXY has entries that cannot be read, and are left out: %d of them", unreadable)
    return sorted(found, key=lambda each: each[0])


def _proxy(text: str, scheme: str) -> Proxy:
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    name = next((name for name in names if os.environ.get(name)), names[1])
    try:
        proxy = Proxy(url=text)
        host, port = proxy.url.host, proxy.url.port
        # The library escapes what no host has in it.
        possible = bool(host) and "%" not in host and (port is None or 0 < port < 65536)
    except (InvalidURL, ValueError):
        possible = False
    if not possible:
        raise ConfigurationError(
            f"The environment variable {name} is no URL of a proxy, such as http://proxy.example:8080: {_INSTEAD}"
        )
    if proxy.url.scheme.startswith("socks") and not _has_socks():
        raise ConfigurationError(
            f"The environment variable {name} names a SOCKS proxy, which takes the package socksio: "
            f"install httpx[socks], or {_INSTEAD}"
        )
    return proxy


def _has_socks() -> bool:
    from importlib.util import find_spec

    return find_spec("socksio") is not None


_tls_lock = Lock()
_tls: tuple[_Names, ssl.SSLContext] | None = None


def check_certificates() -> None:
    """Read the certificates that the environment names, if it names any.

    Raises:
        ConfigurationError: a variable names none that can be read.
    """
    if any(_certificates()):
        tls_context()


def tls_context() -> ssl.SSLContext:
    """Return the TLS context that all clients of the process share: reading the certificates takes some 20 ms.

    Raises:
        ConfigurationError: a variable of the environment names no certificates that can be read.
    """
    global _tls
    named = _certificates()
    known = _tls
    if known is None or known[0] != named:
        with _tls_lock:
            known = _tls
            if known is None or known[0] != named:
                known = _tls = (named, _read(*named))
    return known[1]


def _certificates() -> tuple[str | None, str | None]:
    return os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None


def _read(file: str | None, folders: str | None) -> ssl.SSLContext:
    # The library takes the folder only where no file is named.
    if file is None and folders is not None and not _lead_to_certificates(folders):
        raise ConfigurationError(
            "The environment variable SSL_CERT_DIR names no folder of certificates, such as `openssl rehash` makes: "
            "correct it, or unset it"
        )
    try:
        # Older versions of the library leave out a file that does not exist.
        context = create_ssl_context() if file is None or S_ISREG(os.stat(file).st_mode) else None
    except (ssl.SSLError, ValueError, *_MISSING):
        if file is None:
            raise
        context = None
    except OSError as error:
        if file is None:
            raise
        raise _unreadable("SSL_CERT_FILE", error) from None
    if context is None:
        raise ConfigurationError(
            "The environment variable SSL_CERT_FILE names no file of certificates in PEM: correct it, or unset it"
        )
    return context


def _lead_to_certificates(folders: str) -> bool:
    unread = None
    for folder in folders.split(os.pathsep):
        try:
            if any(re.fullmatch(_HASHED, name) for name in os.listdir(folder)):
                return True
        except (ValueError, *_MISSING):
            continue
        except OSError as error:
            unread = error
    if unread is not None:
        raise _unreadable("SSL_CERT_DIR", unread)
    return False


def _unreadable(name: str, error: OSError) -> ConfigurationError:
    # Its other texts have the path.
    return ConfigurationError(f"What the environment variable {name} names cannot be read: {error.strerror}")


def _renew_lock() -> None:
    global _tls_lock
    _tls_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
