"""The state of a shared limiter: who decides while it answers, while it is away, and after it has come back."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from instantly_core import Limit, LocalLimiter
from instantly_core.ratelimit import fallback
from instantly_core.ratelimit.fallback import PROBE_SECONDS, SETTLE_SECONDS, CircuitBreaker, Fallback, part_of
from tests.core.test_limits import Clock

LIMITS = (Limit(100, 1), Limit(6000, 60))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    clock.drive(monkeypatch, fallback)
    return clock


def admitted(limiter: LocalLimiter, clock: Clock, seconds: float) -> int:
    """How many requests a limiter lets leave in so many seconds."""
    count, end = 0, clock.now + seconds
    while limiter.acquire("", (), end - clock.now, lambda wait: None) == 0.0:
        count += 1
    return count


@pytest.mark.parametrize(
    ("share", "parts"),
    [
        (1.0, (Limit(10, 1), Limit(3, 60))),
        (0.5, (Limit(5, 1), Limit(1, 60))),
        (0.1, (Limit(1, 1), Limit(1, 200))),
        (0.05, (Limit(1, 2), Limit(1, 400))),
    ],
)
def test_a_share_of_limits_is_fewer_requests_or_one_in_a_longer_time(share: float, parts: tuple[Limit, ...]) -> None:
    found = part_of((Limit(10, 1), Limit(3, 60)), share)
    assert [part.requests for part in found] == [part.requests for part in parts]
    assert [part.seconds for part in found] == pytest.approx([part.seconds for part in parts])


def test_a_shared_limiter_that_answers_decides_alone(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.recover()
    assert breaker.local is None
    assert breaker.failures == 0
    assert [breaker.allow_probe() for _ in range(3)] == [True] * 3
    assert breaker.part((Limit(10, 60),)) == (Limit(10, 60),)


def test_while_it_is_away_a_local_one_keeps_to_a_share(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 0.5, None)
    assert breaker.local is not None
    assert 48 <= admitted(breaker.local, clock, 1.0) <= 50
    assert breaker.part((Limit(10, 60),)) == (Limit(5, 60),)


def test_the_share_is_that_of_the_first_failure(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 0.5, None)
    local = breaker.local
    breaker.trip(OSError(), 0.25, None)
    assert breaker.local is local
    assert breaker.part((Limit(100, 60),)) == (Limit(50, 60),)
    assert breaker.failures == 2


def test_nothing_leaves_for_a_second_after_the_last_answer(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.recover()
    clock.now += 0.4
    breaker.trip(OSError(), 1.0, None)
    assert breaker.local is not None
    assert breaker.local.acquire("", (), 0.0, lambda wait: None) == pytest.approx(0.6)


def test_one_request_each_two_seconds_asks_whether_it_is_back(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 1.0, None)
    for _ in range(2):
        clock.now += PROBE_SECONDS - 0.01
        assert not breaker.allow_probe()
        clock.now += 0.01
        assert [breaker.allow_probe() for _ in range(3)] == [True, False, False]


def test_a_failure_puts_off_the_next_question(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 1.0, None)
    clock.now += 1
    breaker.trip(OSError(), 1.0, None)
    clock.now += PROBE_SECONDS - 0.01
    assert not breaker.allow_probe()


def test_both_decide_until_all_have_noticed_that_it_is_back(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 1.0, None)
    local = breaker.local
    clock.now += 10
    breaker.recover()
    clock.now += SETTLE_SECONDS - 0.01
    breaker.recover()  # Each answer is noted, and does not lengthen the time.
    assert breaker.local is local
    assert breaker.allow_probe()
    clock.now += 0.01
    assert breaker.local is None


def test_one_that_fails_again_at_once_goes_on_with_the_same_local_one(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 0.5, None)
    local = breaker.local
    breaker.recover()
    clock.now += 1
    breaker.trip(OSError(), 0.25, None)
    clock.now += SETTLE_SECONDS
    assert breaker.local is local
    assert breaker.part((Limit(100, 60),)) == (Limit(50, 60),)


def test_one_that_fails_later_begins_anew(clock: Clock) -> None:
    breaker = CircuitBreaker(LIMITS)
    breaker.trip(OSError(), 0.5, None)
    local = breaker.local
    breaker.recover()
    clock.now += SETTLE_SECONDS
    assert breaker.local is None
    breaker.trip(OSError(), 0.25, None)
    assert breaker.local is not None
    assert breaker.local is not local
    assert breaker.part((Limit(100, 60),)) == (Limit(25, 60),)


def test_the_log_says_once_that_it_is_away_and_once_that_it_is_back(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "instantly_client")
    breaker = CircuitBreaker(LIMITS)
    calls: list[Callable[[], None]] = [breaker.recover, lambda: breaker.trip(OSError("redis://secret"), 0.25, None)]
    for call in (*calls, *calls[1:], *calls[:1], *calls[:1]):
        call()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "WARNING",
            "The shared rate limiter cannot be used (OSError); this process keeps to 25 % of the limits by itself:"
            " as share= says",
        ),
        ("INFO", "The shared rate limiter can be used again"),
    ]


@pytest.mark.parametrize(
    ("share", "processes", "part", "why"),
    [
        (0.25, 2, 0.25, "as share= says"),
        (4, None, 0.25, "as share= says"),
        (1, None, 1.0, "as share= says"),
        (None, 5, 0.2, "it is one of 5"),
        (None, 1, 1.0, "it is one of 1"),
        (None, None, 0.1, "how many processes there are is not known"),
    ],
)
def test_warning_and_event_say_what_the_fallback_is(
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    share: float | None,
    processes: int | None,
    part: float,
    why: str,
) -> None:
    changes: list[Fallback] = []
    breaker = CircuitBreaker(LIMITS, changes.append)
    breaker.trip(OSError(), share, processes)
    assert breaker.part((Limit(100, 60),)) == (Limit(int(100 * part), 60),)
    assert f"keeps to {100 * part:.0f} % of the limits by itself: {why}" in caplog.text
    breaker.recover()
    breaker.recover()
    assert changes == [Fallback(True, part, processes, "OSError"), Fallback(False, 1.0, None, "")]


def test_a_hook_that_raises_stops_no_request(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def broken(change: Fallback) -> None:
        raise ValueError("metrics are away")

    breaker = CircuitBreaker(LIMITS, broken)
    breaker.trip(OSError(), None, None)
    assert breaker.local is not None
    assert "on_fallback raised an error" in caplog.text
