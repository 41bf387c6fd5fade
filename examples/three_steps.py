"""Create a campaign with three e-mails: the second after three days without a reply, the third after seven more.

python examples/three_steps.py mara@sender.example.com
"""

from __future__ import annotations

import sys

from instantly_client import Instantly
from instantly_client.models import Campaign, CampaignSchedule, ScheduleDays, ScheduleSlot, ScheduleTiming, Timezone
from instantly_client.params import SequenceStepParam

# `delay` of a step is the time before the *next* one. Follow-ups without a subject go into the same thread.
STEPS: list[SequenceStepParam] = [
    {
        "type_": "email",
        "delay": 3,
        "variants": [
            {"subject": "{{companyName}} and spring", "body": "Hello {{firstName}}, a short question."},
            {"subject": "A question, {{firstName}}", "body": "Hello {{firstName}}, may I ask something?"},
        ],
    },
    {"type_": "email", "delay": 7, "variants": [{"subject": "", "body": "Did you see my question?"}]},
    {"type_": "email", "delay": 0, "variants": [{"subject": "", "body": "I will not write again."}]},
]


def create_campaign(client: Instantly, name: str, senders: list[str], zone: str = "Europe/Belgrade") -> Campaign:
    """Create a draft that sends on workdays, in office hours of `zone`, and stops at a reply."""
    slot = ScheduleSlot(
        name="Office hours",
        timing=ScheduleTiming(from_="09:00", to="17:00"),
        days=ScheduleDays(monday=True, tuesday=True, wednesday=True, thursday=True, friday=True),
        timezone=Timezone.for_zone(zone),
    )
    return client.campaigns.create(
        name=name,
        campaign_schedule=CampaignSchedule(schedules=[slot]),
        sequences=[{"steps": STEPS}],
        email_list=senders,
        daily_limit=40,
        stop_on_reply=True,
    )


if __name__ == "__main__":
    with Instantly() as instantly:
        campaign = create_campaign(instantly, "Spring", sys.argv[1:])
        print(f"{campaign.name}: {campaign.id}, a draft until it is activated")
