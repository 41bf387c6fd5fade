"""Campaigns: drafts at first, then active and paused by turns until all leads are through."""

from __future__ import annotations

import copy
from typing import Any

from ..engine.addresses import normal
from ..engine.context import Call, Entity, Refusal, handles
from ..engine.records import Records
from ..simulation import activity
from ..simulation.rounds import ACTIVE, DRAFT, PAUSED, wake
from ..state.workspaces import Workspace
from .custom_tags import carries, untag

CORE_VARIABLES = ("email", "firstName", "lastName", "companyName", "jobTitle", "website", "phone", "personalization")
SECONDS_SHARED = 7 * 24 * 3600.0
SHARED = "Shared Campaign"


def _cleared(workspace: Workspace, campaign: Entity) -> None:
    id = campaign["id"]
    for kind, field in (("Lead", "campaign"), ("Campaign Subsequence", "parent_campaign")):
        rows = workspace.of(kind)
        for key in [key for key, row in rows.items() if row.get(field) == id]:
            del rows[key]
    untag(workspace, id)
    activity.forget(workspace, id)
    workspace.of(SHARED).pop(id, None)


class _Campaigns(Records):
    def patched(self, call: Call) -> Entity:
        campaign = super().patched(call)
        wake(call, campaign["id"])  # It may have got what it lacked for sending.
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
    filtered=lambda call, row: carries(call, row["id"], call.query.get("tag_ids")),
    defaults=lambda call: {"status": DRAFT, "owned_by": call.workspace.owner},
    gone=_cleared,
)


@handles("activateCampaign")
def activate(call: Call) -> Entity:
    campaign = _become(call, ACTIVE)
    wake(call, campaign["id"])
    for subsequence in call.of("Campaign Subsequence").values():
        if subsequence["parent_campaign"] == campaign["id"]:
            wake(call, subsequence["id"])
    return campaign


@handles("pauseCampaign")
def pause(call: Call) -> Entity:
    return _become(call, PAUSED)


@handles("duplicate")
def duplicate(call: Call) -> Entity:
    campaign = CAMPAIGNS.one(call)
    return _copied(call, campaign, call.body.get("name") or f"{campaign['name']} (copy)")


@handles("exportCampaign")
def export(call: Call) -> Entity:
    return CAMPAIGNS.one(call)


@handles("shareCampaign")
def share(call: Call) -> None:
    id = CAMPAIGNS.one(call)["id"]
    call.of(SHARED)[id] = {"id": id, "until": call.time + SECONDS_SHARED}


@handles("createFromExport")
def create_from_export(call: Call) -> Entity:
    id = call.path["id"]
    for workspace in call.service.state.workspaces.values():
        if id in workspace.of("Campaign"):
            if workspace.of(SHARED).get(id, {"until": 0.0})["until"] <= call.time:
                raise Refusal(403, "The campaign is not shared", body={"message": "The campaign is not shared"})
            campaign = workspace.of("Campaign")[id]
            return _copied(call, campaign, campaign["name"])
    raise call.not_found("Campaign")


@handles("addVariables")
def add_variables(call: Call) -> Entity:
    campaign = CAMPAIGNS.one(call)
    know_variables(campaign, call.body.get("variables") or ())
    campaign["timestamp_updated"] = call.now
    return campaign


@handles("countLaunched")
def count_launched(call: Call) -> dict[str, Any]:
    return {"count": sum(campaign["status"] != DRAFT for campaign in call.of("Campaign").values())}


@handles("searchByContact")
def search_by_contact(call: Call) -> dict[str, Any]:
    address = normal(call.query.get("search", ""))
    ids = {lead.get("campaign") for lead in call.of("Lead").values() if lead.get("email") == address}
    found = [campaign for id, campaign in call.of("Campaign").items() if id in ids]
    column = call.query.get("sort_column", "timestamp_created")
    found.sort(key=lambda campaign: str(campaign.get(column)), reverse=call.query.get("sort_order") == "desc")
    return {"items": found}


def know_variables(campaign: Entity, names: Any) -> None:
    """Let a campaign know variables that its leads have."""
    for name in names:
        field = "core_variables" if name in CORE_VARIABLES else "custom_variables"
        campaign[field] = {**(campaign.get(field) or {}), name: True}


def _become(call: Call, status: int) -> Entity:
    campaign = CAMPAIGNS.one(call)
    campaign.update(status=status, timestamp_updated=call.now)
    return campaign


def _copied(call: Call, campaign: Entity, name: str) -> Entity:
    own = ("id", "status", "timestamp_created", "timestamp_updated", "organization", "owned_by", "not_sending_status")
    fields = {field: value for field, value in copy.deepcopy(campaign).items() if field not in own}
    return CAMPAIGNS.make(call, {**fields, "name": name})
