"""One request to an index or to the service: whatever comes of it is an answer, or the reason why nothing came."""

from __future__ import annotations

import base64
import datetime
import netrc
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from .project import split

SECONDS = 10
MAX_BYTES = 10_000_000


class NoAnswer(Exception):  # noqa: N818 - it says what is wrong, in words for people
    """There is no answer; the message says why, without the URL, which may have a password."""


@dataclass(frozen=True)
class Answer:
    """What came back in the end: from where, the status, the text, and when it was sent if it says so."""

    url: str
    status: int
    text: str
    date: datetime.datetime | None


def ask(url: str, *, method: str = "GET", accept: str = "*/*", credentials: bool = False) -> Answer:
    """Ask a server; with `credentials`, with the user and password of the URL or of .netrc.

    Raises:
        NoAnswer: it cannot be reached, or what comes back is no HTTP.
    """
    parts = split(url)
    if not parts or parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoAnswer("it is no URL of http or https")
    # Not in the URL: `urllib` takes what it cannot read for a port, and quotes it.
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    headers = {"Accept": accept, "User-Agent": "instantly-client doctor"}
    try:
        if credentials and (found := _credentials(url)):
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(found).encode()).decode()
        opener = build_opener(HTTPSHandler(context=ssl.create_default_context()), _Redirects())
        try:
            response = opener.open(Request(bare, method=method, headers=headers), timeout=SECONDS)
        except HTTPError as error:
            response = error
        with response:
            text = response.read(MAX_BYTES).decode("utf-8", "replace")
            return Answer(response.url, response.status or 0, text, _date(response.headers.get("Date")))
    except URLError as error:
        raise NoAnswer(str(error.reason)) from None
    except HTTPException as error:
        raise NoAnswer(f"what it answers is no HTTP ({type(error).__name__})") from None
    except (OSError, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None


class _Redirects(HTTPRedirectHandler):
    """Follows as `urllib` does, but without the password to another server."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following and urlsplit(req.full_url)[:2] != urlsplit(newurl)[:2]:
            following.remove_header("Authorization")
        return following


def _credentials(url: str) -> tuple[str, str] | None:
    parts = urlsplit(url)
    if parts.username:
        return unquote(parts.username), unquote(parts.password or "")
    try:
        found = netrc.netrc().authenticators(parts.hostname or "")
    except (OSError, ValueError, netrc.NetrcParseError):
        return None
    return (found[0], found[2] or "") if found else None


def _date(value: str | None) -> datetime.datetime | None:
    try:
        found = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
