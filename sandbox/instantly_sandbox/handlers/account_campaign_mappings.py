"""Mappings of accounts: the campaigns that list an account as a sender."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.pages import newest_first, page
from ..engine.registry import handles
from ..state.workspaces import Entity


@handles("getAccountCampaignMapping", of="Account")
def listed(context: RequestContext) -> dict[str, Any]:
    email = context.find("Account", context.path["email"])["email"]
    campaigns = [row for row in context.of("Campaign").values() if email in (row.get("email_list") or ())]
    listing = page(context, newest_first(campaigns))
    return {**listing, "items": [_mapping(row) for row in listing["items"]]}


def _mapping(campaign: Entity) -> Entity:
    return {
        "campaign_id": campaign["id"],
        "campaign_name": campaign["name"],
        "timestamp_created": campaign["timestamp_created"],
        "status": campaign["status"],
    }
