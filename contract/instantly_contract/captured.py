"""Recordings that people bring: a folder of cassettes of VCR, of HAR archives, or of JSON files with an answer each.

    {"operationId": "getCampaign", "status": 200, "headers": {"content-type": "application/json"}, "body": {...}}

A body that is a text is taken as it came; anything else is JSON, and null is no body. The request of the answer may be
with it:

    "request": {"method": "GET", "url": "https://...", "headers": {}, "body": null}

A delivery to a webhook is its payload, or an object with `headers` and the payload as `body`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from instantly_contract.archives import ON_THE_WIRE, exchanges, is_archive
from instantly_contract.cassettes import Recording, parsed, recording
from instantly_contract.document import corrected
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.recording.exchange import Exchange

KEYS = ("operationId", "status", "headers", "body")
CASSETTES = (".yaml", ".yml")
SUFFIXES = (".json", ".har", *CASSETTES)
API = "/api/v2/"
EVENT = "event_type"
"""The field that every payload of a webhook has."""


class Problem(NamedTuple):
    """A file that cannot be checked: what is wrong with it, and what to do."""

    file: str
    what: str
    advice: str


class Captured(NamedTuple):
    """A recording, and the file that has it."""

    file: str
    recording: Recording


class Delivery(NamedTuple):
    """A delivery to a webhook, and the file that has it."""

    file: str
    headers: Mapping[str, str]
    payload: Mapping[str, Any]


def gather(folder: Path) -> Iterator[Captured | Delivery | Problem]:
    """Read all recordings below a folder, or in a file."""
    if folder.is_file():
        yield from _gathered(folder.name, folder)
        return
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file()]
    if not files:
        what = "there is no recording in it" if folder.is_dir() else "there is no such folder"
        yield Problem(str(folder), what, "name a folder with .json or .har files or cassettes (.yaml) in it")
    for path in files:
        yield from _gathered(path.relative_to(folder).as_posix(), path)


def _gathered(name: str, path: Path) -> Iterator[Captured | Delivery | Problem]:
    try:
        raw = _parsed(path)
        if is_archive(raw) and "metadata" not in raw:
            yield from _archived(name, raw)
        elif path.suffix in CASSETTES:
            yield _known(name, _cassette(raw))
        elif isinstance(raw, dict) and (delivery := _delivery(name, raw)):
            yield delivery
        else:
            yield _known(name, _answer(path.stem, raw))
    except _Unfit as unfit:
        yield Problem(name, *unfit.args)


def _known(name: str, recording: Recording) -> Captured | Problem:
    if recording.operation in corrected().promises:
        return Captured(name, recording)
    near = get_close_matches(recording.operation, corrected().promises, n=1)
    advice = f"is {near[0]} meant?" if near else "take one of openapi/names.toml, or a newer client"
    return Problem(name, f"this client knows no operation {recording.operation}", advice)


class _Unfit(Exception):  # noqa: N818 - it never leaves this module
    """A file is no recording: what is wrong, and what to do."""


def _parsed(path: Path) -> Any:
    if path.suffix in CASSETTES:
        try:
            return parsed(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            raise _Unfit(f"it cannot be read: {_line(error)}", "save it as YAML in UTF-8") from None
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _Unfit(f"it is no JSON: {_line(error)}", "save one answer as one JSON object, in UTF-8") from None


def _archived(name: str, raw: Mapping[str, Any]) -> Iterator[Captured | Delivery | Problem]:
    """What concerns the API in an archive; of other hosts there may be anything in it."""
    found = False
    try:
        for exchange in exchanges(raw):
            path = urlsplit(exchange.uri).path
            start = path.find(API)
            if start < 0:
                delivery = _delivered(name, exchange)
                found = found or delivery is not None
                if delivery:
                    yield delivery
            elif exchange.method != "OPTIONS":
                found = True
                operation = pinned().match(exchange.method, path[start:])[0]
                if operation:
                    yield Captured(name, Recording(operation.id, Path(name).stem, "live", "", "", [exchange]))
                else:
                    what = f"this client knows no operation {exchange.method} {path[start:]}"
                    yield Problem(name, what, "leave the request out, or take a newer client")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"it is no archive of requests: {type(error).__name__} {_line(error)}"
        raise _Unfit(what, "save it as HAR, or as a cassette of VCR") from None
    if not found:
        raise _Unfit("it has no request to the API", f"record requests whose path begins with {API}")


def _cassette(raw: Any) -> Recording:
    try:
        return recording(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"it is no cassette: {type(error).__name__} {_line(error)}"
        advice = "give it interactions as VCR does, or the metadata that contract/instantly_contract/cassettes.py has"
        raise _Unfit(what, advice) from None


def _delivery(name: str, raw: Mapping[str, Any]) -> Delivery | None:
    """The delivery that a JSON object is, if it is one."""
    if EVENT in raw:
        return Delivery(name, {}, raw)
    body = raw.get("body")
    if "operationId" not in raw and isinstance(body, dict) and EVENT in body:
        return Delivery(name, _headers(raw.get("headers", {})), body)
    return None


def _delivered(name: str, exchange: Exchange) -> Delivery | None:
    """The delivery that a request to another host is, if it is one."""
    try:
        payload = json.loads(exchange.request_body)
    except (ValueError, RecursionError):
        return None
    taken = isinstance(payload, dict) and EVENT in payload
    return Delivery(name, exchange.request_headers, payload) if taken else None


def _answer(stem: str, raw: Any) -> Recording:
    if not isinstance(raw, dict):
        raise _Unfit("it is no JSON object", f"save one answer a file, as an object with {', '.join(KEYS)}")
    if lacking := [key for key in KEYS if key not in raw]:
        raise _Unfit(f"it lacks {', '.join(lacking)}", f"an answer has {', '.join(KEYS)}")
    operation, status, headers, body = (raw[key] for key in KEYS)
    if not isinstance(operation, str):
        raise _Unfit("operationId is no text", "name the operation as the OpenAPI document does")
    if not isinstance(status, int) or not 100 <= status <= 599:
        raise _Unfit("status is no status of HTTP", "write it as a number, such as 200")
    sent = ("", "", {}, b"") if raw.get("request") is None else _request(raw["request"])
    return Recording(operation, stem, "live", "", "", [Exchange(*sent, status, _headers(headers), _body(body))])


def _request(raw: Any) -> tuple[str, str, Mapping[str, str], bytes]:
    if not isinstance(raw, dict) or not all(isinstance(raw.get(name), str) for name in ("method", "url")):
        raise _Unfit("request is no object with method and url", 'write {"method": "GET", "url": "https://..."}')
    return raw["method"].upper(), raw["url"], _headers(raw.get("headers", {})), _body(raw.get("body"))


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
