"""AI lead finder agents: each keeps its campaign supplied with leads, until its search finds nobody new."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.pages import newest_first, page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.seed_data import person
from ..state.rows import Row
from ..state.statuses import AgentStatus, LeadStatus
from ..state.workspaces import Entity
from . import leads
from .lead_filters import leads_of

KIND, ACTIVITY, SEARCH = "AI Lead Finder Agent", "AI Lead Finder Agent Activity", "AI Lead Finder Search"
TYPE = 6
SECONDS_TO_LOOK = 5.0
SECONDS_BETWEEN_LOOKS = 3600.0
MIN_FOUND, MAX_FOUND = 500, 5000
MIN_ACTIVE_LEADS = 100
PAYLOAD = (
    *("campaign_id", "search_filters", "min_active_leads", "on_exhaustion", "fallback_search_filters"),
    "ai_enrichment_workflow",
)
"""Fields of a request that are settings of the agent."""


class _LeadFinders(Records):
    def created(self, context: RequestContext) -> Entity:
        asked = context.body
        campaign: Entity = context.of("Campaign").get(asked["campaign_id"]) or {}
        payload = {"min_active_leads": MIN_ACTIVE_LEADS, "on_exhaustion": "pause", **_settings(asked)}
        payload |= {"campaign_name": campaign["name"]} if campaign else {}
        agent = self.make(context, {"name": asked["name"], "payload": payload})
        context.schedule(SECONDS_TO_LOOK, "lead-finder-looks", id=agent["id"])
        return agent

    def patched(self, context: RequestContext) -> Row:
        agent, asked = self.one(context), context.body
        payload = {**agent["payload"], **_settings(asked)}
        if payload.get("on_exhaustion") == "fallback" and not payload.get("fallback_search_filters"):
            raise Refusal(400, "on_exhaustion is fallback, but there are no fallback_search_filters")
        agent.update(payload=payload, timestamp_updated=context.now)
        agent.update({name: asked[name] for name in ("name", "description") if name in asked})
        if "search_filters" in asked:
            _searches(context, agent).update(found=0, fallback=False)
        return agent


AGENTS = _LeadFinders(
    KIND,
    creates="createLeadFinderAgent",
    lists="listLeadFinderAgents",
    gets="getLeadFinderAgentById",
    patches="updateLeadFinderAgent",
    defaults=lambda context: {"status": AgentStatus.ACTIVE, "type": TYPE},
)


def _settings(asked: Entity) -> Entity:
    return {name: asked[name] for name in PAYLOAD if name in asked}


def _searches(context: RequestContext, agent: Entity) -> Row:
    """How many people the search of an agent has found, and whether it is the fallback."""
    known = context.of(SEARCH)
    if agent["id"] not in known:
        known[agent["id"]] = {"found": 0, "fallback": False}
    return known[agent["id"]]


def note(context: RequestContext, agent: Entity, event: str, **payload: Any) -> None:
    """Note what an agent does."""
    id = context.new_id()
    context.of(ACTIVITY)[id] = {
        "id": id,
        "agent_id": agent["id"],
        "organization_id": context.workspace.id,
        "timestamp_created": context.now,
        "event_type": event,
        "payload": payload,
    }


@action("lead-finder-looks")
def look(context: RequestContext, id: str) -> None:
    """Add leads to the campaign of an agent, if it has too few."""
    agent = context.of(KIND).get(id)
    if agent is None or agent["status"] != AgentStatus.ACTIVE:
        return  # Resuming it starts the next look.
    campaign = agent["payload"]["campaign_id"]
    if campaign not in context.of("Campaign"):
        note(context, agent, "campaign_not_found")
    else:
        lacking = int(agent["payload"]["min_active_leads"]) - _active(context, campaign)
        if lacking > 0:
            _top_up(context, agent, campaign, lacking)
    if agent["status"] == AgentStatus.ACTIVE:
        context.schedule(SECONDS_BETWEEN_LOOKS, "lead-finder-looks", id=id)


def _active(context: RequestContext, campaign: str) -> int:
    return sum(lead["status"] == LeadStatus.ACTIVE for lead in leads_of(context, campaign=campaign))


def _top_up(context: RequestContext, agent: Row, campaign: str, lacking: int) -> None:
    note(context, agent, "top_up_started")
    search = _searches(context, agent)
    count = min(lacking, _size(context, agent) - search["found"])
    if count <= 0:
        exhaust(context, agent)
        return
    random = Random(f"{context.runtime.seed} {agent['name']} {search['found']}")
    for number in range(search["found"] + 1, search["found"] + 1 + count):
        someone = person(random, number)
        leads.make(context, {**someone, "email": f"{agent['id'][-4:]}.{someone['email']}"}, campaign=campaign)
    search["found"] += count
    after = _active(context, campaign)
    note(context, agent, "top_up_completed", leads_added=count, campaign_active_leads_after=after)


def _size(context: RequestContext, agent: Entity) -> int:
    """The number of people that the search of an agent finds."""
    filters = json.dumps(agent["payload"].get("search_filters", {}), sort_keys=True)
    return Random(f"{context.runtime.seed} {filters}").randint(MIN_FOUND, MAX_FOUND)


def exhaust(context: RequestContext, agent: Row) -> None:
    """Let the search of an agent find nobody new; its settings say what follows."""
    search, mode = _searches(context, agent), agent["payload"].get("on_exhaustion", "pause")
    note(context, agent, "fallback_exhausted" if search["fallback"] else "search_exhausted")
    if mode == "fallback" and not search["fallback"]:
        search.update(found=0, fallback=True)
        note(context, agent, "fallback_activated")
    elif mode == "broaden":
        search["found"] = 0
    else:
        agent.update(status=AgentStatus.INACTIVE, timestamp_updated=context.now)
        note(context, agent, "paused_exhausted")


@handles("pauseLeadFinderAgentById", of=KIND)
def pause(context: RequestContext) -> Entity:
    agent = AGENTS.one(context)
    agent.update(status=AgentStatus.INACTIVE, timestamp_updated=context.now)
    note(context, agent, "agent_paused")
    return agent


@handles("resumeLeadFinderAgentById", of=KIND)
def resume(context: RequestContext) -> Entity:
    agent = AGENTS.one(context)
    if agent["status"] != AgentStatus.ACTIVE:
        agent.update(status=AgentStatus.ACTIVE, timestamp_updated=context.now)
        note(context, agent, "agent_resumed")
        context.schedule(SECONDS_TO_LOOK, "lead-finder-looks", id=agent["id"])
    return agent


def events_of(context: RequestContext, agent: str) -> list[Entity]:
    """What an agent did, oldest first."""
    return [row for row in context.of(ACTIVITY).values() if row["agent_id"] == agent]


@handles("listLeadFinderAgentActivitiesById", of=KIND)
def list_activities(context: RequestContext) -> dict[str, Any]:
    return page(context, newest_first(events_of(context, AGENTS.one(context)["id"])))


@handles("getLeadFinderAgentStats", of=KIND)
def stats(context: RequestContext) -> dict[str, Any]:
    rows = events_of(context, AGENTS.one(context)["id"])
    events = [row["event_type"] for row in rows]
    return {
        "leads_added_total": sum(row["payload"].get("leads_added", 0) for row in rows),
        "top_ups_completed": events.count("top_up_completed"),
        "top_ups_failed": events.count("top_up_failed"),
    }
