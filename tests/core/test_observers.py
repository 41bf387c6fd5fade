"""Hooks of the caller see what a call does, and never break it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from instantly_core import DriftEvent, Event, LocalLimiter, errors
from instantly_core.clock import CLOCK
from instantly_core.stop import Stop
from tests.core.engine import CREATE, GET, ID, RARE, Engine, Script


def fail(event: Any) -> None:
    raise ZeroDivisionError("a metrics outage")


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "raised an error" in record.getMessage()]


@pytest.mark.parametrize("hook", ["on_event", "on_drift"])
def test_what_a_hook_raises_is_logged_once(engine: Engine, hook: str, caplog: pytest.LogCaptureFixture) -> None:
    script = Script({"legs": "four"})
    client = engine.client(script, **{hook: fail})
    for _ in range(3):
        assert engine.call(client, CREATE, (), None, {}) == {"legs": "four"}
    assert len(script.requests) == 3
    assert warnings_of(caplog) == [f"{hook} raised an error, which is ignored"]


def test_a_strict_client_still_raises(engine: Engine) -> None:
    with pytest.raises(errors.DriftError):
        engine.call(engine.client(Script({"legs": "four"}), strict=True, on_drift=fail), GET, (ID,))


def test_hooks_that_are_coroutines_are_awaited(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Event | DriftEvent] = []

    async def note(event: Event | DriftEvent) -> None:
        await asyncio.sleep(0)
        seen.append(event)

    # Of a sync client, `async def` hooks are refused; what returns coroutines without saying so is found out here.
    hook: Any = note if engine.kind == "async" else lambda event: note(event)
    client = engine.client(Script({"legs": "four"}), on_event=hook, on_drift=hook)
    engine.call(client, GET, (ID,))
    if engine.kind == "sync":
        assert seen == []
        assert len(warnings_of(caplog)) == 2
    else:
        assert [getattr(event, "kind", "drift") for event in seen] == ["request", "response", "drift"]
        assert warnings_of(caplog) == []


def test_what_an_awaited_hook_raises_is_logged(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    async def note(event: Event) -> None:
        fail(event)

    hook: Any = note if engine.kind == "async" else lambda event: note(event)
    assert engine.call(engine.client(Script({}), on_event=hook), GET, (ID,)) == {}
    assert warnings_of(caplog) == ["on_event raised an error, which is ignored"]


@pytest.mark.usefixtures("no_jitter")
def test_the_events_of_a_call_belong_together(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Event] = []
    script = Script(httpx.Response(429, headers={"retry-after": "0"}), {})
    client = engine.client(script, on_event=events.append).for_workspace("w-1")
    for _ in range(2):
        engine.call(client, GET, (ID,))
    first, second = events[:5], events[5:]
    assert [event.kind for event in first] == ["request", "response", "wait", "request", "response"]
    assert [event.kind for event in second] == ["request", "response"]
    assert len({event.call_id for event in first}) == len({event.call_id for event in second}) == 1
    assert first[0].call_id != second[0].call_id
    assert {event.workspace for event in events} == {"w-1"}
    assert {event.bucket for event in events} == {None}


def test_a_wait_for_the_limiter_names_its_bucket(engine: Engine) -> None:
    events: list[Event] = []

    class Waiting(LocalLimiter):
        __slots__ = ()

        def acquire(self, bucket: str, limits: Any, budget: float, on_wait: Any, /) -> float:
            on_wait(0.25)
            return 0.0

        async def acquire_async(self, bucket: str, limits: Any, budget: float, on_wait: Any, /) -> float:
            return self.acquire(bucket, limits, budget, on_wait)

    engine.call(engine.client(Script({}), limiter=Waiting(), on_event=events.append), RARE)
    assert [event.bucket for event in events if event.kind == "wait"] == [RARE.name, ""]


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize(("seconds", "level"), [(1, None), (3, "INFO"), (31, "WARNING")])
def test_a_long_wait_is_a_line_in_the_log(
    engine: Engine,
    seconds: int,
    level: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float, stop: Stop) -> None:
        waited.append(seconds)

    monkeypatch.setattr(CLOCK, "sleep", lambda seconds, stop: waited.append(seconds))
    monkeypatch.setattr(CLOCK, "sleep_async", sleep)
    caplog.set_level(logging.INFO, "instantly_client")
    script = Script(httpx.Response(429, headers={"retry-after": str(seconds)}), {})
    engine.call(engine.client(script), GET, (ID,))
    assert waited == [seconds]
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert lines == ([] if level is None else [(level, f"GET {GET.path} waits {seconds}.000 s (retry)")])


def test_the_events_of_calls_at_the_same_time_can_be_told_apart(engine: Engine) -> None:
    events: list[Event] = []
    client = engine.client(Script({}), on_event=events.append)
    views = [client.for_workspace(f"w-{number}") for number in range(10)]
    if engine.kind == "sync":
        with ThreadPoolExecutor(10) as threads:
            list(threads.map(lambda view: view.call(GET, (ID,)), views))
    else:

        async def together() -> None:
            await asyncio.gather(*[view.call(GET, (ID,)) for view in views])

        engine.result(together())
    calls: dict[str, list[Event]] = {}
    for event in events:
        calls.setdefault(event.call_id, []).append(event)
    assert {tuple(event.kind for event in call) for call in calls.values()} == {("request", "response")}
    assert all(len({event.workspace for event in call}) == 1 for call in calls.values())
    assert {call[0].workspace for call in calls.values()} == {f"w-{number}" for number in range(10)}


def test_a_long_wait_for_the_limiter_is_a_line_in_the_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    class Waiting(LocalLimiter):
        __slots__ = ()

        def acquire(self, bucket: str, limits: Any, budget: float, on_wait: Any, /) -> float:
            on_wait(3.0)
            return 0.0

        async def acquire_async(self, bucket: str, limits: Any, budget: float, on_wait: Any, /) -> float:
            return self.acquire(bucket, limits, budget, on_wait)

    caplog.set_level(logging.INFO, "instantly_client")
    engine.call(engine.client(Script({}), limiter=Waiting()), GET, (ID,))
    assert caplog.messages == [f"GET {GET.path} waits 3.000 s (limit)"]
