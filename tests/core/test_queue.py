"""The order in which requests leave a limiter, and what becomes of those that do not wait to the end."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from instantly_core import Limit, LocalLimiter, Operation, errors
from instantly_core.ratelimit import queue
from tests.core.engine import Engine, Script
from tests.core.test_limits import Clock, moments, most_in, recorded, told

FIVE = (Limit(5, 2),)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    clock.drive(monkeypatch)
    return clock


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[queue.Waiter]:
    return recorded(monkeypatch)


def until(condition: Callable[[], object]) -> None:
    """Wait for other threads."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_a_stall_delays_all_by_as_much_and_nobody_overtakes(clock: Clock) -> None:
    limiter = LocalLimiter()
    done: list[tuple[int, float]] = []

    async def task(number: int) -> None:
        assert await limiter.acquire_async("", (), 120.0, told) == 0.0
        done.append((number, clock.now - 1000))

    async def main() -> None:
        tasks = [asyncio.create_task(task(number)) for number in range(2500)]
        await asyncio.sleep(2)
        clock.now += 0.3
        await asyncio.gather(*tasks)

    clock.run(main())
    assert [number for number, _ in done] == [*range(2500)]
    assert max(moment - number * 0.0101 for number, moment in done) < 0.35
    assert most_in(1.0, [moment for _, moment in done]) <= 100


def test_a_late_timer_slows_nobody_down(clock: Clock) -> None:
    clock.late = lambda: 0.001
    limiter = LocalLimiter()
    for _ in range(1000):
        limiter.acquire("", (), 60.0, told)
    assert 9.99 * 1.01 <= clock.now - 1000 < 9.99 * 1.01 + 0.05


def test_after_a_stall_no_bunch_leaves(clock: Clock) -> None:
    limiter = LocalLimiter()
    departures = []
    for number in range(100):
        clock.late = (lambda: 0.3) if number == 50 else (lambda: 0.0)
        limiter.acquire("", (), 60.0, told)
        departures.append(clock.now)
    assert most_in(0.1, departures) <= 15


def test_cancelled_tasks_give_their_turns_back(clock: Clock) -> None:
    limiter = LocalLimiter()
    waits: list[float] = []

    async def main() -> None:
        for _ in range(5):
            await limiter.acquire_async("x", FIVE, 60.0, told)
        tasks = [asyncio.create_task(limiter.acquire_async("x", FIVE, 60.0, told)) for _ in range(20)]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await limiter.acquire_async("x", FIVE, 60.0, waits.append)

    clock.run(main())
    assert waits == [pytest.approx(1.94)]
    assert clock.now == pytest.approx(1002.04)


def test_a_task_that_is_cancelled_at_its_turn_gives_it_back(clock: Clock, left: list[queue.Waiter]) -> None:
    limiter = LocalLimiter((Limit(1, 60),))

    async def main() -> None:
        await limiter.acquire_async("", (), 0.0, told)
        tasks = [asyncio.create_task(limiter.acquire_async("", (), 600.0, told)) for _ in range(2)]
        await asyncio.sleep(0)
        clock.now += 61.2
        queue.LoopLane._ring(limiter._queues[""]._lanes[asyncio.get_running_loop()])  # type: ignore[arg-type]
        tasks[0].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError)
        assert results[1] == 0.0

    clock.run(main())
    assert moments(left) == pytest.approx([1000, 1061.2])


class Interrupted(BaseException):
    """What a signal handler raises."""


def test_interrupted_threads_give_their_turns_back(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = LocalLimiter()
    for _ in range(5):
        limiter.acquire("x", FIVE, 60.0, told)

    def interrupt(waiter: queue.ThreadWaiter, seconds: float) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(queue.ThreadWaiter, "sleep", interrupt)
        for _ in range(20):
            with pytest.raises(Interrupted):
                limiter.acquire("x", FIVE, 60.0, told)
    assert limiter.acquire("x", FIVE, 1.0, told) == pytest.approx(2.04)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers of signals here")
def test_a_signal_ends_a_wait_in_a_thread() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise Interrupted

    limiter = LocalLimiter((Limit(1, 60),))
    limiter.acquire("", (), 0.0, told)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Interrupted):
            limiter.acquire("", (), 600.0, told)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert limiter._queues[""]._waiting == 0
    assert limiter.acquire("", (), 1.0, told) < 62


