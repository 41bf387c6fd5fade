"""A call leaves nothing behind: no connection, task or thread, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpcore
import httpx
import pytest

from instantly_core import AsyncClient, LocalLimiter, SyncClient, errors
from instantly_core.http import environment, library
from instantly_core.http.connections import MAX_CONNECTIONS
from instantly_core.http.environment import tls_context
from instantly_core.http.loop_sockets import LoopBackend
from instantly_core.http.sockets import Backend, Sockets
from tests.core.engine import CREATE, GET, ID, KEY, LIST, Engine
from tests.core.hostile import Hostile, keeps_silent
from tests.core.wire import Wire, answer

trustme = pytest.importorskip("trustme")


def open_sockets() -> int:
    gc.collect()
    # By the type alone: asking lazy objects of other packages, such as Django's settings, for their class loads them.
    sockets = [one for one in gc.get_objects() if issubclass(type(one), socket.socket)]
    return sum(one.fileno() >= 0 for one in sockets)


@contextlib.contextmanager
def service(seconds: float, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A healthy service on an event loop of its own, which takes its time."""

    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(seconds)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
                await asyncio.sleep(seconds / 4)
                writer.write(b"{}")
        writer.close()

    started: Future[int] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(serve, "localhost" if tls else "127.0.0.1", 0, ssl=tls)
        async with server:
            started.set_result(server.sockets[0].getsockname()[1])
            await stop.wait()
        while len(asyncio.all_tasks()) > 1:  # Their clients have left.
            await asyncio.sleep(0.001)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    stops: list[Callable[[], Any]] = []
    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    try:
        port = started.result()
        yield f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    finally:
        stops[0]()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> Any:
    return trustme.CA()


@pytest.fixture
def trusted(authority: Any, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a service at localhost whose authority the clients trust."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(environment, "_tls", (environment._certificates(), context))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    return server


async def cancelled_calls(url: str, rounds: int, at_once: int = 120) -> None:
    before = len(asyncio.all_tasks())
    async with AsyncClient(api_key=KEY, base_url=url, limiter=None) as client:
        moments = random.Random(1)

        async def call() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(moments.random() * 0.04):
                    await client.call(GET, (ID,))

        for _ in range(rounds):
            await asyncio.gather(*(call() for _ in range(at_once)))
        [own] = client._pool._loops.values()
        assert not own.connections._busy
        assert own.room._value == MAX_CONNECTIONS
        assert await client.with_options(timeout=2, max_retries=0).call(GET, (ID,)) == {}
    assert len(asyncio.all_tasks()) == before


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [2, pytest.param(84, marks=pytest.mark.long)])
def test_cancelled_calls_leave_nothing(rounds: int) -> None:
    before = open_sockets()
    with service(0.02) as url:
        asyncio.run(cancelled_calls(url, rounds))
    assert open_sockets() == before


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="this Python starts no task at once")
def test_cancelled_calls_of_eager_tasks_leave_nothing() -> None:
    async def main(url: str) -> None:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
        await cancelled_calls(url, 1)

    before = open_sockets()
    with service(0.02) as url:
        asyncio.run(main(url))
    assert open_sockets() == before


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_walk_that_runs_out_of_time_leaves_nothing(wire: Wire, prefetch: bool) -> None:
    wire.answers = [answer(200, b'{"items": [1], "next_starting_after": "%d"}' % number) for number in range(10_000)]

    async def main() -> list[Any]:
        before = len(asyncio.all_tasks())
        async with AsyncClient(api_key=KEY, base_url=wire.url, limiter=None) as client:
            walk, items = client.page(LIST).walk(prefetch=prefetch), []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None) as limit:
                    async for item in walk:
                        items.append(item)
                        if len(items) == 5:
                            limit.reschedule(0)
            assert len(asyncio.all_tasks()) == before
            assert await client.with_options(timeout=2, max_retries=0).call(GET, (ID,))
        return items

    before = open_sockets()
    assert 5 <= len(asyncio.run(main())) < 10_000
    assert open_sockets() == before


@pytest.mark.slow
def test_cancelled_calls_over_tls_leave_nothing(trusted: ssl.SSLContext) -> None:
    before = open_sockets()
    with service(0.01, trusted) as url:
        asyncio.run(cancelled_calls(url, 5, 60))
    assert open_sockets() == before


def test_interrupted_threads_leave_nothing(wire: Wire) -> None:
    """As Ctrl-C does, between any two steps of the answer."""

    with SyncClient(api_key=KEY, base_url=wire.url, limiter=None) as client:
        for stop in range(1, 12):
            steps = 0

            def seconds(self: Any, timeout: float | None, stop: int = stop) -> float:
                nonlocal steps
                steps += 1
                if steps == stop:
                    raise KeyboardInterrupt
                return 1.0

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("instantly_core.http.sockets.Sockets.seconds", seconds)
                with contextlib.suppress(KeyboardInterrupt):
                    client.call(GET, (ID,))
            assert not client._pool._connections._busy
            assert client._pool._room._value == MAX_CONNECTIONS
        assert client.call(GET, (ID,)) == {}


