"""Pause the active campaigns that bounce too much. Run it every hour.

python examples/pause_by_bounce_rate.py 0.05
"""

from __future__ import annotations

import sys

from instantly_client import Instantly
from instantly_client.models import Campaign, CampaignStatus


def pause_by_bounce_rate(client: Instantly, rate: float, min_sent: int = 50) -> list[Campaign]:
    """Pause each active campaign of which more than `rate` of the e-mails bounced; returns the paused ones.

    Of fewer e-mails than `min_sent` a rate says nothing yet.
    """
    # Read before it is changed: a paused campaign leaves the list of active ones.
    active = {campaign.id for campaign in client.campaigns.list(status=CampaignStatus.ACTIVE).collect()}
    return [
        client.campaigns.pause(figures.campaign_id)
        for figures in client.campaigns.get_analytics()
        if figures.campaign_id in active
        and figures.emails_sent_count >= max(min_sent, 1)
        and figures.bounced_count / figures.emails_sent_count > rate
    ]


if __name__ == "__main__":
    with Instantly() as instantly:
        for campaign in pause_by_bounce_rate(instantly, float(sys.argv[1])):
            print(f"paused: {campaign.name}")
