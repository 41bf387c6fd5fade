from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Sequence
from threading import Thread
from typing import Any

import httpx
import pytest

from instantly_core import AsyncClient, Event, Limit, LocalLimiter, SyncClient, errors
from instantly_core.ratelimit import limits, places, queue
from instantly_core.ratelimit.limits import limiter_of
from instantly_core.ratelimit.window import RoundTrip, ShortWindow
from instantly_core.secret import Secret
from instantly_sandbox.engine import rate_limits
from tests.core.engine import GET, ID, RARE, Engine, Script


class Clock:
    """Time that passes only when somebody sleeps, and sometimes more of it than was asked for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.late: Callable[[], float] = lambda: 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late()

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Run on an event loop of this clock."""
        loop = asyncio.SelectorEventLoop()
        select = loop._selector.select  # type: ignore[attr-defined]

        def advance(timeout: float | None = None) -> Any:
            self.sleep(timeout or 0.0)
            return select(0)

        loop._selector.select = advance  # type: ignore[attr-defined]
        loop.time = self.monotonic  # type: ignore[method-assign]
        try:
            loop.run_until_complete(main)
        finally:
            loop.close()

    def wait(self, waiter: queue.ThreadWaiter, seconds: float) -> None:
        """Wait in the only thread."""
        if not waiter.signal.acquire(blocking=False):
            self.sleep(seconds)

    def drive(self, monkeypatch: pytest.MonkeyPatch, *modules: Any) -> None:
        """Be the clock of limiters, and of further modules."""
        for module in (limits, places, queue, *modules):
            monkeypatch.setattr(module, "time", self)
        monkeypatch.setattr(queue.ThreadWaiter, "sleep", lambda waiter, seconds: self.wait(waiter, seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    clock.drive(monkeypatch)
    return clock


def told(seconds: float) -> None:
    """Nobody listens."""


def most_in(window: float, departures: Sequence[float]) -> int:
    """The most departures that any window of time has seen."""
    departures = sorted(departures)
    start = most = 0
    for end, moment in enumerate(departures):
        while moment - departures[start] >= window - 1e-9:
            start += 1
        most = max(most, end - start + 1)
    return most


@pytest.mark.parametrize("late", [0.0, 0.3])
def test_saturated_by_tasks_that_are_held_up(clock: Clock, late: float) -> None:
    dice = random.Random(7)
    clock.late = lambda: late if dice.random() < 0.01 else 0.0
    limiter = LocalLimiter()
    departures: list[float] = []

    async def task() -> None:
        for _ in range(8):
            assert await limiter.acquire_async("", (), 60.0, told) == 0.0
            departures.append(clock.now)

    async def main() -> None:
        await asyncio.gather(*(task() for _ in range(300)))

    clock.run(main())
    assert most_in(1.0, departures) <= 100
    assert most_in(60.0, departures) <= 6000
    if not late:
        assert len(departures) / (departures[-1] - departures[0]) >= 97


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[queue.Waiter]:
    """The requests that leave limiters, in this order."""
    left: list[queue.Waiter] = []
    leave = queue.Queue._leave

    def record(self: queue.Queue, waiter: queue.Waiter, now: float, turn: float) -> None:
        leave(self, waiter, now, turn)
        left.append(waiter)

    monkeypatch.setattr(queue.Queue, "_leave", record)
    return left


def moments(left: Sequence[queue.Waiter]) -> list[float]:
    return [waiter.left for waiter in left if waiter.left is not None]


@pytest.mark.slow
def test_saturated_by_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    left = recorded(monkeypatch)
    limiter = LocalLimiter((Limit(100, 0.5),))

    def work() -> None:
        for _ in range(50):
            limiter.acquire("", (), 60.0, told)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(left) == 200
    assert most_in(0.5, moments(left)) <= 100


def test_what_arrived_late_is_counted_late(clock: Clock) -> None:
    """A service that does nothing for 0.3 s now and then takes in at once what has come meanwhile."""
    limiter = LocalLimiter()
    arrivals: list[float] = []
    in_flight: list[tuple[float, float]] = []

    def end(until: float) -> None:
        while in_flight and in_flight[0][1] <= until:
            left, arrival = in_flight.pop(0)
            arrivals.append(arrival)
            now, clock.now = clock.now, arrival + 0.001
            limiter.ended(clock.now - left, True)
            clock.now = max(now, clock.now)

    while clock.now < 1030:
        limiter.acquire("", (), 60.0, lambda seconds: end(clock.now + seconds))
        stalled = clock.now % 5
        in_flight.append((clock.now, clock.now + (0.3 - stalled if stalled < 0.3 else 0.001)))
        end(clock.now)
    assert most_in(1.0, arrivals) <= 100
    assert len(arrivals) / 30 >= 92


def test_what_is_not_answered_keeps_its_place_for_two_periods(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(3, 1),))
    limiter.acquire("", (), 60.0, told)
    limiter.ended(0.0, True)
    for _ in range(2):
        limiter.acquire("", (), 60.0, told)
    stuck = clock.now
    for _ in range(2):
        limiter.acquire("", (), 60.0, told)
    assert stuck + 1.3 < clock.now < stuck + 2.5


@pytest.mark.parametrize("answer", [{}, httpx.Response(404), httpx.ReadError("broken"), RuntimeError("a bug")])
def test_a_watcher_hears_of_every_end(engine: Engine, answer: Any) -> None:
    ends: list[bool] = []

    class Watching(LocalLimiter):
        def ended(self, seconds: float, answered: bool, /) -> None:
            assert 0 <= seconds < 5
            ends.append(answered)

    client = engine.client(Script(answer), limiter=Watching(), max_retries=0)
    with contextlib.suppress(errors.APIError, RuntimeError):
        engine.call(client, GET, (ID,))
    assert ends == [not isinstance(answer, Exception)]


def test_a_watcher_hears_of_cancelled_requests() -> None:
    ends: list[bool] = []

    class Watching(LocalLimiter):
        def ended(self, seconds: float, answered: bool, /) -> None:
            ends.append(answered)

    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    async def main() -> None:
        async with AsyncClient(api_key="k", limiter=Watching(), transport=httpx.MockTransport(hang)) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.call(GET, (ID,)), 0.05)

    asyncio.run(main())
    assert ends == [False]


