"""Controls are the same in Python and over HTTP; tenants share nothing; a killed sandbox loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.messages import Request
from instantly_sandbox.entry.admin import FAULTS
from instantly_sandbox.entry.controls import Controls
from instantly_sandbox.entry.routes import ROUTES
from tests.sandbox.raw import START, WORKSPACE, send, target_of

IN_PYTHON_ONLY = {"save", "load", "client", "async_client", "serve", "handle", "keep_in", "close"}
"""What concerns files, sockets and objects of this process."""

HAVE_ROUTES_OF_THEIR_OWN = {"happen", "requests", "faults", "unpaid"}


def test_each_control_has_a_route() -> None:
    names = {name for kind in (Sandbox, Controls) for name in vars(kind) if not name.startswith("_")}
    data = {"clock", "key", "runtime", "service", "workspace_id"}
    routed = {route.control.__name__ for route in ROUTES}
    assert names - data - routed == IN_PYTHON_ONLY | HAVE_ROUTES_OF_THEIR_OWN


def ask(sandbox: Sandbox, method: str, path: str, body: Any = None) -> Any:
    told = send(sandbox, method, f"/sandbox{path}", body, authorization=None)
    assert told.status == 200, told.body
    return told.json()


ARGUMENTS: dict[str, dict[str, Any]] = {
    "status": {"status": 500}, "latency": {"seconds": 0.5}, "unknown_value": {"field": "name"},
    "missing_field": {"field": "name"}, "null_field": {"field": "name"}, "repeated_cursor": {"cursor": "again"},
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_works_alike_in_python_and_over_http(name: str) -> None:
    def answer(of: Sandbox) -> Any:
        one = send(of, "GET", target_of("listCustomTag") if name == "repeated_cursor" else WORKSPACE)
        return one.status, one.body, one.dropped, one.cut, one.delay, of.faults.endings

    ours, theirs, without = (Sandbox(clock=Clock(START, frozen=True)) for _ in range(3))
    getattr(ours.faults, name)(**ARGUMENTS.get(name, {}))
    ask(theirs, "POST", "/faults", {"fault": name, **ARGUMENTS.get(name, {})})
    told = answer(ours)
    assert told == answer(theirs)
    assert told != answer(without)


@pytest.mark.parametrize(
    ("which", "hit"),
    [
        ({"key": "own"}, [True, False, True]),
        ({"key": "other"}, [False, True, False]),
        ({"path": "/api/v2/workspaces/*"}, [True, True, True]),
        ({"path": "/api/v2/leads*"}, [False, False, False]),
        ({"body": {"name": "North"}}, [False, False, True]),
        ({"body": {"name": "South"}}, [False, False, False]),
    ],
)
def test_a_fault_chooses_requests(which: dict[str, Any], hit: list[bool]) -> None:
    sandbox = Sandbox()
    other = sandbox.add_key()
    if "key" in which:
        which = {"key": sandbox.key if which["key"] == "own" else other}
    sandbox.faults.status(500, times=None, **which)
    requests: list[tuple[str, str, Any]] = [
        ("GET", sandbox.key, None), ("GET", other, None), ("PATCH", sandbox.key, {"name": "North"}),
    ]  # fmt: skip
    told = [send(sandbox, method, WORKSPACE, body, key=key).status == 500 for method, key, body in requests]
    assert told == hit


def test_keys_and_workspaces_are_made_over_http() -> None:
    sandbox = Sandbox()
    below = ask(sandbox, "POST", "/workspaces", {"name": "Below", "under": sandbox.workspace_id})["workspace_id"]
    assert send(sandbox, "GET", WORKSPACE, x_as_workspace=below).json()["id"] == below
    reader = ask(sandbox, "POST", "/keys", {"scopes": ["workspaces:read"], "workspace": below})["key"]
    assert send(sandbox, "GET", WORKSPACE, key=reader).json()["id"] == below
    assert send(sandbox, "PATCH", WORKSPACE, {"name": "x"}, key=reader).status == 403
    assert send(sandbox, "POST", "/sandbox/keys", {"scopes": ["nonsense"]}).status == 400
    assert send(sandbox, "POST", "/sandbox/keys", {"scopes": "leads:read"}).status == 400


def test_the_clock_moves_to_a_moment_and_never_back() -> None:
    sandbox = Sandbox(clock=Clock(START, frozen=True))
    told = ask(sandbox, "POST", "/clock", {"to": "2026-05-03T00:00:00Z"})
    assert told["time"] == "2026-05-03T00:00:00+00:00"
    for wrong in ({"to": "2026-05-02T00:00:00Z"}, {"to": "soon"}, {"to": "2026-05-09"}, {"to": 1}):
        assert send(sandbox, "POST", "/sandbox/clock", wrong).status == 400


def test_two_sandboxes_of_one_moment_and_seed_have_the_same_ids() -> None:
    one, two = (Sandbox(world="demo", clock=Clock(START, frozen=True)) for _ in range(2))
    assert one.snapshot() == two.snapshot()


def test_health_and_document_are_shown() -> None:
    sandbox = Sandbox()
    assert ask(sandbox, "GET", "/health") == {"status": "ok"}
    assert ask(sandbox, "GET", "/document")["paths"].keys() == sandbox.runtime.document.raw["paths"].keys()


def test_requests_are_counted_and_near_misses_shown() -> None:
    sandbox = Sandbox()
    for name in ("North", "South", "North"):
        send(sandbox, "PATCH", WORKSPACE, {"name": name})
    send(sandbox, "GET", target_of("listCampaign", query="limit=5"))
    assert sandbox.arrived(operation="patchWorkspace", body={"name": "North"}, times=2).count == 2
    assert not sandbox.arrived(operation="patchWorkspace", times=2)
    assert sandbox.arrived(operation="patchWorkspace", at_least=2, status=200, key=sandbox.key)
    assert sandbox.arrived(method="get", path="*/campaigns", query={"limit": 5})
    told = ask(sandbox, "POST", "/requests/count", {"operation": "patchWorkspace", "body": {"name": "West"}})
    assert (told["count"], told["satisfied"]) == (0, False)
    assert told["near"][0] == {"request": f"PATCH {WORKSPACE}", "differs": ["body"]}
    for wrong in ({"operation": "patchWorkspac"}, {"colour": "red"}, {"times": "2"}):
        assert send(sandbox, "POST", "/sandbox/requests/count", wrong).status == 400


def test_tenants_share_neither_state_nor_clock_nor_faults() -> None:
    sandbox = Sandbox(clock=Clock(START, frozen=True))
    one = ask(sandbox, "POST", "/tenants", {"name": "one", "world": "demo"})
    two = ask(sandbox, "POST", "/tenants", {"name": "two"})
    assert len({sandbox.key, one["key"], two["key"]}) == 3
    assert send(sandbox, "PATCH", WORKSPACE, {"name": "New"}, key=one["key"]).json()["name"] == "New"
    assert send(sandbox, "GET", WORKSPACE, key=two["key"]).json()["name"] == "Sandbox"
    ask(sandbox, "POST", "/tenants/two/faults", {"fault": "status", "status": 500, "times": None})
    ask(sandbox, "POST", "/tenants/two/clock", {"advance": 60})
    assert [send(sandbox, "GET", WORKSPACE, key=key).status for key in (sandbox.key, one["key"], two["key"])] == [
        200, 200, 500,
    ]  # fmt: skip
    assert sandbox.clock.now() == START
    assert len(ask(sandbox, "GET", "/tenants/one/requests")) == 2
    assert ask(sandbox, "GET", "/tenants") == ["one", "two"]
    ask(sandbox, "DELETE", "/tenants")
    assert send(sandbox, "GET", WORKSPACE, key=one["key"]).status == 401
    assert send(sandbox, "POST", "/sandbox/tenants", {"name": "a/b"}).status == 400


@pytest.mark.slow
def test_a_sandbox_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    killed = Sandbox(world="demo")
    killed.keep_in(path)
    client = killed.client()
    tag = client.custom_tags.create(label="South").id
    gone = next(iter(client.campaigns.list(status=0))).id
    client.campaigns.delete(gone)
    client.workspace.update(name="Autumn")
    below = killed.add_workspace("Below", under=killed.workspace_id)
    client.for_workspace(below).custom_tags.create(label="Below")
    killed.clock.advance(24 * 3600)
    emails = client.campaigns.get_analytics_overview().emails_sent_count
    with path.with_name("state.json.journal").open("a") as journal:
        journal.write('{"changed": {"half of a li')  # It was killed here.

    again = Sandbox()
    again.load(path)
    assert again.snapshot()["state"] == killed.snapshot()["state"]
    client = again.client()
    assert client.custom_tags.get(tag).label == "South"
    assert client.workspace.get_current().name == "Autumn"
    assert gone not in [campaign.id for campaign in client.campaigns.list()]
    assert client.campaigns.get_analytics_overview().emails_sent_count == emails
    killed.close()
    assert not path.with_name("state.json.journal").exists()


def test_tenants_are_in_the_saved_state_and_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    killed = Sandbox(clock=Clock(START, frozen=True))
    early = killed.tenant("early", world="demo")
    killed.keep_in(path)
    late = killed.tenant("late")
    for tenant in (early, late):
        killed.client(api_key=tenant.key).custom_tags.create(label="South")
    ask(killed, "POST", "/tenants/late/clock", {"advance": 3600})
    ask(killed, "POST", "/clock", {"advance": 60})

    again = Sandbox(clock=Clock(START, frozen=True))
    again.load(path)
    assert again.tenants() == ["early", "late"]
    assert (again.clock.now(), again.tenant("late").clock.now()) == (killed.clock.now(), late.clock.now())
    for tenant in (early, late):
        labels = [tag.label for tag in again.client(api_key=tenant.key).custom_tags.list()]
        assert labels[0] == "South"
    assert again.snapshot()["tenants"]["early"]["state"] == early.snapshot()["state"]
    killed.close()


def test_a_snapshot_brings_tenants_back_and_those_that_are_there_stay_the_same_objects() -> None:
    sandbox = Sandbox()
    one = sandbox.tenant("one")
    before = sandbox.snapshot()
    sandbox.client(api_key=one.key).custom_tags.create(label="South")
    sandbox.tenant("two")
    sandbox.restore(before)
    assert (sandbox.tenants(), sandbox.tenant("one")) == (["one"], one)
    assert not list(sandbox.client(api_key=one.key).custom_tags.list())
    assert ask(sandbox, "GET", "/state")["tenants"].keys() == {"one"}


@pytest.mark.parametrize("tenants", [[], {"a/b": {}}, {"one": {}}, {"one": None}, {"one": {"format": 0}}])
def test_a_state_with_damaged_tenants_changes_nothing(tenants: Any) -> None:
    sandbox = Sandbox(world="demo")
    before = sandbox.snapshot()
    with pytest.raises(ValueError, match="state"):
        sandbox.restore({**before, "state": Sandbox().snapshot()["state"], "tenants": tenants or [1]})
    assert sandbox.snapshot()["state"] == before["state"]


def test_one_file_keeps_the_state_of_one_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with Sandbox() as first, Sandbox() as second:
        first.keep_in(path)
        with pytest.raises(OSError, match="another sandbox that runs keeps its state there") as caught:
            second.keep_in(path)
        assert caught.value.filename == str(path)
        first.client().workspace.update(name="Autumn")
    with Sandbox() as third:
        third.load(path)
        third.keep_in(path)  # It is free again.
        assert third.client().workspace.get_current().name == "Autumn"


def test_a_journal_of_another_state_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with Sandbox() as killed:
        killed.keep_in(path)
        killed.client().workspace.update(name="Autumn")
        Sandbox(seed=3).save(path)
        again = Sandbox()
        again.load(path)
        assert again.client().workspace.get_current().name == "Sandbox"


@pytest.mark.parametrize("depth", [65, 900, 100_000])
def test_a_body_that_is_too_deep_is_refused(depth: int) -> None:
    sandbox = Sandbox()
    body = b'{"email": "a@example.org", "custom_variables": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
    headers = {"user-agent": "test", "authorization": f"Bearer {sandbox.key}", "content-type": "application/json"}
    assert sandbox.handle(Request("POST", target_of("createLead"), headers, body)).status == 400


def test_a_body_that_is_too_large_is_refused_and_forgotten() -> None:
    sandbox = Sandbox()
    told = send(sandbox, "POST", target_of("createLead"), content=b" " * (17 << 20), content_type="application/json")
    assert told.status == 413
    assert sandbox.requests[-1].request.body == b""


def test_a_state_with_a_value_of_another_type_is_refused() -> None:
    sandbox = Sandbox(world="demo")
    state = sandbox.snapshot()
    accounts = state["state"]["workspaces"][sandbox.workspace_id]["collections"]["Account"]
    next(iter(accounts.values()))["email"] = {"a": 1}
    with pytest.raises(ValueError, match=r"Account .*email"):
        sandbox.restore(state)


def test_a_recorded_request_is_shown_in_short() -> None:
    sandbox = Sandbox(world="demo")
    send(sandbox, "GET", target_of("listEmail", query="limit=100"))
    assert len(repr(sandbox.requests[-1])) < 120
    assert sandbox.requests[-1].query == {"limit": ["100"]}
