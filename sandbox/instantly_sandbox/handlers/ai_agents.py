"""AI agents of all kinds in one list. Each kind has a module of its own."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.pages import contains, page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.validation import validator
from ..state.rows import Row
from ..state.workspaces import Entity
from . import ai_deliverability_agents, ai_inbox_managers, ai_lead_finder_agents, ai_sales_agents

AGENTS: dict[str, Records] = {
    records.kind: records
    for records in (
        ai_inbox_managers.AGENTS,
        ai_sales_agents.AGENTS,
        ai_lead_finder_agents.AGENTS,
        ai_deliverability_agents.AGENTS,
    )
}
KINDS = tuple(AGENTS)
OF_SALES = ("config", "agent_type", "input", "memory_from_workspace", "is_duplicate", "master_lead_list_id")
"""Fields of a request that only an AI sales agent has."""


def _one(context: RequestContext) -> Row:
    id = context.path["id"]
    found = next((context.of(kind)[id] for kind in KINDS if id in context.of(kind)), None)
    if found is None:
        raise context.not_found("AI agent")
    return found


def _kind(context: RequestContext, agent: Entity) -> str:
    return next(kind for kind in KINDS if agent["id"] in context.of(kind))


def _summary(agent: Entity) -> dict[str, Any]:
    shared = {name: agent[name] for name in ("id", "name", "status", "timestamp_created", "timestamp_updated")}
    mode = ai_inbox_managers.MODES.get(agent.get("payload", {}).get("configuration_type"))
    return {**shared, "type": _type(agent), "configuration_mode": mode}


def _type(agent: Entity) -> int:
    # The type of an AI sales agent is that of its source.
    return int(agent["agent_type"] if "agent_type" in agent else agent["type"])


@handles("listAIAgent")
def list_agents(context: RequestContext) -> dict[str, Any]:
    ask = context.query
    rows = [
        _summary(agent)
        for kind in KINDS
        for agent in context.of(kind).values()
        if ask.get("type") in (None, _type(agent))
        and ask.get("status") in (None, agent["status"])
        and contains(agent, ask.get("search"), "name")
    ]
    column, ascending = ask.get("sort_column", "timestamp_created"), ask.get("sort_order") == "asc"
    rows.sort(key=lambda row: (str(row.get(column, "")), row["id"]), reverse=not ascending)
    return page(context, rows, ascending=ascending)


@handles("createAIAgent")
def create(context: RequestContext) -> Entity:
    sales = any(context.body.get(name) is not None for name in OF_SALES)
    kind = ai_sales_agents.KIND if sales else ai_inbox_managers.KIND
    # The document takes anything as the type that a request has, but not as that of an agent.
    takes = context.runtime.document.component(kind)["properties"].get("type", {})
    if not validator(context.runtime.document, takes).is_valid(context.body.get("type")):
        context.body.pop("type", None)
    return AGENTS[kind].created(context)


@handles("getAIAgent", of=KINDS)
def get(context: RequestContext) -> dict[str, Any]:
    return _summary(_one(context))


@handles("patchAIAgent", of=KINDS)
def patch(context: RequestContext) -> Entity:
    return AGENTS[_kind(context, _one(context))].patched(context)


@handles("deleteAIAgent", of=KINDS)
def delete(context: RequestContext) -> dict[str, Any]:
    agent = _one(context)
    AGENTS[_kind(context, agent)].deleted(context)
    return _summary(agent)


@handles("getAiAgentAnalytics")
def analytics(context: RequestContext) -> dict[str, Any]:
    figures = {
        ai_inbox_managers.KIND: _of_inbox_manager,
        ai_sales_agents.KIND: _of_sales_agent,
        ai_lead_finder_agents.KIND: _of_lead_finder,
        ai_deliverability_agents.KIND: _of_deliverability_agent,
    }
    rows = []
    for id in dict.fromkeys(context.body["agent_ids"]):
        for kind, of in figures.items():
            if id in context.of(kind):
                reach, outcome = of(context, id)
                rows.append({"agent_id": id, "reach": reach, "outcome": outcome})
    return {"analytics": rows}


def _of_inbox_manager(context: RequestContext, id: str) -> tuple[int, int]:
    rows = ai_inbox_managers.entries(context, id)
    return len(rows), len(ai_inbox_managers.conversations(rows))


def _of_sales_agent(context: RequestContext, id: str) -> tuple[int, int]:
    kinds = [entry["kind"] for entry in ai_sales_agents.entries_of(context, id)]
    return kinds.count("sent"), kinds.count("replied")


def _of_lead_finder(context: RequestContext, id: str) -> tuple[int, int]:
    rows = ai_lead_finder_agents.events_of(context, id)
    added = sum(row["payload"].get("leads_added", 0) for row in rows)
    return added, sum(row["event_type"] == "top_up_completed" for row in rows)


def _of_deliverability_agent(context: RequestContext, id: str) -> tuple[int, int]:
    rows = ai_deliverability_agents.items_of(context, id)
    return len(rows), sum(row["status"] == ai_deliverability_agents.DONE for row in rows)