def test_a_limiter_need_not_watch(engine: Engine) -> None:
    class Simple:
        def acquire(self, *arguments: Any) -> float:
            return 0.0

        async def acquire_async(self, *arguments: Any) -> float:
            return 0.0

    assert engine.call(engine.client(Script({"legs": 2}), limiter=Simple()), GET, (ID,)) == {"legs": 2}


def test_long_windows_may_be_used_up_at_once(clock: Clock) -> None:
    limiter = LocalLimiter()
    waits: list[float] = []
    for _ in range(5):
        limiter.acquire("emails", (Limit(3, 60),), 300.0, waits.append)
    assert clock.now == pytest.approx(1000 + 61.2)
    assert waits == [pytest.approx(61.2)]


def test_each_bucket_counts_for_itself(clock: Clock) -> None:
    limiter = LocalLimiter()
    for bucket in ("a", "b", "c"):
        assert limiter.acquire(bucket, (Limit(1, 60),), 0.0, told) == 0.0
    assert limiter.acquire("a", (Limit(1, 60),), 0.0, told) > 60


def test_all_limits_of_a_bucket_hold(clock: Clock) -> None:
    limiter = LocalLimiter()
    departures: list[float] = []
    for _ in range(200):
        limiter.acquire("domains", (Limit(30, 60), Limit(100, 600)), 10_000.0, told)
        departures.append(clock.now)
    assert most_in(60, departures) <= 30
    assert most_in(600, departures) == 100


def test_what_would_take_too_long_takes_no_place(clock: Clock) -> None:
    limiter = LocalLimiter()
    one = (Limit(1, 60),)
    assert limiter.acquire("x", one, 10.0, told) == 0.0
    for _ in range(3):
        assert limiter.acquire("x", one, 10.0, told) == pytest.approx(61.2)
    assert clock.now == 1000.0


def test_a_client_raises_rather_than_wait_beyond_its_deadline(engine: Engine) -> None:
    script = Script()
    client = engine.client(script, limiter=LocalLimiter(), deadline=30)
    for _ in range(2):
        engine.call(client, RARE)
    with pytest.raises(errors.RateLimitError, match="listRare: not sent: the rate limit is used up for 61 s") as caught:
        engine.call(client, RARE)
    assert caught.value.status_code is None
    assert caught.value.retry_after == pytest.approx(61.2, abs=1)
    assert len(script.requests) == 2


