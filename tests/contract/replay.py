"""A cassette replayed: its requests are made again through the client's methods, and vcrpy answers from the cassette.

vcrpy takes the place of the connections themselves (`HTTPTransport` of the HTTP library), so that everything above them
is what users run. It finds the answer of a request by what went out; where nothing that was recorded fits, the findings
say how it differs.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import vcr  # type: ignore[import-untyped]
from vcr.patch import PATCHER_NAMES  # type: ignore[import-untyped]

from instantly_client import AsyncInstantly, Instantly
from instantly_contract.calls import call
from instantly_contract.cassettes import read
from instantly_contract.check import KEY, Finding, examine
from instantly_contract.document import Promise, Schema, corrected, pointer
from instantly_contract.values import differences, shown
from instantly_core import UNSET
from instantly_core.errors import APIConnectionError
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.forms import FORMS, read_form
from instantly_sandbox.recording.exchange import Exchange

Kind = Literal["sync", "async"]

USER_AGENT = re.compile(r"instantly-client/\S+ ")
AS_WORKSPACE = "x-as-workspace"
# Most of them are not installed, and vcrpy would search for them at each cassette.
OTHER_LIBRARIES = [name for name in PATCHER_NAMES if name != "httpx"]


class Arguments(NamedTuple):
    """What a method has to be given for a recorded request."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any


class Refused(NamedTuple):
    """A request that is not in the cassette."""

    request: Any


def replay(path: Path, kind: Kind) -> list[Finding]:
    """Replay a cassette; find what goes out otherwise, and what is wrong with what comes in."""
    found: list[Finding] = []
    for operation, exchange, outcome in outcomes(path, kind):
        if isinstance(outcome, Refused):
            found += sent_otherwise(operation, _as_sent(exchange), outcome.request)
        else:
            found += examine(operation, exchange, outcome)
    return found


def outcomes(path: Path, kind: Kind) -> list[tuple[str, Exchange, Any]]:
    """Replay a cassette: the operation, what is recorded of it, and what the client returned or raised."""
    recording = read(path)
    operation = recording.operation
    sent: list[Any] = []

    def as_recorded(request: Any, recorded: Any) -> bool:
        sent.append(request)
        return not any(sent_otherwise("", recorded, request))

    def outcome(exchange: Exchange) -> Any:
        found = _repeated(operation, exchange, kind)
        return Refused(sent[-1]) if isinstance(found, APIConnectionError) else found

    recorder = vcr.VCR(record_mode="none", match_on=["as_recorded"], skip_patchers=OTHER_LIBRARIES)
    recorder.register_matcher("as_recorded", as_recorded)
    with recorder.use_cassette(str(path)):
        return [(operation, exchange, outcome(exchange)) for exchange in recording.exchanges]


def _repeated(operation: str, exchange: Exchange, kind: Kind) -> Any:
    url = urlsplit(exchange.uri)
    headers = {name: value for name, value in exchange.request_headers.items() if name == AS_WORKSPACE}
    options: dict[str, Any] = {
        "api_key": KEY,
        "base_url": f"{url.scheme}://{url.netloc}",
        "default_headers": headers,
        "limiter": None,
        "max_retries": 0,
        "strict": True,
    }

    async def call_async(arguments: Arguments) -> Any:
        async with AsyncInstantly(**options) as client:
            return await call(client, operation, *arguments)

    try:
        wanted = arguments(corrected().promises[operation], exchange)
        if kind == "async":
            return asyncio.run(call_async(wanted))
        with Instantly(**options) as client:
            return call(client, operation, *wanted)
    except Exception as error:
        return error


def arguments(promise: Promise, exchange: Exchange) -> Arguments:
    """Read a recorded request as what the operation's method is to be given.

    Raises:
        ValueError: the request is not one of the operation.
    """
    url = urlsplit(exchange.uri)
    found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", promise.path), url.path)
    if found is None:
        raise ValueError(f"{promise.operation} is at {promise.path}, not at {url.path}")
    path = {name: unquote(value) for name, value in found.groupdict().items()}
    schemas = {parameter["name"]: parameter["schema"] for parameter in promise.parameters if parameter["in"] == "query"}
    query = {
        name: _typed(texts, corrected().resolve(schemas.get(name, {})))
        for name, texts in parse_qs(url.query, keep_blank_values=True).items()
    }
    return Arguments(path, query, _given(promise.operation, exchange) if exchange.request_body else UNSET)


def _given(operation: str, exchange: Exchange) -> Any:
    """A recorded body as what was given for it."""
    content_type = exchange.request_headers.get("content-type", "")
    if content_type.partition(";")[0] in FORMS:
        schema = pinned().operations[operation].body
        return read_form(pinned(), schema or {}, content_type, exchange.request_body)
    return json.loads(exchange.request_body)


def _typed(texts: list[str], schema: Schema) -> Any:
    types = schema.get("type", "string")
    if "array" in types:
        return [_typed([text], schema.get("items", {})) for text in texts]
    if len(texts) > 1:
        return texts
    (text,) = texts
    numeric = "integer" in types or "number" in types
    if (numeric and re.fullmatch(r"-?\d+(\.\d+)?", text)) or ("boolean" in types and text in ("true", "false")):
        return json.loads(text)
    return text


def sent_otherwise(operation: str, recorded: Any, sent: Any) -> Iterator[Finding]:
    """Find how a request differs from the recorded one. Both are as vcrpy has them."""
    for place, expected, got in _differences(recorded, sent):
        yield Finding(operation, f"request/{place}", shown(expected), shown(got), "request")


def _differences(recorded: Any, sent: Any) -> Iterator[tuple[str, Any, Any]]:
    expected, got = (urlsplit(request.uri) for request in (recorded, sent))
    for name, one, other in (
        ("method", recorded.method, sent.method),
        ("host", expected.netloc, got.netloc),
        ("path", expected.path, got.path),
    ):
        if one != other:
            yield name, one, other
    for part, one, other in (
        ("query", parse_qs(expected.query, keep_blank_values=True), parse_qs(got.query, keep_blank_values=True)),
        ("body", _json(recorded.body), _json(sent.body)),
    ):
        for place, *values in differences(one, other):
            yield part + pointer(place), *values
    yield from _header_differences(recorded, sent)


def _header_differences(recorded: Any, sent: Any) -> Iterator[tuple[str, Any, Any]]:
    # Keys and versions are not recorded, so these headers have rules of their own.
    kind = _header(recorded, "content-type") if sent.body else UNSET
    for name, expected in (
        ("authorization", f"Bearer {KEY}"),
        ("content-type", kind),
        ("accept", _header(recorded, "accept")),
        (AS_WORKSPACE, _header(recorded, AS_WORKSPACE)),
    ):
        if _header(sent, name) != expected:
            yield f"headers/{name}", expected, _header(sent, name)
    agent = _header(sent, "user-agent")
    if not agent or not USER_AGENT.match(agent):
        yield "headers/user-agent", "instantly-client/...", agent


def _header(request: Any, name: str) -> Any:
    value = request.headers.get(name, UNSET)
    return value[0] if isinstance(value, list) else value


def _json(body: bytes | None) -> Any:
    if not body:
        return UNSET
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def _as_sent(exchange: Exchange) -> Any:
    return vcr.request.Request(exchange.method, exchange.uri, exchange.request_body, dict(exchange.request_headers))
