"""A receiver is subscribed once, however often it asks, and what the service disabled is found with the reason."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, assert_type

import pytest

from instantly_client import Instantly, models, webhooks
from instantly_client.models import WebhookEventType
from instantly_core.webhooks.subscription import is_disabled
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.simulation.events import announce

URL = "https://ours.example/hook"
CAMPAIGN = "019cc043-aee6-7ae9-a545-d7de53430e37"
SECRET = {"X-Webhook-Secret": "s3cret"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client()


def disable(sandbox: Sandbox, id: str) -> None:
    workspace = sandbox.runtime.state.workspaces[sandbox.workspace_id]
    RequestContext.internal(sandbox.runtime, workspace).of("Webhook")[id]["status"] = -1


def writes(sandbox: Sandbox) -> list[tuple[str, Any]]:
    """What changed something since the last look."""
    found = [(request.method, request.json) for request in sandbox.requests if request.method != "GET"]
    sandbox.service.requests.clear()
    return found


def test_a_webhook_is_created_once(sandbox: Sandbox, client: Instantly) -> None:
    webhook = assert_type(client.webhooks.ensure(URL, "reply_received", headers=SECRET), models.Webhook)
    assert (webhook.event_type, webhook.headers) == ("reply_received", SECRET)
    assert not webhook.campaign
    writes(sandbox)
    assert client.webhooks.ensure(URL, "reply_received", headers=SECRET).id == webhook.id
    assert client.webhooks.ensure(URL, WebhookEventType.REPLY_RECEIVED).id == webhook.id
    assert writes(sandbox) == []


def test_several_events_are_several_webhooks(sandbox: Sandbox, client: Instantly) -> None:
    first = client.webhooks.ensure(URL, "email_sent")
    both = assert_type(client.webhooks.ensure(URL, ["email_sent", "link_clicked", "email_sent"]), list[models.Webhook])
    assert [webhook.event_type for webhook in both] == ["email_sent", "email_link_clicked"]
    assert both[0].id == first.id
    assert len(list(client.webhooks.list())) == 2


@pytest.mark.parametrize("number", [0, 7])
def test_a_custom_label_is_subscribed_to_by_its_number(client: Instantly, number: int) -> None:
    webhook = client.webhooks.ensure(URL, number)
    assert webhook.custom_interest_value == number
    assert not webhook.event_type
    assert client.webhooks.ensure(URL, number).id == webhook.id


def test_another_receiver_campaign_or_event_is_another_webhook(client: Instantly) -> None:
    ids = [
        client.webhooks.ensure(URL, "email_sent").id,
        client.webhooks.ensure(URL + "/2", "email_sent").id,
        client.webhooks.ensure(URL, "email_sent", campaign=CAMPAIGN).id,
        client.webhooks.ensure(URL, "all_events").id,
    ]
    assert len(set(ids)) == len(list(client.webhooks.list())) == len(ids)


def test_only_what_is_given_and_different_is_updated(sandbox: Sandbox, client: Instantly) -> None:
    webhook = client.webhooks.ensure(URL, "email_sent", headers=SECRET, name="Mine")
    writes(sandbox)
    changed = client.webhooks.ensure(URL, "email_sent", headers={"X-Webhook-Secret": "new"})
    assert (changed.id, changed.name) == (webhook.id, "Mine")
    assert writes(sandbox) == [("PATCH", {"headers": {"X-Webhook-Secret": "new"}})]
    assert client.webhooks.ensure(URL, "email_sent", headers=None, name="Mine").headers in (None, {})
    client.webhooks.ensure(URL, "email_sent", headers={})
    assert writes(sandbox) == [("PATCH", {"headers": None})]


def test_a_disabled_webhook_is_resumed_unless_another_works(sandbox: Sandbox, client: Instantly) -> None:
    one, other = (client.webhooks.create(target_hook_url=URL, event_type="email_sent") for _ in range(2))
    disable(sandbox, one.id)
    writes(sandbox)
    assert client.webhooks.ensure(URL, "email_sent").id == other.id
    assert writes(sandbox) == []
    disable(sandbox, other.id)
    webhook = client.webhooks.ensure(URL, "email_sent")
    assert webhook.status is models.WebhookStatus.ACTIVE
    assert len(writes(sandbox)) == 1


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], "no events are given"),
        ("auto_reply_received", "'auto_reply_received' has no subscription of its own; subscribe to 'all_events'"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused_before_anything_is_sent(
    sandbox: Sandbox, client: Instantly, events: Any, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        client.webhooks.ensure(URL, events)
    assert sandbox.requests == []


class Refusing(BaseHTTPRequestHandler):
    """A receiver that fails."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_error(503)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""


