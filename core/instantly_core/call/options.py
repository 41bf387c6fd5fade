"""Settings of a client, checked when they are given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ..error_tree import ConfigurationError
from ..http.exchange import ACCEPT_ENCODING
from ..http.library import URL, Headers, InvalidURL, Timeout
from ..models.drift import DriftEvent
from ..models.unset import Unset
from ..ratelimit.limits import Limiter
from ..secret import Secret
from .events import Event

DEFAULT_BASE_URL = "https://api.instantly.ai"
DEFAULT_TIMEOUT = 60.0
CONNECT_TIMEOUT = 5.0
# Sockets take no more than a few weeks.
_MAX_TIMEOUT = 86_400.0
DEFAULT_MAX_RETRIES = 3
DEFAULT_DEADLINE = 300.0

WORKSPACE_HEADER = "x-as-workspace"

# The client sets these: the service refuses a content type without a body, and the key belongs in one place.
_RESERVED_HEADERS = ("authorization", "content-type", "content-length", "transfer-encoding", "host", "cookie")

_WORDS = {"": False, "0": False, "false": False, "no": False, "off": False}
_WORDS |= {"1": True, "true": True, "yes": True, "on": True}


class Options:
    """The settings of a client. Never changed once made: `replace` makes others."""

    __slots__ = (
        "base_url",
        "deadline",
        "dry_run",
        "headers",
        "limiter",
        "max_response_bytes",
        "max_retries",
        "on_drift",
        "on_event",
        "retry_writes",
        "secret",
        "strict",
        "timeout",
    )

    def __init__(
        self,
        *,
        secret: Secret,
        base_url: str,
        timeout: float | Timeout | Unset,
        max_retries: int,
        deadline: float,
        max_response_bytes: int,
        retry_writes: bool,
        limiter: Limiter | Unset | None,
        headers: Mapping[str, str],
        on_drift: Callable[[DriftEvent], None] | None,
        on_event: Callable[[Event], None] | None,
        strict: bool,
        dry_run: bool,
    ) -> None:
        self.secret = secret
        self.base_url = base_url
        self.timeout = timeout if isinstance(timeout, Unset) else checked_timeout(timeout)
        self.max_retries = _checked_count("max_retries", max_retries)
        self.deadline = _positive("deadline", deadline)
        self.max_response_bytes = _checked_count("max_response_bytes", max_response_bytes)
        self.retry_writes = retry_writes
        self.limiter = limiter
        self.headers = checked_headers(headers)
        self.on_drift = on_drift
        self.on_event = on_event
        self.strict = strict
        self.dry_run = _flag("dry_run", dry_run)

    def replace(self, **changes: Any) -> Options:
        """Return a copy of the settings with `changes`."""
        return Options(**{name: changes.get(name, getattr(self, name)) for name in self.__slots__})

    def timeouts(self, operation: float | None) -> dict[str, float | None]:
        """Return the timeouts of an attempt, as a transport takes them; `operation` is the operation's own timeout."""
        timeout = checked_timeout(operation or DEFAULT_TIMEOUT) if isinstance(self.timeout, Unset) else self.timeout
        return {name: min(seconds, _MAX_TIMEOUT) for name, seconds in timeout.as_dict().items() if seconds is not None}


def checked_key(api_key: str | None) -> Secret:
    """Return the API key, from the environment if it is None."""
    if not isinstance(api_key, str | None):
        raise ConfigurationError(f"api_key must be a text, not {type(api_key).__name__}")
    if api_key is None:
        api_key = os.environ.get("INSTANTLY_API_KEY")
    key = (api_key or "").strip()
    if not key:
        raise ConfigurationError(
            "No API key. Pass api_key=, or set the environment variable INSTANTLY_API_KEY; "
            "keys are made in Instantly under Settings > Integrations > API Keys."
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError("The API key has characters that no key has; was more than the key copied?")
    return Secret(key)


def checked_base_url(base_url: str) -> str:
    """Return the URL that paths are added to, without a slash at its end."""
    try:
        url = URL(base_url)
    except (InvalidURL, TypeError):
        raise ConfigurationError("base_url is no URL") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError("base_url must begin with https:// or http:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ConfigurationError("base_url must have no credentials, query or fragment")
    # Every path begins with it.
    return str(url).rstrip("/").removesuffix("/api/v2")


def checked_timeout(timeout: float | Timeout) -> Timeout:
    """Return the timeouts of an attempt; 5 s of a single number, at most, are for the connection."""
    if isinstance(timeout, Timeout):
        if None in timeout.as_dict().values():
            raise ConfigurationError("timeout must limit connect, read, write and pool: nothing waits for ever")
        return timeout
    seconds = _positive("timeout", timeout)
    return Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT))


def _positive(name: str, seconds: object) -> float:
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < float("inf"):
        return float(seconds)
    raise ConfigurationError(f"{name} must be a number of seconds above 0: nothing waits for ever")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigurationError(f"{name} must be True or False, not {type(value).__name__}")


def dry_run_of_environment() -> bool:
    """Return what the environment variable INSTANTLY_DRY_RUN says."""
    text = os.environ.get("INSTANTLY_DRY_RUN", "").strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    raise ConfigurationError("The environment variable INSTANTLY_DRY_RUN must be 1 or 0, true or false, yes or no")


def _checked_count(name: str, count: object) -> int:
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        return count
    raise ConfigurationError(f"{name} must be a whole number, 0 for none")


def checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers that can be sent; an error names the header, never its value."""
    headers = dict(headers)
    for name, value in headers.items():
        if name.lower() in _RESERVED_HEADERS:
            raise ConfigurationError(f"The header {name} is set by the client itself")
        header_value(name, value)
    return headers


def header_value(name: str, value: object) -> str:
    """Return a value of a header that can be sent; an error names the header, never its value."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip():
        return value
    raise ConfigurationError(f"The value of the header {name} cannot be sent")


def first_headers(options: Options, client_headers: Headers, user_agent: str) -> Headers:
    """Return the headers of every request of a client: those of its HTTP client, overridden by its own."""
    headers = Headers(client_headers)
    for name in _RESERVED_HEADERS:
        headers.pop(name, None)
    if headers.get("user-agent", "python-httpx/").startswith("python-httpx"):
        headers["user-agent"] = user_agent
    headers["accept"] = "application/json"
    headers["accept-encoding"] = ACCEPT_ENCODING
    headers.update(options.headers)
    # HTTP wants the host first.
    host = URL(options.base_url).netloc
    return Headers([(b"host", host), *headers.raw, (b"authorization", f"Bearer {options.secret.reveal()}".encode())])
