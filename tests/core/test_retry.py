from __future__ import annotations

import time
from itertools import product
from typing import Any

import httpx
import pytest

from instantly_core import Event, errors
from instantly_core.call.retry import Failure, next_wait, of_exception, of_status, retry_after
from instantly_core.models.unset import UNSET
from tests.core.engine import COUNT, CREATE, DELETE, GET, ID, UPDATE, Engine, Script
from tests.core.wire import DROP, Wire, answer

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("failure", Failure)
def test_the_table(failure: Failure) -> None:
    for method, safe, attempt in product(METHODS, [False, True], [1, 2, 3, 4]):
        again = {
            Failure.NOT_SENT: True,
            Failure.REFUSED: True,
            Failure.UNCLEAR: safe or method in SAFE_METHODS,
            Failure.FINAL: False,
        }[failure] and attempt <= 3
        wait = next_wait(failure, method=method, safe=safe, attempt=attempt, max_retries=3, jitter=0.5)
        assert (wait is not None) is again, (method, safe, attempt)


@pytest.mark.parametrize(("failure", "again"), [(Failure.UNCLEAR, True), (Failure.FINAL, False)])
def test_writes_are_repeated_where_the_caller_asks(failure: Failure, again: bool) -> None:
    wait = next_wait(failure, method="POST", safe=False, attempt=1, max_retries=1, retry_writes=True, jitter=0)
    assert (wait is not None) is again


@pytest.mark.parametrize(
    ("failure", "attempt", "longest"),
    [
        (Failure.UNCLEAR, 1, 0.5),
        (Failure.NOT_SENT, 2, 1.0),
        (Failure.UNCLEAR, 3, 2.0),
        (Failure.UNCLEAR, 20, 30.0),
        (Failure.REFUSED, 1, 2.0),
        (Failure.REFUSED, 3, 8.0),
        (Failure.REFUSED, 20, 30.0),
    ],
)
def test_jitter_is_full(failure: Failure, attempt: int, longest: float) -> None:
    for jitter in (0.0, 0.25, 0.999):
        wait = next_wait(failure, method="GET", safe=False, attempt=attempt, max_retries=99, jitter=jitter)
        assert wait == pytest.approx(longest * jitter)


@pytest.mark.parametrize(
    ("asked", "remaining", "wait"),
    [
        (0.0, 300.0, 0.0),
        (17.5, 300.0, 17.5),
        (60.0, 300.0, 60.0),
        (60.1, 300.0, None),
        (17.5, 17.5, None),
        (17.5, 17.6, 17.5),
    ],
)
def test_what_the_service_asks_for_is_kept(asked: float, remaining: float, wait: float | None) -> None:
    assert wait == next_wait(
        Failure.REFUSED, method="POST", safe=False, attempt=1, max_retries=3,
        retry_after=asked, remaining=remaining, jitter=0.0,
    )  # fmt: skip


def test_those_told_the_same_moment_do_not_come_at_once() -> None:
    waits = [
        next_wait(
            Failure.REFUSED, method="GET", safe=False, attempt=3, max_retries=3, retry_after=5, jitter=jitter / 10
        )
        for jitter in range(10)
    ]
    assert waits[0] == 5
    assert len(set(waits)) > 1
    assert all(wait is not None and 5 <= wait <= 6 for wait in waits)


def test_no_wait_reaches_over_the_deadline() -> None:
    wait = next_wait(Failure.UNCLEAR, method="GET", safe=False, attempt=1, max_retries=3, remaining=0.2, jitter=0.9)
    assert wait is None


