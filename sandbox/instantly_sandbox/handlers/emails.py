"""E-mails of the Unibox: sent by campaigns, received from leads, and written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.messages import Refusal
from ..engine.pages import page
from ..engine.records import Records
from ..engine.registry import handles
from ..state.statuses import AccountStatus
from ..state.workspaces import Entity

SENT_FROM_CAMPAIGN, RECEIVED, SENT, SCHEDULED = 1, 2, 3, 4
TYPES = {"sent": SENT_FROM_CAMPAIGN, "received": RECEIVED, "manual": SENT}
PREVIEW = 100

EMAILS = Records("Email", gets="getEmail", patches="patchEmail", deletes="deleteEmail")


@handles("listEmail")
def listed(context: RequestContext) -> dict[str, Any]:
    asked = [(test, context.query[name]) for name, test in FILTERS.items() if context.query.get(name) is not None]
    rows = [row for row in context.of("Email").values() if all(test(context, row, value) for test, value in asked)]
    rows.sort(key=_created)
    if context.query.get("latest_of_thread"):
        rows = sorted({row.get("thread_id") or row["id"]: row for row in rows}.values(), key=_created)
    if context.query.get("sort_order") != "asc":
        rows.reverse()
    listing = page(context, rows, ascending=context.query.get("sort_order") == "asc")
    if context.query.get("preview_only"):
        listing["items"] = [{**row, "body": {}} for row in listing["items"]]
    return listing


def _created(email: Entity) -> str:
    return str(email["timestamp_created"])


def _matches(context: RequestContext, email: Entity, text: str) -> bool:
    if text.startswith("thread:"):
        return bool(email.get("thread_id") == text.removeprefix("thread:"))
    return text.lower() in str(email.get("lead") or "").lower()


def _lead(context: RequestContext, email: Entity) -> Entity:
    return context.of("Lead").get(email.get("lead_id") or "", {})


def _domain(context: RequestContext, email: Entity) -> str:
    return str(_lead(context, email).get("company_domain") or str(email.get("lead")).rpartition("@")[2])


FILTERS: dict[str, Callable[[RequestContext, Entity, Any], bool]] = {
    "search": _matches,
    "campaign_id": lambda context, row, value: bool(row.get("campaign_id") == value),
    "list_id": lambda context, row, value: bool(row.get("list_id") == value),
    "i_status": lambda context, row, value: bool(row.get("i_status") == value),
    "lead": lambda context, row, value: bool(row.get("lead") == value),
    "eaccount": lambda context, row, value: row["eaccount"] in several(value),
    "is_unread": lambda context, row, value: bool(row.get("is_unread")) == value,
    "has_reminder": lambda context, row, value: bool(row.get("reminder_ts")) == value,
    "mode": lambda context, row, value: (
        value == "emode_all" or bool(row.get("is_focused")) == (value == "emode_focused")
    ),
    "scheduled_only": lambda context, row, value: not value or row.get("ue_type") == SCHEDULED,
    "email_type": lambda context, row, value: row.get("ue_type") == TYPES[value],
    "assigned_to": lambda context, row, value: bool(_lead(context, row).get("assigned_to") == value),
    "company_domain": lambda context, row, value: _domain(context, row) == value,
    "marked_as_done": lambda context, row, value: not value,  # No operation marks an e-mail as done.
    "min_timestamp_created": lambda context, row, value: bool(row["timestamp_created"] > value),
    "max_timestamp_created": lambda context, row, value: bool(row["timestamp_created"] < value),
}


@handles("sendTestEmail")
def send_test(context: RequestContext) -> dict[str, Any]:
    account = context.of("Account").get(context.body["eaccount"])
    if account is None:
        return {"error": "ACC_NOT_FOUND"}
    if account["status"] == AccountStatus.ACTIVE:
        return {"status": "success"}
    return {"error": "ACC_UNKNOWN_ERROR" if account["status"] == AccountStatus.PAUSED else "ACC_AUTH_ERROR"}


@handles("replyToEmail")
def reply(context: RequestContext) -> Entity:
    answered = context.find("Email", context.body["reply_to_uuid"])
    came_in = answered.get("ue_type") == RECEIVED
    to = answered["from_address_email"] if came_in else answered["to_address_email_list"]
    return _send(context, answered, to_address_email_list=to, reminder_ts=context.body.get("reminder_ts"))


@handles("forwardEmail")
def forward(context: RequestContext) -> Entity:
    forwarded = context.find("Email", context.body["reply_to_uuid"])
    # Without a body of its own, the e-mail goes on as it is.
    more = {"reply_to": context.body.get("reply_to"), "body": context.body.get("body") or forwarded.get("body")}
    if context.body.get("forwarded_attachments"):
        more["attachment_json"] = forwarded.get("attachment_json")
    return _send(context, forwarded, to_address_email_list=context.body["to_address_email_list"], **more)


def _send(context: RequestContext, original: Entity, **more: Any) -> Entity:
    account = context.find("Account", context.body["eaccount"])
    body = more.get("body") or context.body["body"]
    text = body.get("text") or body.get("html")
    if not text:
        raise Refusal(400, "body must have html or text")
    thread = original["thread_id"] = original.get("thread_id") or context.new_id()
    if context.body.get("assigned_to"):
        _lead(context, original)["assigned_to"] = context.body["assigned_to"]
    kept = ("campaign_id", "subsequence_id", "list_id", "lead", "lead_id", "i_status")
    id = context.new_id()
    made = {
        "cc_address_email_list": "",
        "bcc_address_email_list": "",
        **{name: original[name] for name in kept if name in original},
        **context.body,
        **{name: value for name, value in more.items() if value is not None},
        "id": id,
        "timestamp_email": context.now,
        "message_id": f"<{id}@{account['email'].rpartition('@')[2]}>",
        "from_address_email": account["email"],
        "ue_type": SENT,
        "is_unread": 0,
        "is_focused": 1,
        "thread_id": thread,
        "content_preview": text[:PREVIEW],
    }
    return EMAILS.make(context, made)


@handles("countUnreadEmails")
def count_unread(context: RequestContext) -> dict[str, Any]:
    return {"count": sum(bool(email.get("is_unread")) for email in context.of("Email").values())}


@handles("markThreadAsRead")
def mark_as_read(context: RequestContext) -> dict[str, Any]:
    thread = [email for email in context.of("Email").values() if email.get("thread_id") == context.path["thread_id"]]
    if not thread:
        raise context.not_found("Thread")
    for email in thread:
        email["is_unread"] = 0
    return {"success": True}
