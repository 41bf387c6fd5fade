"""Webhooks are really delivered, to receivers on this machine and to no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.simulation.events import announce
from tests.sandbox.outreach import campaign
from tests.sandbox.raw import target_of

CAMPAIGN = {"id": "019cc043-aee6-7ae9-a545-d7de53430e37", "name": "Spring"}
LEAD = {"email": "tomas@example.org", "first_name": "Tomas", "payload": {"step": "mine", "city": "Oslo"}}
EMAIL = {
    "id": "019cc043-aee6-7ae9-a545-000000000001", "eaccount": "mara@example.com", "thread_id": "thread",
    "subject": "Re: Robots", "body": {"text": "Gladly.", "html": "<p>Gladly.</p>"},
}  # fmt: skip


class Receiver(ThreadingHTTPServer):
    """Answers with `status`, and remembers what came."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[dict[str, str], Any]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?source=instantly"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


def happen(sandbox: Sandbox, event_type: str, **payload: Any) -> None:
    with sandbox.runtime.lock:
        workspace = sandbox.runtime.state.workspaces[sandbox.workspace_id]
        announce(RequestContext.internal(sandbox.runtime, workspace), event_type, **payload)
    sandbox.wait_for_deliveries()


def go_on(sandbox: Sandbox, client: Instantly, seconds: float) -> None:
    sandbox.clock.advance(seconds)
    client.workspace.get_current()
    sandbox.wait_for_deliveries()


def test_webhooks_are_kept(client: Instantly) -> None:
    url = "https://example.com/hook"
    webhook = client.webhooks.create(target_hook_url=url, event_type="email_sent", campaign=CAMPAIGN["id"])
    assert webhook.status == 1
    assert client.webhooks.get(webhook.id).target_hook_url == url
    assert client.webhooks.update(webhook.id, name="Mine", campaign=None).campaign is None
    client.webhooks.create(target_hook_url=url, event_type="all_events", campaign=CAMPAIGN["id"])
    assert [row.id for row in client.webhooks.list(event_type="email_sent")] == [webhook.id]
    assert len(list(client.webhooks.list(campaign=CAMPAIGN["id"]))) == 1
    assert client.webhooks.delete(webhook.id).name == "Mine"
    with pytest.raises(errors.NotFoundError):
        client.webhooks.get(webhook.id)


def test_event_types_are_standard_or_custom_labels(client: Instantly) -> None:
    label = client.lead_labels.create(label="Call in May", interest_status_label="positive")
    types = client.webhooks.list_event_types().event_types
    assert types
    found = {str(kind.id): kind.type_ for kind in types}
    assert set(found.values()) == {"standard", "custom_label"}
    assert found["email_link_clicked"] == "standard"
    custom = {id for id, kind in found.items() if kind == "custom_label"}
    assert custom == {"custom_label_any_positive", "custom_label_any_negative", label.id}
    assert not {"all_events", "lead_no_show", "supersearch_enrichment_completed"} & found.keys()


@pytest.mark.parametrize("event_type", ["auto_reply_received", "link_clicked"])
def test_a_name_that_is_only_delivered_is_refused_as_a_subscription(client: Instantly, event_type: str) -> None:
    body = {"target_hook_url": "https://example.com/hook", "event_type": event_type}
    with pytest.raises(errors.ValidationError, match="event_type"):
        client.request("POST", target_of("createWebhook"), json=body)


def test_an_event_is_delivered_with_the_registered_headers(
    sandbox: Sandbox, client: Instantly, receiver: Receiver
) -> None:
    client.webhooks.create(target_hook_url=receiver.url, event_type="email_link_clicked", headers={"X-Token": "secret"})
    happen(sandbox, "email_link_clicked", campaign=CAMPAIGN, lead=LEAD, step=1)
    [(headers, payload)] = receiver.received
    assert headers["x-token"] == "secret"
    assert headers["content-type"] == "application/json"
    assert not any("signature" in name for name in headers)
    assert payload == {
        "timestamp": "2026-03-02T09:00:00.000Z",
        "event_type": "link_clicked",
        "workspace": sandbox.workspace_id,
        "campaign_id": CAMPAIGN["id"],
        "campaign_name": "Spring",
        "lead_email": "tomas@example.org",
        "email": "tomas@example.org",
        "is_first": True,
        "city": "Oslo",
        "step": "mine",
    }
    assert headers["user-agent"].startswith("axios/")
    [event] = client.webhook_events.list(search="tomas@example.org", success=True)
    assert (event.status_code, event.will_retry, event.webhook_url) == (200, False, receiver.url)
    assert client.webhook_events.get(event.id).payload == event.payload


