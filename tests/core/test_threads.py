from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from instantly_core import AsyncClient, SyncClient
from instantly_core.http import library as http
from instantly_core.http.environment import tls_context
from instantly_core.ratelimit import limits
from instantly_core.ratelimit.limits import limiter_of
from instantly_core.secret import Secret
from tests.core.engine import GET, ID, KEY, Script
from tests.core.wire import Wire, answer


def make(wire: Wire, **options: Any) -> SyncClient:
    return SyncClient(api_key=KEY, base_url=wire.url, **{"limiter": None, **options})


def make_async(wire: Wire, **options: Any) -> AsyncClient:
    return AsyncClient(api_key=KEY, base_url=wire.url, **{"limiter": None, **options})


def test_threads_make_no_more_connections_than_they_use(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[httpx.HTTPTransport] = []

    def slow_transport(**settings: Any) -> httpx.HTTPTransport:
        time.sleep(0.02)
        made.append(httpx.HTTPTransport(**settings))
        return made[-1]

    monkeypatch.setattr(http, "HTTPTransport", slow_transport)
    wire.answers = [answer(200, b'{"id": "x"}')]
    together = threading.Barrier(16)
    with make(wire) as client, ThreadPoolExecutor(16) as threads:

        def work(number: int) -> list[Any]:
            together.wait()
            return [client.with_options(timeout=number + 5).call(GET, (ID,)) for _ in range(10)]

        results = list(threads.map(work, range(16)))
    assert results == [[{"id": "x"}] * 10] * 16
    assert len(made) == wire.connections <= 16
    assert len(wire.received) == 160


def test_many_tasks_in_process() -> None:
    async def robot(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.001)
        return httpx.Response(200, json={"path": request.url.path})

    async def main() -> list[Any]:
        async with AsyncClient(api_key=KEY, limiter=None, transport=httpx.MockTransport(robot)) as client:
            return await asyncio.gather(*(client.call(GET, (str(number),)) for number in range(500)))

    assert [answer["path"] for answer in asyncio.run(main())] == [f"/api/v2/robots/{n}" for n in range(500)]


def test_more_tasks_than_connections(wire: Wire) -> None:
    async def main() -> int:
        async with make_async(wire) as client:
            return len(await asyncio.gather(*(client.call(GET, (ID,)) for _ in range(100))))

    assert asyncio.run(main()) == 100
    assert len(wire.received) == 100


@pytest.mark.slow
def test_an_async_client_over_several_loops(wire: Wire) -> None:
    """What belonged to a loop that is closed is closed too, before the garbage collector complains about it."""
    client = make_async(wire)
    for _ in range(3):
        assert asyncio.run(client.call(GET, (ID,))) == {}
    assert len(client._pool._loops) == 1
    asyncio.run(client.close())
    assert not client._pool._loops
    assert len(wire.received) == 3
    gc.collect()


def test_an_async_client_on_two_loops_at_once(wire: Wire) -> None:
    client = make_async(wire)
    together = threading.Barrier(2)

    async def work() -> int:
        together.wait()
        for _ in range(20):
            await client.call(GET, (ID,))
        loops = len(client._pool._loops)
        together.wait()
        return loops

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda _: asyncio.run(work()), range(2))) == [2, 2]
    assert wire.connections == 2
    asyncio.run(client.close())


def test_all_clients_share_one_tls_context(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def transport(**settings: Any) -> httpx.HTTPTransport:
        seen.append(settings["verify"])
        return httpx.HTTPTransport(**settings)

    monkeypatch.setattr(http, "HTTPTransport", transport)
    for _ in range(3):
        with make(wire) as one:
            one.call(GET, (ID,))
    assert seen == [tls_context()] * 3


def test_a_client_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes nothing of httpx before its first request: that takes a hundred times as long as all the rest."""
    for name in ("Client", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport"):
        monkeypatch.setattr(http, name, None)
    SyncClient(api_key="k")
    AsyncClient(api_key="k")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_connections_and_locks_of_its_own(wire: Wire) -> None:
    client = make(wire, limiter=limits.LocalLimiter())
    shared = limiter_of(Secret("forked"))
    client.call(GET, (ID,))
    limiter: Any = client._limiter
    with limiter._queues[""]._lock, client._pool._connections._lock:
        child = os.fork()
        if child == 0:
            try:
                client.call(GET, (ID,))
                shared.acquire("", (), 1.0, lambda seconds: None)
                os._exit(0)
            finally:
                os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    client.call(GET, (ID,))
    client.close()
    assert len(wire.received) == 3
    assert wire.connections == 2


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    import tracemalloc

    row = {"id": ID, "legs": 2, "new": "x"}
    script = Script(row)
    client = SyncClient(api_key=KEY, limiter=None, transport=httpx.MockTransport(script))

    def work() -> None:
        for number in range(300):
            client.call(GET, (f"{ID}-{number}",))
            script.requests.clear()
        gc.collect()

    work()
    tracemalloc.start()
    work()
    before = tracemalloc.get_traced_memory()[0]
    work()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


@pytest.mark.parametrize("transport", [None, "aiohttp"])
def test_a_call_on_no_event_loop_of_asyncio_says_so(transport: Any) -> None:
    """As trio would drive it."""
    if transport:
        pytest.importorskip("aiohttp", reason="the extra aiohttp is not installed")
    call = AsyncClient(api_key=KEY, transport=transport).call(GET, (ID,))
    with pytest.raises(RuntimeError, match="tasks of asyncio only"):
        call.send(None)
