"""The connection to an index, and what is wrong when it does not work."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from scripts.lib.report import Failed
from scripts.release.index.address import STEP, Index, check
from scripts.release.index.credentials import LOOKED_IN, Credentials

SECONDS = 30
UNREACHABLE = "see that it runs, and look at the URL, VPN and proxy"
UNKNOWN_CA = "if the index has a CA of its own, give its certificate as a file: --ca ca.pem"
# By the numbers of OpenSSL: a certificate that is not valid yet, or no longer, and one of another host.
CERTIFICATES = {
    **dict.fromkeys((9, 10), "let the index have a new certificate, and see that the clock here is right"),
    **dict.fromkeys((62, 64), "give the URL with the host that its certificate names"),
}
BROKE_OFF = "run this again: what is there stays, what is missing follows"


def connect(index: Index, credentials: Credentials | None) -> httpx.Client:
    """A client that goes as us, trusts what the system trusts, and is not led astray."""
    try:
        return httpx.Client(
            auth=_Password(index, credentials) if credentials else None,
            # Not httpx's own list of CAs: that of the system, or SSL_CERT_FILE, which `trust` sets.
            verify=ssl.create_default_context(),
            # Only this machine is asked without TLS, and a proxy elsewhere would read the password.
            mounts={"http://": None},
            timeout=SECONDS,
            follow_redirects=True,
            event_hooks={"request": [_check_hop]},
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        # Not repeated: a proxy's URL may hold its password.
        what = "the environment names a proxy that cannot be used"
        raise Failed(STEP, what, "correct HTTPS_PROXY or ALL_PROXY: http://HOST:PORT") from None


class _Password(httpx.Auth):
    """The user and the password, for the hosts of the index alone: it may list files of any other."""

    def __init__(self, index: Index, credentials: Credentials) -> None:
        self._hosts = {_origin(httpx.URL(url)) for url in (index.upload, index.simple)}
        self._basic = httpx.BasicAuth(credentials.username, credentials.password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if _origin(request.url) in self._hosts:
            yield from self._basic.auth_flow(request)
        else:
            yield request


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


@contextmanager
def trust(ca: Path | None) -> Iterator[None]:
    """Trust the certificates in the file `ca` as well as those of the system, here and in what is started meanwhile.

    SSL_CERT_FILE alone takes the place of the system's, and then the packages that ours needs cannot be installed.
    """
    if ca is None:
        yield
        return
    before = os.environ.get("SSL_CERT_FILE")
    with tempfile.TemporaryDirectory(prefix="certificates-") as folder:
        bundle = Path(folder, "bundle.pem")
        bundle.write_text("\n".join([*_system_roots(), _certificates(ca)]), encoding="utf-8")
        os.environ["SSL_CERT_FILE"] = str(bundle)
        try:
            yield
        finally:
            os.environ.pop("SSL_CERT_FILE")
            if before is not None:
                os.environ["SSL_CERT_FILE"] = before


def _system_roots() -> Iterator[str]:
    context = ssl.create_default_context()
    yield from map(ssl.DER_cert_to_PEM_cert, context.get_ca_certs(binary_form=True))
    # OpenSSL reads a folder of certificates, whose names are hashes, only when it needs one of them.
    folder = ssl.get_default_verify_paths().capath
    for path in sorted(Path(folder).glob("*.[0-9]")) if folder else ():
        yield path.read_text(encoding="utf-8")


def _certificates(ca: Path) -> str:
    try:
        text = ca.read_text(encoding="utf-8")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (OSError, ValueError, ssl.SSLError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is in another form"
        todo = "export the certificate of the CA as PEM, which begins with BEGIN CERTIFICATE"
        raise Failed(STEP, f"{ca} has no certificates in PEM: {why}", todo) from None
    return text


def again(response: httpx.Response) -> str:
    """When to run the command again after an answer that may be another one then."""
    seconds = response.headers.get("retry-after", "")
    return f"run this again in {seconds} s" if seconds.isdecimal() else "run this again later"


def denied(step: str, status: int, url: str, credentials: Credentials | None) -> Failed:
    """The failure at an index that does not let us in."""
    if credentials:
        who = f"{credentials.username} with the password from {credentials.source}"
        what, todo = f"does not let {who} in: it answers {status}", "correct it there, or ask for the right to publish"
    else:
        what, todo = f"asks for a password, and none was found: it answers {status}", f"put it into one of: {LOOKED_IN}"
    return Failed(step, f"{url} {what}", todo)


@contextmanager
def explained(step: str, url: str, kind: type[Failed] = Failed) -> Iterator[None]:
    """Say what is wrong with the way to the index when there is no answer, with an exception of that kind."""
    try:
        yield
    except httpx.RequestError as error:
        what, todo = _cause(error)
        raise kind(step, f"{url}: {what}", todo) from error


def _cause(error: httpx.RequestError) -> tuple[str, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            todo = CERTIFICATES.get(cause.verify_code, UNKNOWN_CA)
            return f"its certificate is not trusted: {cause.verify_message}", todo
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