def test_a_hook_that_raises_takes_no_turn(clock: Clock) -> None:
    def broken(seconds: float) -> None:
        raise Interrupted

    limiter = LocalLimiter((Limit(1, 60),))
    limiter.acquire("", (), 0.0, told)
    with pytest.raises(Interrupted):
        limiter.acquire("", (), 600.0, broken)
    assert limiter.acquire("", (), 1.0, told) == pytest.approx(61.2)


@pytest.mark.slow
def test_threads_and_event_loops_leave_in_the_order_in_which_they_came(left: list[queue.Waiter]) -> None:
    limiter = LocalLimiter((Limit(100, 1),))
    limiter.acquire("", (), 0.0, told)
    one = limiter._queues[""]
    one.rest_until(time.monotonic() + 1)
    loops = [asyncio.new_event_loop() for _ in range(2)]
    threads = [threading.Thread(target=loop.run_forever) for loop in loops]
    for thread in threads:
        thread.start()
    others: list[Any] = []
    for number in range(30):
        if number % 3 == 2:
            others.append(threading.Thread(target=limiter.acquire, args=("", (), 60.0, told)))
            others[-1].start()
        else:
            asyncio.run_coroutine_threadsafe(limiter.acquire_async("", (), 60.0, told), loops[number % 3])
        until(lambda: one._waiting + len(left) == number + 2)  # noqa: B023
    until(lambda: len(left) == 31)
    for loop in loops:
        loop.call_soon_threadsafe(loop.stop)
    for thread in (*threads, *others):
        thread.join()
    for loop in loops:
        loop.close()
    assert [waiter.number for waiter in left] == [-1, *range(30)]
    assert most_in(1.0, moments(left)) <= 100


def test_a_loop_that_is_held_up_for_long_does_not_hold_up_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_LATE", 0.05)
    limiter = LocalLimiter((Limit(20, 1),))
    free = threading.Event()

    async def main() -> None:
        await limiter.acquire_async("", (), 60.0, told)
        waiting = asyncio.create_task(limiter.acquire_async("", (), 60.0, told))
        await asyncio.sleep(0)
        assert free.wait(30)
        assert await waiting == 0.0

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    until(lambda: "" in limiter._queues and limiter._queues[""]._waiting == 1)
    assert limiter.acquire("", (), 60.0, told) == 0.0
    assert not free.is_set()
    free.set()
    thread.join()


def test_tasks_of_a_closed_loop_are_forgotten(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(1, 60),))
    limiter.acquire("", (), 0.0, told)
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(limiter.acquire_async("", (), 6000.0, told)) for _ in range(5)]
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert limiter.acquire("", (), 1.0, told) == pytest.approx(61.2)
    assert limiter.acquire("", (), 62.0, told) == 0.0
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        with pytest.raises(Interrupted):
            task.get_coro().throw(Interrupted())
    assert limiter._queues[""]._waiting == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_wait_for_threads_of_its_parent() -> None:
    limiter = LocalLimiter((Limit(1, 0.5),))
    limiter.acquire("", (), 0.0, told)
    threads = [threading.Thread(target=limiter.acquire, args=("", (), 60.0, told)) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: limiter._queues[""]._waiting == 3)
    child = os.fork()
    if child == 0:
        try:
            os._exit(int(limiter.acquire("", (), 0.9, told) != 0.0))
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for thread in threads:
        thread.join()


