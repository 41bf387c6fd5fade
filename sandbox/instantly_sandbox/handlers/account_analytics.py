"""Analytics of accounts: e-mails sent and received on each day, counted from the stored e-mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import within
from ..engine.registry import handles
from ..state.workspaces import Entity
from .emails import RECEIVED, SENT_FROM_CAMPAIGN

DAYS = 30

# Stored e-mails do not show these.
UNKNOWN = ("bounced", "opened", "unique_opened", "clicks", "unique_clicks")


@handles("getDailyAccountAnalytics")
def daily(context: RequestContext) -> list[dict[str, Any]]:
    month_ago = (context.runtime.clock.now() - timedelta(days=DAYS)).date().isoformat()
    start, end = context.query.get("start_date", month_ago), context.query.get("end_date")
    emails: list[Entity] = sorted(context.of("Email").values(), key=lambda email: str(email["timestamp_email"]))
    first = _first_contacts(emails)
    days: dict[tuple[str, str], list[Entity]] = {}
    for email in emails:
        account, moment = email["eaccount"], email["timestamp_email"]
        if account in context.query.get("emails", (account,)) and within(moment, start, end):
            days.setdefault((moment[:10], account), []).append(email)
    return [_counts(day, account, rows, first) for (day, account), rows in sorted(days.items())]


def _first_contacts(emails: list[Entity]) -> set[str]:
    first: dict[str, str] = {}
    for email in emails:
        if email.get("ue_type") == SENT_FROM_CAMPAIGN:
            first.setdefault(_lead(email), email["id"])
    return set(first.values())


def _counts(day: str, account: str, emails: list[Entity], first: set[str]) -> dict[str, Any]:
    sent = [email for email in emails if email.get("ue_type") == SENT_FROM_CAMPAIGN]
    received = [email for email in emails if email.get("ue_type") == RECEIVED]
    automatic = [email for email in received if email.get("is_auto_reply")]
    replies = [email for email in received if not email.get("is_auto_reply")]
    return {
        "date": day,
        "email_account": account,
        "sent": len(sent),
        "contacted": _leads(sent),
        "new_leads_contacted": sum(email["id"] in first for email in sent),
        "replies": len(replies),
        "unique_replies": _leads(replies),
        "replies_automatic": len(automatic),
        "unique_replies_automatic": _leads(automatic),
        **dict.fromkeys(UNKNOWN, 0),
    }


def _leads(emails: list[Entity]) -> int:
    return len({_lead(email) for email in emails})


def _lead(email: Entity) -> str:
    return str(email.get("lead") or email["to_address_email_list"])
