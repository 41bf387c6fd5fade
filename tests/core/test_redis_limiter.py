"""The limiter of several processes, with a real Redis."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from benchmarks.figure import Unavailable
from benchmarks.servers import RedisServer
from instantly_core import Limit, errors
from instantly_core.ratelimit.fallback import part_of
from tests.core.engine import GET, ID, RARE, Engine, Script
from tests.core.redis_program import LIMIT
from tests.core.test_limits import Clock

pytest.importorskip("redis", reason="the extra redis is not installed")

from instantly_core import RedisLimiter
from instantly_core.ratelimit import fallback, redis_sides
from instantly_core.ratelimit.redis_store import Store

pytestmark = pytest.mark.redis

ROOT = Path(__file__).parents[2]


def told(seconds: float) -> None:
    """Nobody listens."""


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    try:
        server = RedisServer()
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield server
    server.kill()


@pytest.fixture
def limiter(redis: RedisServer) -> Iterator[RedisLimiter]:
    limiter = RedisLimiter(redis.url)
    yield limiter
    limiter.close()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_processes_count_together(kind: str, redis: RedisServer) -> None:
    command = [sys.executable, "-m", "tests.core.redis_program", kind, redis.url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("core", "."))}
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    outputs = [process.communicate(timeout=120)[0].split() for process in running]
    # Each alone would get all. Processes that ask at the same moment may not see each other; the benchmarks tell more.
    assert LIMIT.requests <= sum(int(got) for got, _ in outputs) < 2 * LIMIT.requests
    assert all(0 < float(wait) <= 1.02 * LIMIT.seconds for _, wait in outputs)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_each_goes_on_alone_while_redis_is_gone(
    kind: str, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_sides, "_SECONDS", 60)
    monkeypatch.setattr(fallback, "PROBE_SECONDS", 0.0)
    monkeypatch.setattr(Store, "_KNOWN_SECONDS", 0.0)
    monkeypatch.setattr(Store, "_MEMBER_SECONDS", 600.0)
    limiters = [RedisLimiter(redis.url) for _ in range(4)]

    async def acquire_async(limiter: RedisLimiter) -> float:
        wait = await limiter.acquire_async("", (), 60.0, told)
        await limiter.close_async()
        return wait

    def all_acquire() -> None:
        for limiter in limiters:
            if kind == "async":
                assert asyncio.run(acquire_async(limiter)) == 0.0
            else:
                assert limiter.acquire("", (), 60.0, told) == 0.0

    all_acquire()
    all_acquire()
    redis.kill()
    all_acquire()
    assert [limiter._breaker.part((Limit(100, 1),)) for limiter in limiters] == [(Limit(25, 1),)] * 4
    redis.start()
    with caplog.at_level(logging.INFO, logger="instantly_client"):
        all_acquire()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 4 + ["INFO"] * 4
    assert caplog.text.count("keeps to 25 % of the limits") == 4
    assert "guessed" not in caplog.text
    for limiter in limiters:
        limiter.close()


def test_long_limits_hold_over_limiters(redis: RedisServer, limiter: RedisLimiter) -> None:
    other = RedisLimiter(redis.url)
    three = (Limit(3, 60),)
    assert [one.acquire("emails", three, 1.0, told) for one in (limiter, other, limiter)] == [0.0] * 3
    for one in (limiter, other):
        assert 55 < one.acquire("emails", three, 1.0, told) < 62
    assert limiter.acquire("other", three, 1.0, told) == 0.0
    other.close()


def test_each_name_counts_for_itself(redis: RedisServer, limiter: RedisLimiter) -> None:
    other = RedisLimiter(redis.url, name="another workspace")
    for one in (limiter, other):
        assert one.acquire("emails", (Limit(1, 60),), 0.5, told) == 0.0
    other.close()


def test_a_client_raises_rather_than_wait_beyond_its_deadline(engine: Engine, limiter: RedisLimiter) -> None:
    script = Script()
    client = engine.client(script, limiter=limiter, deadline=30)
    for _ in range(2):
        engine.call(client, RARE)
    with pytest.raises(errors.RateLimitError, match="listRare: not sent: the rate limit is used up for 6"):
        engine.call(client, RARE)
    assert len(script.requests) == 2
    close(engine, limiter)


def close(engine: Engine, limiter: RedisLimiter) -> None:
    if engine.kind == "async":
        engine.result(limiter.close_async())


def test_waits_are_told_and_pass(engine: Engine, redis: RedisServer) -> None:
    limiter = RedisLimiter(redis.url, limits=(Limit(2, 1),))
    waits: list[float] = []
    client = engine.client(Script(), limiter=limiter, on_event=lambda e: waits.append(e.seconds or 0))
    began = time.monotonic()
    for _ in range(4):
        engine.call(client, GET, (ID,))
    assert time.monotonic() - began > 1.4
    assert 0 < max(waits) < 1.1
    close(engine, limiter)
    limiter.close()


def test_a_cancelled_wait_stops_nobody(redis: RedisServer) -> None:
    limiter = RedisLimiter(redis.url, limits=(Limit(2, 1),))

    async def main() -> list[Any]:
        tasks = [asyncio.create_task(limiter.acquire_async("", (), 60.0, told)) for _ in range(5)]
        await asyncio.sleep(0.3)
        for task in tasks[2:4]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await limiter.close_async()
        return results

    results = asyncio.run(main())
    assert [result for result in results if result == 0.0] == [0.0] * 3
    limiter.close()


def test_waiting_tasks_do_not_hammer(redis: RedisServer) -> None:
    limiter = RedisLimiter(redis.url, limits=(Limit(1, 1),))

    async def main() -> int:
        tasks = [asyncio.create_task(limiter.acquire_async("", (), 60.0, told)) for _ in range(500)]
        await asyncio.sleep(1.5)
        commands = (await limiter._loops[asyncio.get_running_loop()].client.info("stats"))["total_commands_processed"]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await limiter.close_async()
        return int(commands)

    assert asyncio.run(main()) < 100
    limiter.close()


def test_a_limiter_serves_several_loops_and_threads(limiter: RedisLimiter) -> None:
    async def main() -> None:
        assert await limiter.acquire_async("", (), 5.0, told) == 0.0
        await limiter.close_async()

    threads = [Thread(target=asyncio.run, args=(main(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert limiter.acquire("", (), 5.0, told) == 0.0
    for thread in threads:
        thread.join()
    asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own(limiter: RedisLimiter) -> None:
    one = (Limit(2, 60),)
    limiter.acquire("x", one, 1.0, told)
    child = os.fork()
    if child == 0:
        try:
            os._exit(int(limiter.acquire("x", one, 1.0, told) != 0.0))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert limiter.acquire("x", one, 1.0, told) > 50


def test_a_redis_that_hangs_holds_up_a_call_only_once(
    engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_sides, "_SECONDS", 0.2)
    monkeypatch.setattr(fallback, "PROBE_SECONDS", 600.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limiter = RedisLimiter(f"redis://:guessed@127.0.0.1:{silent.getsockname()[1]}/0")
        client = engine.client(Script(), limiter=limiter)
        for _ in range(5):
            engine.call(client, GET, (ID,))
        # One question, and once more in case that it was this process which was held up.
        silent.setblocking(False)
        assert connections(silent) == 2
        close(engine, limiter)
        limiter.close()
    assert [
        record.levelname
        for record in caplog.records
        if record.name == "instantly_client" and record.levelname != "DEBUG"
    ] == ["WARNING"]
    assert "guessed" not in caplog.text


def connections(listener: socket.socket) -> int:
    """How many have come to a listener that does not block."""
    for number in count():
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return number
    raise AssertionError


def test_a_loop_that_is_held_up_does_not_take_redis_for_gone(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_sides, "_SECONDS", 60)
    limiter = RedisLimiter(redis.url)
    ahead = 0.0

    async def main() -> None:
        nonlocal ahead
        asyncio.get_running_loop().time = lambda: time.monotonic() + ahead  # type: ignore[method-assign]
        await limiter.acquire_async("", (), 5.0, told)
        # Somewhere among these steps the question is on its way.
        for steps in range(1, 9):
            asked = asyncio.create_task(limiter.acquire_async("", (), 5.0, told))
            for _ in range(steps):
                await asyncio.sleep(0)
            ahead += 90
            assert await asked == 0.0
        await limiter.close_async()

    asyncio.run(main())
    assert limiter._breaker.failures == 0
    limiter.close()


def test_the_share_can_be_given(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock().drive(monkeypatch)
    limiter = RedisLimiter("redis://127.0.0.1:9/0", share=0.1)
    waits: list[float] = []
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            assert limiter.acquire("", (), 5.0, waits.append) == 0.0
    assert "keeps to 10 % of the limits" in caplog.text
    assert waits == [pytest.approx(0.101)]


def test_it_comes_back(redis: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    clock.drive(monkeypatch, fallback)
    limiter = RedisLimiter(redis.url)
    limiter.acquire("", (), 5.0, told)
    redis.kill()
    with caplog.at_level(logging.INFO, logger="instantly_client"):
        began = clock.now
        for _ in range(30):
            assert limiter.acquire("", (), 5.0, told) == 0.0
        # What others may have sent in the second before counts as well.
        assert clock.now - began > 1
        redis.start()
        clock.sleep(fallback.PROBE_SECONDS)
        assert limiter.acquire("", (), 5.0, told) == 0.0
        assert limiter._breaker.local is not None
        clock.sleep(fallback.SETTLE_SECONDS)
        assert limiter.acquire("", (), 5.0, told) == 0.0
        assert limiter._breaker.local is None
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    limiter.close()


def test_the_url_shows_nowhere(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    wrong = RedisLimiter(redis.url.replace("guessed", "mistaken"))
    with caplog.at_level(logging.DEBUG, logger="instantly_client"), pytest.raises(errors.ConfigurationError) as refused:
        wrong.acquire("", (), 5.0, told)
    assert "mistaken" not in caplog.text + repr(wrong) + repr(vars(wrong)) + str(refused.value)
    assert refused.value.__suppress_context__
    wrong.close()
    with pytest.raises(errors.ConfigurationError) as caught:
        RedisLimiter("http://:mistaken@127.0.0.1")
    assert "mistaken" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_name_of_the_keys_gives_nothing_away(redis: RedisServer, engine: Engine, limiter: RedisLimiter) -> None:
    engine.call(engine.client(Script(), limiter=limiter), GET, (ID,))
    names = limiter._threads.client.keys()
    assert sorted(names) == [b"{instantly-client}:members", b"{instantly-client}:workspace"]
    assert all(limiter._threads.client.pttl(name) > 0 for name in names)
    close(engine, limiter)


@pytest.mark.parametrize("share", [0, -1, float("nan"), float("inf")])
def test_a_share_that_cannot_be(share: float) -> None:
    with pytest.raises(errors.ConfigurationError, match="share"):
        RedisLimiter("redis://127.0.0.1", share=share)


@pytest.mark.parametrize("name", ["", "{a}", "a}"])
def test_a_name_that_would_put_keys_on_several_nodes(name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="name"):
        RedisLimiter("redis://127.0.0.1", name=name)


def test_a_part_of_limits() -> None:
    assert part_of((Limit(100, 1), Limit(10, 60)), 0.25) == (Limit(25, 1), Limit(2, 60))
    assert part_of((Limit(1, 60),), 0.25) == (Limit(1, 240),)


@pytest.mark.slow
def test_without_the_extra_the_error_says_what_to_install() -> None:
    code = """
import sys
sys.modules["redis"] = None
import pydoc
import instantly_client
from instantly_client import *
assert "RedisLimiter" in pydoc.render_doc(instantly_client)
try:
    RedisLimiter("redis://127.0.0.1")
except ImportError as error:
    print(error)
"""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("core", "generated"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == 'RedisLimiter needs redis: pip install "instantly-client[redis]"\n'
