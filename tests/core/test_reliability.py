"""What becomes of a call when the network or the service fails: the real clients, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

import pytest

from instantly_client import params
from instantly_contract.recording.arguments import CAMPAIGN
from instantly_core import DriftEvent, Event, LocalLimiter, errors
from instantly_sandbox import Fault, Sandbox
from tests.core.served import Served

Faulty = Callable[[Any], Fault]

LISTED = {"campaigns": "listCampaign", "leads": "listLeads"}
"""A GET, and a POST that is safe."""


@pytest.fixture(params=["sync", "async"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """Either client, and a sandbox."""
    sandbox = Sandbox(rate_limits=False)
    with sandbox.serve() as url:
        served = Served(request.param, sandbox, url)
        yield served
        served.close()


def add_campaigns(served: Served, *names: str) -> None:
    client = served.sandbox.client()
    for name in names:
        client.campaigns.create(**{**CAMPAIGN, "name": name})
    served.sandbox.service.requests.clear()


def add_leads(served: Served, number: int) -> None:
    leads: list[params.NewLeadParam] = [{"email": f"lead-{n}@example.org"} for n in range(number)]
    client = served.sandbox.client()
    client.leads.bulk_add(list_id=client.lead_lists.create(name="All").id, leads=leads)
    served.sandbox.service.requests.clear()


def waits(events: list[Event]) -> list[float | None]:
    return [event.seconds for event in events if event.kind == "wait"]


# Reads.


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("resource", LISTED)
@pytest.mark.parametrize(
    "fault",
    [
        lambda faults: faults.rate_limit(times=2),
        lambda faults: faults.status(500, times=2),
        lambda faults: faults.status(503, times=2),
        lambda faults: faults.edge_error(520, times=2),
        lambda faults: faults.drop_before(times=2),
        lambda faults: faults.drop_after(times=2),
        lambda faults: faults.half_sent(times=2),
        pytest.param(lambda faults: faults.latency(5, times=2), marks=pytest.mark.slow),
    ],
    ids=["429", "500", "503", "520", "dropped before", "dropped after", "half sent", "late"],
)
def test_a_read_is_repeated(served: Served, resource: str, fault: Faulty) -> None:
    client = served.connect(timeout=0.3)
    page = served.result(getattr(client, resource).list())  # So that there is a connection which is kept alive.
    fault(served.sandbox.faults)
    assert served.result(getattr(client, resource).list()).items == page.items
    assert len(served.arrived(LISTED[resource])) == 4


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("retries", [0, 1, 2])
def test_a_read_is_repeated_as_often_as_it_may_be(served: Served, retries: int) -> None:
    served.sandbox.faults.status(503, times=None)
    with pytest.raises(errors.ServerError) as caught:
        served.result(served.connect(max_retries=retries).workspace.get_current())
    assert caught.value.status_code == 503
    assert len(served.sandbox.requests) == 1 + retries


def test_the_deadline_ends_the_attempts(served: Served) -> None:
    served.sandbox.faults.latency(5, times=None)
    with pytest.raises(errors.APITimeoutError):
        served.result(served.connect(timeout=0.15, deadline=0.3).workspace.get_current())
    assert len(served.sandbox.requests) <= 3


# Writes.


@pytest.mark.parametrize(
    ("fault", "expected", "stored"),
    [
        (lambda faults: faults.latency(5), errors.APITimeoutError, 1),
        (lambda faults: faults.drop_after(), errors.APIConnectionError, 1),
        (lambda faults: faults.half_sent(), errors.APIConnectionError, 1),
        (lambda faults: faults.truncated(), errors.DecodeError, 1),
        (lambda faults: faults.drop_before(), errors.APIConnectionError, 0),
        (lambda faults: faults.status(500), errors.ServerError, 0),
        (lambda faults: faults.status(503), errors.ServerError, 0),
        (lambda faults: faults.edge_error(520), errors.ServerError, 0),
        (lambda faults: faults.status(400), errors.ValidationError, 0),
    ],
    ids=["late", "dropped after", "half sent", "truncated", "dropped before", "500", "503", "520", "400"],
)
def test_a_write_that_may_have_been_carried_out_is_sent_once(
    served: Served, fault: Faulty, expected: type[errors.APIError], stored: int
) -> None:
    client = served.connect(timeout=0.3)
    fault(served.sandbox.faults)
    with pytest.raises(expected) as caught:
        served.result(client.campaigns.create(**CAMPAIGN))
    assert getattr(caught.value, "sent", True)
    assert len(served.arrived("createCampaign")) == 1
    assert served.stored("Campaign") == stored


def test_a_delete_is_sent_once(served: Served) -> None:
    add_campaigns(served, "One", "Two")
    client = served.connect()
    served.sandbox.faults.drop_after(operation="deleteCampaign")
    with pytest.raises(errors.APIConnectionError):
        served.result(client.campaigns.delete(served.result(client.campaigns.list()).items[0].id))
    assert len(served.arrived("deleteCampaign")) == 1
    assert served.stored("Campaign") == 1


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("retry_after", [None, 0, 0.02, "Fri, 01 May 2026 12:00:00 GMT"])
def test_a_write_that_was_turned_away_is_repeated(served: Served, retry_after: float | str | None) -> None:
    events: list[Event] = []
    served.sandbox.faults.rate_limit(retry_after, times=3)
    served.result(served.connect(on_event=events.append).campaigns.create(**CAMPAIGN))
    assert [recorded.json for recorded in served.arrived("createCampaign")] == [CAMPAIGN] * 4
    assert served.stored("Campaign") == 1
    if retry_after == 0.02:
        assert waits(events) == [0.02] * 3


@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_a_wait_beyond_the_deadline_is_for_the_caller(served: Served, kind: str) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    served.sandbox.faults.rate_limit(30 if kind == "seconds" else moment)
    with pytest.raises(errors.RateLimitError) as caught:
        served.result(served.connect(deadline=20).workspace.get_current())
    assert 25 < (caught.value.retry_after or 0) <= 30
    assert len(served.sandbox.requests) == 1


@pytest.mark.usefixtures("no_jitter")
def test_a_write_is_repeated_where_there_is_no_connection(served: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = served.sandbox.serve(port)
    failures: list[Event] = []

    def watch(event: Event) -> None:
        if event.kind == "failure":
            failures.append(event)
            if len(failures) == 2:
                server.start()

    try:
        client = served.connect(base_url=f"http://127.0.0.1:{port}", on_event=watch)
        served.result(client.campaigns.create(**CAMPAIGN))
    finally:
        server.stop()
    assert len(failures) == 2
    assert len(served.arrived("createCampaign")) == served.stored("Campaign") == 1


@pytest.mark.usefixtures("no_jitter")
def test_a_write_that_reached_nobody_says_so(served: Served) -> None:
    with served.sandbox.serve() as gone:
        pass
    events: list[Event] = []
    with pytest.raises(errors.APIConnectionError) as caught:
        served.result(served.connect(base_url=gone, on_event=events.append).campaigns.create(**CAMPAIGN))
    assert caught.value.sent is False
    assert [event.kind for event in events].count("request") == 4


def test_a_write_survives_a_restart_of_the_service(served: Served) -> None:
    with served.sandbox.serve() as url:
        client = served.connect(base_url=url)
        served.result(client.campaigns.create(**CAMPAIGN))
    with served.sandbox.serve(int(url.rpartition(":")[2])):
        served.result(client.campaigns.create(**CAMPAIGN))
    assert len(served.arrived("createCampaign")) == served.stored("Campaign") == 2


# Pages.


def cursors(served: Served, operation: str) -> list[Any]:
    arrived = served.arrived(operation)
    if arrived[0].method == "POST":
        return [recorded.json.get("starting_after") for recorded in arrived]
    queries = [recorded.request.query.split("&") for recorded in arrived]
    return [next((part[15:] for part in query if part.startswith("starting_after=")), None) for query in queries]


@pytest.mark.parametrize(
    ("limit", "sizes"), [(2, [2, 2, 1, 0]), (3, [3, 2, 0]), (5, [5, 0]), (1, [1] * 5 + [0]), (100, [5, 0])], ids=repr
)
def test_pages_of_every_size(served: Served, limit: int, sizes: list[int]) -> None:
    add_campaigns(served, *"abcde")
    pages = served.pages(served.connect().campaigns.list(limit=limit))
    assert [campaign.name for page in pages for campaign in page] == list("edcba")
    assert [len(recorded.answer.json()["items"]) for recorded in served.sandbox.requests] == sizes
    first, *later = cursors(served, "listCampaign")
    assert first is None
    assert len(set(later)) == len(sizes) - 1


def test_leads_have_their_cursor_in_the_body(served: Served) -> None:
    add_leads(served, 7)
    leads = served.items(served.connect().leads.list(limit=3))
    assert sorted(lead.email for lead in leads) == [f"lead-{n}@example.org" for n in range(7)]
    assert {recorded.request.query for recorded in served.sandbox.requests} == {""}
    first, *later = cursors(served, "listLeads")
    assert first is None
    assert len(set(later)) == len(later) == 3  # The last page has a cursor, too: to an empty one.


@pytest.mark.parametrize("resource", LISTED)
def test_a_cursor_that_repeats_ends_the_walk(served: Served, resource: str) -> None:
    add_campaigns(served, *"abcde")
    add_leads(served, 5)
    client = served.connect()
    first = served.result(getattr(client, resource).list(limit=1))
    served.sandbox.faults.repeated_cursor(first.next_cursor, operation=LISTED[resource])
    assert len(served.items(getattr(client, resource).list(limit=1))) == 2
    assert cursors(served, LISTED[resource]) == [None, None, first.next_cursor]


@pytest.mark.parametrize("resource", LISTED)
def test_a_walk_that_failed_goes_on_where_it_stopped(served: Served, resource: str) -> None:
    add_campaigns(served, *"abcde")
    add_leads(served, 5)
    lists = getattr(served.connect(max_retries=0), resource).list
    page = served.result(lists(limit=2))
    served.sandbox.faults.status(500)
    with pytest.raises(errors.ServerError):
        served.pages(page)
    rest = served.items(lists(limit=2, starting_after=page.next_cursor))
    assert len({item.id for item in [*page.items, *rest]}) == len([*page.items, *rest]) == 5


@pytest.mark.usefixtures("no_jitter")
def test_a_page_that_fails_is_asked_for_again(served: Served) -> None:
    add_campaigns(served, *"abcde")
    client = served.connect()
    page = served.result(client.campaigns.list(limit=2))
    served.sandbox.faults.drop_after()
    assert len(served.items(page)) == 5
    first, second, again, *later = cursors(served, "listCampaign")
    assert first is None
    assert second == again
    assert second not in later


# Limits.


@pytest.mark.slow
def test_a_saturating_client_is_never_turned_away(served: Served) -> None:
    served.sandbox.service.rate_limits = True
    client = served.connect(limiter=LocalLimiter())
    began = served.sandbox.clock.time()
    for _ in range(300):
        served.result(client.workspace.get_current())
    assert [recorded.answer.status for recorded in served.sandbox.requests] == [200] * 300
    assert served.sandbox.clock.time() - began > 2


def test_the_limit_of_an_operation_is_kept_without_sending(served: Served) -> None:
    served.sandbox.service.rate_limits = True
    client = served.connect(limiter=LocalLimiter(), deadline=5)
    for _ in range(20):
        served.result(client.emails.list())
    with pytest.raises(errors.RateLimitError, match="not sent") as caught:
        served.result(client.emails.list())
    assert caught.value.status_code is None
    assert 50 < (caught.value.retry_after or 0) <= 62
    assert [recorded.answer.status for recorded in served.sandbox.requests] == [200] * 20
    served.result(client.workspace.get_current())


# Answers that are not as they should be.


@pytest.mark.parametrize(
    ("fault", "expected", "status"),
    [
        (lambda faults: faults.edge_block(), errors.EdgeBlockedError, 403),
        (lambda faults: faults.edge_error(520), errors.ServerError, 520),
        (lambda faults: faults.edge_error(526), errors.ServerError, 526),
        (lambda faults: faults.truncated(), errors.DecodeError, 200),
        (lambda faults: faults.status(401), errors.AuthenticationError, 401),
        (lambda faults: faults.status(403), errors.PermissionDeniedError, 403),
        (lambda faults: faults.status(404), errors.NotFoundError, 404),
        (lambda faults: faults.status(409), errors.ConflictError, 409),
        (lambda faults: faults.status(413), errors.PayloadTooLargeError, 413),
    ],
)
def test_each_failure_has_its_error(
    served: Served, fault: Faulty, expected: type[errors.APIError], status: int
) -> None:
    fault(served.sandbox.faults)
    with pytest.raises(expected) as caught:
        served.result(served.connect(max_retries=0).workspace.get_current())
    assert type(caught.value) is expected
    assert caught.value.status_code == status
    assert len(served.sandbox.requests) == 1


@pytest.mark.usefixtures("no_jitter")
def test_truncated_json_is_not_asked_for_again(served: Served) -> None:
    served.sandbox.faults.truncated()
    with pytest.raises(errors.DecodeError):
        served.result(served.connect().workspace.get_current())
    assert len(served.sandbox.requests) == 1


DEVIATIONS: dict[str, tuple[Faulty, str]] = {
    "unknown number": (lambda faults: faults.unknown_value("status", 17, times=None), "status"),
    "unknown type": (lambda faults: faults.unknown_value("status", {"odd": [1]}, times=None), "status"),
    "missing": (lambda faults: faults.missing_field("name", times=None), "name"),
    "null": (lambda faults: faults.null_field("campaign_schedule", times=None), "campaign_schedule"),
    "unknown field": (lambda faults: faults.unknown_field("colour", "red", times=None), "colour"),
}


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_what_deviates_is_told_once_and_raises_nothing(served: Served, deviation: str) -> None:
    fault, field = DEVIATIONS[deviation]
    add_campaigns(served, *"abc")
    told: list[DriftEvent] = []
    client = served.connect(on_drift=told.append)
    fault(served.sandbox.faults)
    for _ in range(2):
        assert len(served.items(client.campaigns.list())) == 3
    assert [event.operation for event in told] == ["listCampaign"]
    assert told[0].pointer.endswith(field) or deviation == "missing"
    with pytest.raises(errors.DriftError):
        served.result(served.connect(strict=True).campaigns.list())


def test_an_unknown_value_is_kept(served: Served) -> None:
    add_campaigns(served, "a")
    served.sandbox.faults.unknown_value("status", 17)
    served.sandbox.faults.unknown_field("colour", "red")
    [campaign] = served.items(served.connect().campaigns.list())
    assert campaign.status == 17
    assert campaign.additional_properties == {"colour": "red"}


def test_a_failure_told_with_200_is_raised(served: Served) -> None:
    client = served.connect()
    served.sandbox.faults.oauth()
    session = served.result(client.oauth.init_google()).session_id
    webhook = served.result(client.webhooks.create(target_hook_url="http://127.0.0.1:9/", event_type="email_sent"))
    served.sandbox.clock.advance(10)
    mail = {"eaccount": "nobody@example.com", "to_address_email_list": "me@example.com", "subject": "Hello"}
    calls: list[Callable[[], Any]] = [
        lambda: client.oauth.get_session_status(session),
        lambda: client.webhooks.test(webhook.id),
        lambda: client.emails.send_test(**mail, body={"html": "<p>Hi</p>"}),
    ]
    for failing in calls:
        with pytest.raises(errors.OperationFailedError) as caught:
            served.result(failing())
        assert served.sandbox.requests[-1].answer.status == 200
        assert caught.value.body == served.sandbox.requests[-1].answer.json()


# Helpers.


def test_waiting_for_a_job(served: Served) -> None:
    client = served.connect()
    job = served.result(client.accounts.enable_warmup(include_all_emails=True))
    seen: list[str] = []

    def watch(job: Any) -> None:
        seen.append(job.status)
        served.sandbox.clock.advance(1.5)

    done = served.result(client.background_jobs.wait(job.id, poll=0.001, on_progress=watch))
    assert (done.status, done.progress) == ("success", 100)
    assert seen == ["pending", "in-progress", "success"]


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_waiting_for_a_job_that_fails(served: Served, ending: str) -> None:
    client = served.connect()
    served.sandbox.faults.job(ending)
    job = served.result(client.accounts.enable_warmup(include_all_emails=True))
    with pytest.raises(errors.WaitTimeoutError) as late:
        served.result(client.background_jobs.wait(job.id, timeout=0))
    assert late.value.last.status == "pending"
    served.sandbox.clock.advance(10)
    with pytest.raises(errors.JobFailedError) as caught:
        served.result(client.background_jobs.wait(job.id, poll=0.001))
    assert caught.value.job.status == ending


def test_waiting_for_a_verification(served: Served) -> None:
    client = served.connect()
    verification = served.result(client.email_verifications.create(email="ada@example.org"))
    assert verification.verification_status == "pending"
    looks = count(1)

    def watch(_: Any) -> None:
        next(looks)
        served.sandbox.clock.advance(3)

    done = served.result(client.email_verifications.wait("ada@example.org", poll=0.001, on_progress=watch))
    assert done.verification_status != "pending"
    assert next(looks) == 4


@pytest.mark.parametrize(
    ("fault", "carried_out", "sizes"),
    [
        (lambda faults: faults.drop_after(operation="bulkAddLeads"), True, [1000, 1000, 500]),
        *(
            pytest.param(fault, carried_out, [1000, 1000, 1000, 500], marks=pytest.mark.slow)
            for fault, carried_out in (
                (lambda faults: faults.status(400, operation="bulkAddLeads"), None),
                (lambda faults: faults.status(500, operation="bulkAddLeads"), False),
                (lambda faults: faults.drop_before(operation="bulkAddLeads"), False),
            )
        ),
    ],
    ids=["dropped after", "refused", "failed", "dropped before"],
)
def test_many_leads_with_a_failure_in_the_middle(
    served: Served, fault: Faulty, carried_out: bool | None, sizes: list[int]
) -> None:
    client = served.connect()
    wanted = served.result(client.lead_lists.create(name="All")).id
    leads: list[params.NewLeadParam] = [{"email": f"lead-{n}@example.org"} for n in range(2500)]
    faults = served.sandbox.faults
    with pytest.raises(errors.BulkAddError) as caught:
        served.result(client.leads.add_many(leads, list_id=wanted, on_progress=lambda _: fault(faults)))
    faults.clear()
    progress = caught.value.progress
    assert progress.confirmed == 1000
    assert progress.in_doubt is (carried_out is not None)
    if carried_out is not None:
        progress.settle(carried_out=carried_out)
    result = served.result(client.leads.add_many(leads, list_id=wanted, progress=progress))
    assert [len(recorded.json["leads"]) for recorded in served.arrived("bulkAddLeads")] == sizes
    assert served.stored("Lead") == 2500
    assert result.duplicated_leads == 0
    assert progress.confirmed == 2500


def test_another_workspace(served: Served) -> None:
    sandbox = served.sandbox
    below = sandbox.add_workspace("Below", under=sandbox.workspace_id)
    beside = sandbox.add_workspace("Beside")
    client = served.connect()
    assert served.result(client.for_workspace(below).workspace.get_current()).name == "Below"
    assert served.result(client.workspace.get_current()).name == "Sandbox"
    assert sandbox.requests[-1].request.headers.get("x-as-workspace") is None
    with pytest.raises(errors.PermissionDeniedError):
        served.result(client.for_workspace(beside).workspace.get_current())
