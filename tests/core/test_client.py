from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from instantly_core import AsyncClient, DriftEvent, Event, Operation, SyncClient, errors
from instantly_core.models.unset import UNSET
from tests.core.engine import (
    CREATE,
    DELETE,
    EXPORT,
    GET,
    ID,
    KEY,
    LIST,
    PAUSE,
    SEARCH,
    UPDATE,
    Engine,
    Script,
    pages_of,
)
from tests.core.wire import Wire, answer

Maker = Callable[..., SyncClient | AsyncClient]
both = pytest.mark.parametrize("make", [SyncClient, AsyncClient])


# The key.


@both
def test_the_key_comes_from_the_environment(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANTLY_API_KEY", " from-environment\n")
    assert make()._bare_headers["authorization"] == "Bearer from-environment"
    assert make(api_key="given")._bare_headers["authorization"] == "Bearer given"


@both
@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_missing_key_says_how_to_set_it(make: Maker, key: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSTANTLY_API_KEY", raising=False)
    with pytest.raises(errors.ConfigurationError, match=r"api_key=.*INSTANTLY_API_KEY"):
        make(api_key=key)


@both
@pytest.mark.parametrize("key", ["two words", "line\nbreak", "naïve", "tab\tbed", "nul\0"])
def test_a_key_that_cannot_be_one_is_refused_unseen(make: Maker, key: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        make(api_key=key)
    assert key not in str(caught.value)


@both
@pytest.mark.parametrize("key", [5, b"bytes", ["k"]])
def test_a_key_of_another_type_is_refused(make: Maker, key: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=f"(?m)^api_key must be a text, not {type(key).__name__}$"):
        make(api_key=key)


# Settings.


@pytest.mark.parametrize("path", ["", "/", "/api/v2", "/api/v2/"])
def test_the_address_may_go_on_with_what_every_path_begins_with(engine: Engine, path: str) -> None:
    script = Script()
    engine.call(engine.client(script, base_url=f"https://example.test{path}"), GET, (ID,))
    assert str(script.request.url) == f"https://example.test/api/v2/robots/{ID}"


@both
@pytest.mark.parametrize(
    "options",
    [
        {"timeout": None},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("inf")},
        {"timeout": float("nan")},
        {"timeout": True},
        {"timeout": "5"},
        {"timeout": httpx.Timeout(5, read=None)},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"max_retries": True},
        {"deadline": 0},
        {"deadline": None},
        {"base_url": "api.instantly.ai"},
        {"base_url": "ftp://api.instantly.ai"},
        {"base_url": "https://"},
        {"base_url": "https://user:password@api.instantly.ai"},
        {"base_url": "https://api.instantly.ai?x=y"},
        {"base_url": "https://api.instantly.ai#x"},
        {"base_url": "https://[::1"},
        {"base_url": None},
        {"default_headers": {"Authorization": "x"}},
        {"default_headers": {"content-type": "x"}},
        {"default_headers": {"x": "a\r\nb: c"}},
        {"default_headers": {"x": "é"}},
        {"default_headers": {"x": 5}},
        {"http_client": object()},
    ],
)
def test_settings_that_cannot_be(make: Maker, options: dict[str, Any]) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        make(api_key="k", **options)
    assert "password" not in str(caught.value)


def test_one_way_to_send() -> None:
    with httpx.Client() as client, pytest.raises(errors.ConfigurationError, match="not both"):
        SyncClient(api_key="k", http_client=client, transport=httpx.MockTransport(Script()))
    with httpx.Client() as client, pytest.raises(errors.ConfigurationError, match=r"httpx\.AsyncClient, not Client"):
        AsyncClient(api_key="k", http_client=client)  # type: ignore[arg-type]


def timeouts(engine: Engine, operation: Operation[Any] = GET, **options: Any) -> Any:
    script = Script()
    engine.call(engine.client(script, **options), operation, (ID,))
    return script.request.extensions["timeout"]


def test_timeouts(engine: Engine) -> None:
    slow: Operation[None] = Operation("slow", "GET", "/slow/{id}", timeout=120)
    assert timeouts(engine) == {"connect": 5, "read": 60, "write": 60, "pool": 60}
    assert timeouts(engine, timeout=2) == {"connect": 2, "read": 2, "write": 2, "pool": 2}
    assert timeouts(engine, timeout=httpx.Timeout(7))["connect"] == 7
    assert timeouts(engine, slow)["read"] == 120
    assert timeouts(engine, slow, timeout=3)["read"] == 3
    assert timeouts(engine, deadline=10)["read"] == pytest.approx(10, abs=1)


# What is sent.


def test_a_call_on_the_wire(engine: Engine, wire: Wire) -> None:
    wire.answers = [answer(200, b'{"id": "x"}')]
    client = engine.client(base_url=wire.url + "/")
    assert engine.call(client, CREATE, body={"name": "é", "size": None, "colour": UNSET}) == {"id": "x"}
    (received,) = wire.received
    assert (received.method, received.target) == ("POST", "/api/v2/robots")
    assert received.body == '{"name":"é","size":null}'.encode()
    headers = received.headers
    assert headers["host"] == wire.url.removeprefix("http://")
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "25"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("instantly-client")
    assert "gzip" in headers["accept-encoding"]
    assert "cookie" not in headers


@pytest.mark.parametrize("operation", [PAUSE, DELETE, GET, UPDATE])
def test_no_body_no_content_type(engine: Engine, wire: Wire, operation: Operation[Any]) -> None:
    engine.call(engine.client(base_url=wire.url), operation, (ID,))
    (received,) = wire.received
    assert "content-type" not in received.headers
    assert received.headers.get("content-length") == ("0" if operation.method in ("POST", "PATCH") else None)
    assert received.body == b""


def test_a_body_of_nothing_given_is_an_empty_object(engine: Engine, wire: Wire) -> None:
    engine.call(engine.client(base_url=wire.url), UPDATE, (ID,), body={"name": UNSET})
    assert wire.received[0].body == b"{}"
    assert wire.received[0].headers["content-type"] == "application/json"


def test_a_body_on_delete(engine: Engine, wire: Wire) -> None:
    engine.call(engine.client(base_url=wire.url), DELETE, (ID,), body=["a", "b"])
    assert wire.received[0].method == "DELETE"
    assert wire.received[0].body == b'["a","b"]'


@pytest.mark.parametrize(
    ("value", "segment"),
    [("../campaigns", "..%2Fcampaigns"), ("%2e%2e", "%252e%252e"), ("a b?c#d", "a%20b%3Fc%23d"), ("...", "...")],
)
def test_a_path_value_stays_one_segment_on_the_wire(engine: Engine, wire: Wire, value: str, segment: str) -> None:
    engine.call(engine.client(base_url=f"{wire.url}/prefix"), GET, (value,), {"x": "a&b"})
    assert wire.received[0].target == f"/prefix/api/v2/robots/{segment}?x=a%26b"


@pytest.mark.parametrize("value", ["", ".", "..", None, b"x", 5])
def test_nothing_is_sent_for_a_value_that_is_none(engine: Engine, value: object) -> None:
    script = Script()
    client = engine.client(script)
    with pytest.raises((ValueError, TypeError)):
        engine.call(client, GET, (value,))
    assert not script.requests


def test_query_arrays_repeat_the_name_on_the_wire(engine: Engine, wire: Wire) -> None:
    engine.call(engine.client(base_url=wire.url), GET, ("x",), {"ids": ["a", "b"], "deep": True})
    assert wire.received[0].target == "/api/v2/robots/x?ids=a&ids=b&deep=true"


def test_an_address_that_is_too_long(engine: Engine) -> None:
    client = engine.client(Script())
    with pytest.raises(ValueError, match="URL too long"):
        engine.call(client, GET, ("x" * 100_000,))


def test_headers_of_one_request(engine: Engine) -> None:
    script = Script()
    engine.call(engine.client(script), GET, ("x",), headers={"x-one": "1", "x-two": UNSET})
    assert script.request.headers["x-one"] == "1"
    assert "x-two" not in script.request.headers


def test_text_is_asked_for_where_text_comes(engine: Engine) -> None:
    script = Script(httpx.Response(200, text="a,b"))
    engine.call(engine.client(script), EXPORT)
    assert script.request.headers["accept"].startswith("text/csv")


def test_redirects_are_not_followed(engine: Engine) -> None:
    script = Script(httpx.Response(307, headers={"location": "https://elsewhere.example/"}))
    client = engine.client(script)
    with pytest.raises(errors.StatusError):
        engine.call(client, GET, ("x",))
    assert len(script.requests) == 1


def test_cookies_are_not_kept(engine: Engine) -> None:
    script = Script(httpx.Response(200, headers={"set-cookie": "a=b; Path=/"}, json={}))
    client = engine.client(script)
    for _ in range(2):
        engine.call(client, GET, ("x",))
    assert "cookie" not in script.requests[1].headers


def given_client(engine: Engine, script: Script, **settings: Any) -> Any:
    kind: Any = httpx.Client if engine.kind == "sync" else httpx.AsyncClient
    return kind(transport=httpx.MockTransport(script), **settings)


def test_the_callers_http_client(engine: Engine) -> None:
    script = Script()
    settings: dict[str, Any] = {
        "headers": {"x-mine": "1", "content-type": "text/plain", "authorization": "theirs", "user-agent": "mine/1"},
        "cookies": {"a": "b"},
        "follow_redirects": True,
    }
    http_client = given_client(engine, script, **settings)
    client = engine.client(None, http_client=http_client)
    engine.call(client, GET, ("x",))
    assert str(script.request.url) == "https://api.instantly.ai/api/v2/robots/x"
    headers = script.request.headers
    assert headers["x-mine"] == "1"
    assert headers["user-agent"] == "mine/1"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert "content-type" not in headers
    engine.result(client.close())
    assert not http_client.is_closed
    with pytest.raises(errors.ClientClosedError):
        engine.call(client, GET, ("x",))
    engine.result(http_client.close() if engine.kind == "sync" else http_client.aclose())
    other = engine.client(None, http_client=http_client)
    with pytest.raises(errors.ClientClosedError):
        engine.call(other, GET, ("x",))


class Closing(httpx.MockTransport):
    closed = False

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def test_the_callers_transport_is_not_closed(engine: Engine) -> None:
    transport = Closing(Script())
    client = engine.client(transport)
    engine.call(client, GET, ("x",))
    engine.result(client.close())
    assert not transport.closed


# Closing.


def test_closing(engine: Engine, wire: Wire) -> None:
    client = engine.client(base_url=wire.url)
    engine.call(client, GET, ("x",))
    for _ in range(2):
        engine.result(client.close())
    with pytest.raises(errors.ClientClosedError, match="closed: make a new one"):
        engine.call(client, GET, ("x",))
    with pytest.raises(errors.ClientClosedError):
        engine.call(client.with_options(timeout=5), GET, ("x",))


def test_closing_a_client_that_was_not_used(engine: Engine) -> None:
    client = engine.client()
    engine.result(client.close())
    with pytest.raises(errors.ClientClosedError):
        engine.call(client, GET, ("x",))


def test_context_managers(engine: Engine) -> None:
    client = engine.client(Script())
    if engine.kind == "sync":
        with client as same:
            engine.call(same, GET, ("x",))
    else:

        async def main() -> None:
            async with client as same:
                await same.call(GET, ("x",))

        engine.result(main())
    with pytest.raises(errors.ClientClosedError):
        engine.call(client, GET, ("x",))


def test_an_asynchronous_client_is_none_for_plain_with() -> None:
    client: Any = AsyncClient(api_key="k")
    with pytest.raises(TypeError, match=r"^AsyncClient is closed by `async with`, not by `with`$"), client:
        pass


# Views.


def test_a_view_has_other_settings_on_the_same_connections(engine: Engine) -> None:
    script = Script()
    client = engine.client(script, default_headers={"x-a": "1"}, max_retries=2)
    view = client.with_options(timeout=5, default_headers={"x-b": "2"})
    assert type(view) is type(client)
    assert view._pool is client._pool
    engine.call(view, GET, ("x",))
    engine.call(client, GET, ("x",))
    first, second = script.requests
    assert first.extensions["timeout"]["read"] == 5
    assert (first.headers["x-a"], first.headers["x-b"]) == ("1", "2")
    assert second.extensions["timeout"]["read"] == 60
    assert "x-b" not in second.headers
    assert view._options.max_retries == 2


def test_closing_a_view_closes_nothing(engine: Engine) -> None:
    client = engine.client(Script())
    engine.result(client.with_options(timeout=5).close())
    assert engine.call(client, GET, ("x",)) == {}


def test_resources_of_a_view_are_its_own() -> None:
    client = SyncClient(api_key="k")
    client.__dict__["robots"] = "cached"
    assert "robots" not in client.with_options(timeout=5).__dict__


@both
def test_settings_of_a_view_are_checked(make: Maker) -> None:
    with pytest.raises(errors.ConfigurationError):
        make(api_key="k").with_options(timeout=0)


def test_for_workspace(engine: Engine) -> None:
    script = Script()
    client = engine.client(script)
    engine.call(client.for_workspace("w-1").with_options(timeout=5), GET, ("x",))
    engine.call(client, GET, ("x",))
    assert script.requests[0].headers["x-as-workspace"] == "w-1"
    assert "x-as-workspace" not in script.requests[1].headers
    for bad in ("", None, "a\nb"):
        with pytest.raises(errors.ConfigurationError):
            client.for_workspace(bad)


def test_raw_responses(engine: Engine) -> None:
    script = Script(httpx.Response(200, headers={"x-request-id": "r", "X-Odd": "1"}, json={"id": ID}))
    client = engine.client(script)
    raw = engine.call(client.with_raw_response.with_options(timeout=5), GET, (ID,))
    assert raw.status_code == 200
    assert raw.headers["x-odd"] == "1"
    assert raw.request_id == "r"
    assert raw.parsed == {"id": ID}
    assert json.loads(raw.content) == {"id": ID}
    assert ID not in repr(raw)
    assert engine.call(client, GET, (ID,)) == {"id": ID}


def test_raw_pages(engine: Engine) -> None:
    for operation in (LIST, SEARCH):
        script = pages_of([([1], "a"), ([2], None)])
        raw = engine.result(engine.client(script).with_raw_response.page(operation))
        assert raw.status_code == 200
        assert raw.parsed.items == [1]
        assert engine.items(raw.parsed) == [1, 2]
        assert len(script.requests) == 2


def test_raw_responses_still_raise(engine: Engine) -> None:
    client = engine.client(Script(httpx.Response(404)))
    with pytest.raises(errors.NotFoundError):
        engine.call(client.with_raw_response, GET, (ID,))


# Requests that there is no method for.


def test_request(engine: Engine) -> None:
    script = Script({"id": ID})
    client = engine.client(script)
    path = f"/api/v2/robots/{ID}?x=1"
    result = engine.result(client.request("post", path, json={"a": None, "b": UNSET}, query={"y": [1, 2]}))
    assert result == {"id": ID}
    assert script.request.method == "POST"
    assert script.request.url.raw_path.decode() == f"{path}&y=1&y=2"
    assert script.request.content == b'{"a":null}'
    assert script.request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("content", "kind", "result"),
    [(b"", "text/plain", None), (b"a,b", "text/csv", "a,b"), (b"[1]", "application/problem+json", [1])],
)
def test_answers_to_request(engine: Engine, content: bytes, kind: str, result: Any) -> None:
    client = engine.client(Script(httpx.Response(200, headers={"content-type": kind}, content=content)))
    assert engine.result(client.request("GET", "/api/v2/robots")) == result
    assert engine.result(client.with_raw_response.request("GET", "/api/v2/robots")).parsed == result


