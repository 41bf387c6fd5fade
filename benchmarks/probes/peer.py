"""The package instantlyai."""

from importlib import import_module

from benchmarks.probes.service import ID, KEY, NOWHERE, transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


def resource() -> None:
    import_module("instantlyai")


client_class = resource


def first_call(content: bytes) -> object:
    return call(content)()


def call(content: bytes) -> "Callable[[], Any]":
    import httpx

    http_client = httpx.Client(transport=transport(content))
    campaigns = import_module("instantlyai").Instantly(KEY, http_client=http_client).campaigns
    return lambda: campaigns.pause(ID)


def async_call(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    import httpx

    http_client = httpx.AsyncClient(transport=transport(content))
    campaigns = import_module("instantlyai").AsyncInstantly(KEY, http_client=http_client).campaigns

    async def once() -> object:
        return await campaigns.pause(ID)

    return once


def leads(content: bytes) -> "Callable[[], Any]":
    return _page("Lead", content)


def campaigns(content: bytes) -> "Callable[[], Any]":
    return _page("Campaign", content)


def _page(name: str, content: bytes) -> "Callable[[], Any]":
    import json

    model = getattr(import_module("instantlyai.models"), name)
    return lambda: [model.model_validate(row) for row in json.loads(content)["items"]]


def new_client() -> "Callable[[], Any]":
    package = import_module("instantlyai")

    def make() -> None:
        with package.Instantly(KEY, base_url=NOWHERE, max_retries=0) as client:
            try:
                client.campaigns.pause(ID)
            except package.APIConnectionError:
                return
        raise AssertionError("something answered")

    return make
