"""Filters of leads, shared by the operations that list, move and assign leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..engine.context import RequestContext
from ..engine.pages import contains
from ..simulation.activity import COLLECTION
from ..state.clock import seconds
from ..state.rows import Row
from ..state.statuses import LeadStatus
from ..state.workspaces import Entity
from .email_verifications import INVALID, RISKY, VERIFIED

SEARCHED = ("first_name", "last_name", "email")
SECONDS_OF_DAY = 24 * 3600.0

Test = Callable[[Entity], bool]
Filters = Mapping[str, Any]


def leads_of(context: RequestContext, *, campaign: str | None = None, list_id: str | None = None) -> list[Entity]:
    """The leads of a campaign, or of a list."""
    field, id = ("campaign", campaign) if campaign else ("list_id", list_id)
    return list(context.of("Lead").by(field, id))


def selected(context: RequestContext, filters: Filters, after: str | None = None) -> Iterator[Row]:
    """The leads that match all filters of a request's body, by their ids, those after an id only."""
    tests = [_equals(filters, name, field) for name, field in _FIELDS.items() if filters.get(name) is not None]
    tests += [_named(context, filters), *(_query(context, query) for query in filters.get("queries") or ())]
    tests += [_belongs(filters), lambda lead: contains(lead, filters.get("search"), *SEARCHED)]
    field = next((field for field in ("campaign", "list_id") if filters.get(field) is not None), "")
    rows = context.of("Lead").by(field, filters[field] if field else None, (after or "").lower())
    return (lead for lead in rows if all(test(lead) for test in tests))


_FIELDS = {
    "campaign": "campaign",
    "list_id": "list_id",
    "enrichment_status": "enrichment_status",
    "esp_code": "esp_code",
}


def _equals(filters: Filters, name: str, field: str) -> Test:
    return lambda lead: bool(lead.get(field) == filters[name])


def _belongs(filters: Filters) -> Test:
    """The test of the filters by id, address, user and place."""
    ids, contacts, users = (_set(filters.get(name)) for name in ("ids", "contacts", "organization_user_ids"))
    excluded = _set(filters.get("excluded_ids")) or ()
    in_campaign, in_list, gateway = filters.get("in_campaign"), filters.get("in_list"), filters.get("esg_code")
    visitor = filters.get("is_website_visitor")
    return lambda lead: (
        (visitor is None or visitor == bool(lead.get("is_website_visitor")))
        and (ids is None or lead["id"] in ids)
        and lead["id"] not in excluded
        and (contacts is None or lead.get("email") in contacts)
        and (users is None or lead.get("assigned_to") in users)
        and (in_campaign is None or in_campaign == bool(lead.get("campaign")))
        and (in_list is None or in_list == bool(lead.get("list_id")))
        and (gateway in (None, "all") or gateway == str(lead.get("esg_code", "none")))
    )


def _set(values: Iterable[str] | None) -> set[str] | None:
    return None if values is None else set(values)


def _status(*wanted: int) -> Test:
    return lambda lead: lead["status"] in wanted


def _interest(wanted: int) -> Test:
    return lambda lead: lead.get("lt_interest_status") == wanted


def _verification(wanted: int) -> Test:
    return lambda lead: lead.get("verification_status") == wanted


_NAMED: dict[str, Test] = {
    "FILTER_VAL_CONTACTED": lambda lead: bool(lead.get("timestamp_last_contact")),
    "FILTER_VAL_NOT_CONTACTED": lambda lead: not lead.get("timestamp_last_contact"),
    "FILTER_VAL_COMPLETED": _status(LeadStatus.COMPLETED),
    "FILTER_VAL_UNSUBSCRIBED": _status(LeadStatus.UNSUBSCRIBED),
    "FILTER_VAL_ACTIVE": _status(LeadStatus.ACTIVE),
    "FILTER_VAL_BOUNCED": _status(LeadStatus.BOUNCED),
    "FILTER_VAL_SKIPPED": _status(LeadStatus.SKIPPED),
    "FILTER_LEAD_INTERESTED": _interest(1),
    "FILTER_LEAD_MEETING_BOOKED": _interest(2),
    "FILTER_LEAD_MEETING_COMPLETED": _interest(3),
    "FILTER_LEAD_CLOSED": _interest(4),
    "FILTER_LEAD_OUT_OF_OFFICE": _interest(0),
    "FILTER_LEAD_NOT_INTERESTED": _interest(-1),
    "FILTER_LEAD_WRONG_PERSON": _interest(-2),
    "FILTER_LEAD_LOST": _interest(-3),
    "FILTER_LEAD_NO_SHOW": _interest(-4),
    "FILTER_VAL_VALID": _verification(VERIFIED),
    "FILTER_VAL_INVALID": _verification(INVALID),
    "FILTER_VAL_RISKY": _verification(RISKY),
    "FILTER_VAL_IN_SUBSEQUENCE": lambda lead: bool(lead.get("subsequence_id")),
    "FILTER_VAL_OPENED_NO_REPLY": lambda lead: lead["email_open_count"] > 0 and lead["email_reply_count"] == 0,
    "FILTER_VAL_COMPLETED_NO_REPLY": lambda lead: (
        lead["status"] == LeadStatus.COMPLETED and lead["email_reply_count"] == 0
    ),
    "FILTER_VAL_NO_OPENS": lambda lead: bool(lead["email_open_count"] == 0),
    "FILTER_VAL_REPLIED": lambda lead: lead["email_reply_count"] > 0,
    "FILTER_VAL_LINK_CLICKED": lambda lead: lead["email_click_count"] > 0,
}


def _named(context: RequestContext, filters: Filters) -> Test:
    name = filters.get("filter")
    if name in ("FILTER_LEAD_CUSTOM_LABEL_POSITIVE", "FILTER_LEAD_CUSTOM_LABEL_NEGATIVE"):
        kind = name.rpartition("_")[2].lower()
        labels = context.of("Lead Label").values()
        values = {label["interest_status"] for label in labels if label["interest_status_label"] == kind}
        return lambda lead: lead.get("lt_interest_status") in values
    return _NAMED.get(name or "", lambda lead: name is None)


_ACTIONS = {
    "reply": ("replied", "replied-automatically"),
    "email-open": ("opened",),
    "last-contacted": ("sent",),
    "link-click": ("clicked",),
    "lead-status-change": ("interest",),
}


def _query(context: RequestContext, query: Filters) -> Test:
    """The test of a smart view's query: by interest status, or by the number of events in the last days."""
    values = query["values"]
    if query["actionType"] == "lead-status":
        wanted = values.get("lead-status", {})
        unwanted = wanted.get("condition") == "is-not"
        return lambda lead: bool(lead.get("lt_interest_status") == wanted.get("status")) != unwanted
    since = context.time - values.get("occurrence-days", float("inf")) * SECONDS_OF_DAY
    counts: dict[str, int] = {}
    for entry in context.of(COLLECTION).values():
        if entry["kind"] in _ACTIONS[query["actionType"]] and seconds(entry["at"]) >= since:
            counts[entry["lead"]] = counts.get(entry["lead"], 0) + 1
    asked = values.get("occurrence-count", {})
    condition, count = asked.get("condition", "more"), asked.get("count", 0)

    def matches(lead: Entity) -> bool:
        happened = counts.get(lead["id"], 0)
        return bool({"more": happened > count, "less": happened < count, "equal": happened == count}[condition])

    return matches
