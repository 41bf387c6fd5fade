"""AI sales agents: they learn, propose what to do, and do what is approved; on autopilot they approve it themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.pages import newest_first, page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.activity import recorded
from ..simulation.events import LISTENERS
from ..simulation.interest import is_positive
from ..simulation.rounds import wake
from ..simulation.seed_data import OFFICE_HOURS, person, step
from ..state.rows import Row
from ..state.statuses import ActionStatus, AgentStatus, CampaignStatus
from ..state.workspaces import Entity
from . import leads
from .campaigns import CAMPAIGNS
from .lead_filters import leads_of

KIND, ACTIVITY = "AI Sales Agent", "AI Sales Agent Activity"
SECONDS_TO_LEARN = 5.0
SECONDS_TO_ACT = 5.0
DAY = 24 * 3600.0
LEADS_A_DAY = 5
DEFAULT_SIZE = 100
MADE_OF = ("daily_limit", "stop_on_reply", "open_tracking", "email_list", "email_tag_list", "prioritize_new_leads")
"""Settings that an agent gives its campaign."""

NOTED = ("email_sent", "email_opened", "reply_received", "lead_meeting_booked", "lead_closed", "campaign_completed")
"""Events of an agent's campaign that are activities of the same name."""
EVENTS = {**{name: name for name in NOTED}, "lead_interested": "opportunity_received"}
HIDDEN = ("email_sent", "email_opened")
"""Activities that are too many for the live feed."""


class _SalesAgents(Records):
    def created(self, context: RequestContext) -> Entity:
        given = dict(context.body)
        if given.get("is_duplicate"):
            source = context.find(KIND, given.get("source_ai_sdr_id", ""))
            given = {"config": source.get("config", {}), "agent_type": source["agent_type"], **given}
        agent = self.make(context, given)
        context.schedule(SECONDS_TO_LEARN, "sales-agent-learns", id=agent["id"])
        return agent


AGENTS = _SalesAgents(
    KIND,
    creates="createSalesAgent",
    gets="getSalesAgent",
    patches="patchSalesAgent",
    defaults=lambda context: {"status": AgentStatus.ACTIVE, "agent_type": 2, "initial_scrape_ready": False},
)
ACTIVITIES = Records(ACTIVITY)


def note(context: RequestContext, agent: Entity, kind: str, status: str = ActionStatus.COMPLETED, **more: Any) -> Row:
    """Note what an agent does or proposes."""
    done = {"timestamp_executed": context.now, "timestamp_completed": context.now}
    given = {
        "ai_sdr_id": agent["id"],
        "action_type": kind,
        "action_status": status,
        **(done if status == ActionStatus.COMPLETED else {}),
        **more,
    }
    agent["timestamp_last_action"] = context.now
    return ACTIVITIES.make(context, given)


def propose(context: RequestContext, agent: Entity, kind: str, **payload: Any) -> Row:
    """Propose an action, which the agent approves itself if it is on autopilot."""
    proposal = note(context, agent, kind, ActionStatus.PENDING, action_payload=payload)
    agent["timestamp_last_decision"] = context.now
    if (agent.get("config") or {}).get("autonomy_settings", {}).get("autopilot_mode"):
        _approve(context, proposal)
    return proposal


@action("sales-agent-learns")
def learn(context: RequestContext, id: str) -> None:
    """Read the source of an agent, and propose its campaign."""
    agent = context.of(KIND).get(id)
    if agent is not None:
        agent["initial_scrape_ready"] = True
        note(context, agent, "initial_setup_scrape")
        propose(context, agent, "create_campaign", name=agent["name"])
        _decide_later(context, agent)


@action("sales-agent-decides")
def decide(context: RequestContext, id: str) -> None:
    """Propose leads for the campaigns of an agent, once a day."""
    agent = context.of(KIND).get(id)
    if agent is not None:
        if agent["status"] == AgentStatus.ACTIVE and campaigns_of(context, id):
            propose(context, agent, "push_lead", leads=LEADS_A_DAY)
        _decide_later(context, agent)


