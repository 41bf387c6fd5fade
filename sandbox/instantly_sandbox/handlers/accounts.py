"""Sending accounts, identified by their e-mail address."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.messages import Refusal
from ..engine.pages import page
from ..engine.records import Records
from ..engine.registry import handles
from ..state.rows import Row
from ..state.statuses import AccountStatus, WarmupStatus
from ..state.tags import has_tags, untag
from ..state.workspaces import Entity, Workspace

DAILY_LIMIT, WARMUP_LIMIT = 30, 10


def _tagged(context: RequestContext, account: Entity) -> bool:
    workspace, email = context.workspace, account["email"]
    some, every = several(context.query.get("tag_ids")), several(context.query.get("tag_ids_all"))
    return has_tags(workspace, email, some) and has_tags(workspace, email, every, every=True)


def _defaults(context: RequestContext) -> Entity:
    return {
        "status": AccountStatus.ACTIVE,
        "warmup": {"limit": WARMUP_LIMIT},
        "daily_limit": DAILY_LIMIT,
        "enable_slow_ramp": False,
        "stat_warmup_score": 0,
        "warmup_status": WarmupStatus.PAUSED,
        "provider_code": 1,
        "setup_pending": False,
        "is_managed_account": False,
    }


ACCOUNTS = Records(
    "Account",
    gets="getAccount",
    deletes="deleteAccount",
    key="email",
    search=("email", "first_name", "last_name"),
    equal={"status": "status", "provider_code": "provider_code"},
    defaults=_defaults,
    filtered=_tagged,
    on_delete=lambda workspace, account: untag(workspace, account["email"]),
)


@handles("createAccount")
def create(context: RequestContext) -> Entity:
    if context.body["email"] in context.of("Account"):
        raise Refusal(400, "There is an account with this address already")
    account = ACCOUNTS.make(context, context.body)
    if "warmup_custom_ftag" in context.body:
        account["warmup"] = {**account["warmup"], "warmup_custom_ftag": context.body["warmup_custom_ftag"]}
    return account


@handles("listAccount")
def listed(context: RequestContext) -> dict[str, Any]:
    rows = ACCOUNTS.rows(context)
    after = context.query.get("starting_after")
    if after and "&" not in after:  # Cursors were timestamps once, and those still work.
        email = next((row["email"] for row in rows if row["timestamp_created"] == after), None)
        context.query["starting_after"] = f"{after}&{email}" if email else after
    listing = page(context, rows)
    return {**listing, "items": [_in_a_list(account) for account in listing["items"]]}


def _in_a_list(account: Entity) -> Entity:
    """An account as a list shows it: its settings for warm-up without all but the limit."""
    warmup = account.get("warmup") or {}
    return {**account, "warmup": {"limit": warmup["limit"]}} if "limit" in warmup else account


@handles("patchAccount")
def patch(context: RequestContext) -> Entity:
    account = ACCOUNTS.patched(context)
    if context.body.get("remove_tracking_domain"):
        account.update(tracking_domain_name=None, tracking_domain_status=None)
    return account


@handles("pauseAccount")
def pause(context: RequestContext) -> Entity:
    return _become(context, ACCOUNTS.one(context), AccountStatus.PAUSED)


@handles("pauseAccounts")
def pause_many(context: RequestContext) -> dict[str, Any]:
    emails, accounts = dict.fromkeys(context.body["emails"]), context.of("Account")
    paused = [_become(context, accounts[email], AccountStatus.PAUSED)["email"] for email in emails if email in accounts]
    return {"paused_emails": paused, "failed_emails": [email for email in emails if email not in accounts]}


@handles("resumeAccount")
def resume(context: RequestContext) -> Entity:
    return _become(context, ACCOUNTS.one(context), AccountStatus.ACTIVE)


@handles("markAccountFixed")
def mark_fixed(context: RequestContext) -> Entity:
    account = _become(context, ACCOUNTS.one(context), AccountStatus.ACTIVE)
    account.pop("status_message", None)
    return account


def _become(context: RequestContext, account: Row, status: int) -> Row:
    account.update(status=status, timestamp_updated=context.now)
    return account


@handles("moveAccounts")
def move(context: RequestContext) -> dict[str, Any]:
    source, target = (
        _group_member(context, context.body[f"{name}_workspace_id"]) for name in ("source", "destination")
    )
    here, there = source.of("Account"), target.of("Account")
    for email in context.body["emails"]:
        if email not in here:
            raise context.not_found("Account")
        if email in there and source is not target:
            raise Refusal(400, "The destination has an account with this address already")
    for email in dict.fromkeys(context.body["emails"]):
        account = here.pop(email)
        untag(source, email)
        there[email] = {**account, "organization": target.id, "timestamp_updated": context.now}
    return {"status": "success"}


def _group_member(context: RequestContext, id: str) -> Workspace:
    members = context.of("Workspace Group Member").values()
    if not any(row["sub_workspace_id"] == id and row["status"] == "accepted" for row in members):
        raise Refusal(403, "Accounts move between the workspaces of the group that this one is the admin of")
    return context.runtime.state.workspaces[id]


@handles("getCtdStatus")
def tracking_domain(context: RequestContext) -> dict[str, Any]:
    host = context.query["host"]
    known = any(account.get("tracking_domain_name") == host for account in context.of("Account").values())
    return {"ssl": known, "cname": known, "host": host}


@handles("testAccountVitals")
def vitals(context: RequestContext) -> dict[str, Any]:
    # Accounts of the workspace are set up well, and no others are.
    asked = context.body.get("accounts") or list(context.of("Account"))
    known = {email.rpartition("@")[2] for email in asked if email in context.of("Account")}
    unknown = {email.rpartition("@")[2] for email in asked} - known
    return {
        "status": "success",
        "success_list": [_vital(domain, good=True) for domain in sorted(known)],
        "failure_list": [_vital(domain, good=False) for domain in sorted(unknown)],
    }


def _vital(domain: str, *, good: bool) -> dict[str, Any]:
    return {"domain": domain, "allPass": good, "mx": good, "spf": good, "dkim": good, "dmarc": good}