@pytest.mark.parametrize("path", ["https://elsewhere.example/x", "//elsewhere.example/x", "api/v2/robots", ""])
def test_request_goes_nowhere_else(engine: Engine, path: str) -> None:
    script = Script()
    client = engine.client(script)
    with pytest.raises(ValueError, match="one slash"):
        engine.result(client.request("GET", path))
    assert not script.requests


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/v2/robots", "/api/v2/robots"),
        (f"/api/v2/robots/{ID}", "/api/v2/robots/…"),
        ("/api/v2/robots?email=a@b.c", "/api/v2/robots/…"),
        ("/a@b.c", "/…"),
    ],
)
def test_the_path_of_a_request_is_not_told(engine: Engine, path: str, shown: str) -> None:
    events: list[Event] = []
    engine.result(engine.client(Script(), on_event=events.append).request("GET", path))
    assert {event.path for event in events} == {shown}


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize(("method", "safe", "attempts"), [("GET", False, 4), ("POST", False, 1), ("POST", True, 4)])
def test_requests_are_repeated_like_others(engine: Engine, method: str, safe: bool, attempts: int) -> None:
    script = Script(httpx.Response(500))
    client = engine.client(script)
    with pytest.raises(errors.ServerError):
        engine.result(client.request(method, "/api/v2/robots", safe=safe))
    assert len(script.requests) == attempts


