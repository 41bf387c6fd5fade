"""The address of an index: looked up by name, and refused where the package must not go."""

from __future__ import annotations

import configparser
import ipaddress
import os
import re
import socket
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx

from scripts.lib.report import Failed, refused

STEP = "index"
# The hosts of today, and those that old configurations still name.
PUBLIC = re.compile(r"(^|\.)(pypi\.(org|io)|pythonhosted\.org|pypi\.python\.org|testpypi\.python\.org)$")
# What these names mean to upload tools when no configuration gives them a URL.
PUBLIC_NAMES = {"pypi", "testpypi"}
_IS_PUBLIC = "the package is private, and what is public once cannot be taken back: name an index of your own"
_WHERE_CREDENTIALS_GO = (
    "command lines are seen by others and kept in histories: put the password into the keyring or .netrc, "
    "or give it with --password-stdin"
)

_refused = partial(refused, STEP)


@dataclass(frozen=True)
class Index:
    """An index by the URL that takes uploads and the URL of its simple API (PEP 503, PEP 691).

    `name` is what it was called on the command line: a name of some configuration, or the URL. `ca` is a file with the
    certificates that its own is to be trusted by, next to those that the system trusts.
    """

    name: str
    upload: str
    simple: str
    ca: Path | None = None

    def __post_init__(self) -> None:
        for url in (self.upload, self.simple):
            check(url)

    def page(self, project: str) -> str:
        """The URL of what the index lists of a project."""
        return f"{self.simple.rstrip('/')}/{project}/"


def find(wanted: str, *, simple: str | None = None, ca: Path | None = None, root: Path) -> Index:
    """The index by its name or the URL for uploads; `simple` is its simple API where no configuration says so.

    `ca` is the one of `[tool.publish.indexes.NAME]` in pyproject.toml if it is not given.

    Names are those of `[[tool.uv.index]]` in pyproject.toml, of `[[index]]` in the user's uv.toml, and of the sections
    in ~/.pypirc, in this order. Without anything else the simple API is at `simple/` below the uploads.
    """
    # Not repeated: it may hold a password.
    if "@" in wanted:
        raise _refused("the name of the index holds an @", _WHERE_CREDENTIALS_GO)
    if "://" in wanted:
        return _index(wanted, wanted, simple, ca)
    known = []
    for name, upload, listing in (*_of_uv(root), *_of_pypirc()):
        if name == wanted:
            return _index(name, upload, simple or listing, ca or _ca_of(name, root))
        known.append(name)
    if wanted in PUBLIC_NAMES:
        raise _refused(f"{wanted} is a public index", _IS_PUBLIC)
    raise _refused(
        f"there is no index {wanted!r}: pyproject.toml, uv.toml and ~/.pypirc name {', '.join(known) or 'none'}",
        "give its URL for uploads, or name it in one of these: docs/publishing.md",
    )


def check(url: str) -> None:
    """Refuse a URL that holds a password, can be read on the way, or leads to a public index."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise _refused("the URL of the index is no URL", "give one as https://HOST/PATH/") from None
    # Not repeated: all three may hold a password or a token.
    if parsed.userinfo:
        raise _refused(f"the URL of the index at {parsed.host} holds a user or a password", _WHERE_CREDENTIALS_GO)
    if parsed.query or parsed.fragment:
        raise _refused(f"the URL of the index at {parsed.host} holds more than a path", "give it up to the ? or #")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise _refused(f"{url} is no address of an index", "give one as https://HOST/PATH/")
    if parsed.scheme == "http" and not _is_loopback(parsed.host):
        raise _refused(f"{url} is not encrypted", "everybody on the way reads the password: use https")
    for name in _names_of(parsed.host):
        if PUBLIC.search(name):
            also = "" if name == parsed.host else f", which is {name},"
            raise _refused(f"{parsed.host}{also} is a public index", _IS_PUBLIC)


def pypirc() -> configparser.RawConfigParser:
    """The user's ~/.pypirc; empty without one."""
    parser = configparser.RawConfigParser()
    path = Path.home() / ".pypirc"
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        # The error would quote the line, which may be the one with the password.
        raise Failed(STEP, f"{path} cannot be read: it is no file of sections with KEY = VALUE") from None
    return parser


def _index(name: str, upload: str | None, simple: str | None, ca: Path | None) -> Index:
    if not upload:
        raise _refused(f"the index {name!r} has no URL for uploads", "give it one: `publish-url` for uv, or the URL")
    return Index(name, upload, simple or f"{upload.rstrip('/')}/simple/", ca)


def _ca_of(name: str, root: Path) -> Path | None:
    settings = _settings(root / "pyproject.toml").get("tool", {}).get("publish", {}).get("indexes", {}).get(name, {})
    return root / settings["ca"] if "ca" in settings else None


def _settings(path: Path) -> dict[str, Any]:
    """The content of a TOML file; nothing without the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failed(STEP, f"{path} cannot be read: {error}") from None


def _of_uv(root: Path) -> Iterator[tuple[str, str | None, str | None]]:
    user = Path(os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA") or Path.home() / ".config")
    own = os.environ.get("UV_CONFIG_FILE") or user / "uv" / "uv.toml"
    for path in (root / "pyproject.toml", Path(own)):
        settings = _settings(path)
        if path.name == "pyproject.toml":
            settings = settings.get("tool", {}).get("uv", {})
        for entry in settings.get("index", []):
            if "name" in entry:
                yield entry["name"], entry.get("publish-url"), entry.get("url")


def _of_pypirc() -> Iterator[tuple[str, str | None, str | None]]:
    parser = pypirc()
    for name in parser.sections():
        if name == "distutils":
            continue
        url = parser.get(name, "repository", fallback=None)
        if not url and name in PUBLIC_NAMES:
            continue
        yield name, url, None


@cache
def _names_of(host: str) -> set[str]:
    """The host and, where it can be known, the name that it is an alias of."""
    names = {host.rstrip(".")}
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except OSError:
        return names  # Behind a proxy often only that knows; what cannot be reached says so when it is asked.
    return names | {canonical.rstrip(".").lower() for *_, canonical, _ in found if canonical}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
