"""Subsequences at work: leads join them when their conditions are met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.context import RequestContext
from ..state.statuses import CampaignStatus, LeadStatus
from ..state.workspaces import Entity
from .rounds import wake

OPENED, CLICKED, CAMPAIGN_ENDED = 2, 4, 91
"""Activities of a lead that start a subsequence."""


def join(context: RequestContext, lead: Entity, subsequence: Entity) -> None:
    """Let a lead get the e-mails of a subsequence from now on."""
    lead.update(
        status=LeadStatus.ACTIVE,
        subsequence_id=subsequence["id"],
        status_summary_subseq={},
        timestamp_added_subsequence=context.now,
        timestamp_updated=context.now,
    )
    subsequence["timestamp_leads_updated"] = context.now
    wake(context, subsequence["id"])


def enter(context: RequestContext, lead: Entity, met: Callable[[dict[str, Any]], bool]) -> None:
    """Let a lead join the first subsequence of its campaign whose conditions are met, unless it is in one."""
    if lead.get("subsequence_id") or lead["status"] not in (LeadStatus.ACTIVE, LeadStatus.COMPLETED):
        return
    for subsequence in context.of("Campaign Subsequence").values():
        in_campaign = subsequence["parent_campaign"] == lead.get("campaign")
        if in_campaign and subsequence["status"] == CampaignStatus.ACTIVE and met(subsequence["conditions"]):
            join(context, lead, subsequence)
            return
