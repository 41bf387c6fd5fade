"""The sandbox's own API, as tests in other languages use it."""

from __future__ import annotations

from typing import Any

import pytest

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.messages import Answer, Request
from instantly_sandbox.entry.admin import FAULTS
from tests.sandbox.raw import WORKSPACE, send


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(clock=Clock(frozen=True))


def ask(sandbox: Sandbox, method: str, target: str, body: Any = None) -> Any:
    told = send(sandbox, method, target, body, authorization=None, user_agent=None)
    assert told.status == 200, told.body
    return told.json()


def refused(sandbox: Sandbox, method: str, target: str, body: Any = None) -> str:
    told = send(sandbox, method, target, body)
    assert told.status == 400
    assert told.json()["error"] == "Bad Request"
    message: str = told.json()["message"]
    return message


def test_the_overview_has_what_a_client_needs(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET", "/sandbox") == {
        "key": sandbox.key,
        "workspace_id": sandbox.workspace_id,
        "time": sandbox.clock.now().isoformat(),
        "frozen": True,
        "rate_limits": True,
        "unpaid": False,
    }


def test_its_requests_are_not_recorded_and_no_fault_hits_them(sandbox: Sandbox) -> None:
    sandbox.faults.status(500)
    ask(sandbox, "GET", "/sandbox")
    assert sandbox.requests == []


def test_the_requests_are_shown_and_forgotten(sandbox: Sandbox) -> None:
    send(sandbox, "PATCH", WORKSPACE, {"name": "New"})
    (shown,) = ask(sandbox, "GET", "/sandbox/requests")
    assert (shown["method"], shown["target"], shown["operation"]) == ("PATCH", WORKSPACE, "patchWorkspace")
    assert (shown["body"], shown["status"]) == ('{"name": "New"}', 200)
    assert '"name":"New"' in shown["answer"]
    ask(sandbox, "DELETE", "/sandbox/requests")
    assert sandbox.requests == []


