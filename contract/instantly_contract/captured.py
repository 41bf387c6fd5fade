"""Recordings that people bring: a folder of cassettes of VCR, of HAR archives, or of JSON files with an answer each.

    {"operationId": "getCampaign", "status": 200, "headers": {"content-type": "application/json"}, "body": {...}}

A body that is a text is taken as it came; anything else is JSON, and null is no body. The request of the answer may be
with it:

    "request": {"method": "GET", "url": "https://...", "headers": {}, "body": null}

A delivery to a webhook is its payload, or an object with `headers` and the payload as `body`; a list has several.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from instantly_contract.archives import ON_THE_WIRE, exchanges, is_archive, unpacked
from instantly_contract.cassettes import Recording, parsed, recording
from instantly_contract.document import corrected
from instantly_sandbox.engine.document import Operation, pinned
from instantly_sandbox.recording.exchange import Exchange

KEYS = ("operationId", "status", "headers", "body")
CASSETTES = (".yaml", ".yml")
SUFFIXES = (".json", ".har", *CASSETTES)
API = "/api/v2/"
NO_OPERATIONS = ("HEAD", "OPTIONS")
"""Methods of requests that browsers and proxies make on their own."""

ARCHIVE_ADVICE = "save it as HAR, or as a cassette of VCR"
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
        elif found := _deliveries(name, raw):
            yield from found
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
            path, operation = named(exchange)
            if not path:
                delivery = _delivered(name, exchange)
                found = found or delivery is not None
                if delivery:
                    yield delivery
            elif exchange.method not in NO_OPERATIONS:
                found = True
                if operation:
                    yield _unpacked(name, operation.id, exchange)
                elif _is_ours(exchange):
                    what = f"this client knows no operation {exchange.method} {path}"
                    yield Problem(name, what, "leave the request out, or take a newer client")
    except ValueError as error:
        raise _Unfit(f"it is no archive of requests: {_line(error)}", ARCHIVE_ADVICE) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise _Unfit(f"it is no archive of requests: {type(error).__name__} {_line(error)}", ARCHIVE_ADVICE) from None
    if not found:
        raise _Unfit("it has no request to the API", f"record requests whose path begins with {API}")


def named(exchange: Exchange) -> tuple[str, Operation | None]:
    """The path of a request from the version of the API on, and the operation that it names; "" and None for others."""
    try:
        path = urlsplit(exchange.uri).path
    except ValueError:
        return "", None
    start = path.find(API)
    return ("", None) if start < 0 else (path[start:], pinned().match(exchange.method, path[start:])[0])


def _is_ours(exchange: Exchange) -> bool:
    """Whether a request went to the service, or to something on this machine in its place."""
    host = urlsplit(exchange.uri).hostname or "localhost"
    known = {urlsplit(server["url"]).hostname for server in pinned().raw.get("servers", ())}
    return host in {*known, "localhost"} or host.replace(".", "").isdigit() or ":" in host


def _unpacked(name: str, operation: str, exchange: Exchange) -> Captured | Problem:
    try:
        return Captured(name, Recording(operation, Path(name).stem, "live", "", "", [unpacked(exchange)]))
    except ValueError as error:
        return Problem(name, f"{exchange.method} {exchange.uri}: {_line(error)}", "record it again")


def _cassette(raw: Any) -> Recording:
    try:
        return recording(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"it is no cassette: {type(error).__name__} {_line(error)}"
        advice = "give it interactions as VCR does, or the metadata that contract/instantly_contract/cassettes.py has"
        raise _Unfit(what, advice) from None


def _deliveries(name: str, raw: Any) -> list[Delivery]:
    """The deliveries that a JSON object, or a list of them, is; none if it is something else."""
    found = [_delivery(name, each) for each in (raw if isinstance(raw, list) else [raw])]
    return [each for each in found if each] if all(found) else []


def _delivery(name: str, raw: Any) -> Delivery | None:
    """The delivery that a JSON object is, if it is one."""
    if not isinstance(raw, dict):
        return None
    if EVENT in raw:
        return Delivery(name, {}, raw)
    payload = _payload(raw.get("body")) if "operationId" not in raw else None
    return Delivery(name, _headers(raw.get("headers", {})), payload) if payload else None


def _delivered(name: str, exchange: Exchange) -> Delivery | None:
    """The delivery that a request to another host is, if it is one."""
    payload = _payload(exchange.request_body)
    return Delivery(name, exchange.request_headers, payload) if payload else None


def _payload(body: Any) -> Mapping[str, Any] | None:
    """The payload that a body is, as JSON or parsed; None if it has another form."""
    try:
        payload = json.loads(body) if isinstance(body, str | bytes) else body
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and EVENT in payload else None


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
