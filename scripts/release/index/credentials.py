"""As whom we go to an index: from where people keep passwords, and never shown."""

from __future__ import annotations

import base64
import html
import json
import netrc
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, quote_plus

import httpx

from scripts.lib.process import execute
from scripts.lib.report import CONTROL, Failed, print_line, refused, visible
from scripts.release.index.address import STEP, Index, pypirc

VARIABLES = ("UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD", "TWINE_PASSWORD")
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
        quoted = (quote(self.password), quote(self.password, safe=""), quote_plus(self.password))
        for secret in (pair, self.password, *quoted, html.escape(self.password), json.dumps(self.password)[1:-1]):
            text = text.replace(secret, "***")
        return text


def find(index: Index, username: str | None = None) -> Credentials | None:
    """The credentials for an index, of this user if one is named; None where none are kept.

    Those in the environment are not for this process: `leave_environment`.
    """
    parser = pypirc()
    for section in parser.sections():
        repository = parser.get(section, "repository", fallback="")
        if index.name == section or index.upload.rstrip("/") == repository.rstrip("/"):
            username = username or parser.get(section, "username", fallback=None)
            if username and (password := parser.get(section, "password", fallback=None)):
                return Credentials(username, password, f"~/.pypirc, section {section}")
    return _of_netrc(index, username) or _of_keyring(index, username)


def read(stream: BinaryIO, username: str | None, source: str) -> Credentials:
    """The credentials whose password is the first line of a stream, in UTF-8 whatever the system's encoding is."""
    try:
        password = stream.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Failed(STEP, f"the password on {source} is not in UTF-8", "write it there in UTF-8") from None
    if not password:
        raise Failed(STEP, f"there is no password on {source}", "write it there, as one line")
    return Credentials(username or "__token__", password, source)


def of_environment() -> Credentials | None:
    """The credentials that the environment has, as uv and twine read them."""
    if token := os.environ.get("UV_PUBLISH_TOKEN"):
        return Credentials("__token__", token, "UV_PUBLISH_TOKEN")
    username = None
    for tool in ("UV_PUBLISH", "TWINE"):
        username = username or os.environ.get(f"{tool}_USERNAME")
        if username and (password := os.environ.get(f"{tool}_PASSWORD")):
            return Credentials(username, password, f"{tool}_PASSWORD")
    return None


def leave_environment(module: str, arguments: Sequence[str]) -> None:
    """Start this process anew, as `python -m MODULE ARGUMENTS`, without the password that its environment has.

    What a process is started with stays readable for all that it starts, whatever it removes from its environment. So
    the password comes over a pipe. Returns if the environment has none.
    """
    found = of_environment()
    if not found:
        return
    # Kept in a file, most of them end with a line break, which is no part of them.
    found = replace(found, password=found.password.strip("\r\n"))
    require_sendable(found)
    reading, writing = os.pipe()
    os.write(writing, os.fsencode(found.password) + b"\n")
    os.close(writing)
    os.dup2(reading, sys.stdin.fileno())
    known = ["--username", found.username, "--password-stdin", found.source]
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments, *known], environment)


def require_sendable(who: Credentials) -> None:
    """Refuse what the index would understand as another user or password."""
    if ":" in who.username:
        raise refused(STEP, f"the user of {who.source} has a colon", "where it is sent, the password begins there")
    if CONTROL.search(who.password):
        what = f"the password from {who.source} has a line break, or another character that nobody can type"
        raise refused(STEP, what, "keep it as one line")


def require_secrecy(who: Credentials) -> None:
    """Refuse a password that every program started from here could read in the start of a process above it.

    Where the system does not show how processes were started, nothing is refused.
    """
    process = os.getpid()
    while process > 1:
        try:
            begun = Path(f"/proc/{process}")
            variables = (begun / "environ").read_bytes().split(b"\0")
            arguments = (begun / "cmdline").read_bytes().split(b"\0")
            status = (begun / "status").read_text("utf-8")
        except OSError:
            return  # Of another user, or no such system.
        if who.password.encode() in {entry.partition(b"=")[2] for entry in (*variables, *arguments)} | {*arguments}:
            name = Path(arguments[0].decode(errors="replace")).name
            what = f"the process {process} ({name}) was started with the password, readable for all that it starts"
            why = "use --password-stdin, .netrc or the keyring, or start this with `exec` in a script"
            raise refused(STEP, what, why)
        process = int(status.partition("PPid:")[2].split()[0])


def _of_netrc(index: Index, username: str | None) -> Credentials | None:
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise Failed(STEP, f"{path} can be read by others", f"chmod 600 {path}")
        found = netrc.netrc(path).authenticators(httpx.URL(index.upload).host)
    except FileNotFoundError:
        return None
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        # The error would quote the word at fault, which may be the password.
        raise Failed(STEP, f"{path} cannot be read: it is no netrc file") from None
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
        except OSError as error:
            raise Failed(STEP, f"{command} cannot be run: {error.strerror}", "mend it, or use .netrc") from None
        if done.returncode == 0:
            try:
                found = json.loads(done.stdout)
                if found["password"]:
                    return Credentials(found["username"].strip(), found["password"].strip("\r\n"), "keyring")
            except (ValueError, LookupError, TypeError, AttributeError):
                # Not repeated: it may be the password.
                what = f"{command} does not answer with the JSON of a user and a password"
                raise Failed(STEP, what, "use the program `keyring` in version 25.2 or newer, or .netrc") from None
        elif said := done.stderr.strip():
            # No reason to stop: the index may want no password.
            print_line(sys.stderr, f"{STEP}: {command} has failed: {visible(said.splitlines()[-1])[:200]}")
            break
    return None
