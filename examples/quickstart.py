"""Pause a campaign and activate it again, then the same with the asynchronous client.

    INSTANTLY_API_KEY=... python examples/quickstart.py CAMPAIGN_ID

Against the real service this does pause the campaign. `python3 scripts/dev.py demo` runs it against a local server.
"""

from __future__ import annotations

import asyncio
import os
import sys

import instantly_client
from instantly_client import AsyncInstantly, Instantly
from instantly_client.models import Campaign, CampaignStatus

BASE_URL = os.environ.get("INSTANTLY_BASE_URL", "https://api.instantly.ai")


def main(campaign_id: str) -> None:
    print(f"  client   instantly_client from {os.path.dirname(instantly_client.__file__)}")
    with Instantly(base_url=BASE_URL) as client:
        check(client.campaigns.pause(campaign_id), CampaignStatus.PAUSED)
        check(client.campaigns.activate(campaign_id), CampaignStatus.ACTIVE)
    asyncio.run(main_async(campaign_id))


async def main_async(campaign_id: str) -> None:
    async with AsyncInstantly(base_url=BASE_URL) as client:
        check(await client.campaigns.pause(campaign_id), CampaignStatus.PAUSED)
        check(await client.campaigns.activate(campaign_id), CampaignStatus.ACTIVE)


def check(campaign: Campaign, expected: CampaignStatus) -> None:
    print(f"  client   decoded  Campaign {campaign.name!r}, status {campaign.status!r}")
    print(f"           created  {campaign.timestamp_created!r}")
    if campaign.status is not expected:
        sys.exit(f"quickstart: the campaign should be {expected!r} now, and is {campaign.status!r}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
