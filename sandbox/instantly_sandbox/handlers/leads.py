"""Leads: people that campaigns write to. A lead belongs to a campaign or to a list."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from ..engine.addresses import domain_of, normal
from ..engine.context import RequestContext
from ..engine.document import CURSOR
from ..engine.messages import Refusal
from ..engine.pages import page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.activity import COLLECTION
from ..simulation.interest import change_interest
from ..simulation.rounds import wake
from ..simulation.subsequences import join
from ..state.rows import Row
from ..state.statuses import LeadStatus
from ..state.workspaces import Entity
from .campaigns import know_variables
from .lead_filters import leads_of, selected

SECONDS_TO_CHANGE = 1.0
"""The time until a change happens that was accepted with 202."""

VARIABLES = {
    "first_name": "firstName",
    "last_name": "lastName",
    "company_name": "companyName",
    "job_title": "jobTitle",
    "website": "website",
    "phone": "phone",
    "personalization": "personalization",
}
"""Fields of a lead that are variables in texts, with the names of the variables."""

ALWAYS = ("first_name", "last_name", "company_name", "website", "personalization")
"""Fields that every lead has; they are empty where nobody gave them."""

PLACES = ("campaign", "list_id")

GOOGLE, MICROSOFT, OTHER = 1, 2, 999

COUNTERS = ("email_open_count", "email_reply_count", "email_click_count")

LEADS = Records("Lead", gets="getLead", deletes="deleteLead")


def make(
    context: RequestContext, given: Mapping[str, Any], *, campaign: str | None = None, list_id: str | None = None
) -> Row:
    """Make a lead of a campaign or a list."""
    email = normal(given["email"]) if given.get("email") else None
    lead = LEADS.make(
        context,
        {
            "upload_method": "api",
            **given,
            **{field: given.get(field) or "" for field in ALWAYS},
            "email": email,
            "company_domain": domain_of(email) if email else "",
            "esp_code": provider(context, email or ""),
            "status": LeadStatus.ACTIVE,
            "status_summary": {},
            **dict.fromkeys(COUNTERS, 0),
            **({"campaign": campaign} if campaign else {"list_id": list_id}),
        },
    )
    place = {"campaign": campaign} if campaign else {"list_id": list_id}
    lead["payload"] = {**{VARIABLES[field]: "" for field in ALWAYS}, "email": email or "", **place}
    _fill_payload(context, lead, given)
    if campaign:
        wake(context, campaign)
    return lead


def provider(context: RequestContext, email: str) -> int:
    """The code of the provider that receives mail for an address: the same for all addresses of a domain."""
    random = Random(f"{context.runtime.seed} provider {domain_of(email)}")
    return random.choices((GOOGLE, MICROSOFT, OTHER), (5, 4, 1))[0]


def person(lead: Entity) -> dict[str, Any]:
    """The fields that describe the person: `make` makes another lead of the same person from them."""
    fields = ("email", *VARIABLES, "lt_interest_status", "pl_value_lead", "assigned_to", "verification_status")
    own = {*VARIABLES.values(), "email", *(place for place in PLACES if place in lead)}
    custom = {name: value for name, value in (lead.get("payload") or {}).items() if name not in own}
    return {**{field: lead[field] for field in fields if field in lead}, "custom_variables": custom}


def _fill_payload(context: RequestContext, lead: Row, given: Mapping[str, Any]) -> None:
    custom = given.get("custom_variables") or {}
    named = {
        VARIABLES[field]: "" if value is None and field in ALWAYS else value
        for field, value in given.items()
        if field in VARIABLES
    }
    payload = {**(lead.get("payload") or {}), **named, **custom}
    lead["payload"] = {name: value for name, value in payload.items() if name not in named or value is not None}
    campaign = context.of("Campaign").get(lead.get("campaign") or "")
    if campaign:
        know_variables(campaign, [name for name in payload if name not in PLACES])


def put(lead: Row, *, campaign: str | None = None, list_id: str | None = None) -> None:
    """Put a lead into a campaign or a list."""
    place = {"campaign": campaign, "list_id": list_id}
    lead.change(**place)
    kept = {name: value for name, value in lead["payload"].items() if name not in PLACES}
    lead["payload"] = {**kept, **{name: id for name, id in place.items() if id}}


@handles("listLeads")
def list_leads(context: RequestContext) -> dict[str, Any]:
    if context.body.get("distinct_contacts"):
        contacts = {lead["email"]: lead for lead in selected(context, context.body) if lead.get("email")}
        rows = [contacts[email] for email in sorted(contacts)]
        return page(context, rows, cursor=lambda lead: str(lead["email"]), ascending=True)
    return page(context, selected(context, context.body, after=context.body.get(CURSOR)), begun=True)


@handles("patchLead")
def patch(context: RequestContext) -> Entity:
    lead = LEADS.one(context)
    given = dict(context.body)
    _fill_payload(context, lead, given)
    given.pop("custom_variables", None)
    if "lt_interest_status" in given:
        change_interest(context, lead, given.pop("lt_interest_status"))
    given |= {field: given[field] or "" for field in ALWAYS if field in given}
    lead.update(given, timestamp_updated=context.now)
    return lead


@handles("mergeLeads")
def merge(context: RequestContext) -> Entity:
    merged, into = (
        context.find("Lead", context.body["lead_id"]),
        context.find("Lead", context.body["destination_lead_id"]),
    )
    if merged is into:
        raise Refusal(400, "A lead cannot be merged into itself")
    del context.of("Lead")[merged["id"]]
    for field, value in merged.items():
        if field in COUNTERS:
            into[field] += value
        elif field not in ("campaign", "list_id", "subsequence_id") and into.get(field) in (None, ""):
            into[field] = value
    own = {name: value for name, value in into["payload"].items() if value != ""}
    into["payload"] = {**into["payload"], **merged["payload"], **own}
    into["timestamp_updated"] = context.now
    for kind, name in ((COLLECTION, "lead"), ("Email", "lead_id")):
        for row in context.of(kind).values():
            if row.get(name) == merged["id"]:
                row[name] = into["id"]
    return into


@handles("bulkDeleteLeads")
def delete_many(context: RequestContext) -> dict[str, Any]:
    asked = context.body
    leads = leads_of(context, campaign=asked.get("campaign_id"), list_id=asked.get("list_id"))
    wanted = set(asked.get("ids", ()))
    ids = [
        lead["id"]
        for lead in leads
        if asked.get("status") in (None, lead["status"]) and ("ids" not in asked or lead["id"] in wanted)
    ]
    ids = ids[: int(asked.get("limit", len(ids)))]
    for id in ids:
        del context.of("Lead")[id]
    return {"count": len(ids)}


@handles("updateLeadInterestStatus")
def update_interest_status(context: RequestContext) -> dict[str, Any]:
    asked = context.body
    places = {"campaign": asked.get("campaign_id"), "list_id": asked.get("list_id")}
    leads = [
        lead["id"]
        for lead in context.of("Lead").by("email", normal(asked["lead_email"]))
        if all(id is None or lead.get(field) == id for field, id in places.items())
    ]
    if not leads:
        raise context.not_found("Lead")
    context.schedule(SECONDS_TO_CHANGE, "interest-changes", leads=leads, status=asked["interest_value"])
    return {"message": "The interest status is being updated"}


@action("interest-changes")
def interest_changes(context: RequestContext, leads: list[str], status: float | None) -> None:
    for id in leads:
        if id in context.of("Lead"):
            change_interest(context, context.of("Lead")[id], status)


@handles("moveLeadToSubsequence")
def move_to_subsequence(context: RequestContext) -> Entity:
    subsequence = context.find("Campaign Subsequence", context.body["subsequence_id"])
    lead = context.find("Lead", context.body["id"])
    join(context, lead, subsequence)
    return lead


@handles("removeLeadFromSubsequence")
def remove_from_subsequence(context: RequestContext) -> Entity:
    lead = context.find("Lead", context.body["id"])
    lead.update(subsequence_id=None, timestamp_added_subsequence=None, timestamp_updated=context.now)
    return lead
