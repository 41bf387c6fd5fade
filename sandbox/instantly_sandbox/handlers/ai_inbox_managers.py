"""AI inbox managers: they answer the replies of leads, follow up, and win back leads who missed a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.pages import newest_first, page
from ..engine.records import Records
from ..engine.registry import HANDLERS, handles
from ..engine.scheduler import action
from ..simulation.events import LISTENERS
from ..state.rows import Row
from ..state.statuses import AccountStatus, AgentStatus
from ..state.workspaces import Entity
from .emails import RECEIVED

KIND, REPLY, ACTIVITY = "AI Inbox Manager", "AI Sales Agent Reply", "AI Inbox Manager Activity"
COPILOT, FULLY_AUTOMATIC = 1, 2
MODES = {COPILOT: "copilot", FULLY_AUTOMATIC: "fully_automatic"}
"""The configuration types, as the list of all agents names them."""

FAILED, SENT, SCHEDULED = -1, 1, 2
TO_REPLY, TO_FOLLOW_UP, TO_RECOVER = 1, 2, 3
"""The types of a manager's work."""

TEXTS = {
    TO_REPLY: "Thank you for your reply. When would suit you?",
    TO_FOLLOW_UP: "Did you have time to think about it?",
    TO_RECOVER: "We missed you in our meeting. Shall we find another time?",
}
SECONDS_TO_ANSWER = 60.0
SECONDS_TO_FOLLOW_UP = 3 * 24 * 3600.0
SECONDS_SAVED = 240
ANSWERED = {"reply_received": False, "auto_reply_received": True}
"""Events that a manager answers -> whether the reply is automatic."""


class _Managers(Records):
    def found(self, context: RequestContext) -> Entity:
        manager = self.one(context)
        return {**manager, "metadata": {}} if context.query.get("with_metadata") else manager

    def patched(self, context: RequestContext) -> Row:
        # Settings that are left out stay.
        if "payload" in context.body:
            context.body["payload"] = {**self.one(context)["payload"], **context.body["payload"]}
        return super().patched(context)


AGENTS = _Managers(
    KIND,
    creates="createInboxManagerAgent",
    gets="getInboxManagerAgent",
    patches="patchInboxManagerAgent",
    defaults=lambda context: {"status": AgentStatus.ACTIVE, "type": 1, "payload": {"configuration_type": COPILOT}},
)


class _Replies(Records):
    def one(self, context: RequestContext) -> Row:
        reply = super().one(context)
        if reply["agent_id"] != context.path["id"]:
            raise context.not_found(REPLY)
        return reply


REPLIES = _Replies(
    REPLY,
    lists="listInboxManagerReplies",
    gets="getInboxManagerReply",
    patches="patchInboxManagerReply",
    filtered=lambda context, row: (
        row["agent_id"] == AGENTS.one(context)["id"]
        and all(
            bool(row.get(name)) == context.query[name]
            for name in ("requires_hitl", "information_requested", "action_pending")
            if context.query.get(name) is not None
        )
    ),
)


def observe(context: RequestContext, event_type: str, about: dict[str, Any]) -> None:
    """Listener: let the managers of the workspace answer a reply, or a missed meeting."""
    lead, email = (about.get(name) or {} for name in ("lead", "email"))
    for manager in list(context.of(KIND).values()):
        if manager["status"] != AgentStatus.ACTIVE:
            continue
        settings = manager["payload"]
        if event_type in ANSWERED and email.get("ue_type") == RECEIVED:
            _note_recovery(context, manager, lead)
            if _concerns(settings, lead, automatic=ANSWERED[event_type]):
                _write_later(context, manager, email["id"], TO_REPLY, SECONDS_TO_ANSWER)
        elif event_type == "lead_no_show" and settings.get("no_show", {}).get("enabled"):
            last = list(context.of("Email").by("lead_id", lead["id"]))
            if last:
                _write_later(context, manager, last[-1]["id"], TO_RECOVER, SECONDS_TO_ANSWER)


