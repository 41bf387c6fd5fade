"""The connection to an index, and what is wrong when it does not work."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from scripts.lib.report import Failed
from scripts.release.index.address import check
from scripts.release.index.credentials import LOOKED_IN, Credentials

SECONDS = 30
UNREACHABLE = "see that it runs, and look at the URL, VPN and proxy"
UNKNOWN_CA = "if the index has a CA of its own, give its certificate as a file: SSL_CERT_FILE=ca.pem"
BROKE_OFF = "run this again: what is there stays, what is missing follows"


def connect(credentials: Credentials | None) -> httpx.Client:
    """A client that goes as us, trusts what the system trusts, and is not led astray."""
    return httpx.Client(
        auth=(credentials.username, credentials.password) if credentials else None,
        # Not httpx's own list of CAs: that of the system, or SSL_CERT_FILE, as uv takes it.
        verify=ssl.create_default_context(),
        timeout=SECONDS,
        follow_redirects=True,
        event_hooks={"request": [_check_hop]},
    )


def denied(step: str, status: int, url: str, credentials: Credentials | None) -> Failed:
    """The failure at an index that does not let us in."""
    if credentials:
        who = f"{credentials.username} with the password from {credentials.source}"
        what, todo = f"does not let {who} in: it answers {status}", "correct it there, or ask for the right to publish"
    else:
        what, todo = f"asks for a password, and none was found: it answers {status}", f"put it into one of: {LOOKED_IN}"
    return Failed(step, f"{url} {what}", todo)


@contextmanager
def explained(step: str, url: str) -> Iterator[None]:
    """Say what is wrong with the way to the index when there is no answer."""
    try:
        yield
    except httpx.RequestError as error:
        what, todo = _cause(error)
        raise Failed(step, f"{url}: {what}", todo) from error


def _cause(error: httpx.RequestError) -> tuple[str, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}", UNKNOWN_CA
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectError():
            return f"the index cannot be reached: {error}", UNREACHABLE
        case httpx.TimeoutException():
            return f"the index does not answer within {SECONDS} s", "try again later, or look at its load"
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return f"the connection broke off: {error}", BROKE_OFF
        case _:
            return str(error), "look at the URL and the proxy"


def _check_hop(request: httpx.Request) -> None:
    """Refuse to be led to a public index, or off https; the rest of the URL is the index's business."""
    check(str(request.url.copy_with(query=None, fragment=None)))
