"""Nothing that is sent makes the sandbox fail: what is wrong is refused, in words."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from instantly_sandbox import Clock, Sandbox
from tests.sandbox.raw import ABSENT, START, WORKSPACE, send, target_of

TAGS, LEADS = target_of("createCustomTag"), target_of("createLead")


class Wire:
    """A sandbox that is served, and requests to it as bytes."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox = sandbox
        self._address = urlsplit(url).hostname, urlsplit(url).port
        self.usual = f"Host: 127.0.0.1\r\nUser-Agent: test\r\nAuthorization: Bearer {sandbox.key}\r\n"

    def send(self, content: bytes) -> bytes:
        """What comes back until the server closes."""
        with socket.create_connection(self._address, timeout=20) as connection:
            connection.sendall(content)
            found = b""
            while piece := connection.recv(1 << 16):
                found += piece
            return found

    def ask(self, line: str, headers: str | None = None, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of the answer to a request, after which the connection ends."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"{line} HTTP/1.1\r\n{self.usual if headers is None else headers}{length}Connection: close\r\n\r\n"
        told, _, rest = self.send(head.encode("latin-1") + body).partition(b"\r\n\r\n")
        return int(told.split()[1]), rest


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    sandbox = Sandbox(rate_limits=False)
    with sandbox.serve() as url:
        yield Wire(sandbox, url)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "BREW"])
def test_a_method_that_the_path_has_not_is_refused(wire: Wire, method: str) -> None:
    status, body = wire.ask(f"{method} {WORKSPACE}")
    assert (status, body == b"") == (405, method == "HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/./workspaces/current", "/api/v2/workspaces//current", f"{WORKSPACE}/", f"/{WORKSPACE}", "*", "/",
        f"http://evil.example{WORKSPACE}", "/api/v2/workspaces%2Fcurrent", "/sandbox/../api", "/sandbox/tenants/x/y",
        target_of("getCampaign").replace("{id}", "%2e%2e"), target_of("getCampaign").replace("{id}", "%FF%00"),
    ],
)  # fmt: skip
def test_a_path_that_is_nothing_is_not_found(wire: Wire, path: str) -> None:
    assert wire.ask(f"GET {path}")[0] == 404


@pytest.mark.parametrize("host", ["[::1", "", "a b", "evil.example", "localhost.evil.example"])
def test_a_host_that_is_none_is_refused(wire: Wire, host: str) -> None:
    assert wire.ask(f"GET {WORKSPACE}", f"Host: {host}\r\nUser-Agent: test\r\n")[0] in (400, 403)


def test_requests_in_a_row_are_answered_in_a_row(wire: Wire) -> None:
    one = f"GET {WORKSPACE} HTTP/1.1\r\n{wire.usual}"
    told = wire.send(f"{one}\r\n{one}\r\n{one}Connection: close\r\n\r\n".encode())
    assert told.count(b"HTTP/1.1 200") == 3


def test_two_keys_are_none(wire: Wire) -> None:
    assert wire.ask(f"GET {WORKSPACE}", f"{wire.usual}Authorization: Bearer other\r\n")[0] == 401


@pytest.mark.slow
def test_two_hundred_clients_at_once_are_all_answered(wire: Wire) -> None:
    with ThreadPoolExecutor(200) as pool:
        told = list(pool.map(lambda _: wire.ask(f"GET {WORKSPACE}")[0], range(200)))
    assert told == [200] * 200


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b'{"label": "\\ud800"}', "application/json", 400),
        (b'{"label": "\\ud83d\\ude00"}', "application/json", 200),
        (b'{"label": "\xff"}', "application/json", 400),
        (b'{"label": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"label": 1e999}', "application/json", 400),
        (b'{"label": Infinity}', "application/json", 400),
        (b'{"label": "x", "label": "y"}', "application/json", 200),
        (b'{"label": "x"}', "application/json; charset=utf-8", 200),
        (b'{"label": "x"}', "text/plain", 415),
        (b'{"label": "x"}', None, 415),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
    ],
)
def test_a_body_that_is_wrong_is_refused(content: bytes, content_type: str | None, status: int) -> None:
    sandbox = Sandbox()
    told = send(sandbox, "POST", TAGS, content=content, content_type=content_type)
    assert told.status == status
    assert send(sandbox, "GET", target_of("listCustomTag")).status == 200


