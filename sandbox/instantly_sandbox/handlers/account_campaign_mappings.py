"""Which campaigns an account sends for, as they themselves say."""

from __future__ import annotations

from typing import Any

from ..calls import Call, Entity, handles
from ..pages import newest_first, page


@handles("getAccountCampaignMapping")
def listed(call: Call) -> dict[str, Any]:
    email = call.find("Account", call.path["email"])["email"]
    campaigns = [row for row in call.of("Campaign").values() if email in (row.get("email_list") or ())]
    return page(call, map(_mapping, newest_first(campaigns)), cursor=lambda row: str(row["campaign_id"]))


def _mapping(campaign: Entity) -> Entity:
    return {
        "campaign_id": campaign["id"],
        "campaign_name": campaign["name"],
        "timestamp_created": campaign["timestamp_created"],
        "status": campaign["status"],
    }
