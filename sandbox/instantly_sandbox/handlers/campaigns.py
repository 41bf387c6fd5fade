"""Campaigns: drafts at first, then active or paused, completed when all leads have got all steps."""

from __future__ import annotations

import copy
from typing import Any

from ..engine.addresses import normal
from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.messages import Refusal
from ..engine.records import Records
from ..engine.registry import handles
from ..simulation import activity
from ..simulation.rounds import wake
from ..state.rows import Row
from ..state.statuses import CampaignStatus
from ..state.tags import has_tags, untag
from ..state.workspaces import Entity, Workspace

CORE_VARIABLES = ("email", "firstName", "lastName", "companyName", "jobTitle", "website", "phone", "personalization")
SECONDS_SHARED = 7 * 24 * 3600.0
SHARED = "Shared Campaign"


def _delete_contents(workspace: Workspace, campaign: Entity) -> None:
    id = campaign["id"]
    for kind, field in (("Lead", "campaign"), ("Campaign Subsequence", "parent_campaign")):
        rows = workspace.of(kind)
        for key in [key for key, row in rows.items() if row.get(field) == id]:
            del rows[key]
    untag(workspace, id)
    activity.forget(workspace, id)
    workspace.of(SHARED).pop(id, None)


class _Campaigns(Records):
    def patched(self, context: RequestContext) -> Row:
        campaign = super().patched(context)
        wake(context, campaign["id"])  # The change may let it send.
        return campaign


CAMPAIGNS = _Campaigns(
    "Campaign",
    creates="createCampaign",
    lists="listCampaign",
    gets="getCampaign",
    patches="patchCampaign",
    deletes="deleteCampaign",
    search=("name",),
    equal={"status": "status", "ai_sales_agent_id": "ai_sdr_id"},
    filtered=lambda context, row: has_tags(context.workspace, row["id"], several(context.query.get("tag_ids"))),
    defaults=lambda context: {"status": CampaignStatus.DRAFT, "open_tracking": True},
    on_delete=_delete_contents,
)


@handles("activateCampaign")
def activate(context: RequestContext) -> Entity:
    campaign = _become(context, CampaignStatus.ACTIVE)
    wake(context, campaign["id"])
    for subsequence in context.of("Campaign Subsequence").values():
        if subsequence["parent_campaign"] == campaign["id"]:
            wake(context, subsequence["id"])
    return campaign


@handles("pauseCampaign")
def pause(context: RequestContext) -> Entity:
    return _become(context, CampaignStatus.PAUSED)


@handles("duplicate")
def duplicate(context: RequestContext) -> Entity:
    campaign = CAMPAIGNS.one(context)
    return _copied(context, campaign, context.body.get("name") or f"{campaign['name']} (copy)")


@handles("exportCampaign")
def export(context: RequestContext) -> Entity:
    return CAMPAIGNS.one(context)


@handles("shareCampaign")
def share(context: RequestContext) -> None:
    id = CAMPAIGNS.one(context)["id"]
    context.of(SHARED)[id] = {"id": id, "until": context.time + SECONDS_SHARED}


@handles("createFromExport")
def create_from_export(context: RequestContext) -> Entity:
    id = context.path["id"]
    for workspace in context.runtime.state.workspaces.values():
        if id in workspace.of("Campaign"):
            if workspace.of(SHARED).get(id, {"until": 0.0})["until"] <= context.time:
                raise Refusal(403, "The campaign is not shared", body={"message": "The campaign is not shared"})
            campaign = workspace.of("Campaign")[id]
            return _copied(context, campaign, campaign["name"])
    raise context.not_found("Campaign")


@handles("addVariables")
def add_variables(context: RequestContext) -> Entity:
    campaign = CAMPAIGNS.one(context)
    know_variables(campaign, context.body.get("variables") or ())
    campaign["timestamp_updated"] = context.now
    return campaign


@handles("countLaunched")
def count_launched(context: RequestContext) -> dict[str, Any]:
    return {"count": sum(campaign["status"] != CampaignStatus.DRAFT for campaign in context.of("Campaign").values())}


@handles("searchByContact")
def search_by_contact(context: RequestContext) -> dict[str, Any]:
    address = normal(context.query.get("search", ""))
    ids = {lead.get("campaign") for lead in context.of("Lead").values() if lead.get("email") == address}
    found = [campaign for id, campaign in context.of("Campaign").items() if id in ids]
    column = context.query.get("sort_column", "timestamp_created")
    found.sort(key=lambda campaign: str(campaign.get(column)), reverse=context.query.get("sort_order") == "desc")
    return {"items": found}


def know_variables(campaign: Row, names: Any) -> None:
    """Add the variables of leads to those that a campaign knows."""
    for name in names:
        field = "core_variables" if name in CORE_VARIABLES else "custom_variables"
        campaign[field] = {**(campaign.get(field) or {}), name: True}


def _become(context: RequestContext, status: int) -> Row:
    campaign = CAMPAIGNS.one(context)
    campaign.update(status=status, timestamp_updated=context.now)
    return campaign


def _copied(context: RequestContext, campaign: Entity, name: str) -> Entity:
    own = ("id", "status", "timestamp_created", "timestamp_updated", "organization", "not_sending_status")
    fields = {field: value for field, value in copy.deepcopy(campaign).items() if field not in own}
    return CAMPAIGNS.make(context, {**fields, "name": name})
