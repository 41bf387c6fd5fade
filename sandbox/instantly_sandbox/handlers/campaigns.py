"""Campaigns: drafts at first, then active and paused by turns."""

from __future__ import annotations

from ..calls import Call, Entity, handles
from ..records import Records

DRAFT, ACTIVE, PAUSED, COMPLETED = 0, 1, 2, 3

CAMPAIGNS = Records(
    "Campaign",
    creates="createCampaign",
    lists="listCampaign",
    gets="getCampaign",
    patches="patchCampaign",
    deletes="deleteCampaign",
    search=("name",),
    equal={"status": "status", "ai_sales_agent_id": "ai_sales_agent_id"},
    defaults=lambda call: {"status": DRAFT},
)


@handles("activateCampaign")
def activate(call: Call) -> Entity:
    return _become(call, ACTIVE)


@handles("pauseCampaign")
def pause(call: Call) -> Entity:
    return _become(call, PAUSED)


def _become(call: Call, status: int) -> Entity:
    campaign = CAMPAIGNS.one(call)
    campaign.update(status=status, timestamp_updated=call.now)
    return campaign