LISTENERS.append(observe)


def _concerns(settings: Entity, lead: Entity, *, automatic: bool) -> bool:
    if automatic and not settings.get("respond_to_automatic_emails"):
        return False
    listed = lead.get("lt_interest_status") in settings.get("trigger_on_labels", ())
    wanted = settings.get("trigger_on_labels_mode", "include") == "include"
    return not settings.get("trigger_on_labels_enabled") or listed == wanted


def _write_later(context: RequestContext, manager: Entity, email: str, work: int, seconds: float) -> None:
    context.schedule(seconds, "inbox-manager-writes", id=manager["id"], email=email, work=work)


@action("inbox-manager-writes")
def write(context: RequestContext, id: str, email: str, work: int) -> None:
    """Write to a lead: send it, or leave it to a person, as the configuration of the manager says."""
    manager, answered = context.of(KIND).get(id), context.of("Email").get(email)
    if manager is None or answered is None or manager["status"] != AgentStatus.ACTIVE:
        return
    if work == TO_FOLLOW_UP and _wrote_since(context, answered):
        return
    by_itself = manager["payload"].get("configuration_type") == FULLY_AUTOMATIC
    error = _send(context, answered, TEXTS[work]) if by_itself else None
    outcome: dict[str, Any] = {"sending_status": FAILED if error else SENT if by_itself else SCHEDULED}
    outcome |= {"error_code": error} if error else {}
    decision = {"requires_hitl": not by_itself, "action_pending": not by_itself}
    about = {"thread_id": answered["thread_id"], "is_followup": work != TO_REPLY}
    saved = {"estimated_time_saved_seconds": SECONDS_SAVED}
    reply = REPLIES.make(
        context,
        {
            "agent_id": id,
            "lead": answered["lead"],
            "html": f"<p>{TEXTS[work]}</p>",
            "is_automatic_email": by_itself,
            "in_reply_to": answered["id"],
            "confidence_score": 90,
            "generation_lag_seconds": int(SECONDS_TO_ANSWER),
            **about, **decision, **outcome, **saved,
        },
    )  # fmt: skip
    kind = {"activity_type": "reply" if work == TO_REPLY else "followup", "job_type": work}
    _note(context, manager, answered["lead"], reply["id"], **kind, **about, **decision, **outcome, **saved)
    if work == TO_REPLY and manager["payload"].get("handle_followup"):
        _write_later(context, manager, email, TO_FOLLOW_UP, SECONDS_TO_FOLLOW_UP)


def _note(context: RequestContext, manager: Entity, lead: str, id: str, **more: Any) -> None:
    row = {"id": id, "timestamp_created": context.now, "lead_email": lead, **more}
    context.of(ACTIVITY)[id] = {"agent": manager["id"], "shown": row}


def _wrote_since(context: RequestContext, email: Entity) -> bool:
    later = (row for row in context.of("Email").values() if row["timestamp_email"] > email["timestamp_email"])
    return any(row.get("thread_id") == email["thread_id"] and row.get("ue_type") == RECEIVED for row in later)


def _send(context: RequestContext, answered: Entity, text: str) -> str | None:
    """Send a reply; the code of the error if that fails."""
    account = context.of("Account").get(answered["eaccount"])
    if account is None:
        return "NO_SENDING_ACCOUNT"
    if account["status"] != AccountStatus.ACTIVE:
        return "ACCOUNT_INACTIVE"
    body = {"reply_to_uuid": answered["id"], "eaccount": answered["eaccount"], "subject": answered["subject"]}
    sends = RequestContext.internal(
        context.runtime, context.workspace, "replyToEmail", body={**body, "body": {"text": text}}, at=context.time
    )
    try:
        HANDLERS["replyToEmail"](sends)
    except Refusal:
        return "SEND_FAILED"
    return None


