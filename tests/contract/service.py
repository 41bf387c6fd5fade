"""Both clients, and a service in the process that answers as it is set to and keeps what it was asked."""

from __future__ import annotations

import asyncio
import inspect
import json
from types import TracebackType
from typing import Any, Self

import httpx

from instantly_client import AsyncInstantly, Instantly
from instantly_contract.calls import call
from instantly_core import UNSET
from instantly_sandbox.engine.document import Operation, Schema, pinned

KEY = "a-key-of-nobody"
KINDS = ("sync", "async")
OPERATIONS = pinned().operations
ANSWERING = [name for name, operation in OPERATIONS.items() if "json" in operation.success[1]]
"""The operations that answer with JSON."""


class Service:
    """The service: `ask` it, or call operations and look at `requests`."""

    def __init__(self) -> None:
        self.answer = httpx.Response(200, json={})
        self.requests: list[httpx.Request] = []
        self._runner = asyncio.Runner()
        options: dict[str, Any] = {"api_key": KEY, "limiter": None, "transport": httpx.MockTransport(self._handle)}
        self._clients: dict[str, Any] = {"sync": Instantly(**options), "async": AsyncInstantly(**options)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clients["sync"].close()
        self._runner.run(self._clients["async"].close())
        self._runner.close()

    def client(self, kind: str, **options: Any) -> Any:
        """One of `KINDS`."""
        return self._clients[kind].with_options(**options)

    def result(self, outcome: Any) -> Any:
        """What a method of a client returns, awaited where it must be."""

        async def awaited() -> Any:
            return await outcome

        return self._runner.run(awaited()) if inspect.isawaitable(outcome) else outcome

    def ask(self, operation: Operation, answer: Any, kind: str, **options: Any) -> Any:
        """What a client makes of an answer to an operation."""
        self.answer = written(operation, answer)
        return self.result(call(self.client(kind, **options), operation.id, *arguments(operation.id)))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.answer.status_code, headers=self.answer.headers, content=self.answer.content)


def written(operation: Operation, answer: Any) -> httpx.Response:
    """A success of an operation, as its document writes it."""
    status, content_type, _ = operation.success
    if not content_type:
        return httpx.Response(status)
    content = json.dumps(answer) if "json" in content_type else answer
    return httpx.Response(status, content=content, headers={"content-type": content_type})


def arguments(operation_id: str) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Just what the method requires: path, query and body."""
    operation = OPERATIONS[operation_id]
    required = {
        place: {p["name"]: _least(p["schema"]) for p in operation.parameters if p["in"] == place and p.get("required")}
        for place in ("path", "query")
    }
    body = pinned().resolve(operation.body or {})
    if not body.get("properties"):
        least: Any = [] if "array" in str(body.get("type")) else {}
        return required["path"], required["query"], least if operation.body_required else UNSET
    fields = [name for name in body.get("required", ()) if not body["properties"].get(name, {}).get("readOnly")]
    return required["path"], required["query"], {name: _least(body["properties"].get(name, {})) for name in fields}


_LEAST: dict[str, Any] = {"array": [], "object": {}, "string": "x", "integer": 1, "number": 1, "boolean": False}


def _least(schema: Schema) -> Any:
    # A client takes neither one value for a list nor a text for an object or a number.
    schema = pinned().resolve(schema)
    branches = [pinned().resolve(each) for key in ("anyOf", "oneOf") for each in schema.get(key, ())]
    kinds = " ".join(str(each.get("type")) for each in (schema, *branches))
    return next((least for kind, least in _LEAST.items() if kind in kinds), "x")
