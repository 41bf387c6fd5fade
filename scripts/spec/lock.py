"""The lock of the pinned document: where it came from, when, and what it has to look like, byte for byte."""

from __future__ import annotations

import datetime
import json
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from scripts.lib.report import Finding, Refused, refused
from scripts.spec.document import METHODS
from scripts.spec.load import Source

# What of a lock can be measured on a document, and where in the document it is to be seen.
_MEASURED = {
    "sha256": "",
    "bytes": "",
    "openapi": "/openapi",
    "api_version": "/info/version",
    "operations": "/paths",
    "paths": "/paths",
    "schemas": "/components/schemas",
    "tags": "/tags",
}

_WHY_PINNED = (
    "the client would be made from a document that nobody looked at; bring the pinned file back from version control, "
    "or, if the change is wanted, pin the document again, which writes the lock anew"
)
_WHY_LOCK = "without its lock nobody can say which document the client is made from; pin the document again"


@dataclass(frozen=True)
class Lock:
    """The record of a pinned document, in the order in which the file has it."""

    source_url: str
    date: datetime.date
    note: str
    sha256: str
    bytes: int
    openapi: str
    api_version: str
    operations: int
    paths: int
    schemas: int
    tags: int
    vendor_sha256: str = ""
    """Of the bytes that were published, where the pinned ones are not they."""

    def to_toml(self) -> str:
        """The lock as the text of its file, the same for the same lock."""
        entries = {field.name: getattr(self, field.name) for field in fields(self)}
        lines = [f"{name} = {_toml(value)}" for name, value in entries.items() if name != "vendor_sha256" or value]
        return "\n".join(["# Written when the document is pinned, checked before every run. Do not edit.", *lines, ""])


def describe(source: Source, *, source_url: str, date: datetime.date, note: str, vendor_sha256: str = "") -> Lock:
    """The lock of `source`, which was published at `source_url` on `date`.

    The document need not be sound: what is missing or misshapen counts as none.
    """
    document = source.document
    path_items = _object(document.get("paths"))
    return Lock(
        source_url=source_url,
        date=date,
        note=note,
        sha256=source.sha256,
        bytes=len(source.bytes_),
        openapi=str(document.get("openapi", "")),
        api_version=str(_object(document.get("info")).get("version", "")),
        operations=sum(len(_object(item).keys() & set(METHODS)) for item in path_items.values()),
        paths=len(path_items),
        schemas=len(_object(_object(document.get("components")).get("schemas"))),
        tags=len(tags) if isinstance(tags := document.get("tags"), list) else 0,
        vendor_sha256=vendor_sha256,
    )


def check(source: Source, lock: Lock) -> None:
    """Make sure that `source` is the document that `lock` describes.

    Raises:
        Refused: it is not; one finding for each figure that differs.
    """
    actual = describe(source, source_url=lock.source_url, date=lock.date, note=lock.note)
    findings = [
        Finding(pointer, f"{name} is {found!r} in {source.path}, and {locked!r} in its lock", _WHY_PINNED)
        for name, pointer in _MEASURED.items()
        if (found := getattr(actual, name)) != (locked := getattr(lock, name))
    ]
    if findings:
        raise Refused("lock", findings)


def read(path: str | Path) -> Lock:
    """The lock in the file `path`.

    Raises:
        Refused: the file cannot be read, is not TOML, or an entry is missing, unknown or of the wrong type.
    """
    try:
        entries = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refused("lock", f"{path} cannot be read: {error}", _WHY_LOCK) from error
    expected = Lock.__annotations__
    entries = {"vendor_sha256": "", **entries}
    wrong = [f"{name} is not an entry of a lock" for name in entries.keys() - expected.keys()]
    wrong += [
        f"{name} is missing or not of type {kind}"
        for name, kind in expected.items()
        if type(entries.get(name)).__name__ != kind.removeprefix("datetime.")
    ]
    if wrong:
        raise Refused("lock", [Finding("", f"{path}: {what}", _WHY_LOCK) for what in sorted(wrong)])
    return Lock(**entries)


def write(path: str | Path, lock: Lock) -> None:
    """Write `lock` to the file `path`; equal locks give equal bytes.

    Raises:
        OSError: the file cannot be written.
    """
    Path(path).write_bytes(lock.to_toml().encode())


def _toml(value: str | int | datetime.date) -> str:
    if isinstance(value, str):
        # The escapes of JSON are escapes of TOML too; only DEL is plain text to JSON and forbidden in TOML.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
