"""As whom we go to an index: from where people keep passwords, and never shown."""

from __future__ import annotations

import base64
import html
import json
import netrc
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx

from scripts.lib.process import execute
from scripts.lib.report import Failed
from scripts.release.index.address import STEP, Index, pypirc

VARIABLES = ("UV_PUBLISH_TOKEN", "UV_PUBLISH_USERNAME", "UV_PUBLISH_PASSWORD", "TWINE_USERNAME", "TWINE_PASSWORD")
LOOKED_IN = "UV_PUBLISH_TOKEN, UV_PUBLISH_USERNAME with UV_PUBLISH_PASSWORD, TWINE_*, ~/.pypirc, .netrc, the keyring"


@dataclass(frozen=True)
class Credentials:
    """A user and a password, and where they were found."""

    username: str
    password: str = field(repr=False)
    source: str

    def scrub(self, text: str) -> str:
        """`text` without the password, in any form in which a program may have quoted it."""
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        quoted = (quote(self.password), quote(self.password, safe=""), html.escape(self.password))
        for secret in (pair, self.password, *quoted):
            text = text.replace(secret, "***")
        return text


def find(index: Index) -> Credentials | None:
    """The credentials for an index; None where none are kept, for an index that asks for none."""
    if token := os.environ.get("UV_PUBLISH_TOKEN"):
        return Credentials("__token__", token, "UV_PUBLISH_TOKEN")
    username = None
    for tool in ("UV_PUBLISH", "TWINE"):
        username = username or os.environ.get(f"{tool}_USERNAME")
        if username and (password := os.environ.get(f"{tool}_PASSWORD")):
            return Credentials(username, password, f"{tool}_PASSWORD")
    parser = pypirc()
    for section in parser.sections():
        if index.name == section or index.upload == parser.get(section, "repository", fallback=None):
            username = username or parser.get(section, "username", fallback=None)
            if username and (password := parser.get(section, "password", fallback=None)):
                return Credentials(username, password, f"~/.pypirc, section {section}")
    return _of_netrc(index, username) or _of_keyring(index, username)


@contextmanager
def withheld() -> Iterator[None]:
    """Keep the variables that hold passwords from all programs that are started meanwhile: they run others' code."""
    held = {name: os.environ.pop(name) for name in VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)


def _of_netrc(index: Index, username: str | None) -> Credentials | None:
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        found = netrc.netrc(path).authenticators(httpx.URL(index.upload).host)
    except FileNotFoundError:
        return None
    except (netrc.NetrcParseError, OSError):
        # The error would quote the word at fault, which may be the password.
        raise Failed(STEP, f"{path} cannot be read: it is no netrc file, or others may read it (chmod 600)") from None
    if not found or not found[2] or username not in (None, found[0]):
        return None
    return Credentials(found[0], found[2], path.name)


def _of_keyring(index: Index, username: str | None) -> Credentials | None:
    """The credentials that the command `keyring` has for the URL, or for its host, as uv and pip ask it."""
    command = shutil.which("keyring")
    if not command:
        return None
    for service in (index.upload, httpx.URL(index.upload).netloc.decode()):
        ask = [command, "--mode", "creds", "--output", "json", "get", service, *([username] if username else [])]
        try:
            done = execute(ask, timeout=60)
        except subprocess.TimeoutExpired:
            raise Failed(STEP, "the keyring does not answer within 60 s: unlock it, and run this again") from None
        if done.returncode == 0:
            found = json.loads(done.stdout)
            if found["password"]:
                return Credentials(found["username"], found["password"], "keyring")
    return None
