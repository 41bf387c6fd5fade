"""An async client that sends by aiohttp. What services do to it, `test_hostile` and `test_connecting` show as well."""

from __future__ import annotations

import asyncio
import random
import sys
from contextlib import suppress
from typing import Any

import httpx
import pytest

from instantly_core import AsyncClient, SyncClient, errors
from tests.core.engine import DELETE, GET, ID, KEY
from tests.core.hostile import Hostile, keeps_silent
from tests.core.test_lifetime import open_sockets, service
from tests.core.wire import DROP, Wire, answer

pytest.importorskip("aiohttp", reason="the extra aiohttp is not installed")


def make(url: str, **options: Any) -> AsyncClient:
    return AsyncClient(**{"api_key": KEY, "base_url": url, "limiter": None, "transport": "aiohttp", **options})


def sender(client: AsyncClient) -> Any:
    [own] = client._pool._loops.values()
    return own.shared


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [2, pytest.param(84, marks=pytest.mark.long)])
def test_cancelled_calls_leave_nothing(rounds: int) -> None:
    async def main(url: str) -> None:
        before = len(asyncio.all_tasks())
        async with make(url) as client:
            moments = random.Random(1)

            async def call() -> None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(moments.random() * 0.04):
                        await client.call(GET, (ID,))

            for _ in range(rounds):
                await asyncio.gather(*(call() for _ in range(120)))
            assert not sender(client)._session.connector._acquired
            assert await client.with_options(timeout=2, max_retries=0).call(GET, (ID,)) == {}
        assert len(asyncio.all_tasks()) == before

    before = open_sockets()
    with service(0.02) as url:
        asyncio.run(main(url))
    assert open_sockets() == before


def test_a_deletion_whose_connection_is_lost_is_not_repeated(wire: Wire) -> None:
    """aiohttp by itself would repeat it, if the connection was used before."""
    wire.answers = [answer(), DROP, answer()]

    async def main() -> None:
        async with make(wire.url) as client:
            await client.call(GET, (ID,))
            with pytest.raises(errors.APIConnectionError) as caught:
                await client.call(DELETE, (ID,))
            assert caught.value.sent is True

    asyncio.run(main())
    assert [received.method for received in wire.received] == ["GET", "DELETE"]
    assert wire.connections == 1


@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", [False, True])
def test_closing_a_client_ends_its_calls(elsewhere: bool) -> None:
    """Also from another event loop."""

    async def main() -> list[Any]:
        with Hostile(keeps_silent) as hostile:
            client = make(hostile.url)
            calls = [asyncio.ensure_future(client.call(GET, (ID,))) for _ in range(5)]
            while len(hostile.received) < 5:
                await asyncio.sleep(0.001)
            if elsewhere:
                await asyncio.to_thread(lambda: asyncio.run(client.close()))
            else:
                await client.close()
            found = await asyncio.gather(*calls, return_exceptions=True)
            while elsewhere and asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.sleep(0.001)  # The connections are closed by a task of this loop.
            return found

    before = open_sockets()
    failures = asyncio.run(main())
    assert {(type(failure), failure.sent) for failure in failures} == {(errors.ClientClosedError, True)}
    assert open_sockets() == before


def test_a_closed_client_says_so(wire: Wire) -> None:
    async def main() -> None:
        client = make(wire.url)
        assert await client.call(GET, (ID,)) == {}
        await client.close()
        await client.close()
        with pytest.raises(errors.ClientClosedError):
            await client.call(GET, (ID,))

    asyncio.run(main())


def test_what_is_sent_is_what_others_send(wire: Wire) -> None:
    async def main() -> None:
        for options in ({}, {"transport": None}):
            async with make(wire.url, **options) as client:
                await client.request("POST", "/api/v2/robots/a%2Fb?x=%20y", json={"name": "é"}, headers={"x-own": "1"})
                await client.request("POST", "/api/v2/robots")
                await client.request("GET", "/api/v2/robots")

    asyncio.run(main())

    def sent(received: Any) -> Any:
        return received._replace(headers={k: v for k, v in received.headers.items() if k != "connection"})

    requests = [sent(received) for received in wire.received]
    assert requests[:3] == requests[3:]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_of_the_environment(wire: Wire, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable.lower(), wire.url.replace("//", "//user:secret@"))

    async def main(url: str, **options: Any) -> Any:
        async with make(url, **options) as client:
            return await client.call(GET, (ID,))

    assert asyncio.run(main("http://service.example", allow_http=True)) == {}
    [received] = wire.received
    assert received.target == f"http://service.example/api/v2/robots/{ID}"
    assert received.headers["proxy-authorization"].startswith("Basic ")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asyncio.run(main(wire.url))
    assert wire.received[1].target == f"/api/v2/robots/{ID}"


# The oldest httpx knows `socks5h` for no proxy at all.
SOCKS = ["socks5"] if httpx.__version__.startswith("0.27.") else ["socks5", "socks5h"]


@pytest.mark.parametrize("scheme", SOCKS)
def test_a_proxy_of_socks_is_refused_when_the_client_is_made(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://user:secret@proxy.example:1080")
    with pytest.raises(errors.ConfigurationError, match=f"no use for a proxy of the scheme {scheme}: leave") as caught:
        make("https://api.example")
    assert "secret" not in str(caught.value)
    make("https://api.example", transport=None)


def test_only_async_clients_have_it() -> None:
    with pytest.raises(errors.ConfigurationError, match="transport"):
        SyncClient(api_key=KEY, transport="aiohttp")


def test_a_client_of_its_own_excludes_it() -> None:
    with pytest.raises(errors.ConfigurationError, match="not both"):
        make("https://api.example", http_client=httpx.AsyncClient())


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "instantly_core.http.aiohttp_sender", raising=False)
    with pytest.raises(ImportError, match=r"instantly-client\[aiohttp\]"):
        make("https://api.example")
