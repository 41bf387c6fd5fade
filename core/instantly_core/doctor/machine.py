"""Does this machine have what the client needs: key, proxies, certificates, clock, extras?"""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from importlib import metadata

from .asking import NoAnswer, ask
from .finding import Finding, note, ok, problem
from .project import numbers, split

KEY = "INSTANTLY_API_KEY"
MAX_CLOCK_SECONDS = 60


def check_key(environment: Mapping[str, str] = os.environ) -> Finding:
    """The key in the environment, of which nothing is shown."""
    key = environment.get(KEY)
    todo = "make a key under Settings > Integrations > API Keys, and pass it as api_key= or in the variable"
    if key is None:
        return note("key", f"{KEY} is not set", todo)
    bare = key.strip()
    if not bare:
        return problem("key", f"{KEY} is empty", todo)
    if not (bare.isascii() and bare.isprintable()) or " " in bare:
        return problem("key", f"{KEY} has characters that no key has", "copy the key, and nothing else, again")
    if bare[0] in "\"'" or bare.lower().startswith("bearer"):
        return problem("key", f"{KEY} has quotes, or the word Bearer, around the key", "set it to the key alone")
    return ok("key", f"{KEY} is set, with {len(bare)} characters")


def check_base_url(url: str) -> Finding:
    """The URL of the API, if it is another one than the client's own."""
    parts = split(url)
    if not parts or parts.scheme not in ("http", "https") or not parts.hostname:
        return problem("base URL", "it is no URL", "give it as https://HOST")
    if parts.username or parts.query or parts.fragment:
        return problem("base URL", f"that of {parts.hostname} has more than host and path", "give it as https://HOST")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        return problem("base URL", f"{parts.hostname} without https: the key can be read on the way", "use https")
    return ok("base URL", f"{parts.scheme}://{parts.netloc}{parts.path}")


def check_proxies(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    for name, value in sorted(environment.items()):
        if not re.fullmatch(r"(?i)(https?|all)_proxy", name) or not value:
            continue
        parts = split(value if "://" in value else f"http://{value}")
        if not parts or parts.scheme not in ("http", "https", "socks5", "socks5h") or not parts.hostname:
            yield problem("proxy", f"{name} is no URL of a proxy", "write it as http://HOST:PORT, or unset it")
        elif parts.scheme.startswith("socks") and not importlib.util.find_spec("socksio"):
            yield problem("proxy", f"{name} is a SOCKS proxy, which needs a package", "pip install httpx[socks]")
        else:
            yield ok("proxy", f"{name} leads over {parts.hostname}:{parts.port or ''}".rstrip(":"))


def check_certificates(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """The certificates that variables put in the place of the system's."""
    if file := environment.get("SSL_CERT_FILE"):
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(file)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            yield problem("certificates", f"SSL_CERT_FILE cannot be read: {why}", "name a file of certificates in PEM")
            return
        number = len(context.get_ca_certs())
        what = f"SSL_CERT_FILE has {number} certificate{'' if number == 1 else 's'} in the place of the system's"
        todo = "put the system's into the same file, or nothing else can be reached: cat SYSTEM ca.pem > bundle.pem"
        yield problem("certificates", what, todo) if number < 5 else ok("certificates", what)
    if (folder := environment.get("SSL_CERT_DIR")) and not any(map(os.path.isdir, folder.split(os.pathsep))):
        yield problem("certificates", "SSL_CERT_DIR is no folder", "unset it")


def check_clock(released: datetime.date) -> Finding:
    """The clock cannot be before the day of the document that the client is generated from."""
    today = datetime.datetime.now(datetime.UTC).date()
    if today < released:
        return problem("clock", f"it is {today} here, the client is of {released}", "set it: TLS depends on it")
    return ok("clock", f"{today}")


def check_service(url: str) -> Iterator[Finding]:
    """Ask the service without a key: can it be reached, and is its clock ours?"""
    parts = split(url)
    place = parts.netloc.rpartition("@")[2] if parts else "the base URL"
    try:
        answer = ask(url, method="HEAD")
    except NoAnswer as error:
        yield problem("service", f"{place} cannot be reached: {error}", "look at network, proxy and certificates")
        return
    yield ok("service", f"{place} answers")
    if answer.date:
        seconds = abs((datetime.datetime.now(datetime.UTC) - answer.date).total_seconds())
        if seconds > MAX_CLOCK_SECONDS:
            yield problem("clock", f"it differs from the service's by {seconds:.0f} s", "set the clock")


def check_extras(distribution: metadata.Distribution) -> Iterator[Finding]:
    """Which extras can be used, by the versions that are installed."""
    wanted: dict[str, list[str]] = {name: [] for name in distribution.metadata.get_all("Provides-Extra") or []}
    for requirement in distribution.requires or []:
        text, _, marker = requirement.partition(";")
        if found := re.search(r"extra == ['\"]([^'\"]+)['\"]", marker):
            wanted.setdefault(found[1], []).append(text.strip())
    for extra, requirements in sorted(wanted.items()):
        missing = [text for text in requirements if not _is_installed(text)]
        if not missing:
            yield ok(f"[{extra}]", "installed")
        elif len(missing) < len(requirements):
            # Nobody may want it: another extra, or another package, brings the rest.
            todo = f"pip install '{distribution.metadata['Name']}[{extra}]', if you want it"
            yield note(f"[{extra}]", f"only a part is installed: {', '.join(missing)} is not", todo)


def _is_installed(requirement: str) -> bool:
    found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(.*)", requirement)
    if not found:
        return False
    try:
        version = metadata.version(found[1])
    except metadata.PackageNotFoundError:
        return False
    least = re.search(r">=\s*([\d.]+)", found[2])
    return not least or numbers(version) >= numbers(least[1])