def test_only_those_who_want_an_event_are_told(sandbox: Sandbox, client: Instantly, receiver: Receiver) -> None:
    for name, wanted in {
        "all": {"event_type": "all_events"},
        "replies": {"event_type": "reply_received"},
        "opened": {"event_type": "email_opened"},
        "elsewhere": {"event_type": "all_events", "campaign": "019cc043-0000-7000-8000-000000000000"},
    }.items():
        client.request(
            "POST",
            target_of("createWebhook"),
            json={"target_hook_url": receiver.url, "headers": {"x-name": name}, **wanted},
        )
    happen(sandbox, "auto_reply_received", campaign=CAMPAIGN, lead=LEAD)
    assert [headers["x-name"] for headers, _ in receiver.received] == ["all"]
    assert {payload["event_type"] for _, payload in receiver.received} == {"auto_reply_received"}


def test_custom_labels_arrive_as_their_text(sandbox: Sandbox, client: Instantly, receiver: Receiver) -> None:
    labels = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Lead Label")
    labels["one"] = {"id": "one", "label": "Call in May", "interest_status": 7}
    client.webhooks.create(target_hook_url=receiver.url, custom_interest_value=7)
    happen(sandbox, "Call in May", lead=LEAD)
    happen(sandbox, "lead_interested", lead=LEAD)
    assert [payload["event_type"] for _, payload in receiver.received] == ["Call in May"]
    types = client.webhooks.list_event_types().event_types
    assert types
    assert "Call in May" in [kind.label for kind in types if kind.type_ == "custom_label"]


def test_a_failing_receiver_is_tried_again_and_then_switched_off(
    sandbox: Sandbox, client: Instantly, receiver: Receiver
) -> None:
    webhook = client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    receiver.status = 500
    happen(sandbox, "email_sent", lead=LEAD)
    assert client.webhooks.get(webhook.id).status == 1
    for _ in range(3):
        go_on(sandbox, client, 10)
    off = client.webhooks.get(webhook.id)
    assert off.status == -1
    assert off.timestamp_error
    attempts = list(client.webhook_events.list(success=False))
    assert [event.retry_count for event in attempts] == [3, 2, 1, 0]
    assert [event.will_retry for event in attempts] == [False, True, True, True]
    assert len({event.retry_group_id for event in attempts}) == 1

    happen(sandbox, "email_sent", lead=LEAD)
    assert len(receiver.received) == 4

    receiver.status = 204
    assert client.webhooks.resume(webhook.id).status == 1
    happen(sandbox, "email_sent", lead=LEAD)
    assert len(receiver.received) == 5


def test_a_receiver_that_recovers_stays(sandbox: Sandbox, client: Instantly, receiver: Receiver) -> None:
    webhook = client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    receiver.status = 503
    happen(sandbox, "email_sent", lead=LEAD)
    receiver.status = 200
    go_on(sandbox, client, 30)
    go_on(sandbox, client, 300)
    assert client.webhooks.get(webhook.id).status == 1
    assert len(receiver.received) == 2
    assert [event.retry_successful for event in client.webhook_events.list(success=True)] == [True]


@pytest.mark.parametrize(
    ("status", "accepted"), [(200, True), (202, True), (204, True), (302, False), (404, False), (410, False)]
)
def test_a_receiver_accepts_an_event_by_any_2xx_and_by_nothing_else(
    sandbox: Sandbox, client: Instantly, receiver: Receiver, status: int, accepted: bool
) -> None:
    client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    receiver.status = status
    happen(sandbox, "email_sent", lead=LEAD)
    [event] = client.webhook_events.list()
    assert (event.success, event.will_retry, event.status_code) == (accepted, not accepted, status)


@pytest.mark.parametrize("url", ["https://example.com/hook", "http://127.0.0.1.example.com/", "http://192.0.2.1/"])
def test_nothing_leaves_this_machine(sandbox: Sandbox, client: Instantly, url: str) -> None:
    webhook = client.webhooks.create(target_hook_url=url, event_type="all_events")
    happen(sandbox, "email_sent", lead=LEAD)
    [event] = client.webhook_events.list()
    assert not event.success
    assert not event.will_retry
    assert "loopback" in str(event.error_message)
    with pytest.raises(errors.OperationFailedError):
        client.webhooks.test(webhook.id)
    assert client.webhooks.get(webhook.id).status == 1


def test_a_test_tells_how_it_went(client: Instantly, receiver: Receiver) -> None:
    webhook = client.webhooks.create(
        target_hook_url=receiver.url, event_type="email_sent", headers={"X-Token": "secret"}
    )
    told = client.webhooks.test(webhook.id)
    assert (told.success, told.status_code) == (True, 200)
    assert receiver.received[0][0]["x-token"] == "secret"
    receiver.status = 404
    with pytest.raises(errors.OperationFailedError) as caught:
        client.webhooks.test(webhook.id)
    assert caught.value.status_code == 200
    assert caught.value.body["success"] is False
    assert caught.value.body["status_code"] == 404
    assert caught.value.body["error"] == "HTTP 404: Not Found"
    assert client.webhooks.get(webhook.id).status == 1


