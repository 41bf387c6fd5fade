"""Analytics of campaigns, summed up from the activity of their leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import handles
from ..simulation.activity import recorded
from ..simulation.interest import is_positive
from ..state.workspaces import Entity
from .lead_filters import leads_of

Entries = list[Entity]


def _count(entries: Iterable[Entity], kind: str) -> int:
    return sum(entry["kind"] == kind for entry in entries)


def _unique(entries: Iterable[Entity], kind: str, *fields: str) -> int:
    """The number of different leads, or leads and steps, with a kind of event."""
    return len({tuple(entry.get(field) for field in ("lead", *fields)) for entry in entries if entry["kind"] == kind})


def _three_ways(entries: Entries, name: str, kind: str) -> dict[str, int]:
    return {
        name: _count(entries, kind),
        f"{name}_unique": _unique(entries, kind),
        f"{name}_unique_by_step": _unique(entries, kind, "step"),
    }


def _totals(context: RequestContext, entries: Entries) -> dict[str, Any]:
    """The fields that the analytics of campaigns share with the overview."""
    won = _opportunities(context, entries)
    return {
        **_three_ways(entries, "open_count", "opened"),
        **_three_ways(entries, "link_click_count", "clicked"),
        **_three_ways(entries, "reply_count", "replied"),
        **_three_ways(entries, "reply_count_automatic", "replied-automatically"),
        "bounced_count": _unique(entries, "bounced"),
        "unsubscribed_count": _unique(entries, "unsubscribed"),
        "completed_count": _unique(entries, "completed"),
        "emails_sent_count": _count(entries, "sent"),
        "contacted_count": _unique(entries, "sent"),
        "new_leads_contacted_count": _new_leads(entries),
        "total_opportunities": len(won),
        "total_opportunity_value": sum(_value(context, campaign) for campaign in won.values()),
    }


def _new_leads(entries: Entries) -> int:
    return _unique((entry for entry in entries if entry.get("step") == 0), "sent")


def _opportunities(context: RequestContext, entries: Entries) -> dict[str, str | None]:
    """Leads that became opportunities, with their campaigns."""
    changes = (entry for entry in entries if entry["kind"] == "interest")
    return {entry["lead"]: entry["campaign"] for entry in changes if is_positive(context, entry["status"])}


def _value(context: RequestContext, campaign: str | None) -> float:
    found = context.of("Campaign").get(campaign or "")
    return float((found.get("pl_value") if found else None) or 0)


def _campaigns(context: RequestContext) -> list[Entity]:
    """The campaigns that the query selects; all campaigns without a selection."""
    id = context.query.get("id") or context.query.get("campaign_id")
    status, ids = context.query.get("campaign_status"), context.query.get("ids")
    rows = [context.find("Campaign", id)] if id else list(context.of("Campaign").values())
    return [row for row in rows if status in (None, row["status"]) and (not ids or row["id"] in ids)]


def _entries(context: RequestContext, campaigns: Iterable[Entity]) -> Entries:
    ids = {campaign["id"] for campaign in campaigns}
    return recorded(context, ids, context.query.get("start_date"), context.query.get("end_date"))


@handles("getCampaignAnalytics")
def by_campaign(context: RequestContext) -> list[dict[str, Any]]:
    found = []
    for campaign in _campaigns(context):
        entries = _entries(context, [campaign])
        uncounted = context.query.get("exclude_total_leads_count")
        totals = _totals(context, entries)
        found.append(
            {
                "campaign_name": campaign["name"],
                "campaign_id": campaign["id"],
                "campaign_status": campaign["status"],
                "campaign_is_evergreen": bool(campaign.get("is_evergreen")),
                "leads_count": 0 if uncounted else len(leads_of(context, campaign=campaign["id"])),
                **totals,
                "open_count": totals["open_count_unique"],  # Here it counts leads; in the overview, opens.
            }
        )
    return found


@handles("getCampaignAnalyticsOverview")
def overview(context: RequestContext) -> dict[str, Any]:
    entries = _entries(context, _campaigns(context))
    changes = [entry for entry in entries if entry["kind"] == "interest"]
    if not context.query.get("expand_crm_events"):
        changes = list({(entry["lead"], entry["status"]): entry for entry in changes}.values())
    statuses = Counter(entry["status"] for entry in changes)
    return {
        **_totals(context, entries),
        "total_interested": statuses[1],
        "total_meeting_booked": statuses[2],
        "total_meeting_completed": statuses[3],
        "total_closed": statuses[4],
    }


def _figures(entries: Entries) -> dict[str, int]:
    """The fields that days share with steps."""
    return {
        "sent": _count(entries, "sent"),
        "opened": _count(entries, "opened"),
        "unique_opened": _unique(entries, "opened", "step"),
        "replies": _count(entries, "replied"),
        "unique_replies": _unique(entries, "replied"),
        "replies_automatic": _count(entries, "replied-automatically"),
        "unique_replies_automatic": _unique(entries, "replied-automatically"),
        "clicks": _count(entries, "clicked"),
        "unique_clicks": _unique(entries, "clicked"),
    }


def _won(context: RequestContext, entries: Entries) -> dict[str, int]:
    won = len(_opportunities(context, entries))
    return {"opportunities": won, "unique_opportunities": won}


@handles("getDailyCampaignAnalytics")
def by_day(context: RequestContext) -> list[dict[str, Any]]:
    days = _grouped(_entries(context, _campaigns(context)), lambda entry: entry["at"][:10])
    return [
        {
            "date": day,
            **_figures(entries),
            "contacted": _unique(entries, "sent"),
            "new_leads_contacted": _new_leads(entries),
            **_won(context, entries),
        }
        for day, entries in sorted(days.items())
    ]


@handles("getCampaignStepsAnalytics")
def by_step(context: RequestContext) -> list[dict[str, Any]]:
    with_step = [entry for entry in _entries(context, _campaigns(context)) if entry.get("step") is not None]
    steps = _grouped(with_step, lambda entry: (entry["step"], entry["variant"]))
    asked = context.query.get("include_opportunities_count")
    return [
        {
            "step": str(step + 1),
            "variant": str(variant),
            **_figures(entries),
            **(_won(context, entries) if asked else {}),
        }
        for (step, variant), entries in sorted(steps.items())
    ]


def _of_subsequence(context: RequestContext, id: str) -> Entries:
    """The entries of the leads that are in a subsequence, since they are in it."""
    since = {
        lead["id"]: lead["timestamp_added_subsequence"]
        for lead in context.of("Lead").by("subsequence_id", id)
        if lead.get("timestamp_added_subsequence")
    }
    parent = context.find("Campaign Subsequence", id)["parent_campaign"]
    start, end = context.query.get("start_date"), context.query.get("end_date")
    entries = recorded(context, {parent}, start, end)
    return [entry for entry in entries if entry["lead"] in since and entry["at"] >= since[entry["lead"]]]


@handles("getSubsequenceAnalytics")
def by_subsequence(context: RequestContext) -> list[dict[str, Any]]:
    campaign = context.query.get("campaign_id")
    found = []
    for row in context.of("Campaign Subsequence").values():
        if campaign in (None, row["parent_campaign"]):
            figures = _figures(_of_subsequence(context, row["id"]))
            names = {"emails_sent": "sent", "unique_opens": "unique_opened", "unique_replies": "unique_replies"}
            found.append({"subsequence_id": row["id"], **{name: figures[figure] for name, figure in names.items()}})
    return found


@handles("getSubsequenceStepsAnalytics", of="Campaign Subsequence")
def by_step_of_subsequence(context: RequestContext) -> list[dict[str, Any]]:
    entries = [entry for entry in _of_subsequence(context, context.path["id"]) if entry.get("step") is not None]
    steps = _grouped(entries, lambda entry: (entry["step"], entry["variant"]))
    return [
        {"step": str(step + 1), "variant": str(variant), **_figures(entries)}
        for (step, variant), entries in sorted(steps.items())
    ]


def _grouped(entries: Entries, key: Callable[[Entity], Any]) -> dict[Any, Entries]:
    groups: dict[Any, Entries] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups
