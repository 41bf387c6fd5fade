"""A call that is interrupted, at whichever of its moments, leaves no connection, task or place in a limiter behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine, Generator, Iterator, Sequence
from types import coroutine
from typing import Any

import httpx
import pytest

from instantly_core import AsyncClient, Event, Limit, LocalLimiter, SyncClient
from instantly_core.http import sockets
from instantly_core.http.connections import MAX_CONNECTIONS
from tests.core.engine import GET, ID, KEY, RARE
from tests.core.test_lifetime import open_sockets
from tests.core.wire import Wire

MAX_MOMENTS = 100


class Moments:
    """Counts the moments of a call, and interrupts one of them."""

    def __init__(self, at: int) -> None:
        self._left = at

    def pass_one(self) -> None:
        self._left -= 1
        if self._left == -1:
            raise KeyboardInterrupt


class Waiting(LocalLimiter):
    """A limiter that always waits a little."""

    __slots__ = ("moments",)

    moments: Moments

    def acquire(self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Any, /) -> float:
        self.moments.pass_one()
        return super().acquire(bucket, limits, budget, on_wait)

    async def acquire_async(self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Any, /) -> float:
        await asyncio.sleep(0)
        return await super().acquire_async(bucket, limits, budget, on_wait)


def places(limiter: LocalLimiter) -> list[int]:
    """The places that are left in the bucket of the operation, and in that of the workspace."""
    return [
        sum(LocalLimiter.acquire(limiter, bucket, limits, 0.0, lambda seconds: None) == 0.0 for _ in range(4))
        for bucket, limits in RARE.admissions
    ]


def check(client: Any, limiter: LocalLimiter, begun: bool) -> None:
    if isinstance(client, SyncClient):
        used = [(client._pool._connections, client._pool._room)]
    else:
        own = [*client._pool._loops.values()]
        used = [(each.connections, each.room) for each in own]
        assert not [each for each in own if each.shared is not None and each.shared._session.connector._acquired]
    for connections, room in used:
        assert not connections._busy
        assert room._value == MAX_CONNECTIONS
    # A place is lost with a request that may have left, and with no other.
    assert places(limiter) == ([1, 3] if begun else [2, 4])


@coroutine
def cancelled(call: Coroutine[Any, Any, Any], at: int) -> Generator[Any, Any, Any]:
    """A call whose task is cancelled when it waits for the time `at`."""
    error: BaseException | None = None
    for moment in range(MAX_MOMENTS):
        try:
            waits_for = call.send(None) if error is None else call.throw(error)
        except StopIteration as end:
            return end.value
        task = asyncio.current_task()
        assert task is not None
        if moment == at:
            task.cancel()
        try:
            yield waits_for
        except BaseException as raised:
            error = raised
        else:
            error = None
    raise AssertionError("the call has more moments")


@pytest.mark.parametrize("transport", [None, "aiohttp"])
def test_a_call_that_is_cancelled_at_any_await(wire: Wire, transport: Any) -> None:
    if transport is not None:
        pytest.importorskip("aiohttp", reason="the extra aiohttp is not installed")

    async def interrupted(at: int) -> bool:
        """Interrupt a call at a moment, and return whether it has so many."""
        events: list[Event] = []
        limiter = Waiting([Limit(4, 60)])
        options: dict[str, Any] = {"transport": transport, "limiter": limiter, "on_event": events.append}
        async with AsyncClient(api_key=KEY, base_url=wire.url, **options) as client:
            tasks = asyncio.all_tasks()
            await client.with_options(limiter=None).call(GET, (ID,)) if at % 2 else None  # On a connection in use.
            events.clear()
            try:
                await asyncio.create_task(_awaited(cancelled(client.call(RARE), at)))
            except asyncio.CancelledError:
                check(client, limiter, begun=bool(events))
            else:
                return False
            finally:
                assert asyncio.all_tasks() == tasks
            assert await client.with_options(limiter=None, timeout=5).call(GET, (ID,)) == {}
        return True

    async def main() -> int:
        for at in range(MAX_MOMENTS):
            if not await interrupted(at) and not await interrupted(at + 1):
                return at
        raise AssertionError("no call came to its end")

    before = open_sockets()
    assert asyncio.run(main()) >= 4
    assert open_sockets() == before


async def _awaited(call: Any) -> Any:
    return await call


class Interrupted(socket.socket):
    """A socket each step of which is interrupted before or after it."""

    __slots__ = ()

    moments: Moments

    def connect(self, address: Any) -> None:
        self.moments.pass_one()
        super().connect(address)
        self.moments.pass_one()

    def send(self, *arguments: Any) -> int:
        self.moments.pass_one()
        sent = super().send(*arguments)
        self.moments.pass_one()
        return sent

    def recv(self, *arguments: Any) -> bytes:
        self.moments.pass_one()
        received = super().recv(*arguments)
        self.moments.pass_one()
        return received


def test_a_call_that_is_interrupted_at_any_step_of_its_thread(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = sockets._opened

    def open_one(*arguments: Any) -> socket.socket:
        sock = opened(*arguments)
        return Interrupted(fileno=sock.detach())

    monkeypatch.setattr(sockets, "_opened", open_one)

    def interrupted(at: int) -> bool:
        """Interrupt a call at a moment, and return whether it has so many."""
        events: list[Event] = []
        limiter = Waiting([Limit(4, 60)])
        with SyncClient(api_key=KEY, base_url=wire.url, limiter=limiter, on_event=events.append) as client:
            limiter.moments = Interrupted.moments = Moments(at)
            try:
                client.call(RARE)
            except KeyboardInterrupt:
                limiter.moments = Interrupted.moments = Moments(-2)
                check(client, limiter, begun=bool(events))
            else:
                return False
            assert client.with_options(limiter=None, timeout=5).call(GET, (ID,)) == {}
        return True

    before = open_sockets()
    moments = next(at for at in range(MAX_MOMENTS) if not interrupted(at))
    # Two of the limiter, and before and after each of connect, send and receive.
    assert moments == 8
    assert open_sockets() == before


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_answer_of_a_given_transport_that_is_interrupted_is_closed(at: int) -> None:
    closed: list[bool] = []
    moments = Moments(at)

    class Stream(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for piece in (b"{", b"}", b" "):
                moments.pass_one()
                yield piece

        def close(self) -> None:
            closed.append(True)

    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=Stream())

    with pytest.raises(KeyboardInterrupt):
        SyncClient(api_key=KEY, limiter=None, transport=Transport()).call(GET, (ID,))
    assert closed == [True]
