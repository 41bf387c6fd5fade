"""Subsequences: further e-mails for the leads of a campaign with whom something happened."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.records import Records
from ..simulation.rounds import ACTIVE, PAUSED, wake
from ..state.workspaces import Workspace
from .lead_filters import ACTIVE as LEAD_ACTIVE
from .lead_filters import COMPLETED as LEAD_COMPLETED

OPENED, CLICKED, CAMPAIGN_ENDED = 2, 4, 91
"""What a lead's activity can be that starts a subsequence."""


def _left(workspace: Workspace, subsequence: Entity) -> None:
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
    defaults=lambda call: {"status": ACTIVE, "timestamp_leads_updated": call.now},
    gone=_left,
)


@handles("createCampaignSubsequence")
def create(call: Call) -> Entity:
    call.find("Campaign", call.body["parent_campaign"])
    return SUBSEQUENCES.make(call, call.body)


@handles("duplicateSubsequence")
def duplicate(call: Call) -> Entity:
    own = ("id", "timestamp_created", "timestamp_leads_updated")
    copied = {name: value for name, value in deepcopy(SUBSEQUENCES.one(call)).items() if name not in own}
    call.find("Campaign", call.body["parent_campaign"])
    return SUBSEQUENCES.make(call, {**copied, **call.body})


@handles("pauseSubsequence")
def pause(call: Call) -> Entity:
    subsequence = SUBSEQUENCES.one(call)
    subsequence["status"] = PAUSED
    return subsequence


@handles("resumeSubsequence")
def resume(call: Call) -> Entity:
    subsequence = SUBSEQUENCES.one(call)
    subsequence["status"] = ACTIVE
    wake(call, subsequence["id"])
    return subsequence


def join(call: Call, lead: Entity, subsequence: Entity) -> None:
    """Have a lead get the e-mails of a subsequence from now on."""
    lead.update(
        status=LEAD_ACTIVE,
        subsequence_id=subsequence["id"],
        status_summary_subseq={},
        timestamp_added_subsequence=call.now,
        timestamp_updated=call.now,
    )
    subsequence["timestamp_leads_updated"] = call.now
    wake(call, subsequence["id"])


def enter(call: Call, lead: Entity, met: Callable[[dict[str, Any]], bool]) -> None:
    """Let a lead join the first subsequence of its campaign whose conditions are met, unless it is in one."""
    if lead.get("subsequence_id") or lead["status"] not in (LEAD_ACTIVE, LEAD_COMPLETED):
        return
    for subsequence in call.of("Campaign Subsequence").values():
        of_campaign = subsequence["parent_campaign"] == lead.get("campaign")
        if of_campaign and subsequence["status"] == ACTIVE and met(subsequence["conditions"]):
            join(call, lead, subsequence)
            return
