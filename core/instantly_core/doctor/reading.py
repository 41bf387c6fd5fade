"""Files of settings, with whatever is in them: what cannot be understood is named by its place, and never quoted."""

from __future__ import annotations

import codecs
import configparser
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""The first bytes by which Windows' editors and shells say how a file is encoded."""


class Unreadable(Exception):  # noqa: N818 - it says what is wrong, in words for people
    """A file of settings cannot be understood; the message does not quote it, for it may have a password."""


@dataclass(frozen=True)
class Table:
    """A table of a TOML file, which `place` names. Whatever has another shape than is asked for is `Unreadable`."""

    place: str
    values: Mapping[str, Any]

    def __bool__(self) -> bool:
        return bool(self.values)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def table(self, *keys: str) -> Table:
        """The table under these keys; empty if nothing is there."""
        found = self
        for key in keys:
            found = Table(found._at(key), found._value(key, dict, {}))
        return found

    def tables(self, key: str) -> list[Table]:
        """The tables of an array; no tables without the array."""
        entries = self._value(key, list, [])
        if not all(isinstance(entry, dict) for entry in entries):
            raise Unreadable(f"{self._at(key)} has entries that are no tables")
        return [Table(self._at(key), entry) for entry in entries]

    def entries(self, key: str) -> list[Table]:
        """The tables of an array, or the one table that there is in its place."""
        return self.tables(key) if isinstance(self.values.get(key), list) else [self.table(key)]

    def text(self, key: str) -> str | None:
        value: str | None = self._value(key, str, None)
        return value

    def texts(self, key: str) -> list[str]:
        """The texts of an array, or the one text that there is in its place; other entries are left out."""
        if isinstance(value := self.values.get(key), str):
            return [value]
        return [entry for entry in self._value(key, list, []) if isinstance(entry, str)]

    def _value(self, key: str, kind: type, otherwise: Any) -> Any:
        value = self.values.get(key, otherwise)
        if value is not otherwise and not isinstance(value, kind):
            raise Unreadable(f"{self._at(key)} is a {type(value).__name__}, where a {kind.__name__} belongs")
        return value

    def _at(self, key: str) -> str:
        return f"{self.place} > {key}"


def read_text(path: Path) -> str | None:
    """The text of a file, in the encoding that its first bytes say; None without the file."""
    try:
        content = path.read_bytes()
        encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
        text = content.decode(encoding)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise Unreadable(f"{path} cannot be read: it is not in UTF-8") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    if "\0" in text:
        raise Unreadable(f"{path} cannot be read: it is no text in UTF-8")
    return text


def read_toml(path: Path) -> Table:
    """The content of a TOML file; an empty table without the file."""
    return parse_toml(path, read_text(path) or "")


def parse_toml(path: Path, text: str) -> Table:
    try:
        return Table(path.name, tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path} cannot be read: {type(error).__name__}") from None


def read_ini(path: Path) -> Iterator[tuple[str, str, str]]:
    """Section, key and value of a file in the form of pip's settings; the keys as pip compares them."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read_text(path) or "")
    except configparser.Error as error:
        raise Unreadable(f"{path} cannot be read: {type(error).__name__}") from None
    for section in parser.sections():
        for key, value in parser.items(section):
            yield section, key.replace("_", "-").removeprefix("--"), value
