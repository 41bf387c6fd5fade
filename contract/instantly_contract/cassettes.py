"""Recordings: cassettes of vcrpy, one an operation and case, that people can read.

`<resource>/<method>.<case>.yaml` holds the interactions, and where they come from:

    metadata:
      operation: pauseCampaign
      case: success
      provenance: documentation, sandbox or live
      date: 2026-11-22
      document: sha256 of the document that was pinned then
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from instantly_sandbox.recording.exchange import Exchange

MAX_DEPTH = 500

Provenance = Literal["documentation", "sandbox", "live"]


@dataclass(frozen=True)
class Recording:
    """A cassette: what it is of, where it comes from, and what went over the wire."""

    operation: str
    case: str
    provenance: Provenance
    date: str
    document: str
    exchanges: list[Exchange]


def read(path: Path) -> Recording:
    """Read a cassette."""
    return loads(path.read_text("utf-8"))


def loads(text: str) -> Recording:
    """Read the text of a cassette."""
    return recording(parsed(text))


def parsed(text: str) -> Any:
    """YAML as Python values; dates stay text.

    Raises:
        yaml.YAMLError: it is no YAML, or is nested more than `MAX_DEPTH` times.
    """
    openers = text.count("[") + text.count("{") + text.count("- ") + text.count("? ") + text.count("\n" + " " * 40)
    if openers > MAX_DEPTH and _depth(text) > MAX_DEPTH:  # libyaml would end the process.
        raise yaml.YAMLError(f"it is nested more than {MAX_DEPTH} times")
    return yaml.load(text, Loader=_LOADER)


def _depth(text: str) -> int:
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest


def recording(raw: Mapping[str, Any]) -> Recording:
    """The recording of a parsed cassette."""
    metadata = raw["metadata"]
    provenance = metadata["provenance"]
    if provenance not in get_args(Provenance):
        raise ValueError(f"provenance is {provenance!r}, not one of {', '.join(get_args(Provenance))}")
    return Recording(
        operation=str(metadata["operation"]),
        case=str(metadata["case"]),
        provenance=provenance,
        date=str(metadata["date"]),
        document=str(metadata["document"]),
        exchanges=[interaction(each) for each in raw["interactions"]],
    )


def interaction(raw: Mapping[str, Any]) -> Exchange:
    """The exchange of an interaction, whichever version of VCR has recorded it."""
    request, response = raw["request"], raw["response"]
    # VCR before version 6 had the answers of httpx in a form of their own.
    status = response["status"]["code"] if "status" in response else response["status_code"]
    return Exchange(
        str(request["method"]).upper(),
        str(request["uri"]),
        _headers(request.get("headers") or {}),
        _bytes(request.get("body")),
        int(status),
        _headers(response.get("headers") or {}),
        _bytes(response.get("body", response.get("content"))),
    )


def _headers(raw: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.lower(): ", ".join(values) if isinstance(values, list) else str(values) for name, values in raw.items()
    }


def _bytes(body: Any) -> bytes:
    if isinstance(body, Mapping):
        if "base64_string" in body:
            return from_base64(body["base64_string"])
        body = body.get("string")
    return body if isinstance(body, bytes) else str(body or "").encode("utf-8", "surrogatepass")


def from_base64(text: str) -> bytes:
    """The bytes of base64, which may be on several lines.

    Raises:
        ValueError: it is no base64.
    """
    return base64.b64decode("".join(text.split()), validate=True)


def write(path: Path, recording: Recording) -> None:
    """Write a cassette that vcrpy replays, with JSON as one would write it by hand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(recording), encoding="utf-8")


def dumps(recording: Recording) -> str:
    """The text of a cassette."""
    raw = {
        "metadata": {
            "operation": recording.operation,
            "case": recording.case,
            "provenance": recording.provenance,
            "date": recording.date,
            "document": recording.document,
        },
        "interactions": [_raw(exchange) for exchange in recording.exchanges],
        "version": 1,
    }
    return yaml.dump(raw, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _raw(exchange: Exchange) -> dict[str, Any]:
    return {
        "request": {
            "method": exchange.method,
            "uri": exchange.uri,
            "headers": {name: [value] for name, value in exchange.request_headers.items()},
            "body": _readable(exchange.request_body, exchange.request_headers) if exchange.request_body else None,
        },
        "response": {
            "status": {"code": exchange.status, "message": ""},
            "headers": {name: [value] for name, value in exchange.headers.items()},
            "body": {"string": _readable(exchange.body, exchange.headers)},
        },
    }


def _readable(body: bytes, headers: Mapping[str, str]) -> str:
    text = body.decode()
    if "json" not in headers.get("content-type", ""):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    except ValueError:  # a recording of an answer that is no JSON although it says so
        return text


def _loader() -> Any:
    """A loader for which dates stay text."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml, PyYAML is twenty times slower
    resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in base.yaml_implicit_resolvers.items()
    }
    return type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})


_LOADER = _loader()


class _Dumper(yaml.SafeDumper):
    """Text of several lines is written as such."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def recordings(folder: Path) -> Iterator[tuple[str, Recording]]:
    """Every cassette below a folder, with its path relative to it."""
    for path in sorted(folder.rglob("*.yaml")):
        yield path.relative_to(folder).as_posix(), read(path)
