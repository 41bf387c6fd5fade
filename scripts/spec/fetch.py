"""Get a document from where it is published: only over TLS, only from the hosts that the settings name, in bounds.

What comes back is JSON, whole, or there is an error that says what it was instead. Of the text of an answer nothing is
shown: it could be anybody's.
"""

from __future__ import annotations

import asyncio
import re
import runpy
import socket
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import NoReturn

import httpx

from scripts.lib.layout import PROJECT
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Finding, Refused, refused
from scripts.spec.load import MAX_BYTES, parse
from scripts.spec.settings import Settings

STEP = "fetch"
MAX_REDIRECTS = 5
VERSION = PROJECT.root / "core" / "instantly_core" / "version.py"

_BY_HAND = "save the document with a browser, look at it, and pin the file: nox -s pin -- FILE"
_HOSTS = "a document from elsewhere would become code; if it is to be trusted, add it to hosts in [tool.pin]"
_LATER = "try again later; if it stays so, " + _BY_HAND

_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429}
_CHALLENGE = re.compile(rb"cdn-cgi/challenge-platform|_cf_chl_|<title>just a moment|captcha", re.IGNORECASE)
_LOGIN = re.compile(rb"type\s*=\s*[\"']?password", re.IGNORECASE)
_HTML = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_ENOUGH_TO_TELL = 64 * 1024


@dataclass(frozen=True)
class Bounds:
    """Bounds of a fetch, in bytes and seconds."""

    size: int = MAX_BYTES
    """Of the document, as it is sent and as it is when it is decompressed."""
    total: float = 120
    """All of it: redirects, the second try and the pause before it."""
    connect: float = 10
    read: float = 30
    """Without anything coming."""
    pause: float = 3
    """Before the second try, where the server asks for none."""
    longest_pause: float = 30
    """If the server asks for more there is no second try."""


class _Passing(Exception):  # noqa: N818 - it may pass
    """A failure that a second try could mend, and how long the server wants that to wait."""

    def __init__(self, what: str, todo: str = _LATER, wait: float | None = None) -> None:
        self.what, self.todo, self.wait = what, todo, wait
        super().__init__(what)


def fetch(
    url: str,
    settings: Settings,
    on_step: Progress.OnStep,
    *,
    context: ssl.SSLContext | None = None,
    bounds: Bounds | None = None,
) -> bytes:
    """The JSON document at `url`.

    `context` says which certificates are trusted; without it the certificates that the environment names, or those
    that come with httpx. Proxies of the environment are used, its `.netrc` is not.

    Raises:
        Refused: the address, or one that it redirects to, is not allowed, or what comes is not the document.
        Failed: something that may pass is in the way, twice.
    """
    bounds = bounds or Bounds()
    first = _allowed(url, None, settings)
    return asyncio.run(_fetch(first, settings, on_step, context or _context(), bounds))


async def _fetch(
    url: httpx.URL, settings: Settings, on_step: Progress.OnStep, context: ssl.SSLContext, bounds: Bounds
) -> bytes:
    try:
        async with asyncio.timeout(bounds.total):  # what is sent in drips does not run into any other
            try:
                return await _follow(url, settings, on_step, context, bounds)
            except _Passing as failure:
                pause = bounds.pause if failure.wait is None else failure.wait
                if pause > bounds.longest_pause:
                    raise
            on_step(f"wait {pause:.0f} s")
            await asyncio.sleep(pause)
            return await _follow(url, settings, on_step, context, bounds)
    except _Passing as failure:
        raise _failed(url, failure.what, failure.todo) from failure
    except TimeoutError as error:
        raise _failed(url, f"it took longer than {bounds.total:.0f} s", _LATER) from error


