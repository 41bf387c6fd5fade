"""Groups of workspaces: an admin invites, and who is invited joins a moment later."""

from __future__ import annotations

from typing import Any

from ..engine.context import Call, Entity, Refusal, handles
from ..engine.records import Records
from ..engine.scheduler import action

KIND = "Workspace Group Member"
SECONDS_TO_ACCEPT = 5.0

GROUP_MEMBERS = Records(KIND, lists="listWorkspaceGroupMember", gets="getWorkspaceGroupMember")


def invite(call: Call, id: str, status: str) -> Entity:
    """Make a workspace a member of the call's workspace."""
    sub = call.service.state.workspaces.get(id)
    if sub is None:
        raise call.not_found("Workspace")
    if id == call.workspace.id or any(row["sub_workspace_id"] == id for row in call.of(KIND).values()):
        raise Refusal(400, "The workspace is in the group already")
    made = {
        "admin_workspace_id": call.workspace.id,
        "sub_workspace_id": id,
        "status": status,
        "sub_workspace_name": sub.of("Workspace")[id]["name"],
        "admin_workspace_name": call.of("Workspace")[call.workspace.id]["name"],
    }
    return GROUP_MEMBERS.make(call, made)


@handles("createWorkspaceGroupMember")
def create(call: Call) -> Entity:
    member = invite(call, call.body["sub_workspace_id"], "pending")
    call.later(SECONDS_TO_ACCEPT, "invitation-is-accepted", id=member["id"])
    return member


@action("invitation-is-accepted")
def accept(call: Call, id: str) -> None:
    member = call.of(KIND).get(id)
    if member is not None:
        member.update(status="accepted", timestamp_updated=call.now)


@handles("deleteWorkspaceGroupMember")
def delete(call: Call) -> Entity:
    own = _membership(call)
    if own is not None and own["id"] == call.path["id"]:  # A member may leave.
        return call.service.state.workspaces[own["admin_workspace_id"]].of(KIND).pop(own["id"])
    return GROUP_MEMBERS.deleted(call)


@handles("getAdminWorkspaceGroupMember")
def admin(call: Call) -> dict[str, Any]:
    own = _membership(call)
    if own is None:
        return {"workspace_name": "Undefined", "has_admin_workspace": False}
    above = call.service.state.workspaces[own["admin_workspace_id"]]
    name = above.of("Workspace")[above.id]["name"]
    return {"workspace_name": name, "has_admin_workspace": True, "workspace_group_member_id": own["id"]}


def _membership(call: Call) -> Entity | None:
    return next(
        (
            member
            for workspace in call.service.state.workspaces.values()
            for member in workspace.of(KIND).values()
            if member["sub_workspace_id"] == call.workspace.id and member["status"] == "accepted"
        ),
        None,
    )
