"""E-mails of the Unibox: what campaigns sent, what came back, and what was answered by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.context import Call, Entity, Refusal, handles
from ..engine.filters import several
from ..engine.pages import page
from ..engine.records import Records
from .accounts import ACTIVE, PAUSED

SENT_FROM_CAMPAIGN, RECEIVED, SENT, SCHEDULED = 1, 2, 3, 4
TYPES = {"sent": SENT_FROM_CAMPAIGN, "received": RECEIVED, "manual": SENT}
PREVIEW = 100

EMAILS = Records("Email", gets="getEmail", patches="patchEmail", deletes="deleteEmail")


@handles("listEmail")
def listed(call: Call) -> dict[str, Any]:
    asked = [(test, call.query[name]) for name, test in FILTERS.items() if call.query.get(name) is not None]
    rows = [row for row in call.of("Email").values() if all(test(call, row, value) for test, value in asked)]
    rows.sort(key=_created)
    if call.query.get("latest_of_thread"):
        rows = sorted({row.get("thread_id") or row["id"]: row for row in rows}.values(), key=_created)
    if call.query.get("sort_order") != "asc":
        rows.reverse()
    told = page(call, rows)
    if call.query.get("preview_only"):
        told["items"] = [{**row, "body": {}} for row in told["items"]]
    return told


def _created(email: Entity) -> str:
    return str(email["timestamp_created"])


def _matches(call: Call, email: Entity, text: str) -> bool:
    if text.startswith("thread:"):
        return bool(email.get("thread_id") == text.removeprefix("thread:"))
    return text.lower() in str(email.get("lead") or "").lower()


def _lead(call: Call, email: Entity) -> Entity:
    return call.of("Lead").get(email.get("lead_id") or "", {})


def _domain(call: Call, email: Entity) -> str:
    return str(_lead(call, email).get("company_domain") or str(email.get("lead")).rpartition("@")[2])


FILTERS: dict[str, Callable[[Call, Entity, Any], bool]] = {
    "search": _matches,
    "campaign_id": lambda call, row, value: bool(row.get("campaign_id") == value),
    "list_id": lambda call, row, value: bool(row.get("list_id") == value),
    "i_status": lambda call, row, value: bool(row.get("i_status") == value),
    "lead": lambda call, row, value: bool(row.get("lead") == value),
    "eaccount": lambda call, row, value: row["eaccount"] in several(value),
    "is_unread": lambda call, row, value: bool(row.get("is_unread")) == value,
    "has_reminder": lambda call, row, value: bool(row.get("reminder_ts")) == value,
    "mode": lambda call, row, value: value == "emode_all" or bool(row.get("is_focused")) == (value == "emode_focused"),
    "scheduled_only": lambda call, row, value: not value or row.get("ue_type") == SCHEDULED,
    "email_type": lambda call, row, value: row.get("ue_type") == TYPES[value],
    "assigned_to": lambda call, row, value: bool(_lead(call, row).get("assigned_to") == value),
    "company_domain": lambda call, row, value: _domain(call, row) == value,
    "marked_as_done": lambda call, row, value: not value,  # No call marks anything as done.
    "min_timestamp_created": lambda call, row, value: bool(row["timestamp_created"] > value),
    "max_timestamp_created": lambda call, row, value: bool(row["timestamp_created"] < value),
}


@handles("sendTestEmail")
def send_test(call: Call) -> dict[str, Any]:
    account = call.of("Account").get(call.body["eaccount"])
    if account is None:
        return {"error": "ACC_NOT_FOUND"}
    if account["status"] == ACTIVE:
        return {"status": "success"}
    return {"error": "ACC_UNKNOWN_ERROR" if account["status"] == PAUSED else "ACC_AUTH_ERROR"}


@handles("replyToEmail")
def reply(call: Call) -> Entity:
    answered = call.find("Email", call.body["reply_to_uuid"])
    came_in = answered.get("ue_type") == RECEIVED
    to = answered["from_address_email"] if came_in else answered["to_address_email_list"]
    return _send(call, answered, to_address_email_list=to, reminder_ts=call.body.get("reminder_ts"))


@handles("forwardEmail")
def forward(call: Call) -> Entity:
    forwarded = call.find("Email", call.body["reply_to_uuid"])
    more = {"reply_to": call.body.get("reply_to")}
    if call.body.get("forwarded_attachments"):
        more["attachment_json"] = forwarded.get("attachment_json")
    return _send(call, forwarded, to_address_email_list=call.body["to_address_email_list"], **more)


def _send(call: Call, original: Entity, **more: Any) -> Entity:
    account = call.find("Account", call.body["eaccount"])
    text = call.body["body"].get("text") or call.body["body"].get("html")
    if not text:
        raise Refusal(400, "body must have html or text")
    thread = original["thread_id"] = original.get("thread_id") or call.new_id()
    if call.body.get("assigned_to"):
        _lead(call, original)["assigned_to"] = call.body["assigned_to"]
    kept = ("campaign_id", "subsequence_id", "list_id", "lead", "lead_id", "i_status")
    id = call.new_id()
    made = {
        **{name: original[name] for name in kept if name in original},
        **call.body,
        **{name: value for name, value in more.items() if value is not None},
        "id": id,
        "timestamp_email": call.now,
        "message_id": f"<{id}@{account['email'].rpartition('@')[2]}>",
        "from_address_email": account["email"],
        "ue_type": SENT,
        "is_unread": 0,
        "is_focused": 1,
        "thread_id": thread,
        "content_preview": text[:PREVIEW],
    }
    return EMAILS.make(call, made)


@handles("countUnreadEmails")
def count_unread(call: Call) -> dict[str, Any]:
    return {"count": sum(bool(email.get("is_unread")) for email in call.of("Email").values())}


@handles("markThreadAsRead")
def mark_as_read(call: Call) -> dict[str, Any]:
    thread = [email for email in call.of("Email").values() if email.get("thread_id") == call.path["thread_id"]]
    if not thread:
        raise call.not_found("Thread")
    for email in thread:
        email["is_unread"] = 0
    return {"success": True}
