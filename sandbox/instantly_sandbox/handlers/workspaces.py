"""Workspaces: their name, owner, and the domain that an agency shows to its clients."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.runtime import Runtime
from ..engine.scheduler import action
from ..state.clock import timestamp
from ..state.workspaces import Entity, Workspace
from .crm import rent
from .workspace_members import OWNER, join

SECONDS_TO_VERIFY = 60.0
DAYS_TO_REMOVE = 30

WORKSPACES = Records("Workspace")
DOMAIN = "Agency Domain"


def found(runtime: Runtime, workspace: Workspace, name: str) -> None:
    """Set up a new workspace: its own object, its owner, and a phone number, which no operation can buy."""
    context = RequestContext.internal(runtime, workspace, at=runtime.clock.time())
    WORKSPACES.make(context, {"id": workspace.id, "owner": workspace.owner, "name": name})
    join(context, {"user_id": workspace.owner, "email": "owner@example.com", "role": OWNER, "accepted": True})
    rent(context)


def current(context: RequestContext) -> Entity:
    """The object that describes the workspace."""
    return context.find("Workspace", context.workspace.id)


@handles("getWorkspace")
def get(context: RequestContext) -> Entity:
    return current(context)


@handles("patchWorkspace")
def patch(context: RequestContext) -> Entity:
    return _changed(context, **context.body)


def _changed(context: RequestContext, **fields: Any) -> Entity:
    workspace = current(context)
    workspace.update(fields, timestamp_updated=context.now)
    return workspace


@handles("scheduleCurrentWorkspaceRemoval")
def schedule_removal(context: RequestContext) -> Entity:
    at = context.runtime.clock.now() + timedelta(days=DAYS_TO_REMOVE)
    return _changed(context, scheduled_for_removal_at=timestamp(at))


@handles("cancelCurrentWorkspaceRemoval")
def cancel_removal(context: RequestContext) -> Entity:
    return _changed(context, scheduled_for_removal_at=None)


@handles("changeWorkspaceOwner")
def change_owner(context: RequestContext) -> Entity:
    members = context.of("Workspace Member").values()
    successor = next((member for member in members if member["email"] == context.body["email"]), None)
    if successor is None:
        raise context.not_found("Workspace Member")
    for member in members:
        if member["role"] == OWNER:
            member["role"] = "admin"
    successor.update(role=OWNER, accepted=True)
    context.workspace.owner = successor["user_id"]
    return _changed(context, owner=successor["user_id"])


@handles("addWorkspaceAgencyDomain")
def add_domain(context: RequestContext) -> Entity:
    domain = context.body["domain"]
    context.of(DOMAIN).clear()
    context.of(DOMAIN)[domain] = {"name": domain, "verified": False}
    context.schedule(SECONDS_TO_VERIFY, "domain-is-verified", name=domain)
    return _changed(context, org_client_domain=domain)


@action("domain-is-verified")
def verify(context: RequestContext, name: str) -> None:
    if name in context.of(DOMAIN):
        context.of(DOMAIN)[name]["verified"] = True


@handles("getWorkspaceDomainInfo")
def domain_info(context: RequestContext) -> dict[str, Any]:
    domain = context.find(DOMAIN, current(context).get("org_client_domain") or "")
    needed = {
        "type": "TXT",
        "domain": f"_verify.{domain['name']}",
        "value": f"verify-domain={context.workspace.id}",
        "reason": "The TXT record was not found",
    }
    return {**domain, "verification": [] if domain["verified"] else [needed]}


@handles("deleteWorkspaceDomain")
def delete_domain(context: RequestContext) -> Entity:
    domain = context.find(DOMAIN, current(context).get("org_client_domain") or "")
    del context.of(DOMAIN)[domain["name"]]
    return _changed(context, org_client_domain=None)
