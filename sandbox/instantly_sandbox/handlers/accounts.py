"""Sending accounts, known by their e-mail address."""

from __future__ import annotations

from typing import Any

from ..engine.context import Call, Entity, Refusal, handles
from ..engine.pages import page
from ..engine.records import Records
from ..state.workspaces import Workspace
from .custom_tags import carries, untag

ACTIVE, PAUSED = 1, 2
WARMUP_PAUSED, WARMUP_ACTIVE = 0, 1


def _tagged(call: Call, account: Entity) -> bool:
    ask, email = call.query, account["email"]
    return carries(call, email, ask.get("tag_ids")) and carries(call, email, ask.get("tag_ids_all"), every=True)


def _as_made(call: Call) -> Entity:
    return {
        "added_by": call.workspace.owner,
        "status": ACTIVE,
        "warmup_status": WARMUP_PAUSED,
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
    defaults=_as_made,
    filtered=_tagged,
    gone=lambda workspace, account: untag(workspace, account["email"]),
)


@handles("createAccount")
def create(call: Call) -> Entity:
    if call.body["email"] in call.of("Account"):
        raise Refusal(400, "There is an account with this address already")
    account = ACCOUNTS.make(call, call.body)
    if "warmup_custom_ftag" in call.body:
        account.setdefault("warmup", {})["warmup_custom_ftag"] = call.body["warmup_custom_ftag"]
    return account


@handles("listAccount")
def listed(call: Call) -> dict[str, Any]:
    rows = ACCOUNTS.rows(call)
    after = call.query.get("starting_after")
    if after and "&" not in after:  # Cursors were timestamps once, and those still work.
        email = next((row["email"] for row in rows if row["timestamp_created"] == after), None)
        call.query["starting_after"] = f"{after}&{email}" if email else after
    return page(call, rows)


@handles("patchAccount")
def patch(call: Call) -> Entity:
    account = ACCOUNTS.patched(call)
    account["modified_by"] = call.workspace.owner
    if call.body.get("remove_tracking_domain"):
        account.update(tracking_domain_name=None, tracking_domain_status=None)
    return account


@handles("pauseAccount")
def pause(call: Call) -> Entity:
    return _become(call, PAUSED)


@handles("resumeAccount")
def resume(call: Call) -> Entity:
    return _become(call, ACTIVE)


@handles("markAccountFixed")
def mark_fixed(call: Call) -> Entity:
    account = _become(call, ACTIVE)
    account.pop("status_message", None)
    return account


def _become(call: Call, status: int) -> Entity:
    account = ACCOUNTS.one(call)
    account.update(status=status, timestamp_updated=call.now, modified_by=call.workspace.owner)
    return account


@handles("moveAccounts")
def move(call: Call) -> dict[str, Any]:
    source, target = (_below(call, call.body[f"{name}_workspace_id"]) for name in ("source", "destination"))
    here, there = source.of("Account"), target.of("Account")
    for email in call.body["emails"]:
        if email not in here:
            raise call.not_found("Account")
        if email in there and source is not target:
            raise Refusal(400, "The destination has an account with this address already")
    for email in dict.fromkeys(call.body["emails"]):
        account = here.pop(email)
        untag(source, email)
        there[email] = {**account, "organization": target.id, "timestamp_updated": call.now}
    return {"status": "success"}


def _below(call: Call, id: str) -> Workspace:
    members = call.of("Workspace Group Member").values()
    if not any(row["sub_workspace_id"] == id and row["status"] == "accepted" for row in members):
        raise Refusal(403, "Accounts move between the workspaces of the group that this one is the admin of")
    return call.service.state.workspaces[id]


@handles("getCtdStatus")
def tracking_domain(call: Call) -> dict[str, Any]:
    host = call.query["host"]
    known = any(account.get("tracking_domain_name") == host for account in call.of("Account").values())
    return {"success": known, "ssl": known, "cname": known, "host": host}


@handles("testAccountVitals")
def vitals(call: Call) -> dict[str, Any]:
    # Whatever is an account of the workspace is set up well, and nothing else is.
    asked = call.body.get("accounts") or list(call.of("Account"))
    known = {email.rpartition("@")[2] for email in asked if email in call.of("Account")}
    unknown = {email.rpartition("@")[2] for email in asked} - known
    return {
        "status": "success",
        "success_list": [_vital(domain, good=True) for domain in sorted(known)],
        "failure_list": [_vital(domain, good=False) for domain in sorted(unknown)],
    }


def _vital(domain: str, *, good: bool) -> dict[str, Any]:
    return {"domain": domain, "allPass": good, "mx": good, "spf": good, "dkim": good, "dmarc": good}
