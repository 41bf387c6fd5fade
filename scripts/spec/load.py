"""Read a document: bytes in, a JSON object with its checksum out, or a refusal that says what the bytes are instead."""

from __future__ import annotations

import codecs
import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from scripts.lib.report import Finding, Refused, child, refused

MAX_BYTES = 32 * 1024 * 1024
MAX_NESTING = 200  # far above what lint accepts, far below what Python's own recursion bears

_NOT_A_DOCUMENT = "without a JSON document there is nothing to generate a client from"
_AMBIGUOUS = "readers of JSON differ on what it means, so the client could differ from the document"

_OTHER_BYTES = (
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"%PDF", "a PDF"),
    (codecs.BOM_UTF16_LE, "UTF-16 text"),
    (codecs.BOM_UTF16_BE, "UTF-16 text"),
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Source:
    """A document as it was read: the exact bytes, their SHA-256 in hex, and the JSON object that they hold."""

    path: Path
    bytes_: bytes
    sha256: str
    document: dict[str, Any]


def load(path: str | Path) -> Source:
    """Read the JSON object in the file `path`.

    Raises:
        Refused: the file cannot be read, or as for `from_bytes`.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        _refuse(f"{path} cannot be read: {reason}", _NOT_A_DOCUMENT)
    return from_bytes(path, data)


def from_bytes(path: Path, data: bytes) -> Source:
    """Read the JSON object that `data` is the text of; `path` is what it is called in messages.

    Raises:
        Refused: the data is larger than `MAX_BYTES`, is not UTF-8 (a byte order mark is fine), not JSON, ambiguous JSON
            (a key twice in one object, NaN, infinite numbers), nested deeper than `MAX_NESTING`, or holds something
            other than an object.
    """
    if len(data) > MAX_BYTES:
        _refuse(f"{path} is larger than {MAX_BYTES:,} bytes", "no description of an API is; this is something else")
    return Source(path, data, hashlib.sha256(data).hexdigest(), parse(data))


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object that `data` is the text of.

    Raises:
        Refused: as for `from_bytes`.
    """
    text = _decode(data)
    repeated: list[tuple[dict[str, Any], str]] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                repeated.append((made, key))
            made[key] = value
        return made

    try:
        document = json.loads(text, object_pairs_hook=build, parse_float=_finite, parse_constant=_finite)
    except json.JSONDecodeError as error:
        _refuse(_what_it_is_instead(text, error), _NOT_A_DOCUMENT)
    except RecursionError:
        _refuse_nesting()
    except ValueError as error:  # a number that is not finite or has thousands of digits
        _refuse(f"a number cannot be read: {error}", _AMBIGUOUS)
    if not isinstance(document, dict):
        _refuse(f"the document is {kind_of(document)}, not an object", "an OpenAPI document is a JSON object")
    if findings := list(_ambiguities(document, repeated)):
        raise Refused("load", findings)
    return document


def kind_of(value: object) -> str:
    """The type of a JSON value in words: `an object`, `null`, ..."""
    if value is None:
        return "null"
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return kinds.get(type(value), "a number")


def walk(value: object, *, deepest: int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value inside the JSON `value`, in order, with the keys that lead to it; itself first, with no keys.

    What more than `deepest` keys (at least one) lead to is left out. No nesting of the value exhausts the stack.
    """
    yield (), value
    waiting: list[tuple[tuple[str | int, ...], Iterator[tuple[str | int, Any]]]] = [((), _entries(value))]
    while waiting:
        outer, entries = waiting[-1]
        for key, inner in entries:
            keys = (*outer, key)
            yield keys, inner
            if isinstance(inner, dict | list) and len(keys) < deepest:
                waiting.append((keys, _entries(inner)))
                break
        else:
            waiting.pop()


def _entries(value: object) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


def _decode(data: bytes) -> str:
    for start, name in _OTHER_BYTES:
        if data.startswith(start):
            _refuse(f"this is {name}, not JSON in UTF-8", _NOT_A_DOCUMENT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"byte {error.start} is not UTF-8", "JSON is exchanged in UTF-8 only; in a guess text would be garbled")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is not a finite number")
    return value


def _what_it_is_instead(text: str, error: json.JSONDecodeError) -> str:
    stripped = text.strip()
    if not stripped:
        return "the document is empty"
    if stripped.startswith("<"):
        kind = "an HTML page" if "<html" in stripped[:2000].lower() else "markup (HTML or XML)"
        return f"this is {kind}, not JSON"
    if re.match(r"(---\s|openapi\s*:|swagger\s*:|#)", stripped):
        return "this is YAML, not JSON"
    where = f"line {error.lineno}, column {error.colno}"
    if stripped[0] == "{" and error.msg != "Extra data" and (stripped[-1] != "}" or not text[error.pos :].strip()):
        return f"the JSON is cut off: it ends before what was opened is closed ({where})"
    return f"this is not JSON: {error.msg} ({where})"


def _ambiguities(document: dict[str, Any], repeated: list[tuple[dict[str, Any], str]]) -> Iterator[Finding]:
    keys_twice: dict[int, list[str]] = {}
    for made, key in repeated:
        keys_twice.setdefault(id(made), []).append(key)
    for keys, node in walk(document, deepest=MAX_NESTING + 1):
        if len(keys) > MAX_NESTING:
            _refuse_nesting()
        for key in keys_twice.get(id(node), ()):
            yield Finding(child("", *keys, key), "this key is twice in its object", _AMBIGUOUS)
        texts = node if isinstance(node, dict) else [node] if isinstance(node, str) else []
        if any(map(_LONE_SURROGATE.search, texts)):
            why = "it cannot be written to a file in UTF-8"
            yield Finding(child("", *keys), "half of a surrogate pair is not text", why)


def _refuse_nesting() -> NoReturn:
    _refuse(f"the document is nested deeper than {MAX_NESTING} levels", "no API is; reading it could end in a crash")


def _refuse(what: str, why: str) -> NoReturn:
    raise refused("load", what, why)