def test_a_test_of_a_receiver_that_is_not_there_fails(client: Instantly, receiver: Receiver) -> None:
    url = receiver.url
    webhook = client.webhooks.create(target_hook_url=url, event_type="email_sent")
    receiver.server_close()
    with pytest.raises(errors.OperationFailedError) as caught:
        client.webhooks.test(webhook.id)
    assert "status_code" not in caught.value.body
    assert caught.value.body["error"]


def test_summaries_add_up(sandbox: Sandbox, client: Instantly, receiver: Receiver) -> None:
    client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    happen(sandbox, "email_sent", lead=LEAD)
    go_on(sandbox, client, 24 * 3600)
    for status in (200, 200, 500):
        receiver.status = status
        happen(sandbox, "email_sent", lead=LEAD)
    days = client.webhook_events.get_summary_by_date().items
    assert days
    assert [(str(day.date), day.total_events, day.failed_events) for day in days] == [
        ("2026-03-02", 1, 0),
        ("2026-03-03", 3, 1),
    ]
    whole = client.webhook_events.get_summary()
    assert (whole.total_events, whole.successful_events, whole.failed_events) == (4, 3, 1)
    assert (whole.success_rate, whole.failure_rate) == (75, 25)
    assert client.webhook_events.get_summary(from_="2026-03-03", to="2026-03-03").total_events == 3
    assert len(list(client.webhook_events.list(to="2026-03-02"))) == 1


@pytest.mark.parametrize("event_type", ["reply_received", "auto_reply_received"])
def test_a_reply_has_fields_of_its_own(
    sandbox: Sandbox, client: Instantly, receiver: Receiver, event_type: str
) -> None:
    client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    happen(sandbox, event_type, campaign=CAMPAIGN, lead=LEAD, email=EMAIL, step=2, variant=0)
    [(_, payload)] = receiver.received
    assert (
        payload.items()
        >= {
            "reply_text": "Gladly.",
            "reply_text_snippet": "Gladly.",
            "reply_html": "<p>Gladly.</p>",
            "reply_subject": "Re: Robots",
            "email_id": EMAIL["id"],
            "email_account": "mara@example.com",
            "variant": 1,
            "is_first": True,
            "email": "tomas@example.org",
        }.items()
    )
    assert str(payload["unibox_url"]).startswith("https://")
    assert not [name for name in payload if name in ("email_text", "email_html", "email_subject")]


def test_only_an_e_mail_that_was_sent_has_its_texts(sandbox: Sandbox, client: Instantly, receiver: Receiver) -> None:
    client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    for event_type in ("email_sent", "email_opened"):
        happen(sandbox, event_type, campaign=CAMPAIGN, lead=LEAD, email=EMAIL)
    (_, sent), (_, opened) = receiver.received
    assert (sent["email_subject"], sent["email_text"], sent["email_html"]) == (
        "Re: Robots",
        "Gladly.",
        "<p>Gladly.</p>",
    )
    assert opened["email_id"] == sent["email_id"]
    assert "email_text" not in opened
    assert not [name for name in {**sent, **opened} if name.startswith("reply_") or name == "unibox_url"]


def test_an_event_of_a_lead_is_the_first_of_its_type_once(
    sandbox: Sandbox, client: Instantly, receiver: Receiver
) -> None:
    client.webhooks.create(target_hook_url=receiver.url, event_type="all_events")
    for event_type in ("email_sent", "email_opened", "email_sent"):
        happen(sandbox, event_type, campaign=CAMPAIGN, lead=LEAD)
    assert [payload["is_first"] for _, payload in receiver.received] == [True, True, False]


def test_the_data_of_a_lead_are_flattened_in_its_own_spelling(
    sandbox: Sandbox, client: Instantly, receiver: Receiver
) -> None:
    made = campaign(client)
    lead = client.leads.create(
        campaign=made,
        email="ada@example.org",
        first_name="Ada",
        custom_variables={"campaign_id": "mine", "city": "Bern"},
    )
    client.webhooks.create(target_hook_url=receiver.url, event_type="lead_interested")
    client.leads.update(lead.id, lt_interest_status=1)
    sandbox.wait_for_deliveries()
    [(_, payload)] = receiver.received
    assert (
        payload.items()
        >= {
            "firstName": "Ada",
            "lastName": "",
            "city": "Bern",
            "campaign_id": "mine",
            "campaign": made,
        }.items()
    )
    assert "first_name" not in payload
