"""OpenTelemetry: a span for each call, and in it one for each attempt. It takes the extra `otel`.

with Instantly(on_event=telemetry.spans()) as client: ...
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Token
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .call.events import CallEnd, Event

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer, TracerProvider

_PORTS = {"http": 80, "https": 443}


def spans(
    tracer_provider: TracerProvider | None = None, *, then: Callable[[Event], object] | None = None
) -> Callable[[Event], None]:
    """Return a hook for `on_event` that makes a span of each call and, as its children, of each attempt.

    The span of an attempt has the attributes of an HTTP client, and is the current one while the attempt goes on. Names
    and attributes contain the template of the path, never the path: its values may be addresses of people. One hook
    serves any number of clients, threads and event loops.

    Args:
        tracer_provider: makes the spans; by default the global one.
        then: a further hook, which is called after this one with each event.

    Raises:
        ImportError: the extra `otel` is not installed.
    """
    try:
        from opentelemetry import trace
    except ImportError as problem:
        raise ImportError(
            f'spans() needs {problem.name}: pip install "instantly-client[otel]"', name=problem.name
        ) from None
    from .version import __version__

    return _Spans(trace.get_tracer("instantly_client", __version__, tracer_provider), then)


class _Call:
    """The spans of one call."""

    __slots__ = ("attempt", "span", "token")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.attempt: Span | None = None
        self.token: Token[Context] | None = None


class _Spans:
    """The hook. A call begins with its first event, and ends with `ended`."""

    def __init__(self, tracer: Tracer, then: Callable[[Event], object] | None) -> None:
        self._tracer = tracer
        self._then = then
        self._calls: dict[str, _Call] = {}

    def __call__(self, event: Event) -> None:
        call = self._calls.get(event.call_id)
        if call is None:
            call = self._calls[event.call_id] = _Call(self._begin(event))
        if event.kind == "request":
            self._attempt(call, event)
        elif event.kind == "wait":
            call.span.add_event("wait", _given(seconds=event.seconds, reason=event.reason, bucket=event.bucket))
        else:
            reason = event.reason
            if call.attempt is not None and event.status_code is not None:
                call.attempt.set_attribute("http.response.status_code", event.status_code)
                reason = str(event.status_code) if event.status_code >= 400 else None
            if call.attempt is not None and event.request_id is not None:
                call.attempt.set_attribute("instantly.request_id", event.request_id)
            _end_attempt(call, reason)
        if self._then is not None:
            self._then(event)

    def ended(self, end: CallEnd) -> None:
        """End the span of a call, and that of an attempt that was cut short."""
        call = self._calls.pop(end.call_id, None)
        if call is not None:
            _end_attempt(call, end.reason)
            _end(call.span, end.reason)

    def _begin(self, event: Event) -> Span:
        about = _given(operation=event.operation, workspace=event.workspace)
        return self._tracer.start_span(event.operation, attributes=about)

    def _attempt(self, call: _Call, event: Event) -> None:
        from opentelemetry import context
        from opentelemetry.trace import SpanKind, set_span_in_context

        server = urlsplit(event.base_url)
        attributes: dict[str, Any] = {
            "http.request.method": event.method,
            "server.address": server.hostname or "",
            "server.port": server.port or _PORTS[server.scheme],
            "url.full": event.base_url + event.path,
            "url.template": event.path,
        }
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        call.attempt = self._tracer.start_span(
            f"{event.method} {event.path}", set_span_in_context(call.span), SpanKind.CLIENT, attributes
        )
        call.token = context.attach(set_span_in_context(call.attempt))


def _end_attempt(call: _Call, reason: str | None) -> None:
    if call.token is not None:
        from opentelemetry import context

        context.detach(call.token)
        call.token = None
    if call.attempt is not None:
        _end(call.attempt, reason)
        call.attempt = None


def _end(span: Span, reason: str | None) -> None:
    if reason is not None:
        from opentelemetry.trace import StatusCode

        span.set_attribute("error.type", reason)
        span.set_status(StatusCode.ERROR)
    span.end()


def _given(**attributes: Any) -> dict[str, Any]:
    return {f"instantly.{name}": value for name, value in attributes.items() if value is not None}
