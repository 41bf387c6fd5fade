"""Leads that move to other campaigns and lists, and to other users: after the answer, as the service does it."""

from __future__ import annotations

from typing import Any

from ..engine.context import Call, Entity, Refusal, handles
from ..engine.scheduler import action
from ..simulation.rounds import wake
from . import background_jobs, leads
from .lead_filters import ACTIVE, Filters, leads_of, selected

IN_VERIFICATION = (11, 12)
MOST_TOLD = 10_000


@handles("moveLeads")
def move(call: Call) -> Entity:
    asked = call.body
    campaign, list_id = asked.get("to_campaign_id"), asked.get("to_list_id")
    if (campaign is None) == (list_id is None):
        raise Refusal(400, "Give either to_campaign_id or to_list_id")
    if "ids" in asked and not (asked.get("campaign") or asked.get("list_id")):
        raise Refusal(400, "With ids, give the campaign or the list_id that the leads are in")
    call.find(*(("Campaign", campaign) if campaign else ("Lead List", list_id)))
    kind, id = ("campaign", campaign) if campaign else ("list", list_id)
    job = background_jobs.start(call, "move-leads", kind, id)
    call.later(background_jobs.SECONDS_TO_FINISH, "leads-move", job=job["id"], filters=asked)
    return job


@action("leads-move")
def moved(call: Call, job: str, filters: Filters) -> None:
    chosen = _movable(call, filters)
    for lead in chosen:
        _move(call, lead, filters)
    emails = [lead["email"] for lead in chosen if lead.get("email")]
    call.of("Background Job")[job]["data"] = {"moved_lead_emails": emails[:MOST_TOLD], "moved_leads": len(chosen)}
    if filters.get("to_campaign_id"):
        wake(call, filters["to_campaign_id"])


def _movable(call: Call, filters: Filters) -> list[Entity]:
    campaign, list_id = filters.get("to_campaign_id"), filters.get("to_list_id")
    taken: set[str | None] = set()
    if filters.get("check_duplicates"):
        taken |= {lead.get("email") for lead in leads_of(call, campaign=campaign, list_id=list_id)}
    if filters.get("check_duplicates_in_campaigns"):
        source = filters.get("campaign")
        others = [lead for lead in call.of("Lead").values() if lead.get("campaign") not in (None, source)]
        taken |= {lead.get("email") for lead in others}
    movable = [
        lead
        for lead in selected(call, filters)
        if (not campaign or lead.get("email"))
        and (lead.get("email") is None or lead["email"] not in taken)
        and not (filters.get("skip_leads_in_verification") and lead.get("verification_status") in IN_VERIFICATION)
    ]
    return movable[: int(filters.get("limit", len(movable)))]


def _move(call: Call, lead: Entity, filters: Filters) -> None:
    place = {"campaign": filters.get("to_campaign_id"), "list_id": filters.get("to_list_id")}
    if filters.get("copy_leads"):
        lead = leads.make(call, leads.person(lead), **place)
    else:
        lead.update(place, status=ACTIVE, status_summary={}, subsequence_id=None, timestamp_updated=call.now)
    if filters.get("reset_interest_status"):
        lead.pop("lt_interest_status", None)
    if "assigned_to" in filters:
        lead["assigned_to"] = filters["assigned_to"]


@handles("bulkAssignLeads")
def assign(call: Call) -> dict[str, Any]:
    users = call.body["organization_user_ids"]
    filters = {name: value for name, value in call.body.items() if name != "organization_user_ids"}
    call.later(leads.SECONDS_TO_CHANGE, "leads-assigned", users=users, filters=filters)
    return {"status": "success", "message": "The leads are being assigned"}


@action("leads-assigned")
def assigned(call: Call, users: list[str], filters: Filters) -> None:
    chosen = selected(call, filters)
    chosen = chosen[: int(filters.get("limit", len(chosen)))]
    for place, lead in enumerate(chosen):
        lead.update(assigned_to=users[place % len(users)], timestamp_updated=call.now)
