"""The client that the stock generator makes of the same document."""

from importlib import import_module

from benchmarks.probes.service import ID, NOWHERE, URL, transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

PAUSE = "stock_client.api.campaign.pause_campaign"


def resource() -> None:
    import_module(PAUSE)


client_class = resource


def first_call(content: bytes) -> object:
    return call(content)()


def call(content: bytes) -> "Callable[[], Any]":
    from uuid import UUID

    import httpx

    pause = import_module(PAUSE).sync
    client = import_module("stock_client").Client(base_url=URL)
    client.set_httpx_client(httpx.Client(base_url=URL, transport=transport(content)))
    return lambda: pause(UUID(ID), client=client)


def async_call(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    from uuid import UUID

    import httpx

    pause = import_module(PAUSE).asyncio
    client = import_module("stock_client").Client(base_url=URL)
    client.set_async_httpx_client(httpx.AsyncClient(base_url=URL, transport=transport(content)))

    async def once() -> object:
        return await pause(UUID(ID), client=client)

    return once


def leads(content: bytes) -> "Callable[[], Any]":
    import json

    page = import_module("stock_client.models.list_leads_response_200").ListLeadsResponse200
    return lambda: page.from_dict(json.loads(content))


def campaigns(content: bytes) -> "Callable[[], Any]":
    import json

    page = import_module("stock_client.models.list_campaign_response_200").ListCampaignResponse200
    return lambda: page.from_dict(json.loads(content))


def new_client() -> "Callable[[], Any]":
    from uuid import UUID

    import httpx

    pause = import_module(PAUSE).sync
    make_client = import_module("stock_client").Client

    def make() -> None:
        with make_client(base_url=NOWHERE) as client:
            try:
                pause(UUID(ID), client=client)
            except httpx.ConnectError:
                return
        raise AssertionError("something answered")

    return make
