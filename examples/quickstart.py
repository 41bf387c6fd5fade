"""The life of a campaign: create it, add leads, activate it, answer a reply that a webhook delivers, pause it.

    python examples/quickstart.py

All of it happens in a sandbox on a port of this machine: no mail is sent, no key is needed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import instantly_client
from instantly_client import AsyncInstantly, Instantly, errors, params, webhooks
from instantly_client.models import CampaignStatus
from instantly_sandbox import Sandbox

SCHEDULE: params.CampaignScheduleParam = {
    "schedules": [
        {
            "name": "Every day",
            "timing": {"from_": "00:00", "to": "23:59"},
            "days": {
                "monday": True,
                "tuesday": True,
                "wednesday": True,
                "thursday": True,
                "friday": True,
                "saturday": True,
                "sunday": True,
            },
            "timezone": "Etc/GMT+12",
        }
    ]
}
STEPS: list[params.CampaignSequenceParam] = [
    {
        "steps": [
            {
                "type_": "email",
                "delay": 2,
                "variants": [{"subject": "Hello {{firstName}}", "body": "A short question."}],
            },
            {"type_": "email", "delay": 2, "variants": [{"subject": "", "body": "Did you see my question?"}]},
        ]
    }
]


SECRET = "correct horse battery staple"
READER = "reader7@spring.example.com"
arrived: Queue[webhooks.DeliveredEvent] = Queue()


class Receiver(BaseHTTPRequestHandler):
    """Receives webhook events: checks the secret, keeps the event, answers at once."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            webhooks.verify(self.headers, SECRET)
            arrived.put(webhooks.parse(body))
            self.send_response_only(204)
        except errors.WebhookVerificationError:
            self.send_response_only(401)
        except errors.WebhookParseError:
            self.send_response_only(400)
        self.end_headers()


@contextmanager
def receiving() -> Iterator[str]:
    """A receiver on a port of this machine, and its URL."""
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def main() -> None:
    print(f"instantly_client {instantly_client.__version__} from {Path(instantly_client.__file__).parent}")
    sandbox = Sandbox(world="demo")
    with sandbox.serve() as url, receiving() as hook:
        print(f"a sandbox serves on {url}\n")
        with Instantly(api_key=sandbox.key, base_url=url) as client:
            campaign = begin(client)
            days_pass(client, sandbox, campaign)
            answer(client, sandbox, hook)
            show("paused", client.campaigns.pause(campaign).status.name)
        asyncio.run(look_back(sandbox.key, url))
    print(f"\n{len(sandbox.requests)} requests arrived at the sandbox, the last was {sandbox.requests[-1].operation}")


def begin(client: Instantly) -> str:
    """Make a campaign with leads, and let it send."""
    sender = client.accounts.list(max_items=1).items[0]
    campaign = client.campaigns.create(
        name="Spring", campaign_schedule=SCHEDULE, sequences=STEPS, email_list=[sender.email]
    )
    show("created", f"{campaign.name!r}, {campaign.status.name}, sends from {sender.email}")

    leads = [{"email": f"reader{number}@spring.example.com", "first_name": "Robin"} for number in range(40)]
    added = client.leads.add_many(leads, campaign_id=campaign.id)
    show("leads added", f"{added.leads_uploaded} of {added.total_sent}")

    campaign = client.campaigns.activate(campaign.id)
    assert campaign.status is CampaignStatus.ACTIVE
    show("activated", campaign.status.name)
    return campaign.id


def days_pass(client: Instantly, sandbox: Sandbox, campaign: str) -> None:
    """Let the campaign send for some days, at once."""
    for day in (1, 2, 3):
        sandbox.clock.advance(timedelta(days=1))
        (figures,) = client.campaigns.get_analytics(id=campaign)
        show(f"after day {day}", f"sent {figures.emails_sent_count}, replies {figures.reply_count}")


def answer(client: Instantly, sandbox: Sandbox, hook: str) -> None:
    """Answer a reply that a webhook delivers."""
    client.webhooks.ensure(hook, "reply_received", headers={"X-Webhook-Secret": SECRET})
    show("webhook", f"delivers replies to {hook}")

    sandbox.happen.reply(READER, "Sounds good. What does it cost?")
    event = arrived.get(timeout=10)
    assert isinstance(event, webhooks.ReplyReceived)
    show("reply came", f"{event.lead_email}: {event.reply_text!r}")

    sent = event.reply(client, text=f"Hello {event.lead_data['firstName']}, 49 a month.")
    show("answered", f"{sent.to_address_email_list}: {sent.subject!r}")


async def look_back(key: str, url: str) -> None:
    """What there is now, with the asynchronous client."""
    async with AsyncInstantly(api_key=key, base_url=url) as client:
        async for campaign in client.campaigns.list():
            show("listed", f"{campaign.name!r}, {campaign.status.name}")


def show(what: str, more: str) -> None:
    """A line of the story, with colours on a terminal only."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    bold, green, plain = ("\x1b[1m", "\x1b[32m", "\x1b[0m") if coloured else ("", "", "")
    print(f"  {bold}{green}{what:<12}{plain} {more}")


if __name__ == "__main__":
    main()
