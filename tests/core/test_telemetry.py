"""Spans of OpenTelemetry, as its own library exports them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from instantly_client import telemetry
from instantly_core import AsyncClient, Event, Limit, LocalLimiter, SyncClient, errors
from tests.core.engine import CREATE, GET, ID, KEY, PAUSE, Engine, Script
from tests.core.hostile import Hostile, keeps_silent

pytest.importorskip("opentelemetry.sdk", reason="the SDK of OpenTelemetry is not installed")

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

PERSON = "ada@example.org"


class Telemetry:
    """A provider of its own, and what it exports."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.hook: Any = telemetry.spans(self.provider)
        self.tracer = self.provider.get_tracer("tests")

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """All ended spans, in the order in which they began."""
        assert not self.hook._calls, "a call has not ended"
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        own = parent.get_span_context()
        assert own
        return [span for span in self.spans if span.parent and span.parent.span_id == own.span_id]


@pytest.fixture
def watched() -> Telemetry:
    return Telemetry()


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.mark.usefixtures("no_jitter")
def test_a_call_is_a_span_with_a_span_for_each_attempt(engine: Engine, watched: Telemetry) -> None:
    script = Script(
        httpx.ReadTimeout("slow"), httpx.Response(503, headers={"retry-after": "0", "x-request-id": "r-1"}), {}
    )
    client = engine.client(script, on_event=watched.hook, base_url="https://api.example:8443")
    engine.call(client.for_workspace("w-1"), GET, (ID,))
    call, *attempts = watched.spans
    assert (call.name, call.kind, call.status.status_code) == ("getRobot", SpanKind.INTERNAL, StatusCode.UNSET)
    assert about(call) == {"instantly.operation": "getRobot", "instantly.workspace": "w-1"}
    assert watched.children(call) == attempts
    assert {(span.name, span.kind) for span in attempts} == {("GET /api/v2/robots/{id}", SpanKind.CLIENT)}
    shared = {
        "http.request.method": "GET",
        "server.address": "api.example",
        "server.port": 8443,
        "url.full": "https://api.example:8443/api/v2/robots/{id}",
        "url.template": "/api/v2/robots/{id}",
    }
    assert [about(span) for span in attempts] == [
        {**shared, "error.type": "ReadTimeout"},
        {
            **shared,
            "error.type": "503",
            "http.request.resend_count": 1,
            "http.response.status_code": 503,
            "instantly.request_id": "r-1",
        },
        {**shared, "http.request.resend_count": 2, "http.response.status_code": 200},
    ]
    assert [span.status.status_code for span in attempts] == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    assert [(event.name, (event.attributes or {})["instantly.reason"]) for event in call.events] == [
        ("wait", "retry"),
        ("wait", "retry"),
    ]


def test_spans_belong_to_the_span_of_the_program(engine: Engine, watched: Telemetry) -> None:
    inside: list[Any] = []

    def handle(request: httpx.Request) -> httpx.Response:
        inside.append(trace.get_current_span())
        return httpx.Response(200, json={})

    client = engine.client(handle, on_event=watched.hook)

    async def asynchronous() -> None:
        with watched.tracer.start_as_current_span("job") as span:
            await client.call(GET, (ID,))
            assert trace.get_current_span() is span

    if engine.kind == "sync":
        with watched.tracer.start_as_current_span("job") as span:
            client.call(GET, (ID,))
            assert trace.get_current_span() is span
    else:
        engine.result(asynchronous())
    job, call, attempt = watched.spans
    assert watched.children(job) == [call]
    assert watched.children(call) == [attempt]
    assert [one.get_span_context() for one in inside] == [attempt.get_span_context()]


def test_nothing_of_a_span_says_who_it_is_about(engine: Engine, watched: Telemetry) -> None:
    client = engine.client(Script(httpx.Response(404, json={"message": PERSON})), on_event=watched.hook)
    with pytest.raises(errors.NotFoundError):
        engine.call(client, GET, (PERSON,), {"search": PERSON})
    with pytest.raises(errors.NotFoundError):
        engine.result(client.request("POST", f"/api/v2/robots/{PERSON}", json={"email": PERSON}))
    exported = "".join(span.to_json() for span in watched.spans)
    assert "robots" in exported
    assert PERSON not in exported
    assert PERSON.replace("@", "%40") not in exported
    assert KEY not in exported


