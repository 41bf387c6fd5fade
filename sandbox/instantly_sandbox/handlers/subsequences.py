"""Subsequences: further e-mails to the leads of a campaign that meet their conditions."""

from __future__ import annotations

from copy import deepcopy

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.registry import handles
from ..simulation.rounds import wake
from ..state.statuses import CampaignStatus
from ..state.workspaces import Entity, Workspace


def _release_leads(workspace: Workspace, subsequence: Entity) -> None:
    for lead in workspace.of("Lead").values():
        if lead.get("subsequence_id") == subsequence["id"]:
            lead["subsequence_id"] = None


SUBSEQUENCES = Records(
    "Campaign Subsequence",
    lists="listCampaignSubsequence",
    gets="getCampaignSubsequence",
    patches="patchCampaignSubsequence",
    deletes="deleteCampaignSubsequence",
    search=("name",),
    equal={"parent_campaign": "parent_campaign"},
    defaults=lambda context: {"status": CampaignStatus.ACTIVE, "timestamp_leads_updated": context.now},
    on_delete=_release_leads,
)


@handles("createCampaignSubsequence")
def create(context: RequestContext) -> Entity:
    context.find("Campaign", context.body["parent_campaign"])
    return SUBSEQUENCES.make(context, context.body)


@handles("duplicateSubsequence")
def duplicate(context: RequestContext) -> Entity:
    own = ("id", "timestamp_created", "timestamp_leads_updated")
    copied = {name: value for name, value in deepcopy(SUBSEQUENCES.one(context)).items() if name not in own}
    context.find("Campaign", context.body["parent_campaign"])
    return SUBSEQUENCES.make(context, {**copied, **context.body})


@handles("pauseSubsequence")
def pause(context: RequestContext) -> Entity:
    subsequence = SUBSEQUENCES.one(context)
    subsequence["status"] = CampaignStatus.PAUSED
    return subsequence


@handles("resumeSubsequence")
def resume(context: RequestContext) -> Entity:
    subsequence = SUBSEQUENCES.one(context)
    subsequence["status"] = CampaignStatus.ACTIVE
    wake(context, subsequence["id"])
    return subsequence