async def _follow(
    url: httpx.URL, settings: Settings, on_step: Progress.OnStep, context: ssl.SSLContext, bounds: Bounds
) -> bytes:
    """One try: the document, after at most so many redirects."""
    async with _client(context, bounds) as client:
        for _ in range(MAX_REDIRECTS + 1):
            host = url.netloc.decode("ascii")
            on_step(f"fetch from {host}")
            try:
                async with client.stream("GET", url) as response:
                    if response.status_code not in _REDIRECTS:
                        return await _document(response, bounds)
                    url = _allowed(response.headers.get("location", ""), url, settings)
            except httpx.TransportError as error:
                raise _trouble(error, host) from error
    why = f"it leads in a circle; {_BY_HAND}"
    raise refused(STEP, f"it redirects more than {MAX_REDIRECTS} times", why, at=_place(url))


def _client(context: ssl.SSLContext, bounds: Bounds) -> httpx.AsyncClient:
    version = runpy.run_path(str(VERSION))["__version__"]
    headers = {
        "User-Agent": f"instantly-client/{version} (nox -s pin)",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    timeout = httpx.Timeout(bounds.read, connect=bounds.connect)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    try:
        return httpx.AsyncClient(verify=context, timeout=timeout, cookies=no_cookies, headers=headers)
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        why = "nothing can be fetched through it; mend HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"
        raise refused(STEP, "a proxy that the environment names cannot be used", why) from error


def _context() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        what = f"the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: {error}"
        raise refused(STEP, what, "without them no server can be trusted; mend or unset the variable") from error


def _allowed(text: str, base: httpx.URL | None, settings: Settings) -> httpx.URL:
    """The address, if it is one to fetch from; `base` is where it was redirected from."""
    came = "it redirects to" if base else "the address is"
    pointer = _place(base) if base else ""
    try:
        url = base.join(text) if base else httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise refused(STEP, f"{came} what is no URL", "there is nothing to fetch", at=pointer) from None
    if base and not text:
        raise refused(STEP, "it redirects to nowhere", f"it names no place to go on; {_BY_HAND}", at=pointer)
    host = url.raw_host.decode("ascii")
    there = f"{host}:{url.port}" if url.port else host
    if url.scheme != "https":
        why = "what is not sent over TLS anybody on the way could have changed; use an https address"
        raise refused(STEP, f"{came} {_short(url.scheme or 'a path')}, not https", why, at=pointer)
    if url.userinfo:
        why = "it would end in logs and in the lock; the document is public, leave them out"
        raise refused(STEP, f"{came} one with a user or a password in it", why, at=pointer)
    if there not in settings.hosts and f"{host}:443" != there:
        listed = ", ".join(settings.hosts)
        raise refused(STEP, f"{came} one on {_short(there)}; allowed are {listed}", _HOSTS, at=pointer)
    return url


async def _document(response: httpx.Response, bounds: Bounds) -> bytes:
    """The body of the last answer, if it is a document."""
    url, headers = response.url, response.headers
    status = response.status_code
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = re.fullmatch(r"application/([\w.-]+\+)?json|text/json|", kind)
    if status != 200 or not is_json:
        _name_page(response, await _read(response, bounds, at_most=_ENOUGH_TO_TELL))
    if status != 200:
        what = f"the server answers {status}{_phrase(status)}"
        if status < 500 and status not in _PASSING:
            _refuse(url, what, f"that is not the document; look whether the address is still right, or {_BY_HAND}")
        wait = _retry_after(headers.get("retry-after", ""))
        raise _Passing(what + ("" if wait is None else f" and asks to wait {wait:.0f} s"), wait=wait)
    if not is_json:
        _refuse(url, f"the answer is {_short(kind)}, not JSON", f"it is not the document; {_BY_HAND}")
    body = await _read(response, bounds)
    if not body.strip():
        _refuse(url, "the answer is empty", f"there is no document in it; {_BY_HAND}")
    if _HTML.match(body):
        _name_page(response, body)
    try:
        parse(body)
    except Refused as error:
        raise Refused(STEP, [Finding(_place(url), finding.what, finding.why) for finding in error.findings]) from error
    return body


async def _read(response: httpx.Response, bounds: Bounds, *, at_most: int | None = None) -> bytes:
    """The body, decompressed; no more than `at_most` bytes of it, or else all of it if it is within the bounds."""
    url, limit = response.url, at_most or bounds.size
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        _refuse(url, f"the answer is encoded as {_short(encoding)}", f"only gzip was asked for; {_BY_HAND}")
    # Not httpx's own: it decompresses a piece as a whole, whatever that comes to.
    gzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body, sent = bytearray(), 0
    try:
        async for piece in response.aiter_raw():
            sent += len(piece)
            body += gzip.decompress(piece, limit + 1 - len(body)) if gzip else piece
            if max(len(body), sent) > limit:
                if at_most:
                    return bytes(body[:limit])
                why = f"no description of an API is; this is something else; {_BY_HAND}"
                _refuse(url, f"the answer is larger than {limit:,} bytes", why)
    except httpx.TransportError as error:
        if isinstance(error, httpx.TimeoutException):
            raise
        raise _Passing(f"the download broke off after {sent:,} bytes") from error
    except zlib.error as error:
        raise _Passing("the answer says that it is gzip data, and is not") from error
    if gzip and sent and not gzip.eof:
        raise _Passing(f"the download broke off after {sent:,} bytes: the gzip data goes on")
    return bytes(body)


def _name_page(response: httpx.Response, body: bytes) -> None:
    """Refuse a page for people, by its kind."""
    url = response.url
    if response.headers.get("cf-mitigated") == "challenge" or (_HTML.match(body) and _CHALLENGE.search(body)):
        _refuse(url, "the answer is a challenge page, to keep programs out", f"only a browser can pass it; {_BY_HAND}")
    if response.status_code == 200 and _HTML.match(body):
        kind = "a login page" if _LOGIN.search(body) else "an HTML page"
        _refuse(url, f"the answer is {kind}, not the document", f"it is made for people; {_BY_HAND}")


def _trouble(error: httpx.TransportError, host: str) -> _Passing | Refused:
    """The trouble on the way to an answer, in words."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = f"the certificate of {host} is not trusted: {cause.verify_message}"
            why = "somebody else could be answering; behind a company's proxy name its CA in SSL_CERT_FILE"
            return refused(STEP, what, why)
    match error:
        case httpx.ProxyError():
            return _Passing("the proxy that the environment names refuses or fails", "look at HTTPS_PROXY")
        case httpx.ConnectError() if any(isinstance(cause, socket.gaierror) for cause in causes):
            return _Passing(f"the name {host} cannot be resolved", "look at the network connection")
        case httpx.ConnectError() if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return _Passing(f"{host} does not speak TLS as it should")
        case httpx.ConnectError():
            return _Passing(f"{host} cannot be connected to", "look at the network connection")
        case httpx.ConnectTimeout():
            return _Passing(f"{host} could not be connected to in time", "look at the network connection")
        case httpx.TimeoutException():
            return _Passing(f"{host} sent nothing for too long")
        case httpx.RemoteProtocolError():
            return _Passing(f"{host} hung up, or does not speak HTTP as it should")
        case _:
            return _Passing(f"the connection to {host} broke ({type(error).__name__})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def _retry_after(text: str) -> float | None:
    """The seconds that a server asks to wait, given as such or as a date."""
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _place(url: httpx.URL) -> str:
    """The address without what could be secret in it."""
    return _short(str(url.copy_with(userinfo=b"", query=None, fragment=None)))


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:100] + "..."


def _failed(url: httpx.URL, what: str, todo: str) -> Failed:
    return Failed(STEP, f"{_place(url)}: {what}", todo)


def _refuse(url: httpx.URL, what: str, why: str) -> NoReturn:
    raise refused(STEP, what, why, at=_place(url))