# Drift.


def test_drift_is_told_once_for_each_place(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    events: list[DriftEvent] = []
    rows = {"items": [{"legs": 2}, {"legs": "three"}, {"legs": None}, 7]}
    client = engine.client(Script(rows), on_drift=events.append)
    for _ in range(2):
        assert len(engine.items(client.with_options(timeout=5).page(LIST))) == 4
    assert [(event.operation, event.pointer, event.expected, event.got) for event in events] == [
        ("listRobots", "/items/1/legs", "integer", "three"),
        ("listRobots", "/items/3", "Robot", 7),
    ]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "listRobots: the answer deviates at /items/*/legs: expected integer",
        "listRobots: the answer deviates at /items/*: expected Robot",
    ]
    other = Operation("other", "GET", LIST.path, response=LIST.response, cursor="query")
    engine.items(client.page(other))
    assert [event.operation for event in events[2:]] == ["other", "other"]


def test_places_named_by_people_are_not_told(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def robots(value: Any, container: Any, key: Any, drift: Any) -> Any:
        for name in value:
            drift(value, name, "string")
        return value

    operation = Operation("listByAddress", "GET", "/x", response=lambda: robots)
    events: list[DriftEvent] = []
    client = engine.client(Script({"jo@example.com": 1, "2026-05-01": 2}), on_drift=events.append)
    engine.call(client, operation)
    assert [event.pointer for event in events] == ["/jo@example.com"]
    assert "jo@" not in caplog.text
    assert "listByAddress: the answer deviates at /*: expected string" in caplog.text


def test_fields_that_are_not_ruled_out_are_no_violation(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def robot(value: Any, container: Any, key: Any, drift: Any) -> Any:
        drift(value, "new", "no such field", False)
        return value

    operation = Operation("x", "GET", "/x", response=lambda: robot)
    events: list[DriftEvent] = []
    client = engine.client(Script({"new": 1}), on_drift=events.append, strict=True)
    engine.call(client, operation)
    assert [event.violation for event in events] == [False]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_strict_client_raises(engine: Engine) -> None:
    client = engine.client(Script({"items": [{"legs": 2}, {"legs": "three"}]}), strict=True)
    with pytest.raises(errors.DriftError) as caught:
        engine.items(client.page(LIST))
    error = caught.value
    assert (error.pointer, error.expected, error.status_code) == ("/items/1/legs", "integer", 200)
    assert str(error) == "listRobots: the answer deviates at /items/1/legs: expected integer"
    assert engine.items(client.with_options(strict=False).page(LIST)) == [{"legs": 2}, {"legs": "three"}]


@pytest.mark.parametrize("answer", [["no", "object"], None, 5])
def test_a_root_of_another_shape(engine: Engine, answer: Any) -> None:
    events: list[DriftEvent] = []
    client = engine.client(Script(httpx.Response(200, content=json.dumps(answer))), on_drift=events.append)
    assert engine.call(client, GET, ("x",)) == answer
    assert [(event.pointer, event.expected) for event in events] == [("", "Robot")]


# What is told while it works.


@pytest.mark.usefixtures("no_jitter")
def test_events(engine: Engine) -> None:
    events: list[Event] = []
    script = Script(httpx.ReadTimeout("slow"), httpx.Response(500, headers={"cf-ray": "r"}), {})
    engine.call(engine.client(script, on_event=events.append), GET, (ID,))
    assert [(event.kind, event.attempt, event.status_code, event.reason) for event in events] == [
        ("request", 1, None, None),
        ("failure", 1, None, "ReadTimeout"),
        ("wait", 2, None, "retry"),
        ("request", 2, None, None),
        ("response", 2, 500, None),
        ("wait", 3, None, "retry"),
        ("request", 3, None, None),
        ("response", 3, 200, None),
    ]
    assert events[4].request_id == "r"
    assert {(event.operation, event.method, event.path) for event in events} == {
        ("getRobot", "GET", "/api/v2/robots/{id}")
    }


@pytest.mark.usefixtures("no_jitter")
def test_the_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "instantly_client")
    script = Script(httpx.ReadTimeout("slow"), httpx.Response(200, headers={"x-request-id": "r"}, json={}))
    engine.call(engine.client(script), GET, (ID,))
    lines = [record.getMessage() for record in caplog.records if record.name == "instantly_client"]
    assert len(lines) == 3
    assert lines[0].startswith("GET /api/v2/robots/{id} failed: ReadTimeout in 0.")
    assert lines[0].endswith("(attempt 1)")
    assert lines[1] == "GET /api/v2/robots/{id} waits 0.000 s (retry)"
    assert lines[2].startswith("GET /api/v2/robots/{id} -> 200 in 0.")
    assert lines[2].endswith("(attempt 2, request r)")


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("given", [False, True])
def test_the_http_library_logs_each_request_if_it_is_asked_to(
    engine: Engine, caplog: pytest.LogCaptureFixture, given: bool
) -> None:
    caplog.set_level(logging.INFO, "httpx")
    script = Script(httpx.Response(503), {})
    client = engine.client(None, http_client=given_client(engine, script)) if given else engine.client(script)
    engine.call(client, GET, ("x",))
    url = "https://api.instantly.ai/api/v2/robots/x"
    assert [record.getMessage() for record in caplog.records if record.name == "httpx"] == [
        f'HTTP Request: GET {url} "HTTP/1.1 503 Service Unavailable"',
        f'HTTP Request: GET {url} "HTTP/1.1 200 OK"',
    ]


def test_the_log_is_silent_by_default(capfd: pytest.CaptureFixture[str]) -> None:
    import subprocess
    import sys

    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import httpx\n"
        "from tests.core.engine import GET, Script\n"
        "from instantly_core import SyncClient\n"
        "SyncClient(api_key='k', transport=httpx.MockTransport(Script(5))).call(GET, ('x',))\n"
    )
    subprocess.run([sys.executable, "-c", program, *sys.path], check=True)
    assert capfd.readouterr() == ("", "")