def test_waits_are_told(engine: Engine) -> None:
    events: list[Event] = []
    client = engine.client(Script(), limiter=LocalLimiter((Limit(10, 1),)), on_event=events.append)
    for _ in range(2):
        engine.call(client, GET, (ID,))
    assert [(event.kind, event.attempt) for event in events] == [
        ("request", 1), ("response", 1), ("wait", 1), ("request", 1), ("response", 1)
    ]  # fmt: skip
    assert events[2].reason == "limit"
    assert events[2].seconds == pytest.approx(0.101, abs=0.1)


@pytest.mark.usefixtures("no_jitter")
def test_each_attempt_is_counted(engine: Engine) -> None:
    class Counting(LocalLimiter):
        count = 0

        def acquire(self, *arguments: Any) -> float:
            self.count += 1
            return 0.0

        async def acquire_async(self, *arguments: Any) -> float:
            return self.acquire()

    limiter = Counting()
    client = engine.client(Script(httpx.Response(500), httpx.Response(429), {}), limiter=limiter)
    engine.call(client, GET, (ID,))
    assert limiter.count == 3


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, LocalLimiter]:
    registry: dict[bytes, LocalLimiter] = {}
    monkeypatch.setattr(limits, "_by_key", registry)
    return registry


def test_clients_of_one_key_share_a_limiter(registry: dict[bytes, LocalLimiter]) -> None:
    one = SyncClient(api_key="one")
    assert one._limiter is AsyncClient(api_key="one")._limiter is SyncClient(api_key=" one ")._limiter
    assert one.with_options(timeout=5)._limiter is one.for_workspace("w")._limiter is one._limiter
    assert one._limiter is not SyncClient(api_key="two")._limiter
    assert one.with_options(limiter=None)._limiter is None
    assert "one" not in repr(registry)


def test_limiters_of_keys_that_are_gone_are_forgotten(registry: dict[bytes, LocalLimiter], clock: Clock) -> None:
    busy = limiter_of(Secret("busy"))
    for number in range(1000):
        limiter_of(Secret(f"key {number}")).acquire("", (), 0.0, told)
        clock.now += 1
        busy.acquire("", (), 0.0, told)
    assert len(registry) <= 257
    assert limiter_of(Secret("busy")) is busy


def test_a_cancelled_wait_stops_nobody(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(1, 1),))

    async def acquire() -> float:
        return await limiter.acquire_async("", (), 60.0, told)

    async def main() -> None:
        tasks = [asyncio.create_task(acquire()) for _ in range(5)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(results[1], asyncio.CancelledError)
        assert [result for result in results if result == 0.0] == [0.0] * 4

    clock.run(main())


def test_a_request_counts_for_the_whole_minute_of_the_limit_of_6000(clock: Clock) -> None:
    limiter = LocalLimiter()
    limiter.acquire("", (), 60.0, told)
    clock.now += 60
    assert not limiter.idle()
    clock.now += 2
    assert limiter.idle()


def test_the_limits_of_the_workspace_are_those_that_the_service_has() -> None:
    assert [*limits.WORKSPACE_LIMITS] == [(limit.count, limit.seconds) for limit in rate_limits.WORKSPACE_LIMITS]


def acquire(limiter: LocalLimiter, kind: str, clock: Clock, budget: float, *limits: Limit) -> float:
    """Wait for permission in a thread, or on an event loop."""
    bucket = "x" if limits else ""
    if kind == "sync":
        return limiter.acquire(bucket, limits, budget, told)
    results: list[float] = []

    async def main() -> None:
        results.append(await limiter.acquire_async(bucket, limits, budget, told))

    clock.run(main())
    return results[0]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_wait_may_take_all_the_time_there_is(clock: Clock, kind: str) -> None:
    limiter = LocalLimiter()
    acquire(limiter, kind, clock, 0.0, Limit(1, 60))
    wait = acquire(limiter, kind, clock, 0.0, Limit(1, 60))
    assert wait > 60
    assert acquire(limiter, kind, clock, wait, Limit(1, 60)) == 0.0


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_waiting_twice_takes_no_longer_than_it_may(clock: Clock, kind: str) -> None:
    limiter = LocalLimiter((Limit(1, 1),))
    acquire(limiter, kind, clock, 0.0)
    limiter.ended(0.0, True)
    acquire(limiter, kind, clock, 2.0)
    began = clock.now
    # The request before is not answered: at the turn there is no room, and a second wait would take too long.
    assert acquire(limiter, kind, clock, 1.5) > 1
    assert clock.now - began < 1.5


def test_a_service_that_always_takes_long_holds_up_nobody(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(2, 1),))
    for count in range(210):
        if count == 110:  # From here on the limiter knows how long a request takes.
            began = clock.now
        limiter.acquire("", (), 60.0, told)
        clock.now += 0.8
        limiter.ended(0.8, True)
    assert clock.now - began == pytest.approx(100 * 0.8)


