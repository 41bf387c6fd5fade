"""The retry decision: whether another attempt follows a failed one, and when."""

from __future__ import annotations

import math
import socket
import ssl
from datetime import UTC
from enum import Enum

from ..http.exchange import TooLargeError
from ..http.library import (
    ConnectError,
    ConnectTimeout,
    Headers,
    LocalProtocolError,
    PoolTimeout,
    ProxyError,
    TooManyRedirects,
    UnsupportedProtocol,
)


class Failure(Enum):
    """The conclusion from a failed attempt."""

    NOT_SENT = "the service never saw the request"
    REFUSED = "the service did not carry it out, and will later: 429"
    UNCLEAR = "it may have been carried out: 408, 5xx, a timeout, a connection lost"
    FINAL = "it would fail again"


# The seconds of the first wait, doubled for each further one. After a 429 waiting is the cure, not a precaution.
_FIRST_WAIT = {Failure.NOT_SENT: 0.5, Failure.UNCLEAR: 0.5, Failure.REFUSED: 2.0}
_MAX_WAIT = 30.0
# A longer Retry-After is for the caller to decide on.
MAX_RETRY_AFTER = 60.0

_MAX_CAUSES = 8
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_PROXY_REFUSES = ("403", "407")
_NO_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def next_wait(
    failure: Failure,
    *,
    method: str,
    safe: bool,
    attempt: int,
    max_retries: int,
    retry_writes: bool = False,
    retry_after: float | None = None,
    remaining: float = math.inf,
    jitter: float,
) -> float | None:
    """Return the seconds to wait before the next attempt, or None for no further attempt.

    Args:
        failure: the conclusion from the attempt.
        method: the HTTP method.
        safe: the operation is marked as one that changes nothing.
        attempt: the attempt that failed, 1 for the first.
        max_retries: the number of attempts that may follow the first.
        retry_writes: the caller accepts that a write may be carried out twice.
        retry_after: the seconds that the service asked for.
        remaining: the seconds until the deadline of the call.
        jitter: drawn from [0, 1).
    """
    if failure is Failure.FINAL or attempt > max_retries:
        return None
    if failure is Failure.UNCLEAR and not (retry_writes or is_safe(method, safe)):
        return None
    spread: float = min(_FIRST_WAIT[failure] * 2 ** (attempt - 1), _MAX_WAIT) * jitter
    if retry_after is None:
        wait = spread
    elif retry_after > MAX_RETRY_AFTER:
        return None
    else:
        wait = retry_after + min(spread, 1.0)  # Clients that got the same moment should not all return at it.
    return wait if wait < remaining else None


def of_status(status: int) -> Failure:
    """Classify a status other than success."""
    if status == 429:
        return Failure.REFUSED
    return Failure.UNCLEAR if status == 408 or status >= 500 else Failure.FINAL


def of_exception(error: Exception, *, sent: bool) -> Failure:
    """Classify an exception that ended an attempt; `sent` says whether the request may have left before."""
    if isinstance(error, UnsupportedProtocol | LocalProtocolError | TooManyRedirects | TooLargeError):
        return Failure.FINAL
    if never_sent(error) or not sent:
        return Failure.FINAL if advice(error) else Failure.NOT_SENT
    return Failure.UNCLEAR


def never_sent(error: Exception) -> bool:
    """Return whether an exception says that the request did not leave."""
    return isinstance(
        error,
        ConnectError | ConnectTimeout | PoolTimeout | ProxyError | UnsupportedProtocol | LocalProtocolError,
    )


def advice(error: BaseException) -> str:
    """Return what to do about a failure to connect that no further attempt will heal; "" for others."""
    cause: BaseException | None = error
    for _ in range(_MAX_CAUSES):
        if cause is None:
            return ""
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                "its certificate is not trusted for this host: name a file with the right authority in SSL_CERT_FILE, "
                "or give an HTTP client with a TLS context of your own as http_client="
            )
        if isinstance(cause, ssl.SSLError) and getattr(cause, "reason", "") in _NO_TLS:
            return "the port does not speak TLS: does base_url begin with the right scheme and port?"
        if isinstance(cause, ProxyError) and str(cause).startswith(_PROXY_REFUSES):
            return "the proxy refuses: are its user and password right, and may it call this host?"
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_HOST:
            return "there is no such host: is base_url right?"
        cause = cause.__cause__ or cause.__context__
    return ""


def retry_after(headers: Headers) -> float | None:
    """Return the seconds of a `Retry-After` header, which may be a number or a date; None without a usable one."""
    text = headers.get("retry-after")
    if text is None:
        return None
    try:
        seconds = float(text)
    except (ValueError, OverflowError):
        return _seconds_until(text, headers.get("date"))
    return seconds if 0 <= seconds < math.inf else None


def _seconds_until(moment: str, now: str | None) -> float | None:
    from time import time

    then = _moment(moment)
    if then is None:
        return None
    # By the clock of the service, which set the date.
    start = _moment(now) if now else None
    return max(0.0, then - (time() if start is None else start))


def _moment(text: str) -> float | None:
    """The moment of an HTTP date, in any of its three forms; all of them are in UTC, and one does not say so."""
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def is_safe(method: str, safe: bool) -> bool:
    """Return whether a request changes nothing, so that it may be sent twice."""
    return safe or method in _SAFE_METHODS
