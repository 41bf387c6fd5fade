"""Moves of leads to other campaigns, lists and users. They happen after the answer, as in the service."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.rounds import wake
from ..state.rows import Row
from ..state.statuses import LeadStatus
from ..state.workspaces import Entity
from . import background_jobs, leads
from .lead_filters import Filters, leads_of, selected

IN_VERIFICATION = (11, 12)
ECHOED = ("ids", "campaign", "list_id", "to_campaign_id", "to_list_id")
MAX_EMAILS = 10_000


@handles("moveLeads")
def move(context: RequestContext) -> Entity:
    asked = context.body
    campaign, list_id = asked.get("to_campaign_id"), asked.get("to_list_id")
    if (campaign is None) == (list_id is None):
        raise Refusal(400, "Give either to_campaign_id or to_list_id")
    if "ids" in asked and not (asked.get("campaign") or asked.get("list_id")):
        raise Refusal(400, "With ids, give the campaign or the list_id that the leads are in")
    context.find(*(("Campaign", campaign) if campaign else ("Lead List", list_id)))
    # The job is about where the leads come from.
    source, origin = asked.get("campaign"), asked.get("list_id")
    kind, id = ("list", origin) if origin else ("campaign", source) if source else ("workspace", context.workspace.id)
    echo = {name: asked.get(name) for name in ECHOED}
    return background_jobs.start(context, "move-leads", kind, id, does="move", arguments={"filters": asked}, echo=echo)


@background_jobs.work("move")
def moved(context: RequestContext, filters: Filters) -> dict[str, Any]:
    """Move, or copy, the leads that a request selects."""
    chosen, duplicates = _movable(context, filters)
    for lead in chosen:
        _move(context, lead, filters)
    if filters.get("to_campaign_id"):
        wake(context, filters["to_campaign_id"])
    emails = [lead["email"] for lead in chosen if lead.get("email")]
    return {
        "moved_leads": len(chosen),
        "moved_lead_emails": emails[:MAX_EMAILS],
        "duplicated_leads": duplicates,
    }


def _movable(context: RequestContext, filters: Filters) -> tuple[list[Row], int]:
    """The leads to move, and the number of those that stay because they are there already."""
    campaign, list_id = filters.get("to_campaign_id"), filters.get("to_list_id")
    taken: set[str | None] = set()
    if filters.get("check_duplicates"):
        taken |= {lead.get("email") for lead in leads_of(context, campaign=campaign, list_id=list_id)}
    if filters.get("check_duplicates_in_campaigns"):
        source = filters.get("campaign")
        others = [lead for lead in context.of("Lead").values() if lead.get("campaign") not in (None, source)]
        taken |= {lead.get("email") for lead in others}
    wanted = [
        lead
        for lead in selected(context, filters)
        if (not campaign or lead.get("email"))
        and not (filters.get("skip_leads_in_verification") and lead.get("verification_status") in IN_VERIFICATION)
    ]
    movable = [lead for lead in wanted if lead.get("email") is None or lead["email"] not in taken]
    return movable[: int(filters.get("limit", len(movable)))], len(wanted) - len(movable)


def _move(context: RequestContext, lead: Row, filters: Filters) -> None:
    place = {"campaign": filters.get("to_campaign_id"), "list_id": filters.get("to_list_id")}
    if filters.get("copy_leads"):
        lead = leads.make(context, leads.person(lead), **place)
    else:
        leads.put(lead, **place)
        lead.change(status=LeadStatus.ACTIVE, status_summary={}, subsequence_id=None, timestamp_updated=context.now)
    if filters.get("reset_interest_status"):
        lead.pop("lt_interest_status", None)
    if "assigned_to" in filters:
        lead["assigned_to"] = filters["assigned_to"]


@handles("bulkAssignLeads")
def assign(context: RequestContext) -> dict[str, Any]:
    users = context.body["organization_user_ids"]
    filters = {name: value for name, value in context.body.items() if name != "organization_user_ids"}
    context.schedule(leads.SECONDS_TO_CHANGE, "leads-assigned", users=users, filters=filters)
    return {"status": "success", "message": "The leads are being assigned"}


@action("leads-assigned")
def assigned(context: RequestContext, users: list[str], filters: Filters) -> None:
    chosen = list(selected(context, filters))
    chosen = chosen[: int(filters.get("limit", len(chosen)))]
    for place, lead in enumerate(chosen):
        lead.update(assigned_to=users[place % len(users)], timestamp_updated=context.now)
