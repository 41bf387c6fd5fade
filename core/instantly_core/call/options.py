"""Settings of a client, checked when they are given."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import iscoroutinefunction, signature
from ipaddress import ip_address
from typing import Any, TypeVar, cast

from ..error_tree import ConfigurationError
from ..http.exchange import ACCEPT_ENCODING
from ..http.library import URL, AsyncClient, Client, Headers, InvalidURL, Timeout
from ..models.drift import DriftEvent
from ..models.unset import UNSET, Unset
from ..ratelimit.limits import Limiter
from ..secret import Secret
from .events import Event

M = TypeVar("M", bound=Callable[..., Any])

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

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)
_MAX_HOST = 254
_LIBRARY_TIMEOUT = Timeout(5.0)  # What a client of the library has unless it is told otherwise.

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
        "workspace",
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
        workspace: str | None,
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
        self.max_response_bytes = _checked_count("max_response_bytes", max_response_bytes, least=1)
        self.retry_writes = _flag("retry_writes", retry_writes)
        self.limiter = _checked_limiter(limiter)
        self.headers = checked_headers(headers, "default_headers")
        self.workspace = workspace
        self.on_drift = _checked_hook("on_drift", on_drift)
        self.on_event = _checked_hook("on_event", on_event)
        self.strict = _flag("strict", strict)
        self.dry_run = _flag("dry_run", dry_run)

    def replace(self, **changes: Any) -> Options:
        """Return a copy of the settings with `changes`."""
        return Options(**{name: changes.get(name, getattr(self, name)) for name in self.__slots__})

    def timeouts(self, operation: float | None) -> dict[str, float | None]:
        """Return the timeouts of an attempt, as a transport takes them; `operation` is the operation's own timeout."""
        timeout = checked_timeout(operation or DEFAULT_TIMEOUT) if isinstance(self.timeout, Unset) else self.timeout
        return {name: min(seconds, _MAX_TIMEOUT) for name, seconds in timeout.as_dict().items() if seconds is not None}


def hiding_key(init: M) -> M:
    """Return a constructor that gets `api_key` as a `Secret`, so that no traceback with locals shows it.

    So it is with any other value that may be the key: one that is given without a name, or under a wrong one.
    """
    known = signature(init).parameters

    @wraps(init)
    def hidden(client: object, *arguments: Any, **named: Any) -> None:
        arguments = tuple(map(type, arguments))
        for name in named:
            if name not in known or (name == "api_key" and not isinstance(named[name], str | None)):
                named[name] = type(named[name])
            elif name == "api_key" and named[name] is not None:
                named[name] = Secret(named[name])
        init(client, *arguments, **named)

    return cast("M", hidden)


def checked_key(api_key: object) -> Secret:
    """Return the API key, from the environment if it is None.

    Args:
        api_key: the key, wrapped; the type of what cannot be one.
    """
    if api_key is None:
        api_key = Secret(os.environ.get("INSTANTLY_API_KEY", ""))
    if not isinstance(api_key, Secret):
        raise ConfigurationError(f"api_key must be a text, not {getattr(api_key, '__name__', '')}")
    if not api_key:
        raise ConfigurationError(
            "No API key. Pass api_key=, or set the environment variable INSTANTLY_API_KEY; "
            "keys are made in Instantly under Settings > Integrations > API Keys."
        )
    if not api_key.fits_a_header():
        raise ConfigurationError("The API key has characters that no key has; was more than the key copied?")
    return api_key


def checked_base_url(base_url: str | Unset, allow_http: bool) -> str:
    """Return the URL that paths are added to, without a slash at its end; by default that of the environment."""
    name, allowed = "base_url", _flag("allow_http", allow_http)
    if isinstance(base_url, Unset):
        base_url = os.environ.get("INSTANTLY_BASE_URL", "").strip() or DEFAULT_BASE_URL
        name = "base_url" if base_url == DEFAULT_BASE_URL else "The environment variable INSTANTLY_BASE_URL"
    try:
        url = URL(base_url)
    except (InvalidURL, TypeError):
        raise ConfigurationError(f"{name} is no URL") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(f"{name} must begin with https:// or http:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ConfigurationError(f"{name} must have no credentials, query or fragment")
    if not _can_be_host(url.raw_host.decode()):
        raise ConfigurationError(f"{name} names a host that cannot be")
    if not 0 < (443 if url.port is None else url.port) < 65536:
        raise ConfigurationError(f"{name} names a port that cannot be: ports are 1 to 65535")
    if url.scheme == "http" and not (allowed or is_loopback(url.host)):
        raise ConfigurationError(
            f"{name} begins with http://, which sends the key for all to read: take https://, or give allow_http=True"
        )
    # Every path begins with it.
    return str(url).rstrip("/").removesuffix("/api/v2")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _can_be_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        # What ends in a number is an address to some, and no address that there is.
        return len(host) <= _MAX_HOST and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return True


def checked_timeout(timeout: float | Timeout, name: str = "timeout") -> Timeout:
    """Return the timeouts of an attempt; 5 s of a single number, at most, are for the connection."""
    refuse_successor(name, timeout, "Timeout")
    if isinstance(timeout, Timeout):
        if None in timeout.as_dict().values():
            raise ConfigurationError(f"{name} must limit connect, read, write and pool: nothing waits for ever")
        return timeout
    seconds = _positive("timeout", timeout)
    return Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT))


def _positive(name: str, seconds: object) -> float:
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < float("inf"):
        return float(seconds)
    raise ConfigurationError(f"{name} must be a number of seconds above 0: nothing waits for ever")


def _checked_limiter(limiter: object) -> Any:
    wanted = isinstance(limiter, Unset) or limiter is None
    methods = (getattr(limiter, name, None) for name in ("acquire", "acquire_async"))
    if wanted or (all(map(callable, methods)) and not isinstance(limiter, type)):
        return limiter
    raise ConfigurationError(
        f"limiter must be a limiter, such as LocalLimiter(), or None to keep no limits, not {_named(limiter)}"
    )


def _checked_hook(name: str, hook: Any) -> Any:
    if hook is None or callable(hook):
        return hook
    raise ConfigurationError(f"{name} must be a function of one argument, or None, not {type(hook).__name__}")


def refuse_async_hooks(options: Options) -> None:
    """Refuse `async def` hooks, which only an async client awaits."""
    for name, hook in (("on_drift", options.on_drift), ("on_event", options.on_event)):
        if iscoroutinefunction(hook) or iscoroutinefunction(getattr(hook, "__call__", None)):  # noqa: B004
            raise ConfigurationError(f"{name} must not be `async def`: only an async client awaits its hooks")


def checked_kind(name: str, given: object, expected: type) -> None:
    """Refuse what is given instead of an object of the HTTP library."""
    if given is None or isinstance(given, expected):
        return
    refuse_successor(name, given, expected.__name__)
    raise ConfigurationError(f"{name} must be an httpx.{expected.__name__}, not {_named(given)}")


def refuse_successor(name: str, given: object, expected: str) -> None:
    """Refuse objects of the successor of the HTTP library, which has the same names."""
    if type(given).__module__.partition(".")[0] == "httpx2":
        raise ConfigurationError(
            f"{name} is of httpx2, and this package sends with httpx: give an httpx.{expected}, which may be installed "
            "next to httpx2"
        )


def _named(given: object) -> str:
    return f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__


def checked_client(client: Client | AsyncClient) -> None:
    """Refuse settings of a client of the caller that would not count."""
    if str(client.base_url):
        raise ConfigurationError("http_client has a base_url of its own: give it as base_url= to this client instead")


def timeout_of(client: Client | AsyncClient) -> Timeout | Unset:
    """Return the timeout of a client of the caller; UNSET if it is the one that the library has by default."""
    timeout = client.timeout
    return UNSET if timeout == _LIBRARY_TIMEOUT else checked_timeout(timeout, "the timeout of http_client")


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


def _checked_count(name: str, count: object, least: int = 0) -> int:
    if isinstance(count, int) and not isinstance(count, bool) and count >= least:
        return count
    raise ConfigurationError(f"{name} must be a whole number, {f'at least {least}' if least else '0 for none'}")


def checked_headers(headers: object, argument: str = "headers") -> dict[str, str]:
    """Return headers that can be sent, by their names in lower case: of two spellings of a name the last one counts.

    An error names the header, never its value.
    """
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"{argument} must be a mapping of names to values, not {type(headers).__name__}")
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError(f"{argument} has {name!r}, which cannot be the name of a header")
        if name.lower() in _RESERVED_HEADERS:
            raise ConfigurationError(f"The header {name} is set by the client itself")
        # The last one is also the last in order.
        checked.pop(name.lower(), None)
        checked[name.lower()] = header_value(name, value)
    return checked


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
    if options.workspace is not None:
        headers[WORKSPACE_HEADER] = options.workspace
    # HTTP wants the host first.
    host = URL(options.base_url).netloc
    return Headers([(b"host", host), *headers.raw, (b"authorization", f"Bearer {options.secret.reveal()}".encode())])