def _decide_later(context: RequestContext, agent: Row) -> None:
    context.schedule(DAY, "sales-agent-decides", id=agent["id"])


@action("sales-agent-acts")
def act(context: RequestContext, id: str) -> None:
    """Carry out an activity that was approved."""
    activity = context.of(ACTIVITY).get(id)
    agent = context.of(KIND).get(activity["ai_sdr_id"]) if activity else None
    if activity is None or agent is None or activity["action_status"] != ActionStatus.APPROVED:
        return
    does = DOES.get(activity["action_type"])
    activity.update(
        action_status=ActionStatus.COMPLETED,
        result=does(context, agent) if does else {},
        timestamp_executed=context.now,
        timestamp_completed=context.now,
        timestamp_updated=context.now,
    )
    agent["timestamp_last_action"] = context.now


def _create_campaign(context: RequestContext, agent: Entity) -> dict[str, Any]:
    settings = (agent.get("config") or {}).get("outreach_settings", {})
    first = step("A question about {{companyName}}", "Hello {{firstName}}, shall we talk?", 2)
    last = step("", "{{firstName}}, did you see my last e-mail?", 0)
    campaign = CAMPAIGNS.make(
        context,
        {
            "name": agent["name"],
            "ai_sdr_id": agent["id"],
            "campaign_schedule": settings.get("campaign_schedule") or OFFICE_HOURS,
            "sequences": [{"steps": [first, last]}],
            "email_list": list(context.of("Account")),
            "status": CampaignStatus.ACTIVE,
            **{name: settings[name] for name in MADE_OF if name in settings},
        },
    )
    return {"campaign_id": campaign["id"], **_push_leads(context, agent)}


def _push_leads(context: RequestContext, agent: Entity) -> dict[str, Any]:
    campaigns = campaigns_of(context, agent["id"])
    if not campaigns:
        return {"leads_added": 0}
    into = campaigns[-1]["id"]
    number = len(leads_of(context, campaign=into))
    random = Random(f"{context.runtime.seed} {agent['name']} {number}")
    for each in range(number + 1, number + 1 + LEADS_A_DAY):
        someone = person(random, each)
        leads.make(context, {**someone, "email": f"{agent['id'][-4:]}.{someone['email']}"}, campaign=into)
    wake(context, into)
    return {"campaign_id": into, "leads_added": LEADS_A_DAY}


DOES: dict[str, Callable[[RequestContext, Entity], dict[str, Any]]] = {
    "create_campaign": _create_campaign,
    "push_lead": _push_leads,
}


def observe(context: RequestContext, event_type: str, about: dict[str, Any]) -> None:
    """Listener: note what happens in the campaigns of agents."""
    campaign, lead, email = (about.get(name) or {} for name in ("campaign", "lead", "email"))
    agent = context.of(KIND).get(campaign.get("ai_sdr_id") or "")
    if agent is not None and event_type in EVENTS:
        output = {"campaign_name": campaign["name"], **({"lead_email": lead["email"]} if lead else {})}
        note(context, agent, EVENTS[event_type], action_output=output, email_id=email.get("id"))


LISTENERS.append(observe)


# Activities


@handles("listSalesAgentActivities", "listAISalesAgentActivity", of=KIND)
def list_activities(context: RequestContext) -> dict[str, Any]:
    agent = AGENTS.one(context)
    wanted = {name: context.query.get(name) for name in ("action_status", "action_type")}
    rows = (
        row
        for row in context.of(ACTIVITY).values()
        if row["ai_sdr_id"] == agent["id"]
        and all(row[name] in values for name, values in wanted.items() if values)
        and not (context.query.get("exclude_live_feed_hidden") and row["action_type"] in HIDDEN)
    )
    return page(context, newest_first(rows))


@handles("createImportedLeadsActivity", of=KIND)
def note_import(context: RequestContext) -> Entity:
    agent = AGENTS.one(context)
    context.find("Lead List", context.body["master_list_id"])
    return note(context, agent, "imported_leads", action_payload=dict(context.body))


