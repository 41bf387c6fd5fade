"""`close()` ends whatever the calls of a client wait for, in threads and tasks: without an end a test would hang."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from benchmarks.figure import Unavailable
from benchmarks.servers import RedisServer
from instantly_core import AsyncClient, Limit, LocalLimiter, RedisLimiter, SyncClient, errors
from tests.core.engine import CREATE, GET, ID, KEY, RARE, Engine
from tests.core.hostile import Hostile, keeps_silent
from tests.core.wire import Wire, answer

RARELY = (Limit(1, 3600),)


class Wrapped:
    """A limiter of a program around one of ours, whose methods have nothing to do with closing."""

    def __init__(self, inner: LocalLimiter) -> None:
        self._inner = inner

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        return self._inner.acquire(bucket, limits, budget, on_wait)

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        return await self._inner.acquire_async(bucket, limits, budget, on_wait)


class Callers:
    """Calls in threads of their own, those of an async client each on an event loop of its own."""

    def __init__(self, engine: Engine, threads: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._threads = threads

    def start(self, client: Any, operation: Any, *arguments: Any) -> Future[Any]:
        def call() -> Any:
            result = client.call(operation, *arguments)
            return result if self._engine.kind == "sync" else asyncio.run(_awaited(client, result))

        return self._threads.submit(call)

    def close(self, client: Any) -> None:
        if self._engine.kind == "sync":
            client.close()
        else:
            asyncio.run(client.close())


async def _awaited(client: Any, result: Any) -> Any:
    try:
        return await result
    finally:
        if isinstance(client._limiter, RedisLimiter):
            await client._limiter.close_async()


@pytest.fixture
def callers(engine: Engine) -> Iterator[Callers]:
    with ThreadPoolExecutor(16) as threads:
        yield Callers(engine, threads)


def when_waiting(waits: int) -> tuple[threading.Event, Callable[[Any], None]]:
    """An event that is set with so many waits, and the hook that counts them."""
    left, lock, reached = [waits], threading.Lock(), threading.Event()

    def watch(event: Any) -> None:
        if event.kind == "wait":
            with lock:
                left[0] -= 1
                if not left[0]:
                    reached.set()

    return reached, watch


def assert_closed(calls: Sequence[Future[Any]], *, sent: bool = False) -> None:
    failures = [call.exception(timeout=20) for call in calls]
    assert {(type(failure), getattr(failure, "sent", None)) for failure in failures} == {
        (errors.ClientClosedError, sent)
    }


@pytest.mark.parametrize(("status", "sent"), [(429, False), (503, True)])
def test_the_error_remembers_what_earlier_attempts_may_have_done(
    engine: Engine, callers: Callers, wire: Wire, status: int, sent: bool
) -> None:
    wire.answers = [answer(status, b"{}", "retry-after: 50")]
    reached, watch = when_waiting(1)
    client = engine.client(base_url=wire.url, on_event=watch)
    call = callers.start(client, GET, (ID,))
    assert reached.wait(20)
    callers.close(client)
    assert_closed([call], sent=sent)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_wait_in_the_limiter_ends(engine: Engine, callers: Callers, wire: Wire, wrapped: bool) -> None:
    inner = LocalLimiter(RARELY)
    limiter: Any = Wrapped(inner) if wrapped else inner
    reached, watch = when_waiting(6)
    client = engine.client(base_url=wire.url, limiter=limiter, on_event=watch, deadline=1e6)
    assert callers.start(client, GET, (ID,)).result() == {}
    calls = [callers.start(client, GET, (ID,)) for _ in range(6)]
    assert reached.wait(20)
    callers.close(client)
    assert_closed(calls)
    # Nobody is left in the queue, whose place others would have to wait for.
    assert inner._queue("", ())._waiting == 0
    assert len(wire.received) == 1


def test_the_place_in_the_first_bucket_is_given_back(engine: Engine, callers: Callers, wire: Wire) -> None:
    """The call had its place in the bucket of its operation, and waited for that of the workspace."""
    limiter = LocalLimiter(RARELY)
    reached, watch = when_waiting(1)
    client = engine.client(base_url=wire.url, limiter=limiter, on_event=watch, deadline=1e6)
    assert callers.start(client, GET, (ID,)).result() == {}
    call = callers.start(client, RARE)
    assert reached.wait(20)
    callers.close(client)
    assert_closed([call])
    assert limiter._queue(RARE.name, RARE.limits).idle()


def test_others_who_share_the_limiter_wait_on(engine: Engine, callers: Callers, wire: Wire) -> None:
    limiter = LocalLimiter((Limit(1, 0.5),))
    reached, watch = when_waiting(2)
    closed = engine.client(base_url=wire.url, limiter=limiter, on_event=watch)
    stays = engine.client(base_url=wire.url, limiter=limiter, on_event=watch)
    assert callers.start(stays, GET, (ID,)).result() == {}
    calls = [callers.start(client, GET, (ID,)) for client in (closed, stays)]
    assert reached.wait(20)
    callers.close(closed)
    assert_closed(calls[:1])
    assert calls[1].result(timeout=20) == {}


@pytest.mark.redis
def test_a_wait_for_redis_ends(engine: Engine, callers: Callers, wire: Wire) -> None:
    """The first call waits for its turn, those after it for the first."""
    pytest.importorskip("redis", reason="the extra redis is not installed")
    try:
        server = RedisServer()
    except Unavailable as reason:
        pytest.skip(str(reason))
    limiter = RedisLimiter(server.url, limits=RARELY)
    reached, watch = when_waiting(6)
    client = engine.client(base_url=wire.url, limiter=limiter, on_event=watch, deadline=1e6)
    try:
        assert callers.start(client, GET, (ID,)).result() == {}
        calls = [callers.start(client, GET, (ID,)) for _ in range(6)]
        assert reached.wait(20)
        callers.close(client)
        assert_closed(calls)
    finally:
        limiter.close()
        server.kill()
    assert len(wire.received) == 1


@contextlib.contextmanager
def nowhere() -> Iterator[Any]:
    """An address that takes no further connection and refuses none: whoever connects waits without end."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as stack:
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()


