"""Settings and environment are checked when a client is made; what is wrong is named, and no secret with it."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core import AsyncClient, Event, LocalLimiter, SyncClient, errors
from instantly_core.call.options import checked_headers
from instantly_core.http import environment
from instantly_core.http.environment import proxy_for
from instantly_core.http.library import URL
from tests.core.engine import GET, ID, KEY, LIST, Engine, Script
from tests.core.wire import Wire

PASSWORD = "hunter2"
VARIABLES = [f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL", "NO")]


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*VARIABLES, *map(str.lower, VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR", "INSTANTLY_BASE_URL"]:
        monkeypatch.delenv(name, raising=False)


def refusal(kind: Callable[..., Any] = SyncClient, **options: Any) -> str:
    """Why a client cannot be made."""
    with pytest.raises(errors.ConfigurationError) as caught:
        kind(**{"api_key": KEY, **options})
    assert PASSWORD not in str(caught.value)
    assert KEY not in str(caught.value)
    return str(caught.value)


async def async_hook(event: Event) -> None:
    """Nothing."""


class AsyncHook:
    async def __call__(self, event: Event) -> None:
        """Nothing."""


WRONG: list[tuple[str, list[Any]]] = [
    ("transport", ["x", 5, httpx.Client(), httpx.MockTransport]),
    ("http_client", ["x", httpx.Client, httpx.HTTPTransport()]),
    ("limiter", [5, "x", LocalLimiter, object()]),
    *((hook, [5, "x", []]) for hook in ("on_event", "on_drift")),
    *((flag, ["no", "false", 0, None, []]) for flag in ("strict", "retry_writes", "dry_run", "allow_http")),
    ("default_headers", [5, "x: y", [("a", "b")]]),
    ("max_retries", ["3", 1.5, True, None]),
    ("deadline", ["3", 0, None, float("nan")]),
    ("max_response_bytes", ["3", -1, 0]),
    ("timeout", ["5", 0, True, None]),
    ("base_url", [5, None, b"https://x.example"]),
]


@pytest.mark.parametrize(
    ("argument", "wrong"),
    [(argument, value) for argument, values in WRONG for value in values],
)
@pytest.mark.parametrize("kind", [SyncClient, AsyncClient])
def test_what_is_of_the_wrong_kind_is_named_with_what_would_be_right(
    kind: type[Any], argument: str, wrong: object
) -> None:
    assert argument in refusal(kind, **{argument: wrong})


def test_objects_of_the_other_colour_are_refused() -> None:
    assert refusal(transport=httpx.AsyncHTTPTransport()) == (
        "transport must be an httpx.BaseTransport, not AsyncHTTPTransport"
    )
    assert "an httpx.AsyncBaseTransport, not HTTPTransport" in refusal(AsyncClient, transport=httpx.HTTPTransport())
    assert refusal(http_client=httpx.AsyncClient()) == "http_client must be an httpx.Client, not AsyncClient"


def test_views_are_checked_as_clients_are() -> None:
    client = SyncClient(api_key=KEY)
    for wrong in ({"retry_writes": "false"}, {"strict": 1}, {"limiter": 5}, {"on_event": async_hook}, {"dry_run": "x"}):
        with pytest.raises(errors.ConfigurationError, match=next(iter(wrong))):
            client.with_options(**wrong)


@pytest.mark.parametrize("hook", [async_hook, AsyncHook(), partial(async_hook)], ids=lambda hook: type(hook).__name__)
@pytest.mark.parametrize("argument", ["on_event", "on_drift"])
def test_only_an_async_client_takes_async_hooks(argument: str, hook: Any) -> None:
    assert refusal(**{argument: hook}) == f"{argument} must not be `async def`: only an async client awaits its hooks"
    AsyncClient(api_key=KEY, **{argument: hook})


@pytest.mark.parametrize("argument", ["http_client", "transport", "timeout"])
def test_objects_of_the_successor_of_the_http_library_are_told_apart(argument: str) -> None:
    for name in ("Client", "HTTPTransport", "Timeout"):
        other = type(name, (), {"__module__": "httpx2._client"})()
        assert f"{argument} is of httpx2, and this package sends with httpx: give an httpx." in refusal(
            **{argument: other}
        )


# Headers.


@pytest.mark.parametrize("name", ["", "a b", "é", "a:b", "a\n", "a\r\nb: c", 1, None, b"x"])
def test_names_that_no_header_can_have_are_refused(engine: Engine, name: Any) -> None:
    assert "cannot be the name of a header" in refusal(default_headers={name: "x"})
    with pytest.raises(errors.ConfigurationError, match="cannot be the name of a header"):
        engine.result(engine.client(Script()).request("GET", "/api/v2/robots", headers={name: "x"}))


def test_of_two_spellings_of_a_header_the_last_one_is_sent(engine: Engine) -> None:
    script = Script({})
    client = engine.client(script, default_headers={"X-Team": "one", "x-team": "two"})
    for view, value in (
        (client, "two"),
        (client.with_options(default_headers={"X-TEAM": "three"}), "three"),
        (client.with_options(default_headers={"X-TEAM": "3"}).with_options(default_headers={"x-Team": "four"}), "four"),
    ):
        engine.call(view, GET, (ID,))
        assert script.requests[-1].headers.get_list("x-team") == [value]


@given(st.lists(st.tuples(st.sampled_from(["a", "A", "x-B", "X-b"]), st.sampled_from("xyz"))))
def test_the_last_value_of_each_header_counts(pairs: list[tuple[str, str]]) -> None:
    headers: dict[str, str] = {}
    expected: dict[str, str] = {}
    for name, value in pairs:
        headers.pop(name, None)
        headers[name] = value
        expected[name.lower()] = value
    assert checked_headers(headers) == expected


def test_a_workspace_wins_over_default_headers_in_whatever_order(engine: Engine) -> None:
    script, events = Script({}), list[Event]()
    client = engine.client(script, default_headers={"X-As-Workspace": "theirs"}, on_event=events.append)
    engine.call(client, GET, (ID,))
    chosen = client.for_workspace("ours")
    engine.call(chosen, GET, (ID,))
    engine.call(chosen.with_options(default_headers={"x-AS-workspace": "theirs"}), GET, (ID,))
    engine.call(chosen.for_workspace("last"), GET, (ID,))
    sent = [request.headers.get_list("x-as-workspace") for request in script.requests]
    assert sent == [["theirs"], ["ours"], ["ours"], ["last"]]
    assert [event.workspace for event in events if event.kind == "request"] == ["theirs", "ours", "ours", "last"]


# The URL.


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://a..b",
            "https://-x.example",
            "https://x-.example",
            "https://256.1.1.1",
            "https://1.2.3",
            "https://1",
        ),
        *("https://exa mple", "https://ex%41mple", "https://x\\y", f"https://{'a' * 64}.example", "https://.example"),
        *(f"https://{'a.' * 130}example", "https://x:0", "https://x:65536", "https://x:99999", "https://x:y"),
    ],
)
def test_hosts_and_ports_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert "base_url" in refusal(base_url=url)
    monkeypatch.setenv("INSTANTLY_BASE_URL", url)
    assert "INSTANTLY_BASE_URL" in refusal(AsyncClient)


@pytest.mark.parametrize(
    "host", ["api.instantly.ai", "under_score.example", "é.example", "a.example.", "[2001:db8::1]", "10.0.0.1"]
)
def test_plain_http_is_for_this_machine_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    SyncClient(api_key=KEY, base_url=f"https://{host}:8443/prefix")
    assert refusal(base_url=f"http://{host}") == (
        "base_url begins with http://, which sends the key for all to read: take https://, or give allow_http=True"
    )
    SyncClient(api_key=KEY, base_url=f"http://{host}", allow_http=True)
    assert "allow_http" in refusal(base_url=f"http://{host}", allow_http="yes")
    monkeypatch.setenv("INSTANTLY_BASE_URL", f"http://{host}")
    assert "INSTANTLY_BASE_URL begins with http://" in refusal()


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"])
def test_this_machine_is_reached_by_plain_http_and_never_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:8080")
    assert SyncClient(api_key=KEY, base_url=f"http://{host}:8080")._pool._proxy is None
    assert SyncClient(api_key=KEY)._pool._proxy is not None


def test_the_environment_can_lead_to_another_service(
    engine: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("INSTANTLY_BASE_URL", f" {wire.url}/ ")
    assert engine.call(engine.client(), GET, (ID,)) == {}
    assert len(wire.received) == 1
    assert repr(SyncClient(api_key=KEY, base_url="https://x.example")).startswith("<SyncClient https://x.example ")
    monkeypatch.setenv("INSTANTLY_BASE_URL", "")
    assert "https://api.instantly.ai" in repr(SyncClient(api_key=KEY))


# Proxies and certificates.


@pytest.mark.parametrize("variable", [*VARIABLES[:3], *map(str.lower, VARIABLES[:3])])
@pytest.mark.parametrize(
    "value",
    [
        f"socks://user:{PASSWORD}@127.0.0.1:1",
        f"socks5://user:{PASSWORD}@127.0.0.1:1",
        f"ftp://user:{PASSWORD}@x",
        f"http://user:{PASSWORD}@",
        f"http://user:{PASSWORD}@x:99999",
        f"http://user:{PASSWORD}@x:port",
        f"http://user:{PASSWORD}@[x",
        f"http://user:{PASSWORD}@x y",
    ],
)
@pytest.mark.parametrize("kind", [SyncClient, AsyncClient])
def test_a_proxy_that_cannot_be_used_is_named_when_a_client_is_made(
    monkeypatch: pytest.MonkeyPatch, kind: type[Any], variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    why = refusal(kind)
    assert why.startswith(f"The environment variable {variable} ")
    assert "http_client=" in why
    assert ("socksio" in why) is value.startswith("socks5")
    # Who sends otherwise does not look there.
    kind(api_key=KEY, transport=httpx.MockTransport(Script()))
    monkeypatch.setenv("NO_PROXY", "*")
    kind(api_key=KEY)


def test_entries_of_no_proxy_that_cannot_be_read_are_left_out_with_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:8080")
    monkeypatch.setenv("NO_PROXY", "localhost,[::1],fe11::/16,.internal.example,api.other.example")
    for _ in range(3):
        SyncClient(api_key=KEY)
    assert caplog.messages == ["NO_PROXY has entries that cannot be read, and are left out: 2 of them"]
    through = {
        host: proxy_for(URL(f"https://{host}/")) is not None
        for host in ("api.instantly.ai", "a.internal.example", "internal.example", "api.other.example", "localhost")
    }
    assert through == {
        "api.instantly.ai": True,
        "a.internal.example": False,
        "internal.example": True,
        "api.other.example": False,
        "localhost": False,
    }
    assert proxy_for(URL("http://api.instantly.ai/")) is None


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[None] = []
    read = vars(environment)["get_environment_proxies"]

    def counted() -> Any:
        reads.append(None)
        return read()

    monkeypatch.setattr(environment, "get_environment_proxies", counted)
    monkeypatch.setenv("ALL_PROXY", "http://once.example")
    clients: list[Any] = [SyncClient(api_key=KEY) for _ in range(5)]
    assert len(reads) == 1
    # A client stays with what it was made with.
    monkeypatch.setenv("ALL_PROXY", "nonsense://")
    assert all(str(client._pool._proxy.url) == "http://once.example" for client in clients)
    clients[0].with_options(timeout=5)


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_file_without_certificates_is_named_when_a_client_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / PASSWORD
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert refusal().startswith("The environment variable SSL_CERT_FILE names no file of certificates")
    SyncClient(api_key=KEY, transport=httpx.MockTransport(Script()))


def test_a_folder_without_certificates_is_named_when_a_client_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / PASSWORD
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    assert refusal().startswith("The environment variable SSL_CERT_DIR names no folder of certificates")
    folder.mkdir()
    assert refusal(AsyncClient).startswith("The environment variable SSL_CERT_DIR names no folder of certificates")
    (folder / "0a1b2c3d.0").write_bytes(Path(certifi.where()).read_bytes())
    SyncClient(api_key=KEY)
    # The library takes a file first.
    folder.rename(tmp_path / "gone")
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    SyncClient(api_key=KEY)


@contextmanager
def out_of_file_descriptors() -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="this system has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_cannot_be_read_now_are_not_called_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    folder = tmp_path / PASSWORD
    folder.mkdir()
    file = folder / "0a1b2c3d.0"
    file.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv(variable, str(file if variable == "SSL_CERT_FILE" else folder))
    with out_of_file_descriptors():
        assert refusal() == f"What the environment variable {variable} names cannot be read: Too many open files"
    SyncClient(api_key=KEY)


# A client of the caller.


def own_client(engine: Engine, script: Script, **settings: Any) -> Any:
    kind: Any = httpx.Client if engine.kind == "sync" else httpx.AsyncClient
    return kind(transport=httpx.MockTransport(script), **settings)


@pytest.mark.parametrize(
    ("theirs", "ours", "read"),
    [(123, {}, 123), (httpx.Timeout(7, read=9), {}, 9), (123, {"timeout": 8}, 8), (httpx.Timeout(5.0), {}, 60)],
)
def test_the_timeout_of_a_given_client_applies_unless_ours_is_given(
    engine: Engine, theirs: Any, ours: dict[str, Any], read: float
) -> None:
    script = Script({})
    client = engine.client(None, http_client=own_client(engine, script, timeout=theirs), **ours)
    engine.call(client, GET, (ID,))
    assert script.request.extensions["timeout"]["read"] == read
    engine.call(client.with_options(timeout=3), GET, (ID,))
    assert script.requests[-1].extensions["timeout"]["read"] == 3


def test_a_given_client_must_not_wait_for_ever(engine: Engine) -> None:
    own = own_client(engine, Script({}), timeout=None)
    with pytest.raises(errors.ConfigurationError, match="the timeout of http_client must limit"):
        engine.client(None, http_client=own)
    engine.client(None, http_client=own, timeout=5)


def test_params_and_cookies_of_a_given_client_go_along(engine: Engine) -> None:
    script = Script(httpx.Response(200, headers={"set-cookie": "sid=b; Path=/"}, json={"items": []}))
    own = own_client(engine, script, params={"tenant": "t", "limit": "7"}, cookies={"sid": "a"})
    client = engine.client(None, http_client=own)
    engine.call(client, GET, (ID,))
    assert dict(script.requests[0].url.params) == {"tenant": "t", "limit": "7"}
    assert script.requests[0].headers["cookie"] == "sid=a"
    engine.items(client.page(LIST))
    # Of a name that both have, that of the call counts; what the service has set is kept where the caller's is.
    assert script.requests[1].url.params.multi_items() == [("limit", "100"), ("tenant", "t")]
    assert "sid=b" in script.requests[1].headers["cookie"]


def test_auth_of_a_given_client_signs_the_requests(engine: Engine) -> None:
    class Signed(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            request.headers["x-signature"] = str(len(request.url.path))
            yield request

    script = Script({})
    engine.call(engine.client(None, http_client=own_client(engine, script, auth=Signed())), GET, (ID,))
    assert script.request.headers["x-signature"]
    assert script.request.headers["authorization"] == f"Bearer {KEY}"
    # A gateway that has the key may want the header for itself.
    engine.call(engine.client(None, http_client=own_client(engine, script, auth=("u", "p"))), GET, (ID,))
    assert script.requests[-1].headers["authorization"].startswith("Basic ")


def test_event_hooks_of_a_given_client_are_called(engine: Engine) -> None:
    seen: list[str] = []

    def note(message: Any) -> None:
        seen.append(type(message).__name__)

    async def note_async(message: Any) -> None:
        note(message)

    hook: Any = note if engine.kind == "sync" else note_async
    own = own_client(engine, Script({}), event_hooks={"request": [hook], "response": [hook]})
    engine.call(engine.client(None, http_client=own), GET, (ID,))
    assert seen == ["Request", "Response"]


def test_a_given_client_has_no_url_of_its_own(engine: Engine) -> None:
    own = own_client(engine, Script({}), base_url="https://elsewhere.example")
    with pytest.raises(errors.ConfigurationError, match="http_client has a base_url of its own: give it as base_url="):
        engine.client(None, http_client=own)


# The key.


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": f"{KEY}\nx"},
        {"api_key": f"{KEY} {KEY}"},
        {"api_key": f'"{KEY}"'},
        {"api_key": f"'{KEY}"},
        {"api_key": KEY.encode()},
        {"api_key": [KEY]},
        {"api_key": KEY, "base_url": "ftp://x"},
        {"api_key": KEY, "strict": "no"},
        {"api_key": KEY, "limiter": 5},
        {"api_key": KEY, "default_headers": {"a b": "x"}},
        {"api_kye": KEY},
        {"key": KEY},
    ],
)
@pytest.mark.parametrize("kind", [SyncClient, AsyncClient])
def test_no_frame_of_ours_shows_the_key(kind: type[Any], options: dict[str, Any]) -> None:
    assert_hidden(lambda: kind(**options))


def test_a_key_without_a_name_shows_nowhere_either() -> None:
    kind: Any = SyncClient
    assert_hidden(partial(kind, KEY))


def test_a_key_of_the_environment_shows_nowhere_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANTLY_API_KEY", f"{KEY}\nx")
    assert_hidden(SyncClient)


def assert_hidden(make: Callable[[], Any]) -> None:
    try:
        make()
    except (TypeError, errors.ConfigurationError) as error:
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
    else:
        raise AssertionError("it was taken")
    ours = [frame for frame in found.stack if "instantly_core" in frame.filename]
    assert ours
    for frame in ours:
        for name, value in (frame.locals or {}).items():
            assert KEY not in value, f"{frame.filename}:{frame.lineno} {name}"
    assert KEY not in str(found)


def test_a_key_with_white_space_around_it_is_taken(engine: Engine) -> None:
    script = Script({})
    engine.call(engine.client(script, api_key=f" {KEY}\n"), GET, (ID,))
    assert script.request.headers["authorization"] == f"Bearer {KEY}"
