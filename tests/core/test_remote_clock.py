"""The limiter's idea of the clock of Redis, which decides when a request leaves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core import Limit
from instantly_core.ratelimit.remote_clock import RemoteClock

DELAYS = st.floats(0.0, 0.5)


@given(st.floats(-1e6, 1e6), st.lists(st.tuples(DELAYS, DELAYS), min_size=1))
def test_the_quickest_answer_bounds_the_error(ahead: float, answers: list[tuple[float, float]]) -> None:
    clock = RemoteClock()
    for there, back in answers:
        clock.note(100.0, 100.0 + there + ahead, 100.0 + there + back)
    error = abs(clock.ours(200.0 + ahead) - 200.0)
    assert error <= min(there + back for there, back in answers) / 2 + 1e-6


@given(st.lists(st.tuples(DELAYS, DELAYS), min_size=1), st.sampled_from([-3600.0, 3600.0]))
def test_a_clock_that_is_set_counts_from_then_on(answers: list[tuple[float, float]], jump: float) -> None:
    clock = RemoteClock()
    for there, back in answers:
        clock.note(100.0, 100.0 + there, 100.0 + there + back)
    clock.note(200.0, 200.0 + jump, 200.0)
    assert clock.ours(300.0 + jump) == pytest.approx(300.0)


def test_an_answer_that_is_read_late_moves_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its request would leave late without anybody counting it as late, and be one too many in a later second."""
    pytest.importorskip("redis", reason="the extra redis is not installed")
    from instantly_core.ratelimit import redis_store

    clock = SimpleNamespace(now=50.0)
    monkeypatch.setattr(redis_store, "time", SimpleNamespace(monotonic=lambda: clock.now))
    side: Any = SimpleNamespace(client=SimpleNamespace(evalsha=lambda *arguments: None))
    store = redis_store.Store("x", [Limit(100, 1)])

    def turn(seconds: float, delay: float) -> float:
        asking = store.ask(side, "", (), 1.0)
        next(asking)
        moment = 7000.0 + clock.now
        clock.now += delay
        with pytest.raises(StopIteration) as end:
            asking.send((b"%.3f" % (seconds * 1000), 1, b"%.3f" % (moment * 1000)))
        return float(end.value.value.turn)

    assert turn(0.01, 0.0) == pytest.approx(50.01, abs=1e-5)
    assert turn(0.02, 0.03) == pytest.approx(50.02, abs=1e-5)


def test_the_first_answer_alone_counts_when_it_is_the_only_one() -> None:
    clock = RemoteClock()
    clock.note(10.0, 10.0, 14.0)
    assert clock.ours(20.0) == 22.0
    clock = RemoteClock()
    clock.note(10.0, 12.0, 14.0)
    assert clock.ours(20.0) == 20.0