def test_statuses() -> None:
    for status in range(300, 600):
        expected = Failure.FINAL
        if status == 429:
            expected = Failure.REFUSED
        if status == 408 or status >= 500:
            expected = Failure.UNCLEAR
        assert of_status(status) is expected, status


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (httpx.ConnectError, Failure.NOT_SENT),
        (httpx.ConnectTimeout, Failure.NOT_SENT),
        (httpx.PoolTimeout, Failure.NOT_SENT),
        (httpx.ProxyError, Failure.NOT_SENT),
        (httpx.ReadTimeout, Failure.UNCLEAR),
        (httpx.WriteTimeout, Failure.UNCLEAR),
        (httpx.ReadError, Failure.UNCLEAR),
        (httpx.WriteError, Failure.UNCLEAR),
        (httpx.CloseError, Failure.UNCLEAR),
        (httpx.RemoteProtocolError, Failure.UNCLEAR),
        (httpx.DecodingError, Failure.UNCLEAR),
        (httpx.LocalProtocolError, Failure.FINAL),
        (httpx.UnsupportedProtocol, Failure.FINAL),
        (httpx.TooManyRedirects, Failure.FINAL),
    ],
)
def test_exceptions(kind: type[httpx.RequestError], failure: Failure) -> None:
    assert of_exception(kind("what"), sent=True) is failure


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("17", 17.0),
        ("-1", None),
        ("-0.5", None),
        (" 1.5 ", 1.5),
        ("-3", None),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Fri, 99 Foo 2026", None),
        ("Fri, 01 May 2026 12:00:17 GMT", 17.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    headers = httpx.Headers({"date": "Fri, 01 May 2026 12:00:00 GMT"})
    if text is not None:
        headers["retry-after"] = text
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("date", [None, "no date"])
def test_a_date_is_read_by_our_clock_where_the_service_shows_none(date: str | None) -> None:
    from email.utils import formatdate

    headers = httpx.Headers({"retry-after": formatdate(time.time() + 30, usegmt=True)})
    if date is not None:
        headers["date"] = date
    seconds = retry_after(headers)
    assert seconds is not None
    assert 25 < seconds <= 30


# The loops of the two clients.


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize(
    "problem", [httpx.Response(500), httpx.Response(408), httpx.ReadTimeout("slow"), httpx.ReadError("")]
)
@pytest.mark.parametrize(("operation", "attempts"), [(GET, 4), (COUNT, 4), (CREATE, 1), (UPDATE, 1), (DELETE, 1)])
def test_only_reads_are_repeated_when_it_is_unclear(
    engine: Engine, operation: Any, attempts: int, problem: Any
) -> None:
    script = Script(problem)
    client = engine.client(script)
    with pytest.raises(errors.APIError):
        engine.call(client, operation, (ID,) if "{id}" in operation.path else ())
    assert len(script.requests) == attempts


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("problem", [httpx.Response(429), httpx.ConnectError("refused"), httpx.PoolTimeout("full")])
def test_a_write_that_was_not_carried_out_is_repeated(engine: Engine, problem: Any) -> None:
    script = Script(problem, problem, {"id": ID})
    assert engine.call(engine.client(script), CREATE, body={"name": "x"}) == {"id": ID}
    assert script.bodies == [{"name": "x"}] * 3


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("retries", [0, 1, 2])
def test_max_retries(engine: Engine, retries: int) -> None:
    script = Script(httpx.Response(503))
    client = engine.client(script, max_retries=retries)
    with pytest.raises(errors.ServerError):
        engine.call(client, GET, (ID,))
    assert len(script.requests) == 1 + retries


@pytest.mark.usefixtures("no_jitter")
def test_retry_writes(engine: Engine) -> None:
    script = Script(httpx.Response(503), {})
    client = engine.client(script).with_options(retry_writes=True)
    assert engine.call(client, CREATE, body={}) == {}
    assert len(script.requests) == 2


@pytest.mark.usefixtures("no_jitter")
def test_the_wait_that_the_service_asks_for_is_told_and_kept(engine: Engine) -> None:
    events: list[Event] = []
    script = Script(httpx.Response(429, headers={"retry-after": "0.05"}), {})
    began = time.monotonic()
    engine.call(engine.client(script, on_event=events.append), CREATE, body={})
    assert time.monotonic() - began >= 0.05
    assert [(event.kind, event.attempt, event.reason) for event in events if event.kind == "wait"] == [
        ("wait", 2, "retry")
    ]


@pytest.mark.parametrize(("asked", "options"), [("61", {}), ("30", {"deadline": 20})])
def test_longer_than_it_may_take_is_for_the_caller(engine: Engine, asked: str, options: dict[str, Any]) -> None:
    script = Script(httpx.Response(429, headers={"retry-after": asked}))
    with pytest.raises(errors.RateLimitError) as caught:
        engine.call(engine.client(script, **options), GET, (ID,))
    assert caught.value.retry_after == float(asked)
    assert len(script.requests) == 1


# On the wire, where the connection ends without a word; how else it can break, `test_reliability` shows.


@pytest.mark.parametrize(("operation", "body"), [(CREATE, {"name": "x"}), (DELETE, UNSET)])
def test_a_write_is_sent_once(engine: Engine, wire: Wire, operation: Any, body: Any) -> None:
    wire.answers = [DROP]
    with pytest.raises(errors.APIConnectionError):
        engine.call(engine.client(base_url=wire.url), operation, (ID,) if operation is DELETE else (), body=body)
    assert len(wire.received) == 1


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("operation", [GET, COUNT])
def test_a_read_is_sent_again(engine: Engine, wire: Wire, operation: Any) -> None:
    wire.answers = [DROP, DROP, answer(200, b'{"id": "x"}')]
    client = engine.client(base_url=wire.url)
    assert engine.call(client, operation, (ID,) if operation is GET else ()) == {"id": "x"}
    assert len(wire.received) == 3


def test_an_event_says_how_long_an_attempt_took(engine: Engine, no_jitter: None) -> None:
    events: list[Event] = []
    client = engine.client(Script(httpx.ConnectError("refused"), {}), on_event=events.append)
    engine.call(client, GET, (ID,))
    assert [event.kind for event in events] == ["request", "failure", "wait", "request", "response"]
    assert [event.seconds is None for event in events] == [True, False, False, True, False]
    assert all(0 <= event.seconds < 60 for event in events if event.seconds is not None)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no tzset")
@pytest.mark.parametrize(
    "moment", ["Fri, 01 May 2026 12:00:30 GMT", "Friday, 01-May-26 12:00:30 GMT", "Fri May  1 12:00:30 2026"]
)
def test_a_date_in_any_of_the_three_forms_is_in_utc(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        headers = httpx.Headers({"retry-after": moment, "date": "Fri, 01 May 2026 12:00:00 GMT"})
        assert retry_after(headers) == 30.0
    finally:
        monkeypatch.undo()
        time.tzset()
