"""AI deliverability agents: each run checks the accounts and campaigns of the workspace, and recommends what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.pages import newest_first, page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.sending import HELD, is_held
from ..state.clock import timestamp
from ..state.rows import Row
from ..state.statuses import AccountStatus, AgentStatus, CampaignStatus
from ..state.workspaces import Entity

KIND, CHECK, RUN, ITEM = (
    "AI Deliverability Agent",
    "AI Deliverability Check",
    "AI Deliverability Run",
    "AI Deliverability Feed Item",
)
BEGINS = "deliverability-run-begins"
SECONDS_TO_BEGIN = 5.0
SECONDS_TO_RUN = 10.0
SECONDS_BETWEEN_RUNS = 24 * 3600.0
DAYS_HELD = 14
DAYS_KEPT = 30
TODO, DONE = "todo", "done"
PROVIDERS = {1: "custom_imap_smtp", 2: "google", 3: "microsoft", 8: "airmail"}
OTHER = "other"

AGENTS = Records(
    KIND,
    gets="getDeliverabilityAgentById",
    defaults=lambda context: {
        "name": "Deliverability Agent",
        "type": 3,
        "status": AgentStatus.ACTIVE,
        "payload": {"integrations": {"slack": None}},
    },
)


# What the checks find.


class Check(NamedTuple):
    """Check of a run: what it is about, what can be done, and what it finds, by id."""

    severity: str
    subject: str
    action: str
    find: Callable[[RequestContext], list[str]]


def _accounts(*statuses: int, field: str = "status") -> Callable[[RequestContext], list[str]]:
    return lambda context: [email for email, account in context.of("Account").items() if account.get(field) in statuses]


def _tracking(context: RequestContext) -> list[str]:
    campaigns = context.of("Campaign").values()
    return [each["id"] for each in campaigns if each["status"] == CampaignStatus.ACTIVE and each.get("open_tracking")]


PAUSE_ACCOUNTS, PAUSE_SENDING, COMPLETE = "pause_affected_accounts", "pause_campaign_sending", "complete"
CHECKS = {
    "dns_health": Check("critical", "account", PAUSE_ACCOUNTS, _accounts(AccountStatus.CONNECTION_ERROR)),
    "blocklists": Check("critical", "account", PAUSE_ACCOUNTS, _accounts(AccountStatus.SENDING_ERROR)),
    "bounces": Check("warning", "account", PAUSE_SENDING, _accounts(AccountStatus.SOFT_BOUNCE_ERROR)),
    "warmup_scores": Check("warning", "account", PAUSE_SENDING, _accounts(-1, -2, -3, field="warmup_status")),
    "workspace_settings": Check("info", "campaign", COMPLETE, _tracking),
}
"""By code. What is wrong with an account in the sandbox is in its status."""


# Runs


def enqueue(context: RequestContext, agent: Entity, seconds: float = SECONDS_TO_BEGIN) -> Row:
    """Queue a run of an agent, in place of the one that is next due."""
    for event in [event for event in context.workspace.queue if _is_begin(event, agent)]:
        context.workspace.queue.remove(event)
    runs, id = context.of(RUN), context.new_id()
    for key in [key for key, run in runs.items() if run["agent"] == agent["id"] and run["status"] == "scheduled"]:
        del runs[key]
    runs[id] = {"id": id, "agent": agent["id"], "status": "scheduled", "started_at": None, "completed_at": None}
    context.schedule(seconds, BEGINS, agent=agent["id"], run=id)
    return runs[id]


def _is_begin(event: Any, agent: Entity) -> bool:
    return bool(event["action"] == BEGINS and event["arguments"]["agent"] == agent["id"])


@action(BEGINS)
def begin(context: RequestContext, agent: str, run: str) -> None:
    """Begin a run: its first check is in progress, the others are queued."""
    if agent not in context.of(KIND) or run not in context.of(RUN):
        return
    context.of(RUN)[run].update(status="running", started_at=context.now)
    for place, code in enumerate(CHECKS):
        id = context.new_id()
        context.of(CHECK)[id] = {
            "id": id,
            "organization_id": context.workspace.id,
            "agent_id": agent,
            "cycle_id": run,
            "activity_code": code,
            "status": "queued" if place else "in_progress",
            "priority": place,
            "payload": {},
            "idempotency_key": f"{run}:{code}",
            "timestamp_created": context.now,
            "timestamp_updated": context.now,
            "queued_at": context.now,
            "started_at": None if place else context.now,
            "completed_at": None,
        }
    context.schedule(SECONDS_TO_RUN, "deliverability-run-ends", agent=agent, run=run)


@action("deliverability-run-ends")
def end(context: RequestContext, agent: str, run: str) -> None:
    """End a run: its checks say what they found, and the next run is due in a day."""
    found = context.of(KIND).get(agent)
    if found is None:
        return
    for check in _checks(context, run):
        code = check["activity_code"]
        affected = CHECKS[code].find(context)
        check.update(
            status="completed",
            started_at=check["started_at"] or context.now,
            completed_at=context.now,
            timestamp_updated=context.now,
            result_payload={"affected": affected},
        )
        _recommend(context, found, check, affected)
    context.of(RUN)[run].update(status="completed", completed_at=context.now)
    enqueue(context, found, SECONDS_BETWEEN_RUNS)


def _recommend(context: RequestContext, agent: Entity, check: Entity, affected: list[str]) -> None:
    """Add a recommendation to the feed, unless it waits there; and complete one whose cause is removed."""
    code = check["activity_code"]
    waiting = [item for item in items_of(context, agent["id"]) if item["feed_code"] == code and item["status"] == TODO]
    if waiting and not affected:
        _complete(context, waiting[0])
    if waiting or not affected:
        return
    id = context.new_id()
    context.of(ITEM)[id] = {
        "id": id,
        "organization_id": context.workspace.id,
        "agent_id": agent["id"],
        "source_activity_id": check["id"],
        "feed_code": code,
        "kind": "recommendation",
        "status": TODO,
        "severity": CHECKS[code].severity,
        "priority": check["priority"],
        "subject_type": CHECKS[code].subject,
        "subject_id": affected[0],
        "payload": {"affected": affected},
        "action_code": CHECKS[code].action,
        "action_status": "available",
        "dedupe_key": f"{code}:{affected[0]}",
        "timestamp_created": context.now,
        "timestamp_updated": context.now,
    }


def _complete(context: RequestContext, item: Row) -> None:
    item.update(status=DONE, action_status="completed", completed_at=context.now, timestamp_updated=context.now)


def _checks(context: RequestContext, run: str) -> list[Row]:
    return [row for row in context.of(CHECK).values() if row["cycle_id"] == run]


def items_of(context: RequestContext, agent: str) -> list[Row]:
    """The items in the feed of an agent, oldest first."""
    return [row for row in context.of(ITEM).values() if row["agent_id"] == agent]


# The default agent of the workspace


def _default(context: RequestContext) -> Row | None:
    return next(iter(context.of(KIND).values()), None)


def _deployed(context: RequestContext) -> Row:
    agent = _default(context)
    if agent is None or agent["status"] != AgentStatus.ACTIVE:
        raise context.not_found(KIND)
    return agent


@handles("getDeliverabilityAgent")
def get(context: RequestContext) -> dict[str, Any]:
    return {"agent": _default(context)}


@handles("deployDeliverabilityAgent")
def deploy(context: RequestContext) -> dict[str, Any]:
    agent = _default(context)
    active = agent is not None and agent["status"] == AgentStatus.ACTIVE
    if agent is None:
        agent = AGENTS.make(context, {})
    if not active:
        agent.update(status=AgentStatus.ACTIVE, timestamp_updated=context.now)
        enqueue(context, agent)
    return {
        "agent": agent,
        "already_deployed": active,
        "initial_cycle_enqueued": not active,
        "promo_credits_granted": None,
    }


@handles("runDeliverabilityAgentNow")
def run_now(context: RequestContext) -> dict[str, Any]:
    agent = _deployed(context)
    latest = _latest(context, agent["id"])
    if latest is not None and latest["status"] == "running":
        return {"agent": agent, "cycle_id": latest["id"], "run_cycle_enqueued": False}
    return {"agent": agent, "cycle_id": enqueue(context, agent)["id"], "run_cycle_enqueued": True}


@handles("updateDeliverabilityAgentSettings")
def settings(context: RequestContext) -> dict[str, Any]:
    return {"agent": _connected(context, _deployed(context))}


@handles("patchDeliverabilityAgent", of=KIND)
def patch(context: RequestContext) -> Entity:
    return _connected(context, AGENTS.one(context))


def _connected(context: RequestContext, agent: Row) -> Row:
    agent.update(payload={"integrations": {"slack": context.body["slack"]}}, timestamp_updated=context.now)
    return agent


# State


@handles("getDeliverabilityAgentState")
def state(context: RequestContext) -> dict[str, Any]:
    agent = _default(context)
    return {"agent": agent, **_state(context, agent["id"] if agent else "")}


@handles("getDeliverabilityAgentStateById", of=KIND)
def state_of_one(context: RequestContext) -> dict[str, Any]:
    return _state(context, AGENTS.one(context)["id"])


@handles("listDeliverabilityAgentFeedItems", of=KIND)
def list_items(context: RequestContext) -> dict[str, Any]:
    return _feed(context, AGENTS.one(context)["id"])


def _feed(context: RequestContext, agent: str) -> dict[str, Any]:
    wanted = context.query.get("feed_filter", "all")
    return page(context, newest_first(row for row in items_of(context, agent) if wanted in ("all", row["status"])))


def _state(context: RequestContext, agent: str) -> dict[str, Any]:
    checks = [row for row in context.of(CHECK).values() if row["agent_id"] == agent]
    active = next((row for row in checks if row["status"] == "in_progress"), None)
    done = [row for row in checks if row["status"] == "completed"]
    due = [event["at"] for event in context.workspace.queue if _is_begin(event, {"id": agent})]
    runs = [row for row in context.of(RUN).values() if row["agent"] == agent and row["status"] == "completed"]
    feed = _feed(context, agent)
    return {
        "current_activity": {
            "active": None if active is None else {**active, "sub_messages": []},
            "queued": [row for row in checks if row["status"] == "queued"],
            "completed_summary": {
                "count": len(done),
                "retention_days": DAYS_KEPT,
                "last_completed_at": done[-1]["completed_at"] if done else None,
            },
        },
        "schedule": {"next_run_at": timestamp(datetime.fromtimestamp(due[0], UTC)) if due else None},
        "run_summary": {
            "latest": _summary(context, agent),
            "trend": [
                {"cycle_id": run["id"], "completed_at": run["completed_at"], **_score(_checks(context, run["id"]))}
                for run in runs
            ],
        },
        "activity_feed": {name: feed.get(name) for name in ("items", "next_starting_after")},
    }


def _latest(context: RequestContext, agent: str) -> Row | None:
    """The latest run that has begun; or else the one that is scheduled."""
    runs = [row for row in context.of(RUN).values() if row["agent"] == agent]
    begun = [run for run in runs if run["status"] != "scheduled"]
    return next(reversed(begun or runs), None)


def _summary(context: RequestContext, agent: str) -> dict[str, Any]:
    run = _latest(context, agent)
    checks = _checks(context, run["id"]) if run else []
    known = {check["id"] for check in checks}
    counts = _score(checks)
    del counts["score"]
    return {
        "cycle_id": run["id"] if run else None,
        "status": run["status"] if run else "empty",
        "started_at": run["started_at"] if run else None,
        "completed_at": run["completed_at"] if run else None,
        "completed_checks": sum(check["status"] == "completed" for check in checks),
        **counts,
        "checks": [
            {
                "activity_id": check["id"],
                **{name: check[name] for name in ("activity_code", "status", "completed_at")},
                "outcome": _outcome(check),
            }
            for check in checks
        ],
        "feed_items": [item for item in items_of(context, agent) if item["source_activity_id"] in known],
    }


def _outcome(check: Entity) -> str:
    if check["status"] != "completed":
        return {"in_progress": "running"}.get(check["status"], str(check["status"]))
    if not check["result_payload"]["affected"]:
        return "healthy"
    return "info" if CHECKS[check["activity_code"]].severity == "info" else "needs_attention"


def _score(checks: list[Row]) -> dict[str, Any]:
    outcomes = Counter(_outcome(check) for check in checks)
    done = sum(check["status"] == "completed" for check in checks)
    return {
        "score": round(100 * outcomes["healthy"] / done) if done else None,
        "total_checks": len(checks),
        "healthy_count": outcomes["healthy"],
        "needs_attention_count": outcomes["needs_attention"],
        "info_count": outcomes["info"],
        "failed_count": outcomes["failed"],
    }


# What can be done about an item


def _item(context: RequestContext, wanted: str) -> Row:
    item = context.find(ITEM, context.path["id"])
    if item["action_code"] != wanted:
        raise Refusal(409, f"This item asks for {item['action_code']}")
    return item


def _affected(context: RequestContext, item: Row) -> list[str]:
    """What a recommendation applies to, checked once more; nothing for one that is complete."""
    return CHECKS[item["feed_code"]].find(context) if item["status"] == TODO else []


@handles("pauseDeliverabilityAffectedAccounts", of=ITEM)
def pause_accounts(context: RequestContext) -> dict[str, Any]:
    item, accounts = _item(context, PAUSE_ACCOUNTS), context.of("Account")
    domains = {email.rpartition("@")[2] for email in _affected(context, item)}
    affected = [account for email, account in accounts.items() if email.rpartition("@")[2] in domains]
    paused = [account for account in affected if account["status"] == AccountStatus.ACTIVE]
    for account in paused:
        account.update(status=AccountStatus.PAUSED, timestamp_updated=context.now)
    counts = Counter(PROVIDERS.get(account["provider_code"], OTHER) for account in paused)
    if item["status"] == TODO:
        _complete(context, item)
    return {
        "item": item,
        "affected_account_count": len(affected),
        "affected_domain_count": len(domains),
        "paused_account_count": len(paused),
        "paused_provider_counts": {name: counts[name] for name in (*PROVIDERS.values(), OTHER)},
        "paused_managed_account_count": 0,
        "paused_self_managed_account_count": len(paused),
    }


@handles("pauseDeliverabilityCampaignSending", of=ITEM)
def pause_sending(context: RequestContext) -> dict[str, Any]:
    item, held = _item(context, PAUSE_SENDING), context.of(HELD)
    until = timestamp(datetime.fromtimestamp(context.time + DAYS_HELD * SECONDS_BETWEEN_RUNS, UTC))
    affected = _affected(context, item)
    before = [email for email in affected if is_held(context, email)]
    for email in affected:
        held[email] = {"until": until}
    if item["status"] == TODO:
        _complete(context, item)
    return {
        "item": item,
        "affected_account_count": len(affected),
        "paused_account_count": len(affected) - len(before),
        "already_paused_account_count": len(before),
        "managed_account_count": 0,
        "ready_made_account_count": 0,
        "pause_sending_campaigns_until": until,
        "duration_days": DAYS_HELD,
    }


@handles("completeDeliverabilityFeedItem", of=ITEM)
def complete(context: RequestContext) -> dict[str, Any]:
    item = _item(context, COMPLETE)
    if _affected(context, item):
        raise Refusal(409, "The cause of this recommendation is not removed yet")
    if item["status"] == TODO:
        _complete(context, item)
    return {"item": item}