# The clients themselves.


@both
def test_repr(make: Maker) -> None:
    client = make(api_key=KEY, timeout=5)
    assert repr(client) == f"<{make.__name__} https://api.instantly.ai timeout=5 max_retries=3>"
    view = client.for_workspace("w-1").with_options(dry_run=True)
    assert repr(view) == (
        f"<{make.__name__} https://api.instantly.ai timeout=5 max_retries=3 workspace=w-1 dry_run=True>"
    )


@both
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_client_is_not_copied(make: Maker, copied: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="make one where it is used"):
        copied(make(api_key=KEY))


def test_the_clients_are_twins() -> None:
    import inspect

    def face(kind: type) -> dict[str, list[str]]:
        names = {
            name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))
        } | {"__init__"}  # fmt: skip
        return {name: list(inspect.signature(getattr(kind, name)).parameters) for name in names}

    assert face(SyncClient) == face(AsyncClient)


def test_no_timeout_exceeds_the_deadline(engine: Engine) -> None:
    script = Script()
    engine.call(engine.client(script, timeout=30, deadline=0.5), GET, (ID,))
    timeouts = script.request.extensions["timeout"]
    assert set(timeouts) == {"connect", "read", "write", "pool"}
    assert all(0 < seconds <= 0.5 for seconds in timeouts.values())


