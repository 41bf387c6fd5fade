"""The warm-up of accounts: jobs that turn it on and off, and what it has done since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.pages import containing
from ..engine.scheduler import action
from . import background_jobs
from .accounts import PAUSED, WARMUP_ACTIVE, WARMUP_PAUSED
from .custom_tags import carries

DAYS = 7
COUNTS = ("sent", "landed_inbox", "landed_spam", "received")

FILTERS: dict[str, Callable[[Entity], bool]] = {
    "ACC_FILTER_PAUSED": lambda account: account["status"] == PAUSED,
    "ACC_FILTER_ERROR": lambda account: account["status"] < 0,
    "ACC_FILTER_NO_CTD": lambda account: not account.get("tracking_domain_name"),
    "ACC_FILTER_PW_ACCOUNTS": lambda account: False,
    "ACC_FILTER_DFY": lambda account: bool(account["is_managed_account"]),
    "ACC_FILTER_DFY_SETUP_PENDING": lambda account: bool(account["is_managed_account"] and account["setup_pending"]),
    "ACC_FILTER_W_ACTIVE": lambda account: account["warmup_status"] == WARMUP_ACTIVE,
    "ACC_FILTER_W_PAUSED": lambda account: account["warmup_status"] == WARMUP_PAUSED,
    "ACC_FILTER_W_ERROR": lambda account: account["warmup_status"] < 0,
}


@handles("enableWarmupForAccounts")
def enable(call: Call) -> Entity:
    return _start(call, WARMUP_ACTIVE)


@handles("disableWarmupForAccounts")
def disable(call: Call) -> Entity:
    return _start(call, WARMUP_PAUSED)


def _start(call: Call, status: int) -> Entity:
    emails = _meant(call)
    return background_jobs.start(
        call,
        "update-warmup-accounts",
        "workspace",
        call.workspace.id,
        action="warmup-becomes",
        arguments={"emails": emails, "status": status},
        data={"success_count": len(emails), "failed_count": 0},
    )


@action("warmup-becomes")
def become(call: Call, emails: list[str], status: int) -> None:
    for email in emails:
        account = call.of("Account").get(email)
        if account is not None:
            account.update(warmup_status=status, timestamp_updated=call.now)
            if status == WARMUP_ACTIVE:
                account.setdefault("timestamp_warmup_start", call.now)


def _meant(call: Call) -> list[str]:
    body, accounts = call.body, call.of("Account")
    if not body.get("include_all_emails"):
        return [email for email in dict.fromkeys(body.get("emails") or ()) if email in accounts]
    narrowed = body.get("filter") or {}
    fits, tag = FILTERS.get(str(narrowed.get("filter"))), narrowed.get("tag_id")
    return [
        account["email"]
        for account in containing(accounts.values(), body.get("search"), "email", "first_name", "last_name")
        if account["email"] not in (body.get("excluded_emails") or ())
        and (fits is None or fits(account))
        and carries(call, account["email"], tag)
    ]


@handles("getWarmupAnalytics")
def analytics(call: Call) -> dict[str, Any]:
    asked = [call.of("Account")[email] for email in call.body["emails"] if email in call.of("Account")]
    days = {account["email"]: _days(call, account) for account in asked}
    return {"email_date_data": days, "aggregate_data": {email: _sum(counts) for email, counts in days.items()}}


def _days(call: Call, account: Entity) -> dict[str, dict[str, int]]:
    """The last days of an account's warm-up; the same day always has the same counts."""
    began = account.get("timestamp_warmup_start")
    if not began:
        return {}
    today = call.service.clock.now().date()
    first = max(datetime.fromisoformat(began).date(), today - timedelta(days=DAYS - 1))
    found = {}
    for ago in range((today - first).days, -1, -1):
        day = (today - timedelta(days=ago)).isoformat()
        random = Random(f"{call.service.seed} warmup {account['email']} {day}")
        sent = random.randint(10, 30)
        spam = random.randint(0, 2)
        counts = (sent, sent - spam, spam, random.randint(5, sent))
        found[day] = dict(zip(COUNTS, counts, strict=True))
    return found


def _sum(days: dict[str, dict[str, int]]) -> dict[str, Any]:
    total: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
    for counts in days.values():
        total.update(counts)
    score = round(100 * total["landed_inbox"] / total["sent"]) if total["sent"] else 0
    return {**total, "health_score": score, "health_score_label": f"{score}%"}
