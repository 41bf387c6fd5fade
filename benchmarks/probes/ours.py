"""The client of this project."""

from benchmarks.probes.service import ID, KEY, NOWHERE, TASKS, served, transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


def resource() -> None:
    import instantly_client.resources.campaigns  # noqa: F401
    from instantly_client import Instantly  # noqa: F401


def client_class() -> None:
    from instantly_client import Instantly  # noqa: F401


def models() -> None:
    from instantly_client import models

    for name in dir(models):
        getattr(models, name)


def command() -> None:
    from contextlib import redirect_stdout
    from io import StringIO

    from instantly_cli.run import run

    # The help text takes all that a command does before its call, and writing it.
    with redirect_stdout(StringIO()):
        run(["campaigns", "list", "--help"])


def first_call(content: bytes) -> object:
    from instantly_client import Instantly

    return Instantly(api_key=KEY, transport=transport(content)).campaigns.pause(ID)


def call(content: bytes) -> "Callable[[], Any]":
    from instantly_client import Instantly
    from instantly_core import Limit, LocalLimiter

    # The arithmetic of the default limiter, without its waits.
    limiter = LocalLimiter((Limit(10**9, 1), Limit(10**9, 60)))
    campaigns = Instantly(api_key=KEY, transport=transport(content), limiter=limiter).campaigns
    return lambda: campaigns.pause(ID)


def async_call(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    from instantly_client import AsyncInstantly
    from instantly_core import Limit, LocalLimiter

    limiter = LocalLimiter((Limit(10**9, 1), Limit(10**9, 60)))
    campaigns = AsyncInstantly(api_key=KEY, transport=transport(content), limiter=limiter).campaigns

    async def once() -> object:
        return await campaigns.pause(ID)

    return once


def socket_call(content: bytes) -> "Callable[[], Any]":
    from instantly_client import Instantly

    campaigns = Instantly(api_key=KEY, base_url=served(content), limiter=None).campaigns
    return lambda: campaigns.pause(ID)


def async_socket_calls(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    import asyncio

    from instantly_client import AsyncInstantly

    campaigns = AsyncInstantly(api_key=KEY, base_url=served(content), limiter=None).campaigns

    async def once() -> object:
        return await asyncio.gather(*(campaigns.pause(ID) for _ in range(TASKS)))

    return once


def async_socket_calls_aiohttp(content: bytes) -> "Callable[[], Coroutine[Any, Any, Any]]":
    import asyncio

    from instantly_client import AsyncInstantly

    client = AsyncInstantly(api_key=KEY, base_url=served(content), limiter=None, transport="aiohttp")

    async def once() -> object:
        return await asyncio.gather(*(client.campaigns.pause(ID) for _ in range(TASKS)))

    return once


def calls_and_pages(campaign: bytes, page: bytes) -> "Callable[[], Any]":
    from instantly_client import Instantly
    from instantly_core import Limit, LocalLimiter

    # It counts as ever, and nobody waits for it.
    limiter = LocalLimiter((Limit(10**4, 0.01),))
    calls = Instantly(api_key=KEY, transport=transport(campaign), limiter=limiter).campaigns
    leads = Instantly(api_key=KEY, transport=transport(page), limiter=limiter).leads

    def once() -> None:
        for _ in range(10):
            calls.pause(ID)
        leads.list()

    return once


def download() -> "Callable[[], Any]":
    import os
    from tempfile import TemporaryDirectory

    from instantly_client import Instantly

    block_list = Instantly(api_key=KEY, base_url=served(b"x" * 100_000_000), limiter=None).block_list

    def once() -> None:
        with TemporaryDirectory() as folder:
            assert os.path.getsize(block_list.download(to=os.path.join(folder, "list.csv"))) == 100_000_000

    return once


def add_many(answers: bytes) -> "Callable[[], Any]":
    import json

    from instantly_client import Instantly
    from instantly_client.resources.leads import BULK_ADD
    from instantly_core import BulkAddProgress

    [answer] = [
        sample["value"]
        for sample in json.loads(answers)
        if (sample["operation"], sample["kind"]) == (BULK_ADD.name, "full")
    ]
    # As many leads were created as were sent.
    content = json.dumps({name: value * 1000 if isinstance(value, list) else value for name, value in answer.items()})
    leads = Instantly(api_key=KEY, transport=transport(content.encode()), limiter=None).leads

    def once() -> None:
        sent = ({"email": f"{number}@example.com"} for number in range(100_000))
        progress: BulkAddProgress[Any] = BulkAddProgress()
        leads.add_many(sent, campaign_id=ID, collect=False, progress=progress)
        assert progress.confirmed == 100_000

    return once


def leads(content: bytes) -> "Callable[[], Any]":
    return leads_orjson(content)


def leads_orjson(content: bytes) -> "Callable[[], Any]":
    from instantly_client.resources.leads import LIST
    from instantly_core.call.page import decode_page
    from instantly_core.http.codec import loads
    from instantly_core.models.decode import Drift

    paging, lead = LIST.paging, LIST.decoder
    assert paging is not None
    return lambda: decode_page(paging, lead, loads(content), None, "", Drift())


def leads_msgspec(content: bytes) -> "Callable[[], Any]":
    from instantly_client.resources.leads import LIST
    from instantly_core.call.fast_path import fast_path_of
    from instantly_core.models.drift import DriftLog
    from instantly_core.models.unset import UNSET

    path, log = fast_path_of(LIST), DriftLog()
    assert path is not None

    def once() -> object:
        return path.read(content, log)

    # The first answers are for the ordinary decoder, which teaches it the fields that are new.
    for _ in range(4):
        if once() is UNSET:
            path.learn(leads(content)())
    assert once() is not UNSET
    return once


def campaigns(content: bytes) -> "Callable[[], Any]":
    from instantly_client.models import Campaign
    from instantly_core.http.codec import loads

    return lambda: [Campaign.from_dict(row) for row in loads(content)["items"]]


def new_client() -> "Callable[[], Any]":
    from instantly_client import Instantly, errors

    def make() -> None:
        with Instantly(api_key=KEY, base_url=NOWHERE, max_retries=0, limiter=None) as client:
            try:
                client.campaigns.pause(ID)
            except errors.APIConnectionError:
                return
        raise AssertionError("something answered")

    return make
