"""Sending status of campaigns and subsequences: why they send or do not."""

from __future__ import annotations

from math import ceil
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import handles
from ..simulation.activity import recorded
from ..simulation.sending import Sequence
from ..state.statuses import CampaignStatus, LeadStatus

STATES = {
    CampaignStatus.DRAFT: "campaign_draft",
    CampaignStatus.PAUSED: "campaign_paused",
    CampaignStatus.COMPLETED: "campaign_completed",
    CampaignStatus.RUNNING_SUBSEQUENCES: "campaign_running_subsequences",
    CampaignStatus.UNHEALTHY: "campaign_accounts_unhealthy",
    CampaignStatus.BOUNCE_PROTECT: "campaign_bounce_protect",
    CampaignStatus.SUSPENDED: "campaign_account_suspended",
}

MESSAGES = {
    "campaign_draft": "The campaign was never activated.",
    "campaign_paused": "The campaign is paused.",
    "campaign_completed": "All leads are through.",
    "campaign_running_subsequences": "All leads are through, and some get the e-mails of a subsequence.",
    "campaign_accounts_unhealthy": "None of its accounts can send.",
    "campaign_bounce_protect": "Too many e-mails bounced.",
    "campaign_account_suspended": "The workspace is suspended.",
    "no_accounts_available": "No account is there to send from.",
    "waiting_for_leads": "There are no leads to write to.",
    "daily_limit_met": "The daily limit is reached.",
    "follow_up_delay_not_met": "The next step is not due for any lead yet.",
    "healthy": "The campaign is sending.",
}


@handles("getCampaignSendingStatus", "getSubsequenceSendingStatus")
def sending_status(context: RequestContext) -> dict[str, Any]:
    context.find(
        "Campaign" if context.operation.id == "getCampaignSendingStatus" else "Campaign Subsequence", context.path["id"]
    )
    sequence = Sequence(context, context.path["id"])
    diagnostics = _diagnostics(context, sequence)
    status = diagnostics["status"]
    summary = {
        "status": status,
        "status_message": MESSAGES[status],
        "issue_started_at": diagnostics["issue_tracking"]["issue_first_seen_at"],
        "last_healthy_send_at": diagnostics["issue_tracking"]["last_healthy_send_at"],
        "ai_summary": MESSAGES[status] if context.query.get("with_ai_summary") else None,
    }
    # Of what never ran, there is nothing to diagnose.
    never_ran = CampaignStatus.DRAFT in (sequence.campaign["status"], sequence.itself["status"])
    return {"diagnostics": None if never_ran else diagnostics, "summary": summary}


def _diagnostics(context: RequestContext, sequence: Sequence) -> dict[str, Any]:
    accounts, limit, sent = sequence.accounts(), sequence.daily_limit(), sequence.sent_today()
    due = [sequence.next_step(lead)[1] for lead in sequence.leads() if lead["status"] == LeadStatus.ACTIVE]
    waits = [at - context.time for at in due if at > context.time]
    status = _status(context, sequence, due, limit_met=limit is not None and sent >= limit)
    log = recorded(context, {sequence.campaign["id"]})
    return {
        "campaign_id": sequence.campaign["id"],
        **({"subsequence_id": sequence.subsequence} if sequence.subsequence else {}),
        "last_updated": context.now,
        "status": status,
        "issue_tracking": {
            "current_status_code": status,
            "issue_first_seen_at": None if status == "healthy" else context.now,
            "consecutive_loops_with_issue": 0 if status == "healthy" else 1,
            "last_healthy_send_at": max((entry["at"] for entry in log if entry["kind"] == "sent"), default=None),
        },
        "accounts_summary": {"total_connected": len(accounts), "available": len(accounts)},
        "campaign_daily_limit": {
            "sent": sent,
            **({} if limit is None else {"limit": limit, "limit_hit": sent >= limit}),
        },
        "schedule_status": {"in_schedule": True},
        "follow_ups_waiting": {"count": len(waits), "earliest_wait_time_seconds": ceil(min(waits)) if waits else None},
        "leads_status": {"no_leads_ready": len(due) == len(waits), "delay_not_met_skips": len(waits)},
    }


def _status(context: RequestContext, sequence: Sequence, due: list[float], *, limit_met: bool) -> str:
    for status in (sequence.campaign["status"], sequence.itself["status"]):
        done = status in (CampaignStatus.COMPLETED, CampaignStatus.RUNNING_SUBSEQUENCES)
        if status != CampaignStatus.ACTIVE and not (done and sequence.subsequence):
            return STATES[status]
    if not sequence.accounts():
        return "no_accounts_available"
    if not due:
        return "waiting_for_leads"
    if limit_met:
        return "daily_limit_met"
    return "follow_up_delay_not_met" if min(due) > context.time else "healthy"