def test_each_setting_of_a_view_takes_effect(engine: Engine) -> None:
    drifts: list[DriftEvent] = []
    events: list[Event] = []
    client = engine.client(Script({"legs": "two"}))
    engine.call(client.with_options(on_drift=drifts.append), GET, ("x",))
    assert [event.pointer for event in drifts] == ["/legs"]
    engine.call(client.with_options(on_event=events.append), GET, ("x",))
    assert [event.kind for event in events] == ["request", "response"]
    with pytest.raises(errors.DriftError):
        engine.call(client.with_options(strict=True), GET, ("x",))


@pytest.mark.parametrize("setting", [{"max_retries": 0}, {"deadline": 20}])
def test_a_view_may_give_up_sooner(engine: Engine, setting: dict[str, Any]) -> None:
    script = Script(httpx.Response(429, headers={"retry-after": "30"}))
    with pytest.raises(errors.RateLimitError):
        engine.call(engine.client(script).with_options(**setting), GET, ("x",))
    assert len(script.requests) == 1


def test_a_workspace_without_a_name_is_refused_in_words(engine: Engine) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"(?m)^workspace_id must name a workspace$"):
        engine.client(Script()).for_workspace("")


def test_the_error_says_what_to_do_instead_of_copying_a_client(engine: Engine) -> None:
    told = "A client has a key and connections: make one where it is used instead of copying it"
    with pytest.raises(TypeError, match=f"^{told}$"):
        copy.copy(engine.client(Script()))


