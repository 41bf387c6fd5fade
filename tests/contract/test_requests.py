"""What the methods send for all that the document lets them be called with."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import pytest
from hypothesis import given

from instantly_contract.calls import call, located, meant, takes_fields
from instantly_contract.sameness import same
from instantly_core import UNSET
from instantly_sandbox.engine.document import Operation, pinned
from tests.contract import arguments as drawn
from tests.contract.arguments import Arguments, arguments, sendable
from tests.contract.service import KINDS, OPERATIONS, Service
from tests.contract.service import arguments as required
from tests.contract.settings import examples
from tests.contract.strategies import validator

pytestmark = pytest.mark.slow

LIMIT = "limit"


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_call_sends_what_the_document_describes(service: Service, name: str) -> None:
    operation = OPERATIONS[name]

    @examples(4)
    @given(arguments(pinned(), operation))
    def check(values: Arguments) -> None:
        for kind in KINDS:
            for client in (service.client(kind), service.client(kind).with_raw_response):
                service.requests.clear()
                service.result(call(client, name, *values))
                (request,) = service.requests
                check_request(operation, values, request)

    check()


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if "{" in operation.path])
def test_a_path_value_stays_one_segment(service: Service, name: str) -> None:
    path, query, body = required(name)
    path = dict.fromkeys(path, "../a b?c=%2F#\u00e9")
    for kind in KINDS:
        service.requests.clear()
        service.result(call(service.client(kind), name, path, query, body))
        (request,) = service.requests
        check_path(OPERATIONS[name], path, request.url.raw_path.decode("ascii").partition("?")[0])


def check_request(operation: Operation, values: Arguments, request: httpx.Request) -> None:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    assert request.method == operation.method
    check_path(operation, values.path, path)
    fields = values.body if takes_fields(operation.id) and isinstance(values.body, dict) else {}
    changed = meant(located()[operation.id][2], {**values.query, **fields})
    check_query(operation, drawn.given({name: changed.get(name, value) for name, value in values.query.items()}), query)
    check_body(operation, values.body, changed, request)


def check_path(operation: Operation, values: dict[str, str], path: str) -> None:
    segments = operation.path.split("/")
    expected = [values[part[1:-1]] if part.startswith("{") else part for part in segments]
    assert [unquote(segment, errors="strict") for segment in path.split("/")] == expected


def check_query(operation: Operation, values: dict[str, Any], query: str) -> None:
    sent = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    expected = [
        (name, text(item)) for name, value in values.items() for item in (value if isinstance(value, list) else [value])
    ]
    schemas = {p["name"]: p["schema"] for p in operation.parameters if p["in"] == "query"}
    extra = [pair for pair in sent if pair not in expected]
    assert sorted(pair for pair in sent if pair in expected) == sorted(expected)
    assert extra == ([] if LIMIT in values or LIMIT not in schemas else page_size(operation, schemas[LIMIT]))


def page_size(operation: Operation, schema: Any) -> list[tuple[str, str]]:
    """A list asks for the largest page where the caller does not say; that has to be one that the document allows."""
    size = located()[operation.id][2].page_size
    if size is None:
        return []
    assert validator(pinned(), schema).is_valid(size)
    return [(LIMIT, str(size))]


def check_body(operation: Operation, value: Any, changed: dict[str, Any], request: httpx.Request) -> None:
    schema = sendable(pinned(), operation)
    if schema is None:
        assert request.content == b""
        assert "content-type" not in request.headers
        return
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == str(len(request.content))
    sent = json.loads(request.content)
    assert validator(pinned(), schema).is_valid(sent)
    if takes_fields(operation.id):
        value = drawn.given({**value, **{name: new for name, new in changed.items() if name in schema["properties"]}})
        if operation.cursor and LIMIT in schema["properties"] and LIMIT not in value:
            value |= {LIMIT: located()[operation.id][2].page_size}
    assert value is not UNSET
    assert same(value, sent)


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
