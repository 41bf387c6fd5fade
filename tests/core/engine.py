"""Operations made by hand, and both clients behind one face, so that each test is written once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import httpx

from instantly_core import AsyncClient, AsyncPage, FailureWhen, Limit, Operation, Page, SyncClient, as_text
from instantly_core.models.decode import Decoder, Drift, anything, integer

T = TypeVar("T")

KEY = "c2VjcmV0LXdvcmtzcGFjZTp2ZXJ5LXNlY3JldC1rZXk="
ID = "019cc043-aee6-7ae9-a545-d7de53430e37"
SCOPES = ("robots:update", "all:all")


def json_value() -> Decoder[Any]:
    return anything


def robot(value: Any, container: Any, key: str | int, drift: Drift) -> Any:
    """A robot has a number of legs."""
    if not isinstance(value, dict):
        drift(container, key, "Robot")
    elif "legs" in value:
        integer(value["legs"], value, "legs", drift)
    return value


GET: Operation[Any] = Operation("getRobot", "GET", "/api/v2/robots/{id}", scopes=SCOPES, response=lambda: robot)
CREATE: Operation[Any] = Operation("createRobot", "POST", "/api/v2/robots", scopes=SCOPES, response=lambda: robot)
UPDATE: Operation[Any] = Operation("updateRobot", "PATCH", "/api/v2/robots/{id}", response=lambda: robot)
DELETE: Operation[Any] = Operation("deleteRobot", "DELETE", "/api/v2/robots/{id}", response=lambda: robot)
PAUSE: Operation[Any] = Operation("pauseRobot", "POST", "/api/v2/robots/{id}/pause", response=lambda: robot)
COUNT: Operation[Any] = Operation("countRobots", "POST", "/api/v2/robots/count", response=json_value, safe=True)
SHARE: Operation[None] = Operation("shareRobot", "POST", "/api/v2/robots/{id}/share")
EXPORT = Operation("exportRobots", "GET", "/api/v2/robots/export", response=as_text)
TEST: Operation[Any] = Operation(
    "testRobot", "POST", "/api/v2/robots/test", response=json_value, failure=FailureWhen("success", False)
)
RARE: Operation[Any] = Operation("listRare", "GET", "/api/v2/rare", response=json_value, limits=(Limit(2, 60),))
LIST: Operation[Any] = Operation(
    "listRobots", "GET", "/api/v2/robots", response=lambda: robot, cursor="query", page_size=100
)
SEARCH: Operation[Any] = Operation(
    "searchRobots", "POST", "/api/v2/robots/list", response=lambda: robot, safe=True, cursor="body", page_size=100
)

Handler = Callable[[httpx.Request], httpx.Response]


class Engine:
    """A client, used as if it were sync: "sync", "async", or "aiohttp" for an async one that sends by aiohttp."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._runner = None if kind == "sync" else asyncio.Runner()
        self._clients: list[SyncClient | AsyncClient] = []

    def client(
        self,
        transport: Handler | httpx.BaseTransport | httpx.AsyncBaseTransport | Literal["aiohttp"] | None = None,
        **options: Any,
    ) -> Any:
        """Make a client of an in-process service, or with real connections."""
        if transport is not None and not isinstance(transport, httpx.BaseTransport | httpx.AsyncBaseTransport | str):
            transport = httpx.MockTransport(transport)
        if transport is None and self.kind == "aiohttp" and "http_client" not in options:
            transport = "aiohttp"
        options = {"api_key": KEY, "limiter": None, "transport": transport, **options}
        client = AsyncClient(**options) if self._runner else SyncClient(**options)
        self._clients.append(client)
        return client

    def result(self, outcome: Any) -> Any:
        """What a method of the client returns, awaited where it must be."""
        if self._runner is None or not hasattr(outcome, "__await__"):
            return outcome

        async def awaited() -> Any:
            return await outcome

        return self._runner.run(awaited())

    def call(self, client: Any, operation: Operation[T], *arguments: Any, **named: Any) -> T:
        result: T = self.result(client.call(operation, *arguments, **named))
        return result

    def items(self, page: Page[T] | AsyncPage[T]) -> list[T]:
        """All items of a list."""
        if isinstance(page, Page):
            return list(page)

        async def collected() -> list[T]:
            return [item async for item in page]

        assert self._runner is not None
        return self._runner.run(collected())

    def pages(self, page: Page[T] | AsyncPage[T]) -> list[list[T]]:
        """The items of all pages of a list."""
        if isinstance(page, Page):
            return [one.items for one in page.pages()]

        async def collected() -> list[list[T]]:
            return [one.items async for one in page.pages()]

        assert self._runner is not None
        return self._runner.run(collected())

    def close(self) -> None:
        for client in self._clients:
            self.result(client.close())
        if self._runner is not None:
            self._runner.close()


class Script:
    """An in-process service that gives the answers of a list, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception | Any) -> None:
        self._answers = list(answers) or [{}]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return httpx.Response(200, json=answer)

    @property
    def request(self) -> httpx.Request:
        """The only request."""
        assert len(self.requests) == 1
        return self.requests[0]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]


def pages_of(pages: Iterable[tuple[list[Any], Any]]) -> Script:
    """A service that answers with these pages: items and the cursor."""
    return Script(*({"items": items, "next_starting_after": cursor} for items, cursor in pages))
