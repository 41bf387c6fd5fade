"""Recordings that people bring: a folder of cassettes, or of JSON files with an answer each.

    {"operationId": "getCampaign", "status": 200, "headers": {"content-type": "application/json"}, "body": {...}}

A body that is a text is taken as it came; anything else is JSON, and null is no body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from instantly_contract.cassettes import Recording, read
from instantly_contract.document import corrected
from instantly_sandbox.recording.exchange import Exchange

KEYS = ("operationId", "status", "headers", "body")
CASSETTES = (".yaml", ".yml")
# Of the answer on the wire, and no longer true of a body that was read from it.
ON_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


class Problem(NamedTuple):
    """A file that cannot be checked: what is wrong with it, and what to do."""

    file: str
    what: str
    advice: str


class Captured(NamedTuple):
    """A recording, and the file that has it."""

    file: str
    recording: Recording


def gather(folder: Path) -> Iterator[Captured | Problem]:
    """Read all recordings below a folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in (".json", *CASSETTES) and path.is_file()]
    if not files:
        what = "there is no recording in it" if folder.is_dir() else "there is no such folder"
        yield Problem(str(folder), what, "name a folder with .json files or cassettes (.yaml) in it")
    for path in files:
        yield _gathered(path.relative_to(folder).as_posix(), path)


def _gathered(name: str, path: Path) -> Captured | Problem:
    try:
        recording = _cassette(path) if path.suffix in CASSETTES else _answer(path)
    except _Unfit as unfit:
        return Problem(name, *unfit.args)
    if recording.operation in corrected().promises:
        return Captured(name, recording)
    near = get_close_matches(recording.operation, corrected().promises, n=1)
    advice = f"is {near[0]} meant?" if near else "take one of openapi/names.toml, or a newer client"
    return Problem(name, f"this client knows no operation {recording.operation}", advice)


class _Unfit(Exception):  # noqa: N818 - it never leaves this module
    """A file is no recording: what is wrong, and what to do."""


def _cassette(path: Path) -> Recording:
    try:
        return read(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _Unfit(f"it cannot be read: {_line(error)}", "save it as YAML in UTF-8") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"it is no cassette with metadata: {type(error).__name__} {_line(error)}"
        advice = "give it the metadata and interactions that contract/instantly_contract/cassettes.py has"
        raise _Unfit(what, advice) from None


def _answer(path: Path) -> Recording:
    try:
        raw = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _Unfit(f"it is no JSON: {_line(error)}", "save one answer as one JSON object, in UTF-8") from None
    if not isinstance(raw, dict):
        raise _Unfit("it is no JSON object", f"save one answer a file, as an object with {', '.join(KEYS)}")
    if lacking := [key for key in KEYS if key not in raw]:
        raise _Unfit(f"it lacks {', '.join(lacking)}", f"an answer has {', '.join(KEYS)}")
    operation, status, headers, body = (raw[key] for key in KEYS)
    if not isinstance(operation, str):
        raise _Unfit("operationId is no text", "name the operation as the OpenAPI document does")
    if not isinstance(status, int) or not 100 <= status <= 599:
        raise _Unfit("status is no status of HTTP", "write it as a number, such as 200")
    exchange = Exchange("", "", {}, b"", status, _headers(headers), _body(body))
    return Recording(operation, path.stem, "live", "", "", [exchange])


def _headers(raw: Any) -> Mapping[str, str]:
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise _Unfit("headers is no object of texts", 'write {"content-type": "application/json"}, or {} without any')
    return {name.lower(): value for name, value in raw.items() if name.lower() not in ON_THE_WIRE}


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    return (body if isinstance(body, str) else json.dumps(body)).encode("utf-8", "surrogatepass")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
