"""The life of a campaign: create it, add leads, activate it, watch it send, pause it, list what there is.

    python examples/quickstart.py

All of it happens in a sandbox on a port of this machine: no mail is sent, no key is needed.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import instantly_client
from instantly_client import AsyncInstantly, Instantly, params
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


def main() -> None:
    print(f"instantly_client {instantly_client.__version__} from {Path(instantly_client.__file__).parent}")
    sandbox = Sandbox(world="demo")
    with sandbox.serve() as url:
        print(f"a sandbox serves on {url}\n")
        with Instantly(api_key=sandbox.key, base_url=url) as client:
            live(client, sandbox)
        asyncio.run(look_back(sandbox.key, url))
    print(f"\n{len(sandbox.requests)} requests arrived at the sandbox, the last was {sandbox.requests[-1].operation}")


def live(client: Instantly, sandbox: Sandbox) -> None:
    """One campaign, from draft to pause."""
    sender = client.accounts.list(max_items=1).items[0]
    campaign = client.campaigns.create(
        name="Spring", campaign_schedule=SCHEDULE, sequences=STEPS, email_list=[sender.email]
    )
    show("created", f"{campaign.name!r}, {campaign.status!r}, sends from {sender.email}")

    leads = [{"email": f"reader{number}@spring.example.com", "first_name": "Robin"} for number in range(40)]
    added = client.leads.add_many(leads, campaign_id=campaign.id)
    show("leads added", f"{added.leads_uploaded} of {added.total_sent}")

    campaign = client.campaigns.activate(campaign.id)
    assert campaign.status is CampaignStatus.ACTIVE
    show("activated", repr(campaign.status))

    for day in (1, 2, 3):
        sandbox.clock.advance(timedelta(days=1))
        (figures,) = client.campaigns.get_analytics(id=campaign.id)
        show(f"after day {day}", f"{figures.emails_sent_count} sent, {figures.reply_count} replies")

    show("paused", repr(client.campaigns.pause(campaign.id).status))


async def look_back(key: str, url: str) -> None:
    """What there is now, with the asynchronous client."""
    async with AsyncInstantly(api_key=key, base_url=url) as client:
        async for campaign in client.campaigns.list():
            show("listed", f"{campaign.name!r}, {campaign.status!r}")


def show(what: str, more: str) -> None:
    print(f"  {what:<12} {more}")


if __name__ == "__main__":
    main()