@pytest.fixture
def failing_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
        thread.join()


def test_what_was_disabled_is_found_with_the_reason(sandbox: Sandbox, client: Instantly, failing_url: str) -> None:
    working = client.webhooks.ensure(URL, "email_bounced")
    failing = client.webhooks.ensure(failing_url, "email_sent")
    assert client.webhooks.check() == []
    with sandbox.runtime.lock:
        workspace = sandbox.runtime.state.workspaces[sandbox.workspace_id]
        announce(RequestContext.internal(sandbox.runtime, workspace), "email_sent", lead={"email": "a@lead.example"})
    for _ in range(4):
        sandbox.wait_for_deliveries()
        sandbox.clock.advance(60)
        client.workspace.get_current()
    [found] = client.webhooks.check()
    assert isinstance(found, webhooks.DisabledWebhook)
    assert found.webhook.id == failing.id != working.id
    assert found.since is not None
    assert "503" in found.reason
    client.webhooks.resume(found.webhook.id)
    assert client.webhooks.check() == []


def test_a_disabled_webhook_without_a_delivery_on_record_is_found(sandbox: Sandbox, client: Instantly) -> None:
    disable(sandbox, client.webhooks.ensure(URL, "email_sent").id)
    [found] = client.webhooks.check()
    assert (found.since, found.reason) == (None, "no failed delivery is on record")


@pytest.mark.parametrize(
    ("status", "expected"), [(-2, True), (-1, True), (0, False), (1, False), (None, False), ("off", False)]
)
def test_only_a_negative_status_is_that_of_a_disabled_webhook(status: Any, expected: bool) -> None:
    assert is_disabled(models.Webhook.from_dict({"status": status})) is expected


def test_the_async_client_does_the_same(sandbox: Sandbox) -> None:
    async def run() -> None:
        async with sandbox.async_client() as client:
            webhook = assert_type(await client.webhooks.ensure(URL, "email_sent"), models.Webhook)
            disable(sandbox, webhook.id)
            [found] = await client.webhooks.check()
            assert found.webhook.id == webhook.id
            assert [each.id for each in await client.webhooks.ensure(URL, ["email_sent"])] == [webhook.id]
            assert await client.webhooks.check() == []

    asyncio.run(run())


def test_the_enumeration_knows_both_names() -> None:
    assert WebhookEventType.for_delivered("link_clicked") is WebhookEventType.EMAIL_LINK_CLICKED
    assert WebhookEventType.EMAIL_LINK_CLICKED.delivered == "link_clicked"
    for name in ("auto_reply_received", "Call back"):
        assert WebhookEventType.for_delivered(name) is WebhookEventType.ALL_EVENTS
    assert WebhookEventType.ALL_EVENTS.delivered is None
    for member in WebhookEventType:
        if member.delivered is not None:
            assert WebhookEventType.for_delivered(member.delivered) is member


def test_a_webhook_shows_no_secret(client: Instantly) -> None:
    webhook = client.webhooks.ensure(URL, "email_sent", headers=SECRET)
    assert "s3cret" not in repr(webhook) + str(webhook) + webhook._repr_html_()


@pytest.mark.slow
def test_names_of_events_cost_no_import_of_the_events() -> None:
    program = """
import sys
from instantly_client.models import Webhook
assert "instantly_core.webhooks" in sys.modules
assert "instantly_core.webhooks.event" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
