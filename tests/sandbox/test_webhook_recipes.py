"""The receivers in examples/ take real deliveries of the sandbox, answer at once, work later, and drop repeats."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from importlib import import_module
from threading import Event, Thread
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import uvicorn
from werkzeug.serving import make_server

import instantly_client
from instantly_client import DriftEvent, Instantly, webhooks
from instantly_client.models import CampaignStatus
from instantly_sandbox import Clock, Sandbox

SECRET = {"X-Webhook-Secret": "correct horse"}
BODY = {"event_type": "link_clicked", "timestamp": "2026-03-02T09:00:00.000Z", "lead_email": "ann@lead.example"}


@contextmanager
def serve_wsgi(module: ModuleType) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, getattr(module, "application", None) or module.app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()
    module.worker.shutdown()


@contextmanager
def serve_asgi(module: ModuleType) -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = uvicorn.Server(uvicorn.Config(module.app, log_level="warning", ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


SERVERS = {"webhooks_django": serve_wsgi, "webhooks_fastapi": serve_asgi, "webhooks_flask": serve_wsgi}


class Recipe(NamedTuple):
    """A receiver of examples/ that serves, and the sandbox that its client reaches."""

    module: ModuleType
    url: str
    sandbox: Sandbox
    client: Instantly

    def post(self, body: bytes, headers: dict[str, str] = SECRET, method: str = "POST") -> int:
        """Deliver a body, and return the status of the answer."""
        target = urlsplit(self.url)
        with closing(HTTPConnection(target.netloc, timeout=10)) as connection:
            connection.request(method, target.path, body, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status

    def sent(self, path: str) -> list[Any]:
        """The bodies that the receiver sent to a path of the sandbox."""
        return [request.json for request in self.sandbox.requests if request.path == path and request.method == "POST"]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the receiver does later."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


@pytest.fixture(scope="module", params=SERVERS)
def recipe(request: pytest.FixtureRequest) -> Iterator[Recipe]:
    sandbox = Sandbox(world="demo", rate_limits=False, clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True))
    with pytest.MonkeyPatch.context() as patch, sandbox, sandbox.serve() as url:
        patch.setenv("WEBHOOK_SECRET", SECRET["X-Webhook-Secret"])
        for name in ("Instantly", "AsyncInstantly"):
            client = partial(getattr(instantly_client, name), api_key=sandbox.key, base_url=url)
            patch.setattr(instantly_client, name, client)
        module = import_module(f"examples.{request.param}")
        with configured(module), SERVERS[request.param](module) as port:
            yield Recipe(module, f"http://127.0.0.1:{port}{module.PATH}", sandbox, sandbox.client())
        del sys.modules[module.__name__]


def configured(module: ModuleType) -> Any:
    """The settings of the Django recipe, which another test of the process may have made."""
    settings = getattr(module, "SETTINGS", None)
    return import_module("django.test.utils").override_settings(**settings) if settings else nullcontext()


def test_what_the_sandbox_delivers_is_worked_on_once(recipe: Recipe) -> None:
    client, happen = recipe.client, recipe.sandbox.happen
    client.webhooks.ensure(recipe.url, "all_events", headers=SECRET)
    campaign = client.campaigns.list(status=CampaignStatus.ACTIVE).first()
    assert campaign is not None
    bounced, gone, eager, asking = (f"{name}@customer.example" for name in ("bounced", "gone", "eager", "asking"))
    leads = [{"email": lead, "first_name": "Ann"} for lead in (bounced, gone, eager, asking)]
    client.leads.add_many(leads, campaign_id=campaign.id)
    happen.bounce(bounced)
    happen.unsubscribe(gone)
    happen.open(eager)
    happen.click(eager)
    happen.auto_reply(eager)
    happen.interest(eager, 1)
    happen.account_error(client.accounts.list().items[0].email)
    reply = happen.reply(asking, "What is the price?")
    recipe.sandbox.wait_for_deliveries()
    drift: list[DriftEvent] = []
    deliveries = list(client.webhook_events.list())
    events = [webhooks.parse(each.payload, on_drift=drift.append) for each in deliveries if each.payload]
    assert all(each.success for each in deliveries)
    assert drift == []
    assert {type(event) for event in events} >= {
        *(webhooks.EmailSent, webhooks.EmailBounced, webhooks.LeadUnsubscribed, webhooks.EmailOpened),
        *(webhooks.LinkClicked, webhooks.AutoReplyReceived, webhooks.LeadStatusChanged, webhooks.AccountError),
        webhooks.ReplyReceived,
    }
    until(lambda: bool(recipe.sent("/api/v2/emails/reply")))
    assert Counter(body["bl_value"] for body in recipe.sent("/api/v2/block-lists-entries")) == Counter([bounced, gone])
    [answer] = recipe.sent("/api/v2/emails/reply")
    assert (answer["reply_to_uuid"], answer["eaccount"]) == (reply["id"], reply["eaccount"])
    assert answer["body"] == {"text": "Hello Ann, 49 a month."}
    assert client.webhooks.check() == []


def test_a_reply_is_answered_once_however_often_it_is_delivered(recipe: Recipe) -> None:
    email = recipe.client.emails.list(email_type="received").first()
    assert email is not None
    reply = {
        **BODY,
        "event_type": "reply_received",
        "email_id": email.id,
        "email_account": email.eaccount,
        "reply_subject": email.subject,
        "reply_text": "What is the price?",
    }
    before = len(recipe.sent("/api/v2/emails/reply"))
    assert [recipe.post(json.dumps(reply).encode()) for _ in range(3)] == [204, 204, 204]
    # What is delivered next is worked on after the repeats.
    assert recipe.post(json.dumps({**reply, "timestamp": "2026-03-02T10:00:00.000Z"}).encode()) == 204
    until(lambda: len(recipe.sent("/api/v2/emails/reply")) >= before + 2)
    assert len(recipe.sent("/api/v2/emails/reply")) == before + 2


def test_it_answers_before_the_work_is_done(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, done = Event(), Event()

    def work(*_: object) -> None:
        begun.set()
        done.wait(10)

    monkeypatch.setattr(recipe.module, "work", work)
    assert recipe.post(json.dumps({**BODY, "step": 7}).encode()) == 204
    assert begun.wait(10)
    assert not done.is_set()
    done.set()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (json.dumps(BODY).encode(), {}, 401),
        (json.dumps(BODY).encode(), {"X-Webhook-Secret": "guess"}, 401),
        (b"no JSON", {}, 401),
        (b"no JSON", SECRET, 400),
        (b"[]", SECRET, 400),
        (b'{"a":' * 10_000, SECRET, 400),
    ],
)
def test_what_is_no_delivery_is_refused(recipe: Recipe, body: bytes, headers: dict[str, str], status: int) -> None:
    assert recipe.post(body, headers) == status
    assert recipe.post(b"", SECRET, "GET") == 405


def test_without_a_secret_nothing_is_taken(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", "")
    assert recipe.post(json.dumps(BODY).encode(), {"X-Webhook-Secret": ""}) == 500
