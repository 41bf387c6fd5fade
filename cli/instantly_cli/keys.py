"""The API key that `instantly login` keeps: in a file of the user's, or in the keyring of the system."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click

_SERVICE = "instantly-client"
_USER = "api key"
_FILE = "login.json"


class KeyStoreError(click.ClickException):
    """The stored key cannot be read or written."""


def path() -> Path:
    """The file that `instantly login` writes, in the user's directory for configuration."""
    return Path(click.get_app_dir(_SERVICE)) / _FILE


def stored_key() -> str | None:
    """The key of the last login; None without one.

    Raises:
        KeyStoreError: there is one, but it cannot be read.
    """
    file = path()
    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise KeyStoreError(f"{file} can be read by other users; make it yours alone: chmod 600 '{file}'")
        stored = json.loads(file.read_text("utf-8"))
        found = _keyring().get_password(_SERVICE, _USER) if stored.get("keyring") else str.strip(stored["api_key"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyStoreError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyStoreError(f"{file} cannot be read; write it anew: instantly login") from None
    if found is None:
        raise KeyStoreError("the keyring has no key any more; log in anew: instantly login --keyring")
    return str(found)


def store(key: str, *, keyring: bool) -> Path:
    """Keep a key, and return the file that says where it is; nobody else can read it, at no moment.

    Raises:
        KeyStoreError: it cannot be written.
    """
    if keyring:
        _keyring().set_password(_SERVICE, _USER, key)
    file = path()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The file is made for the user alone, and takes its place whole.
        number, name = tempfile.mkstemp(dir=file.parent, prefix=f"{_FILE}.")
        with open(number, "w", encoding="utf-8") as written:
            json.dump({"keyring": True} if keyring else {"api_key": key}, written)
        Path(name).replace(file)
    except OSError as error:
        raise KeyStoreError(f"{file} cannot be written: {error.strerror}") from None
    return file


def forget() -> bool:
    """Remove the stored key; returns whether there was one."""
    file = path()
    try:
        if json.loads(file.read_text("utf-8")).get("keyring"):
            _keyring().delete_password(_SERVICE, _USER)
    except FileNotFoundError:
        return False
    except (ValueError, AttributeError):
        # What cannot be read is removed all the same.
        pass
    file.unlink()
    return True


def _keyring() -> Any:
    try:
        import keyring
    except ModuleNotFoundError:
        raise KeyStoreError("the keyring needs another package: pip install keyring") from None
    return _Keyring(keyring)


class _Keyring:
    """The keyring of the system, whose errors are ours."""

    def __init__(self, keyring: Any) -> None:
        self._keyring = keyring

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: str) -> Any:
            try:
                return getattr(self._keyring, name)(*arguments)
            except self._keyring.errors.KeyringError as error:
                raise KeyStoreError(f"the keyring of this system failed: {error}") from None

        return call