@handles("approveSalesAgentActivity", "approveAiSdrActivity", of=ACTIVITY)
def approve_one(context: RequestContext) -> Entity:
    return _decided(context, [context.path["activity_id"]], _approve)[0]


@handles("rejectSalesAgentActivity", "rejectAiSdrActivity", of=ACTIVITY)
def reject_one(context: RequestContext) -> Entity:
    return _decided(context, [context.path["activity_id"]], _reject)[0]


@handles("approveSalesAgentActivities", of=KIND)
def approve_several(context: RequestContext) -> dict[str, Any]:
    return {"approved": len(_decided(context, context.body["activity_ids"], _approve))}


@handles("rejectSalesAgentActivities", of=KIND)
def reject_several(context: RequestContext) -> dict[str, Any]:
    return {"rejected": len(_decided(context, context.body["activity_ids"], _reject))}


def _decided(context: RequestContext, ids: Iterable[str], decide: Callable[[RequestContext, Row], None]) -> list[Row]:
    """Decide on those activities of an agent that wait for it."""
    agent = context.find(KIND, next(iter(context.path.values())))
    known = context.of(ACTIVITY)
    rows = [
        known[id]
        for id in dict.fromkeys(ids)
        if id in known and known[id]["ai_sdr_id"] == agent["id"] and known[id]["action_status"] == ActionStatus.PENDING
    ]
    if not rows:
        raise Refusal(404, "No such activity waits for approval")
    for row in rows:
        decide(context, row)
    return rows


def _approve(context: RequestContext, activity: Row) -> None:
    activity.update(action_status=ActionStatus.APPROVED, approved_at=context.now, timestamp_updated=context.now)
    context.schedule(SECONDS_TO_ACT, "sales-agent-acts", id=activity["id"])


def _reject(context: RequestContext, activity: Row) -> None:
    reason = context.body["rejection_reason"]
    activity.update(action_status=ActionStatus.REJECTED, rejected_at=context.now, rejection_reason=reason)
    activity["timestamp_updated"] = context.now


# Figures


def campaigns_of(context: RequestContext, agent: str) -> list[Entity]:
    """The campaigns of an agent, oldest first."""
    return [row for row in context.of("Campaign").values() if row.get("ai_sdr_id") == agent]


def entries_of(context: RequestContext, agent: str) -> list[Entity]:
    """The activity of the leads in an agent's campaigns, in the period that the request asks for."""
    ids = {campaign["id"] for campaign in campaigns_of(context, agent)}
    return recorded(context, ids, context.query.get("start_date"), context.query.get("end_date"))


def _won(context: RequestContext, entries: Iterable[Entity]) -> list[Entity]:
    """The first entry that made each lead an opportunity."""
    won = [entry for entry in entries if entry["kind"] == "interest" and is_positive(context, entry["status"])]
    return list({entry["lead"]: entry for entry in reversed(won)}.values())


def _value(context: RequestContext, entries: Iterable[Entity]) -> float:
    return sum(float(context.of("Campaign")[entry["campaign"]].get("pl_value") or 0) for entry in entries)


@handles("getSalesAgentAnalytics", "getAiSdrAnalytics", of=KIND)
def analytics(context: RequestContext) -> dict[str, Any]:
    agent = AGENTS.one(context)
    entries = entries_of(context, agent["id"])
    won = _won(context, entries)
    found = [
        lead["timestamp_created"]
        for campaign in campaigns_of(context, agent["id"])
        for lead in leads_of(context, campaign=campaign["id"])
    ]
    first, last = (context.query.get("start_date") or "")[:10], (context.query.get("end_date") or "9999")[:10]
    found = [at for at in found if first <= at[:10] <= last]
    moments = {name: [entry["at"] for entry in entries if entry["kind"] == name] for name in ("sent", "replied")}
    mail = [entry["at"] for entry in entries if entry["kind"] in ("sent", "opened", "clicked", "replied")]
    return {
        "total_email_activity_per_day": _by_day(mail),
        "replies_per_day": _by_day(moments["replied"]),
        "leads_found_per_day": _by_day(found),
        "opportunities_per_day": _by_day([entry["at"] for entry in won]),
        "totals": {
            "total_sent": len(moments["sent"]),
            "replies": len(moments["replied"]),
            "opportunities": len(won),
            "opportunities_amount": _value(context, won),
            "total_email_activity": len(mail),
            "leads_found": len(found),
        },
    }