def test_no_more_than_256_limiters_are_remembered_that_nobody_needs(registry: dict[bytes, LocalLimiter]) -> None:
    sizes = []
    for number in range(600):
        limiter_of(Secret(f"key {number}"))
        sizes.append(len(registry))
    assert max(sizes) == 256


def test_clients_of_one_key_share_a_limiter_also_where_there_are_many_keys(registry: dict[bytes, LocalLimiter]) -> None:
    limiters = [limiter_of(Secret(f"key {number}")) for number in range(256)]
    assert limiter_of(Secret("key 17")) is limiters[17]


@pytest.mark.parametrize("used", [False, True])
def test_a_limiter_that_rests_lets_nothing_leave(clock: Clock, used: bool) -> None:
    limiter = LocalLimiter()
    if used:
        limiter.acquire("", (), 0.0, told)
    limiter.rest_until(clock.now + 10)
    limiter.rest_until(clock.now + 5)
    assert limiter.acquire("", (), 9.0, told) == pytest.approx(10)
    assert limiter.acquire("", (), 60.0, told) == 0.0
    assert clock.now == pytest.approx(1010)


def test_only_the_workspace_rests(clock: Clock) -> None:
    limiter = LocalLimiter()
    limiter.rest_until(clock.now + 10)
    assert limiter.acquire("x", (Limit(1, 1),), 0.0, told) == 0.0


@pytest.mark.parametrize(("limit", "busy", "idle"), [(Limit(3, 60), 61.1, 61.3), (Limit(3, 1), 2.0, 2.1)])
def test_a_limiter_is_idle_when_its_requests_count_no_more(
    clock: Clock, limit: Limit, busy: float, idle: float
) -> None:
    limiter = LocalLimiter((limit,))
    assert limiter.idle()
    limiter.acquire("", (), 0.0, told)
    assert not limiter.idle()
    clock.now = 1000 + busy
    assert not limiter.idle()
    clock.now = 1000 + idle
    assert limiter.idle()


def test_a_limiter_is_idle_only_if_all_its_limits_are(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(3, 1), Limit(3, 2)))
    limiter.acquire("", (), 0.0, told)
    clock.now += 2.03
    assert not limiter.idle()
    limiter = LocalLimiter((Limit(3, 1), Limit(3, 1.5)))
    limiter.acquire("", (), 0.0, told)
    clock.now += 1.6
    assert not limiter.idle()


def test_a_request_that_arrived_late_keeps_its_limiter_busy(clock: Clock) -> None:
    limiter = LocalLimiter((Limit(3, 1),))
    limiter.acquire("", (), 0.0, told)
    clock.now += 1.5
    limiter.ended(1.5, True)
    clock.now += 1
    assert not limiter.idle()
    clock.now += 1.1
    assert limiter.idle()


def test_the_usual_round_trip_is_the_shortest_of_the_last_one_or_two_hundred() -> None:
    round_trip = RoundTrip()
    round_trip.lateness(0.001, True)
    usual = []
    for _ in range(200):
        round_trip.lateness(0.004, True)
        usual.append(round_trip.usual)
    assert usual == [0.001] * 199 + [0.004]


def test_the_end_of_a_request_whose_departure_nobody_knows_takes_no_place() -> None:
    window = ShortWindow(Limit(1, 10))
    window.end(5.0, 1.0, True)
    assert window.turn(5.0, 0) <= 5.0
