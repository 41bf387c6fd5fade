"""Which campaigns an account sends for, as they themselves say."""

from __future__ import annotations

from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.pages import newest_first, page


@handles("getAccountCampaignMapping")
def listed(call: Call) -> dict[str, Any]:
    email = call.find("Account", call.path["email"])["email"]
    campaigns = [row for row in call.of("Campaign").values() if email in (row.get("email_list") or ())]
    told = page(call, newest_first(campaigns))
    return {**told, "items": [_mapping(row) for row in told["items"]]}


def _mapping(campaign: Entity) -> Entity:
    return {
        "campaign_id": campaign["id"],
        "campaign_name": campaign["name"],
        "timestamp_created": campaign["timestamp_created"],
        "status": campaign["status"],
    }