def test_a_fault_is_added_shown_and_cleared(sandbox: Sandbox) -> None:
    asked = {"fault": "rate_limit", "retry_after": 2, "operation": "getWorkspace", "times": 3}
    ask(sandbox, "POST", "/sandbox/faults", asked)
    told = send(sandbox, "GET", WORKSPACE)
    assert (told.status, told.headers["retry-after"]) == (429, "2")
    (shown,) = ask(sandbox, "GET", "/sandbox/faults")
    assert shown == {
        "fault": "rate_limit",
        "operation": "getWorkspace",
        "times": 3,
        "probability": 1.0,
        "hits": 1,
    }
    ask(sandbox, "DELETE", "/sandbox/faults")
    assert send(sandbox, "GET", WORKSPACE).status == 200


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_added(sandbox: Sandbox, name: str) -> None:
    needed = {"status": 500, "latency": 0.1, "unknown_value": "name", "missing_field": "name", "null_field": "name"}
    named = {"status": "status", "latency": "seconds"}.get(name, "field")
    body = {"fault": name, **({named: needed[name]} if name in needed else {})}
    assert ask(sandbox, "POST", "/sandbox/faults", body)["fault"] == name


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "fault must be one of job, oauth, status, rate_limit"),
        ([], "fault must be one of"),
        ({"fault": "clear"}, "fault must be one of"),
        ({"fault": []}, "fault must be one of"),
        ({"fault": "status"}, "missing a required argument: 'status'"),
        ({"fault": "status", "status": 500, "self": 1}, "there is no argument 'self'"),
        ({"fault": "status", "status": 500, "which": {}}, "there is no argument 'which'"),
        ({"fault": "status", "status": "500"}, 'status cannot be "500"'),
        ({"fault": "status", "status": True}, "status cannot be true"),
        ({"fault": "status", "status": 200}, "status is 200"),
        ({"fault": "rate_limit", "times": 1.5}, "times cannot be 1.5"),
        ({"fault": "rate_limit", "times": 0}, "times is 0"),
        ({"fault": "rate_limit", "probability": None}, "probability cannot be null"),
        ({"fault": "rate_limit", "operation": "listEmal"}, "did you mean 'listEmail'?"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(sandbox: Sandbox, body: Any, message: str) -> None:
    assert message in refused(sandbox, "POST", "/sandbox/faults", body)
    assert sandbox.faults.waiting == []


def test_the_clock_is_moved_frozen_and_let_go(sandbox: Sandbox) -> None:
    start = sandbox.clock.time()
    ask(sandbox, "POST", "/sandbox/clock", {"advance": 90})
    assert sandbox.clock.time() == start + 90
    assert ask(sandbox, "POST", "/sandbox/clock", {"freeze": False})["frozen"] is False
    assert ask(sandbox, "POST", "/sandbox/clock", {"freeze": True, "advance": 0.5})["frozen"] is True
    for wrong in (float("nan"), float("inf")):
        assert "no JSON" in refused(sandbox, "POST", "/sandbox/clock", {"advance": wrong})
    for wrong in (-1, 1e300):
        assert "cannot be moved" in refused(sandbox, "POST", "/sandbox/clock", {"advance": wrong})
    assert "there is no argument 'set'" in refused(sandbox, "POST", "/sandbox/clock", {"set": 0})


def test_the_switches_can_be_thrown(sandbox: Sandbox) -> None:
    assert ask(sandbox, "PATCH", "/sandbox", {"unpaid": True})["unpaid"] is True
    assert send(sandbox, "GET", WORKSPACE).status == 402
    assert ask(sandbox, "PATCH", "/sandbox", {"unpaid": False, "rate_limits": False})["rate_limits"] is False
    assert refused(sandbox, "PATCH", "/sandbox", {"unpaid": 1}) == "unpaid cannot be 1"


def test_the_state_goes_back_to_what_it_was(sandbox: Sandbox) -> None:
    before = ask(sandbox, "GET", "/sandbox/state")
    send(sandbox, "PATCH", WORKSPACE, {"name": "New"})
    ask(sandbox, "PUT", "/sandbox/state", before)
    assert send(sandbox, "GET", WORKSPACE).json()["name"] == "Sandbox"


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 0},
        {"state": None},
        {"state": {}},
        {"key": "?"},
        {"key": None},
        {"workspace_id": "?"},
        {"time": "now"},
        {"time": 1e300},
        {"chance": "?"},
    ],
    ids=str,
)
def test_a_state_that_is_none_changes_nothing(sandbox: Sandbox, damage: dict[str, Any]) -> None:
    state = ask(sandbox, "GET", "/sandbox/state")
    assert refused(sandbox, "PUT", "/sandbox/state", {**state, **damage})
    assert send(sandbox, "GET", WORKSPACE).status == 200


def test_a_reset_keeps_the_key(sandbox: Sandbox) -> None:
    key, sent = sandbox.key, ask(sandbox, "GET", "/sandbox/state")
    send(sandbox, "PATCH", WORKSPACE, {"name": "New"})
    sandbox.faults.status(500)
    assert ask(sandbox, "POST", "/sandbox/reset")["key"] == key == sent["key"]
    assert send(sandbox, "GET", WORKSPACE).json()["name"] == "Sandbox"


def test_what_there_is_not_is_not_found(sandbox: Sandbox) -> None:
    assert send(sandbox, "GET", "/sandbox/teapot").status == 404
    assert send(sandbox, "GET", "/sandboxes").status == 404
    told = send(sandbox, "PATCH", "/sandbox/faults")
    assert (told.status, told.headers["allow"]) == (405, "DELETE, GET, POST")


def test_a_body_needs_no_content_type_but_must_be_json(sandbox: Sandbox) -> None:
    def post(content: bytes) -> Answer:
        return sandbox.handle(Request("POST", "/sandbox/clock", {}, content))

    assert post(b'{"advance": 1}').status == 200
    for wrong in (b"advance=1", b"\xff", b"[" * 100_000, b"[]", b"3"):
        assert post(wrong).status == 400
