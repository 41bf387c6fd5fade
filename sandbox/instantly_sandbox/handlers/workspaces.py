"""The workspace itself, its owner, and the domain that an agency shows to its clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..engine.context import Call, Entity, handles
from ..engine.records import Records
from ..engine.scheduler import action
from .crm import rent
from .workspace_members import OWNER, join

if TYPE_CHECKING:
    from ..engine.service import Service
    from ..state.workspaces import Workspace

SECONDS_TO_VERIFY = 60.0

WORKSPACES = Records("Workspace")
DOMAIN = "Agency Domain"


def found(service: Service, workspace: Workspace, name: str) -> None:
    """Set up a new workspace: the object that describes it, its owner, and a phone number, which no call could buy."""
    call = service.internal(workspace, service.clock.time())
    WORKSPACES.make(call, {"id": workspace.id, "owner": workspace.owner, "name": name})
    join(call, {"user_id": workspace.owner, "email": "owner@example.com", "role": OWNER, "accepted": True})
    rent(call)


def current(call: Call) -> Entity:
    """The object that describes the workspace."""
    return call.find("Workspace", call.workspace.id)


@handles("getWorkspace")
def get(call: Call) -> Entity:
    return current(call)


@handles("patchWorkspace")
def patch(call: Call) -> Entity:
    return _changed(call, **call.body)


def _changed(call: Call, **fields: Any) -> Entity:
    workspace = current(call)
    workspace.update(fields, timestamp_updated=call.now)
    return workspace


@handles("changeWorkspaceOwner")
def change_owner(call: Call) -> Entity:
    members = call.of("Workspace Member").values()
    heir = next((member for member in members if member["email"] == call.body["email"]), None)
    if heir is None:
        raise call.not_found("Workspace Member")
    for member in members:
        if member["role"] == OWNER:
            member["role"] = "admin"
    heir.update(role=OWNER, accepted=True)
    call.workspace.owner = heir["user_id"]
    return _changed(call, owner=heir["user_id"])


@handles("addWorkspaceAgencyDomain")
def add_domain(call: Call) -> Entity:
    domain = call.body["domain"]
    call.of(DOMAIN).clear()
    call.of(DOMAIN)[domain] = {"name": domain, "verified": False}
    call.later(SECONDS_TO_VERIFY, "domain-is-verified", name=domain)
    return _changed(call, org_client_domain=domain)


@action("domain-is-verified")
def verify(call: Call, name: str) -> None:
    if name in call.of(DOMAIN):
        call.of(DOMAIN)[name]["verified"] = True


@handles("getWorkspaceDomainInfo")
def domain_info(call: Call) -> dict[str, Any]:
    domain = call.find(DOMAIN, current(call).get("org_client_domain") or "")
    needed = {
        "type": "TXT",
        "domain": f"_verify.{domain['name']}",
        "value": f"verify-domain={call.workspace.id}",
        "reason": "The TXT record was not found",
    }
    return {**domain, "verification": [] if domain["verified"] else [needed]}


@handles("deleteWorkspaceDomain")
def delete_domain(call: Call) -> Entity:
    domain = call.find(DOMAIN, current(call).get("org_client_domain") or "")
    del call.of(DOMAIN)[domain["name"]]
    return _changed(call, org_client_domain=None)