def test_whoever_a_stall_makes_too_late_is_refused_at_the_end_of_its_time(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(10, 1),))
    ends: dict[int, tuple[float, float]] = {}

    async def task(number: int, budget: float) -> None:
        excess = await limiter.acquire_async("", (), budget, told)
        ends[number] = (excess, clock.now - 1000)

    async def main() -> None:
        tasks = [asyncio.create_task(task(number, 1.0 if number == 7 else 60.0)) for number in range(20)]
        await asyncio.sleep(0.05)
        clock.now += 0.5
        await asyncio.gather(*tasks)

    clock.run(main())
    assert ends[7][0] > 0
    assert ends[7][1] == pytest.approx(1.0, abs=0.01)
    assert [ends[number][0] for number in range(20) if number != 7] == [0.0] * 19
    # Its turn went to those after it.
    assert ends[19][1] < 0.5 + 19 * 0.101


def test_nobody_wakes_all_waiters(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    look = queue.Queue.look

    def counted(self: queue.Queue, waiter: queue.Waiter) -> float | None:
        nonlocal looks
        looks += 1
        return look(self, waiter)

    monkeypatch.setattr(queue.Queue, "look", counted)
    limiter = LocalLimiter()

    async def main() -> None:
        await asyncio.gather(*(limiter.acquire_async("", (), 600.0, told) for _ in range(1000)))

    clock.run(main())
    assert looks < 4 * 1000


@pytest.mark.slow
def test_the_wait_for_a_place_far_back_in_the_queue_is_known(clock: Clock) -> None:
    limiter = LocalLimiter()
    waits: list[float] = []

    async def main() -> None:
        tasks = [asyncio.create_task(limiter.acquire_async("", (), 600.0, waits.append)) for _ in range(13_000)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    clock.run(main())
    assert waits[5998] == pytest.approx(5999 * 0.0101)
    assert waits[5999] == pytest.approx(61.2)
    assert waits[11_999] == pytest.approx(122.4)


def test_a_place_can_be_given_back(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(2, 60),))
    limiter.cancel("", 0.0)
    limiter.acquire("", (), 0.0, told)
    clock.now += 10
    limiter.acquire("", (), 0.0, told)
    clock.now += 10
    limiter.cancel("", 10.0)
    assert limiter.acquire("", (), 0.0, told) == 0.0
    assert limiter.acquire("", (), 0.0, told) == pytest.approx(41.2)


def test_a_place_that_is_given_back_goes_to_the_first_who_waits(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(1, 60),))
    limiter.acquire("", (), 0.0, told)
    done: list[float] = []

    async def waiting() -> None:
        assert await limiter.acquire_async("", (), 100.0, told) == 0.0
        done.append(clock.now)

    async def main() -> None:
        task = asyncio.create_task(waiting())
        await asyncio.sleep(5)
        limiter.cancel("", 5.0)
        await task

    clock.run(main())
    assert done == [pytest.approx(1005)]


OWN = Operation[Any]("listOwn", "GET", "/own", limits=(Limit(3, 60),))


def test_a_request_that_the_workspace_refuses_gives_back_its_other_place(engine: Engine) -> None:
    limiter = LocalLimiter((Limit(1, 60),))
    client = engine.client(Script(httpx.Response(200, json={})), limiter=limiter, deadline=5)
    engine.call(client, OWN)
    for _ in range(5):
        with pytest.raises(errors.RateLimitError, match="used up for 6"):
            engine.call(client, OWN)
    for _ in range(2):
        assert limiter.acquire("listOwn", (Limit(3, 60),), 0.0, told) == 0.0
    assert limiter.acquire("listOwn", (Limit(3, 60),), 0.0, told) > 50


def test_a_cancelled_call_gives_back_its_places_in_every_bucket() -> None:
    from instantly_core import AsyncClient

    limiter = LocalLimiter((Limit(1, 60),))

    async def main() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
        async with AsyncClient(api_key="k", limiter=limiter, transport=transport) as client:
            await client.call(OWN)
            calls = [asyncio.create_task(client.with_options(deadline=600).call(OWN)) for _ in range(2)]
            await asyncio.sleep(0.05)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            for _ in range(2):
                assert await limiter.acquire_async("listOwn", (Limit(3, 60),), 0.0, told) == 0.0

    asyncio.run(main())