@pytest.mark.parametrize(
    ("path", "query", "sent"),
    [
        ("/api/v2/robots", {"b": 1}, "/api/v2/robots?b=1"),
        ("/api/v2/robots?a=2", {"b": 1}, "/api/v2/robots?a=2&b=1"),
        ("/api/v2/robots?a=2", {"b": None}, "/api/v2/robots?a=2"),
    ],
)
def test_a_request_takes_a_query_in_its_path_and_beside_it(
    engine: Engine, path: str, query: dict[str, Any], sent: str
) -> None:
    events: list[Event] = []
    script = Script()
    engine.result(engine.client(script, on_event=events.append).request("GET", path, query=query))
    assert script.request.url.raw_path.decode() == sent
    assert {event.operation for event in events} == {"request"}


@pytest.mark.parametrize("path", ["api/v2/robots", "//elsewhere/api/v2/robots"])
def test_a_path_that_is_none_is_refused_in_words(engine: Engine, path: str) -> None:
    told = 'path must begin with one slash, such as "/api/v2/campaigns"'
    with pytest.raises(ValueError, match=f"^{told}$"):
        engine.result(engine.client(Script()).request("GET", path))


def test_an_answer_to_a_request_without_a_content_type_is_json(engine: Engine) -> None:
    client = engine.client(lambda request: httpx.Response(200, content=b'{"a": 1}'))
    assert engine.result(client.request("GET", "/api/v2/robots")) == {"a": 1}