def _note_recovery(context: RequestContext, manager: Entity, lead: Entity) -> None:
    """Note that a lead was won back: it replies after it missed a meeting."""
    tried = [row for row in entries(context, manager["id"]) if row["lead_email"] == lead.get("email")]
    if tried and tried[-1].get("job_type") == TO_RECOVER:
        campaign: Entity = context.of("Campaign").get(lead.get("campaign") or "") or {}
        _note(
            context,
            manager,
            lead["email"],
            context.new_id(),
            activity_type="recovery",
            recovery_method="lead_reply",
            revenue_recovered=float(campaign.get("pl_value") or 0),
        )


# Figures


def entries(context: RequestContext, manager: str, first: str = "", last: str = "9999") -> list[Entity]:
    """What a manager did from one day to another, oldest first."""
    return [
        row["shown"]
        for row in context.of(ACTIVITY).values()
        if row["agent"] == manager and first <= row["shown"]["timestamp_created"][:10] <= last
    ]


def conversations(rows: Iterable[Entity]) -> set[str]:
    """The different conversations of entries."""
    return {row["thread_id"] for row in rows if row.get("thread_id")}


@handles("listInboxManagerActivity", of=KIND)
def list_activity(context: RequestContext) -> dict[str, Any]:
    wanted = {name: context.query.get(name) for name in ("action_pending", "activity_type", "job_type")}
    rows = [
        row
        for row in entries(context, AGENTS.one(context)["id"])
        if all(row.get(name) == value for name, value in wanted.items() if value is not None)
    ]
    return page(context, newest_first(rows))


def _asked(context: RequestContext) -> list[Entity]:
    first, last = context.query.get("from") or "", context.query.get("to") or "9999"
    return entries(context, AGENTS.one(context)["id"], first, last)


@handles("getInboxManagerAnalyticsSummary", of=KIND)
def summary(context: RequestContext) -> dict[str, Any]:
    rows = _asked(context)
    figures = _figures(rows)
    actions = [row for row in rows if row["activity_type"] != "recovery"]
    received = {row["thread_id"] for row in context.of("Email").values() if row.get("ue_type") == RECEIVED}
    tried = [row for row in actions if row["job_type"] == TO_RECOVER]
    recovered = figures["no_show_total_leads_recovered"]
    return {
        **figures,
        "time_saved": sum(row["estimated_time_saved_seconds"] for row in actions),
        "average_confidence_score": 90 if actions else 0,
        "involvement_rate": _share(figures["unique_conversations"], len(received)),
        "resolution_rate": _share(sum(row["sending_status"] == SENT for row in actions), len(actions)),
        "no_show_total_revenue_recovered": sum(row.get("revenue_recovered", 0) for row in rows),
        "no_show_time_saved": sum(row["estimated_time_saved_seconds"] for row in tried),
        "no_show_recovery_rate": _share(recovered, len({row["lead_email"] for row in tried})),
    }


@handles("getInboxManagerAnalyticsSummaryByDate", of=KIND)
def by_date(context: RequestContext) -> list[dict[str, Any]]:
    days: dict[str, list[Entity]] = {}
    for row in _asked(context):
        days.setdefault(row["timestamp_created"][:10], []).append(row)
    return [{"date": day, **_figures(rows)} for day, rows in sorted(days.items())]


def _figures(rows: list[Entity]) -> dict[str, int]:
    """The figures that a day shares with the whole."""
    count = {work: sum(row.get("job_type") == work for row in rows) for work in TEXTS}
    return {
        "total_actions": sum(count.values()),
        "replies_count": count[TO_REPLY],
        "follow_ups_count": count[TO_FOLLOW_UP],
        "human_intervention": sum(bool(row.get("requires_hitl")) for row in rows),
        "info_requested": sum(bool(row.get("information_requested")) for row in rows),
        "unique_conversations": len(conversations(rows)),
        "no_show_follow_ups_generated": count[TO_RECOVER],
        "no_show_total_leads_recovered": sum(row["activity_type"] == "recovery" for row in rows),
    }


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0
