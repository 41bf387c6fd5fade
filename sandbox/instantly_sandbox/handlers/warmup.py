"""Warm-up of accounts: jobs that turn it on and off, and its analytics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.pages import containing
from ..engine.registry import handles
from ..engine.scheduler import action
from ..state.rows import Row
from ..state.statuses import AccountStatus, WarmupStatus
from ..state.tags import has_tags
from ..state.workspaces import Entity
from . import background_jobs

DAYS = 7
SECONDS_OF_DAY = 24 * 3600.0
SCORE = "warmup-is-rated"
ECHOED = ("emails", "include_all_emails", "excluded_emails", "search", "filter")
COUNTS = ("sent", "landed_inbox", "landed_spam", "received")

FILTERS: dict[str, Callable[[Entity], bool]] = {
    "ACC_FILTER_PAUSED": lambda account: account["status"] == AccountStatus.PAUSED,
    "ACC_FILTER_ERROR": lambda account: account["status"] < 0,
    "ACC_FILTER_NO_CTD": lambda account: not account.get("tracking_domain_name"),
    "ACC_FILTER_PW_ACCOUNTS": lambda account: False,
    "ACC_FILTER_DFY": lambda account: bool(account["is_managed_account"]),
    "ACC_FILTER_DFY_SETUP_PENDING": lambda account: bool(account["is_managed_account"] and account["setup_pending"]),
    "ACC_FILTER_W_ACTIVE": lambda account: account["warmup_status"] == WarmupStatus.ACTIVE,
    "ACC_FILTER_W_PAUSED": lambda account: account["warmup_status"] == WarmupStatus.PAUSED,
    "ACC_FILTER_W_ERROR": lambda account: account["warmup_status"] < 0,
}


@handles("enableWarmupForAccounts")
def enable(context: RequestContext) -> Entity:
    return _start(context, WarmupStatus.ACTIVE)


@handles("disableWarmupForAccounts")
def disable(context: RequestContext) -> Entity:
    return _start(context, WarmupStatus.PAUSED)


def _start(context: RequestContext, status: int) -> Entity:
    return background_jobs.start(
        context,
        "update-warmup-accounts",
        "workspace",
        context.workspace.id,
        does="update-warmup",
        arguments={"emails": _selected(context), "status": status},
        echo={**{name: context.body.get(name) for name in ECHOED}, "warmup_status": status},
    )


@background_jobs.work("update-warmup")
def become(context: RequestContext, emails: list[str], status: int) -> dict[str, Any]:
    """Start or stop the warm-up of accounts. An account that cannot connect fails."""
    processed = [{"email": email, **_changed(context, context.of("Account").get(email), status)} for email in emails]
    failed = sum(each["status"] == "failed" for each in processed)
    return {
        "success_count": len(processed) - failed,
        "failed_count": failed,
        "total_count": len(processed),
        "processed_emails": processed,
    }


def _changed(context: RequestContext, account: Row | None, status: int) -> dict[str, Any]:
    if account is None:
        return {"status": "failed", "error": "The account was not found"}
    if account["status"] < 0:
        return {"status": "failed", "error": "The account is not connected"}
    account.update(warmup_status=status, timestamp_updated=context.now)
    if status == WarmupStatus.ACTIVE:
        account.setdefault("timestamp_warmup_start", context.now)
        context.schedule(SECONDS_OF_DAY, SCORE, email=account["email"])
    return {"status": "success", "error": None}


@action(SCORE)
def score(context: RequestContext, email: str) -> None:
    """Rate the warm-up of an account each day, as long as it goes on."""
    account = context.of("Account").get(email)
    if account is not None and account["warmup_status"] == WarmupStatus.ACTIVE:
        account["stat_warmup_score"] = _sum(_days(context, account))["health_score"]
        context.schedule(SECONDS_OF_DAY, SCORE, email=email)


def _selected(context: RequestContext) -> list[str]:
    body, accounts = context.body, context.of("Account")
    if not body.get("include_all_emails"):
        return list(dict.fromkeys(body.get("emails") or ()))
    narrowed = body.get("filter") or {}
    fits, tags = FILTERS.get(str(narrowed.get("filter"))), several(narrowed.get("tag_id"))
    return [
        account["email"]
        for account in containing(accounts.values(), body.get("search"), "email", "first_name", "last_name")
        if account["email"] not in (body.get("excluded_emails") or ())
        and (fits is None or fits(account))
        and has_tags(context.workspace, account["email"], tags)
    ]


@handles("getWarmupAnalytics")
def analytics(context: RequestContext) -> dict[str, Any]:
    asked = [context.of("Account")[email] for email in context.body["emails"] if email in context.of("Account")]
    days = {account["email"]: _days(context, account) for account in asked}
    return {"email_date_data": days, "aggregate_data": {email: _sum(counts) for email, counts in days.items()}}


def _days(context: RequestContext, account: Entity) -> dict[str, dict[str, int]]:
    """The last days of an account's warm-up. A day always has the same counts."""
    began = account.get("timestamp_warmup_start")
    if not began:
        return {}
    today = context.moment.date()
    first = max(datetime.fromisoformat(began).date(), today - timedelta(days=DAYS - 1))
    found = {}
    for ago in range((today - first).days, -1, -1):
        day = (today - timedelta(days=ago)).isoformat()
        random = Random(f"{context.runtime.seed} warmup {account['email']} {day}")
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
