"""Faults hit the requests that they should, in the process and on the wire, and the client distinguishes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Fault, Sandbox
from instantly_sandbox.engine.messages import Answer
from tests.sandbox.outreach import campaign
from tests.sandbox.raw import WORKSPACE, send, target_of


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture(params=["in the process", "on a port"])
def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Instantly]:
    if request.param == "in the process":
        yield sandbox.client(max_retries=0)
        return
    with sandbox.serve() as url, Instantly(api_key=sandbox.key, base_url=url, max_retries=0) as client:
        yield client


def statuses(sandbox: Sandbox, count: int, target: str = WORKSPACE) -> list[int]:
    return [send(sandbox, "GET", target).status for _ in range(count)]


# --- which requests ---


def test_a_fault_hits_one_request_unless_told_otherwise(sandbox: Sandbox) -> None:
    fault = sandbox.faults.status(500)
    assert statuses(sandbox, 3) == [500, 200, 200]
    assert fault.over
    assert sandbox.faults.waiting == []


def test_a_fault_hits_as_many_as_it_should(sandbox: Sandbox) -> None:
    sandbox.faults.status(500, times=2)
    assert statuses(sandbox, 3) == [500, 500, 200]
    sandbox.faults.status(503, times=None)
    assert statuses(sandbox, 3) == [503, 503, 503]
    sandbox.faults.clear()
    assert statuses(sandbox, 1) == [200]


def test_faults_come_in_the_order_in_which_they_were_added(sandbox: Sandbox) -> None:
    sandbox.faults.rate_limit(times=2)
    sandbox.faults.status(500)
    assert statuses(sandbox, 4) == [429, 429, 500, 200]


def test_a_fault_of_an_operation_leaves_others_alone(sandbox: Sandbox) -> None:
    sandbox.faults.status(500, operation="listCampaign")
    assert statuses(sandbox, 1) == [200]
    assert statuses(sandbox, 2, target_of("listCampaign")) == [500, 200]


def test_a_probability_is_drawn_from_the_seed() -> None:
    def drawn(seed: int) -> list[int]:
        sandbox = Sandbox(seed=seed)
        sandbox.faults.status(500, probability=0.3, times=None)
        return statuses(sandbox, 60)

    assert drawn(1) == drawn(1) != drawn(2)
    assert 5 < drawn(1).count(500) < 35


def test_changes_of_an_answer_go_together_and_wait_for_one(sandbox: Sandbox) -> None:
    sandbox.faults.unknown_field("colour", "red")
    sandbox.faults.missing_field("owner")
    sandbox.faults.status(500)
    assert "colour" not in send(sandbox, "GET", WORKSPACE).json()
    changed = send(sandbox, "GET", WORKSPACE).json()
    assert changed["colour"] == "red"
    assert "owner" not in changed
    assert "colour" not in send(sandbox, "GET", WORKSPACE).json()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda faults: faults.status(500, operation="listCampaigns"), "did you mean 'listCampaign'"),
        (lambda faults: faults.status(500, operation="?"), r"there is no operation '\?'$"),
        (lambda faults: faults.status(500, times=0), "times is 0"),
        (lambda faults: faults.status(500, probability=1.5), r"probability is 1\.5"),
        (lambda faults: faults.status(200), "status is 200"),
        (lambda faults: faults.edge_error(700), "status is 700"),
        (lambda faults: faults.latency(-1), "a latency of -1 seconds cannot be"),
        (lambda faults: faults.latency(float("nan")), "a latency of nan seconds cannot be"),
        (lambda faults: faults.rate_limit(retry_after="soon"), "retry_after is 'soon': it is a number of seconds, or"),
        (lambda faults: faults.rate_limit(retry_after=-1), "retry_after is -1"),
        (lambda faults: faults.rate_limit(retry_after=float("nan")), "retry_after is nan"),
        (lambda faults: faults.job("success"), "status is 'success': a job ends as 'failed' or 'cancelled'"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(sandbox: Sandbox, wrong: Callable[[Any], Fault], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong(sandbox.faults)
    assert sandbox.faults.waiting == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda faults: faults.status("500"), "status must be int, not str"),
        (lambda faults: faults.status(True), "status must be int, not bool"),
        (lambda faults: faults.status(500, 5), "message must be str, not int"),
        (lambda faults: faults.status(500, times="3"), "times must be int or None, not str"),
        (lambda faults: faults.status(500, probability="1"), "probability must be int or float, not str"),
        (lambda faults: faults.status(500, operation=5), "operation must be str or None, not int"),
        (lambda faults: faults.rate_limit(retry_after=[2]), "retry_after must be int or float or str, not list"),
        (lambda faults: faults.edge_error("520"), "status must be int, not str"),
        (lambda faults: faults.latency("1"), "seconds must be int or float, not str"),
        (lambda faults: faults.missing_field(5), "field must be str, not int"),
        (lambda faults: faults.null_field(None), "field must be str, not NoneType"),
        (lambda faults: faults.unknown_value(5), "field must be str, not int"),
        (lambda faults: faults.unknown_field(5), "name must be str, not int"),
        (lambda faults: faults.repeated_cursor(5), "cursor must be str or None, not int"),
        (lambda faults: faults.add("status"), "fault must be Fault, not str"),
        (lambda faults: faults.oauth(5), "error must be str, not int"),
    ],
)
def test_what_is_of_the_wrong_type_is_refused(sandbox: Sandbox, wrong: Callable[[Any], Fault], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        wrong(sandbox.faults)
    assert sandbox.faults.waiting == []
    assert sandbox.faults.endings == {}


@pytest.mark.parametrize("retry_after", [2, 0.5, "2", "Fri, 01 May 2026 00:00:00 GMT"])
def test_when_to_come_back_is_told_in_seconds_or_as_a_date(sandbox: Sandbox, retry_after: Any) -> None:
    sandbox.faults.rate_limit(retry_after=retry_after)
    assert send(sandbox, "GET", WORKSPACE).headers["retry-after"] == str(retry_after)


def test_a_fault_can_be_made_by_hand(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(change=lambda told: Answer(told.status, told.headers, b"[]")))
    assert send(sandbox, "GET", WORKSPACE).json() == []


# --- what the client makes of them ---


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda faults: faults.status(500), errors.ServerError),
        (lambda faults: faults.status(404, "Gone"), errors.NotFoundError),
        (lambda faults: faults.rate_limit(), errors.RateLimitError),
        (lambda faults: faults.edge_error(), errors.ServerError),
        (lambda faults: faults.edge_block(), errors.EdgeBlockedError),
        (lambda faults: faults.drop_before(), errors.APIConnectionError),
        (lambda faults: faults.drop_after(), errors.APIConnectionError),
        (lambda faults: faults.half_sent(), errors.APIConnectionError),
        (lambda faults: faults.truncated(), errors.DecodeError),
    ],
)
def test_a_failure_reaches_the_client(
    client: Instantly, sandbox: Sandbox, fault: Callable[[Any], Fault], expected: type[Exception]
) -> None:
    fault(sandbox.faults)
    with pytest.raises(expected):
        client.workspace.get_current()
    assert client.workspace.get_current().name == "Sandbox"


def test_the_wait_that_a_rate_limit_asks_for_reaches_the_client(client: Instantly, sandbox: Sandbox) -> None:
    sandbox.faults.rate_limit(retry_after=7)
    with pytest.raises(errors.RateLimitError) as caught:
        client.workspace.get_current()
    assert caught.value.retry_after == 7.0


def test_what_is_dropped_before_did_not_happen_and_what_is_dropped_after_did(
    client: Instantly, sandbox: Sandbox
) -> None:
    for drop, name in ((sandbox.faults.drop_before, "Sandbox"), (sandbox.faults.drop_after, "Renamed")):
        drop()
        with pytest.raises(errors.APIConnectionError):
            client.workspace.update(name="Renamed")
        assert client.workspace.get_current().name == name


def test_half_of_nothing_is_nothing(client: Instantly, sandbox: Sandbox) -> None:
    shared = campaign(client)
    sandbox.faults.half_sent()
    with pytest.raises(errors.APIConnectionError):
        client.request("POST", target_of("shareCampaign", shared))


def test_half_of_a_failure_is_that_failure(client: Instantly, sandbox: Sandbox) -> None:
    sandbox.faults.half_sent()
    with pytest.raises(errors.NotFoundError):
        client.request("POST", target_of("shareCampaign", "019cc043-aee6-7ae9-a545-d7de53430e37"))


def test_an_answer_can_come_too_late(client: Instantly, sandbox: Sandbox) -> None:
    sandbox.faults.latency(0.2)
    with pytest.raises(errors.APITimeoutError):
        client.with_options(timeout=0.05).workspace.get_current()


def test_surprises_of_an_answer_are_survived(client: Instantly, sandbox: Sandbox) -> None:
    sandbox.faults.unknown_field("colour", "red", times=3)
    sandbox.faults.unknown_value("name", 5, times=1)
    assert client.workspace.get_current().additional_properties == {"colour": "red"}
    sandbox.faults.missing_field("name")
    assert not client.workspace.get_current().name
    sandbox.faults.null_field("name")
    assert client.workspace.get_current().name is None


@pytest.mark.parametrize(
    "operation",
    [
        "listCampaign",  # by id
        "listLeadLabel",  # by time
        "listAccount",  # by time and address
        "listBackgroundJob",  # by a short id
    ],
)
@pytest.mark.parametrize("only", [True, False])
def test_each_kind_of_list_repeats_its_first_cursor(operation: str, only: bool) -> None:
    sandbox = Sandbox(world="demo")
    for _ in range(3):
        send(sandbox, "POST", target_of("enableWarmupForAccounts"), {"include_all_emails": True})
        sandbox.clock.advance(10)
    fault = sandbox.faults.repeated_cursor(operation=operation if only else None)
    if not only:
        send(sandbox, "GET", target_of("listWebhookEvent"))
        send(sandbox, "GET", target_of("listInboxPlacementTest", query="limit=1"))
        send(sandbox, "GET", target_of("listCustomTag", query="limit=1"))
    seen = []
    query = "limit=1"
    for _ in range(4):
        told = send(sandbox, "GET", target_of(operation, query=query))
        assert told.status == 200, told.body
        seen.append(told.json()["next_starting_after"])
        query = f"limit=1&starting_after={quote(seen[-1])}"
    assert seen == seen[:1] * 4
    assert not fault.over


def test_a_list_of_one_page_has_no_cursor_to_repeat(sandbox: Sandbox) -> None:
    sandbox.faults.repeated_cursor()
    assert send(sandbox, "GET", target_of("listCampaign")).json() == {"items": []}


def test_a_client_does_not_walk_in_circles() -> None:
    with Sandbox(world="demo") as sandbox:
        sandbox.faults.repeated_cursor()
        assert len(list(sandbox.client().campaigns.list(limit=2))) == 4
        assert [request.path for request in sandbox.requests] == [target_of("listCampaign")] * 2


def test_a_cursor_that_repeats_comes_with_each_page(sandbox: Sandbox) -> None:
    sandbox.faults.repeated_cursor("again", operation="listCampaign")
    for _ in range(3):
        assert send(sandbox, "GET", target_of("listCampaign")).json() == {"items": [], "next_starting_after": "again"}
    assert "next_starting_after" not in send(sandbox, "GET", WORKSPACE).json()
