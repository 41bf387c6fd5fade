"""The reference: what httpx and json take for the same."""

from benchmarks.probes.service import ID, KEY, NOWHERE, TASKS, URL, served, transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

HEADERS = {"authorization": f"Bearer {KEY}"}


def resource() -> None:
    __import__("httpx")


client_class = first_call = resource


def call(content: bytes) -> "Callable[[], Any]":
    import json

    import httpx

    client = httpx.Client(transport=transport(content), headers=HEADERS)
    url = f"{URL}/api/v2/campaigns/{ID}/pause"
    return lambda: json.loads(client.request("POST", url).content)


def async_call(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    import json

    import httpx

    client = httpx.AsyncClient(transport=transport(content), headers=HEADERS)
    url = f"{URL}/api/v2/campaigns/{ID}/pause"

    async def once() -> object:
        return json.loads((await client.request("POST", url)).content)

    return once


def socket_call(content: bytes) -> "Callable[[], Any]":
    import json

    import httpx

    client = httpx.Client(headers=HEADERS)
    url = f"{served(content)}/api/v2/campaigns/{ID}/pause"
    return lambda: json.loads(client.request("POST", url).content)


def async_socket_calls(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    import asyncio
    import json

    import httpx

    limits = httpx.Limits(max_connections=TASKS, max_keepalive_connections=TASKS)
    client = httpx.AsyncClient(headers=HEADERS, limits=limits)
    url = f"{served(content)}/api/v2/campaigns/{ID}/pause"

    async def one() -> object:
        return json.loads((await client.request("POST", url)).content)

    async def once() -> object:
        return await asyncio.gather(*(one() for _ in range(TASKS)))

    return once


async_socket_calls_aiohttp = async_socket_calls


def leads(content: bytes) -> "Callable[[], Any]":
    import json

    return lambda: json.loads(content)


leads_orjson = leads_msgspec = campaigns = leads


def new_client() -> "Callable[[], Any]":
    import httpx

    def make() -> None:
        with httpx.Client(headers=HEADERS) as client:
            try:
                client.request("POST", f"{NOWHERE}/api/v2/campaigns/{ID}/pause")
            except httpx.ConnectError:
                return
        raise AssertionError("something answered")

    return make