@pytest.mark.parametrize(
    ("answer", "attempt", "call"),
    [
        (httpx.Response(404), "404", "NotFoundError"),
        (httpx.ReadError("lost"), "ReadError", "APIConnectionError"),
        (httpx.ConnectError("no"), "ConnectError", "APIConnectionError"),
    ],
)
def test_a_failed_call_says_how(engine: Engine, watched: Telemetry, answer: Any, attempt: str, call: str) -> None:
    client = engine.client(Script(answer), on_event=watched.hook, max_retries=0)
    with pytest.raises(errors.APIError):
        engine.call(client, CREATE, (), None, {})
    assert [about(span)["error.type"] for span in watched.spans] == [call, attempt]
    assert {span.status.status_code for span in watched.spans} == {StatusCode.ERROR}


def test_a_call_that_is_not_sent_has_no_attempt(engine: Engine, watched: Telemetry) -> None:
    limiter = LocalLimiter((Limit(1, 0.2),))
    client = engine.client(Script({}), on_event=watched.hook, limiter=limiter)
    engine.call(client, GET, (ID,))
    with pytest.raises(errors.RateLimitError):
        engine.call(client.with_options(deadline=0.01), GET, (ID,))
    # Without an event there is nothing to show; a wait is one.
    assert len(watched.spans) == 2
    engine.call(client, GET, (ID,))
    waited = watched.spans[2]
    [event] = waited.events
    assert (event.attributes or {})["instantly.reason"] == "limit"


@pytest.mark.parametrize("end", ["cancelled", "closed"])
def test_a_call_that_is_cut_short_ends_its_spans(watched: Telemetry, end: str) -> None:
    async def main() -> None:
        with Hostile(keeps_silent) as hostile:
            client = AsyncClient(api_key=KEY, base_url=hostile.url, limiter=None, on_event=watched.hook)
            call = asyncio.ensure_future(client.call(PAUSE, (ID,)))
            while not hostile.received:
                await asyncio.sleep(0.001)
            if end == "cancelled":
                call.cancel()
            await client.close()
            with suppress(asyncio.CancelledError, errors.ClientClosedError):
                await call

    asyncio.run(main())
    kind = {"cancelled": "CancelledError", "closed": "ClientClosedError"}[end]
    assert [about(span)["error.type"] for span in watched.spans] == [kind, kind]


def test_calls_at_once_keep_their_spans_apart(engine: Engine, watched: Telemetry) -> None:
    client: Any = engine.client(lambda request: httpx.Response(200, json={}), on_event=watched.hook)

    def work(number: int) -> None:
        with watched.tracer.start_as_current_span(f"job {number}"):
            for _ in range(3):
                client.call(GET, (ID,))

    async def work_async(number: int) -> None:
        with watched.tracer.start_as_current_span(f"job {number}"):
            for _ in range(3):
                await client.call(GET, (ID,))

    async def all_at_once() -> None:
        await asyncio.gather(*(work_async(number) for number in range(20)))

    if isinstance(client, SyncClient):
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(20)))
    else:
        engine.result(all_at_once())
    jobs = [span for span in watched.spans if span.name.startswith("job")]
    assert len(jobs) == 20
    for job in jobs:
        calls = watched.children(job)
        assert [len(watched.children(call)) for call in calls] == [1, 1, 1]


def test_a_further_hook_sees_the_events_too(engine: Engine) -> None:
    events: list[Event] = []
    client = engine.client(Script({}), on_event=telemetry.spans(TracerProvider(), then=events.append))
    engine.call(client, GET, (ID,))
    assert [event.kind for event in events] == ["request", "response"]


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ImportError, match=r"instantly-client\[otel\]"):
        telemetry.spans()