@pytest.mark.parametrize("name", ["\\ud800", "\\udfff x"])
def test_half_a_character_is_refused_by_the_controls_too(name: str) -> None:
    sandbox = Sandbox()
    told = send(sandbox, "POST", "/sandbox/workspaces", content=f'{{"name": "{name}"}}'.encode())
    assert (told.status, told.json()["message"]) == (400, "the body is no JSON")


@pytest.mark.parametrize(
    ("limit", "status"),
    [("0", 400), ("-1", 400), ("1e9", 400), ("abc", 400), ("", 400), ("5&limit=5", 400), ("5", 200)],
)
def test_a_limit_is_a_number_in_its_range(limit: str, status: int) -> None:
    assert send(Sandbox(), "GET", target_of("listCampaign", query=f"limit={limit}")).status == status


def test_unknown_parameters_are_ignored() -> None:
    assert send(Sandbox(), "GET", target_of("listCampaign", query="colour=red&colour=blue&%FF=%00")).status == 200


def test_a_cursor_of_another_list_is_refused() -> None:
    sandbox = Sandbox(world="demo")
    other = send(sandbox, "GET", target_of("listAccount", query="limit=1")).json()["next_starting_after"]
    told = send(sandbox, "GET", target_of("listCampaign", query=f"starting_after={other}"))
    assert (told.status, "is no cursor of this list" in told.json()["message"]) == (400, True)


def test_the_ids_of_another_workspace_are_not_found() -> None:
    sandbox = Sandbox(world="demo")
    key = sandbox.add_key(workspace=sandbox.add_workspace("Other"))
    for kind, id in (("Campaign", "getCampaign"), ("Lead", "getLead"), ("Account", "getAccount")):
        key_of_row = next(iter(sandbox.runtime.state.workspaces[sandbox.workspace_id].of(kind)))
        assert send(sandbox, "GET", target_of(id, key_of_row)).status == 200
        assert send(sandbox, "GET", target_of(id, key_of_row), key=key).status == 404


def test_ten_thousand_leads_at_once_are_too_many() -> None:
    sandbox = Sandbox()
    leads = [{"email": f"{number}@customer.example.org"} for number in range(10_000)]
    told = send(sandbox, "POST", target_of("bulkAddLeads"), {"leads": leads, "list_id": ABSENT})
    assert told.status == 400


def test_texts_of_all_scripts_come_back_as_they_were() -> None:
    client = Sandbox().client(strict=True)
    for label in ("Łódź", "日本語", "العربية", "👩‍👩‍👧", "a\u0000b", "\u202eright to left", "e\u0301", "x" * 200):
        tag = client.custom_tags.create(label=label)
        assert client.custom_tags.get(tag.id).label == label


def test_a_clock_that_the_machine_sets_back_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time()
    clock = Clock()
    for machine, passed in ((100, 100), (-3600, 100), (-3590, 110), (0, 3700)):
        monkeypatch.setattr("instantly_sandbox.state.clock.time.time", lambda machine=machine: real + machine)
        assert clock.time() == pytest.approx(real + passed, abs=5)


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/events", {"event": "replly", "lead": "x"}, "did you mean 'reply'?"),
        ("/events", {"event": "reply", "leed": "x"}, "did you mean 'lead'?"),
        ("/events", {"event": "pause"}, "event must be one of"),
        ("/events", {"event": ["reply"]}, "event must be one of"),
        ("/faults", {"fault": "status_"}, "did you mean 'status'?"),
        ("/faults", {"fault": "status", "status": 200}, "between 400 and 599"),
        ("/keys", {"scopes": ["camapigns:read"]}, "did you mean 'campaigns:read'?"),
        ("/tenants", {"name": ".."}, "is no name of a tenant"),
        ("/tenants", {"name": "a", "world": "no-such-file.toml"}, "no-such-file.toml: No such file"),
        ("/tenants", {"name": "a", "world": "flat"}, "there is no world 'flat'"),
        ("/requests/count", {"times": -1}, "times is -1: it is at least 0"),
        ("/requests/count", {"operation": "patchWorkspac"}, "did you mean 'patchWorkspace'?"),
        ("/clock", {"advance": -5}, "cannot be moved by -5 seconds"),
        ("/clock", {"to": "1969-01-01T00:00:00Z"}, "cannot be moved back"),
        ("/clock", [], "the body must be a JSON object"),
    ],
)
def test_a_control_that_is_wrong_says_why(path: str, body: object, message: str) -> None:
    told = send(Sandbox(clock=Clock(START, frozen=True)), "POST", f"/sandbox{path}", body)
    assert (told.status, message in told.json()["message"]) == (400, True), told.json()