@pytest.mark.parametrize("addresses", [1, 100])
def test_a_connection_that_is_being_made_ends(
    engine: Engine, callers: Callers, monkeypatch: pytest.MonkeyPatch, addresses: int
) -> None:
    """With 100 addresses, each of which gets half a second."""
    connecting = threading.Semaphore(0)
    with nowhere() as address:

        def getaddrinfo(*arguments: Any, **named: Any) -> Any:
            connecting.release()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)] * addresses

        client = engine.client(
            base_url="http://service.example", allow_http=True, timeout=httpx.Timeout(1e6), deadline=1e6
        )
        with monkeypatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", getaddrinfo)
            calls = [callers.start(client, CREATE, (), None, {}) for _ in range(3)]
            for _ in calls:
                connecting.acquire()
            threading.Event().wait(0.05)
            callers.close(client)
            assert_closed(calls)


class Resolver:
    """Looks names up without end, as where no name server answers, until `answer` is called."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self._answered = threading.Event()
        self.answer = self._answered.set

    def getaddrinfo(self, *arguments: Any, **named: Any) -> Any:
        self.asked.release()
        self._answered.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "no")


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver.getaddrinfo)
    yield resolver
    resolver.answer()


FOR_EVER: dict[str, Any] = {"timeout": httpx.Timeout(1e6), "deadline": 1e6, "limiter": None}
UNKNOWN = "http://service.example"


def test_a_name_that_is_being_looked_up(resolver: Resolver) -> None:
    client = SyncClient(api_key=KEY, base_url=UNKNOWN, allow_http=True, **FOR_EVER)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(client.call, GET, (ID,))
        resolver.asked.acquire()
        client.close()
        assert_closed([call])


def test_a_name_that_is_being_looked_up_for_a_task(resolver: Resolver) -> None:
    async def main() -> BaseException | None:
        client = AsyncClient(api_key=KEY, base_url=UNKNOWN, allow_http=True, **FOR_EVER)
        call = asyncio.ensure_future(client.call(GET, (ID,)))
        while not resolver.asked.acquire(blocking=False):
            await asyncio.sleep(0.001)
        await client.close()
        await asyncio.wait((call,))
        resolver.answer()  # The loop waits for the thread in which it looks names up.
        return call.exception()

    assert isinstance(asyncio.run(main()), errors.ClientClosedError)


def test_the_deadline_holds_while_a_name_is_looked_up(resolver: Resolver) -> None:
    client = SyncClient(api_key=KEY, base_url=UNKNOWN, allow_http=True, limiter=None, deadline=0.05)
    with client, pytest.raises(errors.APITimeoutError) as caught:
        client.call(GET, (ID,))
    assert caught.value.sent is False


def test_a_transport_of_the_program_is_ended_too_on_an_event_loop() -> None:
    """A thread cannot be ended from outside, a task can."""

    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            waiting.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody answers")

    waiting = asyncio.Event()

    async def main() -> BaseException | None:
        client = AsyncClient(api_key=KEY, limiter=None, transport=Silent())
        call = asyncio.ensure_future(client.call(GET, (ID,)))
        await waiting.wait()
        await client.close()
        await asyncio.wait((call,))
        return call.exception()

    failure = asyncio.run(main())
    assert isinstance(failure, errors.ClientClosedError)
    assert failure.sent is True


@pytest.mark.parametrize("order", ["cancelled first", "closed first"])
def test_a_cancelled_call_stays_cancelled_when_its_client_is_closed(order: str) -> None:
    async def main() -> bool:
        with Hostile(keeps_silent) as hostile:
            client = AsyncClient(api_key=KEY, base_url=hostile.url, limiter=None)
            call = asyncio.ensure_future(client.call(GET, (ID,)))
            while not hostile.received:
                await asyncio.sleep(0.001)
            if order == "cancelled first":
                call.cancel()
                await client.close()
            else:
                close = asyncio.ensure_future(client.close())
                call.cancel()
                await close
            await asyncio.wait((call,))
            return call.cancelled()

    assert asyncio.run(main())


def test_a_task_group_survives_a_client_that_is_closed() -> None:
    """Its task is not cancelled any more when the error is there: what it awaits afterwards is not cut short."""

    async def main() -> str:
        limiter = LocalLimiter(RARELY)
        with Wire() as wire:
            client = AsyncClient(api_key=KEY, base_url=wire.url, limiter=limiter, deadline=1e6)
            await client.call(GET, (ID,))

            async def call() -> str:
                try:
                    await client.call(GET, (ID,))
                except errors.ClientClosedError:
                    task = asyncio.current_task()
                    assert task is not None
                    assert task.cancelling() == 0
                    await asyncio.sleep(0)
                    return "closed"
                return "answered"

            async with asyncio.TaskGroup() as group:
                task = group.create_task(call())
                await asyncio.sleep(0.01)
                await client.close()
            return task.result()

    assert asyncio.run(main()) == "closed"