@pytest.mark.parametrize("operation", [GET, CREATE], ids=lambda operation: operation.name)
def test_closing_a_client_ends_the_calls_of_its_threads(operation: Any) -> None:
    """The service never answers and the timeouts are those of the default: without an end the test would hang."""
    with Hostile(keeps_silent) as hostile, ThreadPoolExecutor(8) as threads:
        client = SyncClient(api_key=KEY, base_url=hostile.url, limiter=None)
        arguments: tuple[Any, ...] = ((ID,),) if operation is GET else ((), None, {})
        calls = [threads.submit(lambda: client.call(operation, *arguments)) for _ in range(8)]
        while len(hostile.received) < 8:
            threading.Event().wait(0.01)
        client.close()
        failures = [call.exception() for call in calls]
        assert {type(failure) for failure in failures} == {errors.ClientClosedError}
        assert all(failure.sent for failure in failures if isinstance(failure, errors.ClientClosedError))
        assert not client._pool._connections._busy
        with pytest.raises(errors.ClientClosedError) as caught:
            client.call(operation, *arguments)
        assert caught.value.sent is False


def test_closing_a_client_ends_the_calls_of_its_tasks() -> None:
    async def main() -> list[Any]:
        with Hostile(keeps_silent) as hostile:
            client = AsyncClient(api_key=KEY, base_url=hostile.url, limiter=None)
            # More than there are connections, so that some wait for one.
            calls = [asyncio.ensure_future(client.call(GET, (ID,))) for _ in range(MAX_CONNECTIONS + 10)]
            while len(hostile.received) < MAX_CONNECTIONS:
                await asyncio.sleep(0.01)
            await client.close()
            return await asyncio.gather(*calls, return_exceptions=True)

    assert {type(failure) for failure in asyncio.run(main())} == {errors.ClientClosedError}


def test_a_client_is_closed_from_another_loop() -> None:
    with Hostile(keeps_silent) as hostile, ThreadPoolExecutor(1) as threads:
        client = AsyncClient(api_key=KEY, base_url=hostile.url, limiter=None)
        call = threads.submit(lambda: asyncio.run(client.call(GET, (ID,))))
        while not hostile.received:
            threading.Event().wait(0.01)
        asyncio.run(client.close())
        assert isinstance(call.exception(), errors.ClientClosedError)


def test_closing_a_client_ends_the_wait_for_a_retry(engine: Engine) -> None:
    """The service asks to wait for 50 s."""
    retries = threading.Event()
    with Wire() as wire, ThreadPoolExecutor(1) as threads:
        wire.answers = [b"HTTP/1.1 429 Slow\r\nretry-after: 50\r\ncontent-length: 0\r\n\r\n"]

        def watch(event: Any) -> None:
            if event.kind == "wait":
                retries.set()

        client = engine.client(base_url=wire.url, on_event=watch)
        call = threads.submit(engine.call, client, GET, (ID,))
        retries.wait()
        if engine.kind == "sync":
            client.close()
        else:
            asyncio.run(client.close())
        assert isinstance(call.exception(), errors.ClientClosedError)


def test_a_limiter_outlives_a_closed_client(wire: Wire) -> None:
    limiter = LocalLimiter()
    for _ in range(2):
        with SyncClient(api_key=KEY, base_url=wire.url, limiter=limiter) as client:
            assert client.call(GET, (ID,)) == {}


@pytest.mark.parametrize("seconds", [1e9, 1e300])
@pytest.mark.parametrize("given", [False, True])
def test_no_wait_is_too_long_for_the_system(engine: Engine, wire: Wire, seconds: float, given: bool) -> None:
    own: Any = httpx.Client() if engine.kind == "sync" else httpx.AsyncClient()
    options: dict[str, Any] = {"http_client": own} if given else {}
    client = engine.client(base_url=wire.url, timeout=seconds, deadline=seconds, max_retries=0, **options)
    assert engine.call(client, GET, (ID,)) == {}
    engine.result(own.close() if engine.kind == "sync" else own.aclose())


@pytest.mark.parametrize("proxy", [None, httpx.Proxy("http://127.0.0.1:9")])
def test_each_transport_of_the_http_library_takes_the_backend(proxy: httpx.Proxy | None) -> None:
    """The library passes no backend on, so it is put where the library keeps its own."""
    sync, loop, tls = Backend(Sockets()), LoopBackend(Sockets()), tls_context()
    transport: Any
    for transport, backend in (
        (library.connection(sync, proxy, tls), sync),
        (library.async_connection(loop, proxy, tls), loop),
    ):
        made = transport._pool.create_connection(httpcore.Origin(b"https", b"example.com", 443))
        assert backend in vars(made).values() or backend in vars(made._connection).values()