def _by_day(moments: Iterable[str]) -> list[dict[str, Any]]:
    days = Counter(moment[:10] for moment in moments)
    return [{"x": f"{day}T00:00:00.000Z", "y": count} for day, count in sorted(days.items())]


@handles("getSalesAgentOpportunitySummary", "getAiSdrOpportunitySummary", of=KIND)
def opportunities(context: RequestContext) -> dict[str, Any]:
    agent = AGENTS.one(context)
    won = _won(context, entries_of(context, agent["id"]))
    known = context.of("Lead")
    now = Counter(known[entry["lead"]].get("lt_interest_status") for entry in won if entry["lead"] in known)
    names = {"interested": 1, "meeting_booked": 2, "meeting_completed": 3, "closed": 4}
    campaigns = Counter(entry["campaign"] for entry in won)
    return {
        "summary": {
            "total_opportunities": len(won),
            "total_value": _value(context, won),
            "breakdown": {name: now[status] for name, status in names.items()},
        },
        "campaigns": [
            {
                "campaign_id": campaign,
                "total_opportunities": count,
                "total_opportunity_value": _value(context, [each for each in won if each["campaign"] == campaign]),
            }
            for campaign, count in campaigns.items()
        ],
    }


def _lead_activity(context: RequestContext) -> list[dict[str, Any]]:
    """What each lead of an agent's campaigns did, by address."""
    agent = AGENTS.one(context)
    entries = entries_of(context, agent["id"])
    won = {entry["lead"] for entry in _won(context, entries)}
    counts = Counter((entry["lead"], entry["kind"]) for entry in entries)
    rows = [
        {
            "email": lead["email"],
            "emails_sent": counts[lead["id"], "sent"],
            "open_count": counts[lead["id"], "opened"],
            "replied": counts[lead["id"], "replied"] > 0,
            "reply_count": counts[lead["id"], "replied"],
            "click_count": counts[lead["id"], "clicked"],
            "bounced": counts[lead["id"], "bounced"] > 0,
            "has_opportunity": lead["id"] in won,
            "lt_interest_status": lead.get("lt_interest_status"),
        }
        for campaign in campaigns_of(context, agent["id"])
        for lead in leads_of(context, campaign=campaign["id"])
        if lead.get("email")
    ]
    wanted = context.query.get("filter")
    return sorted((row for row in rows if not wanted or row[wanted]), key=lambda row: str(row["email"]))


@handles("listSalesAgentLeadActivity", of=KIND)
def list_lead_activity(context: RequestContext) -> dict[str, Any]:
    return page(context, _lead_activity(context), ascending=True)


@handles("getAiSdrLeadActivity", of=KIND)
def some_lead_activity(context: RequestContext) -> dict[str, Any]:
    rows = _lead_activity(context)
    skip, limit = int(context.query.get("skip", 0)), int(context.query.get("limit", DEFAULT_SIZE))
    return {"leads": rows[skip : skip + limit], "total": len(rows), "limit": limit, "skip": skip}


@handles("getSalesAgentLeadActivitySummary", "getAiSdrLeadActivitySummary", of=KIND)
def lead_activity_summary(context: RequestContext) -> dict[str, Any]:
    rows = _lead_activity(context)
    replied, won = (sum(row[name] for row in rows) for name in ("replied", "has_opportunity"))
    share = {
        name: round(100 * count / len(rows), 2) if rows else 0
        for name, count in (("reply_rate", replied), ("opportunity_rate", won))
    }
    return {"total": len(rows), "replied": replied, "has_opportunity": won, **share}
