"""Groups of workspaces: an admin invites a workspace, which accepts after a moment."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..state.workspaces import Entity

KIND = "Workspace Group Member"
SECONDS_TO_ACCEPT = 5.0

GROUP_MEMBERS = Records(KIND, lists="listWorkspaceGroupMember", gets="getWorkspaceGroupMember")


def invite(context: RequestContext, id: str, status: str) -> Entity:
    """Make a workspace a member of the group of the context's workspace."""
    sub = context.runtime.state.workspaces.get(id)
    if sub is None:
        raise context.not_found("Workspace")
    if id == context.workspace.id or any(row["sub_workspace_id"] == id for row in context.of(KIND).values()):
        raise Refusal(400, "The workspace is in the group already")
    made = {
        "admin_workspace_id": context.workspace.id,
        "sub_workspace_id": id,
        "status": status,
        "sub_workspace_name": sub.of("Workspace")[id]["name"],
        "admin_workspace_name": context.of("Workspace")[context.workspace.id]["name"],
    }
    return GROUP_MEMBERS.make(context, made)


@handles("createWorkspaceGroupMember")
def create(context: RequestContext) -> Entity:
    member = invite(context, context.body["sub_workspace_id"], "pending")
    context.schedule(SECONDS_TO_ACCEPT, "invitation-is-accepted", id=member["id"])
    return member


@action("invitation-is-accepted")
def accept(context: RequestContext, id: str) -> None:
    member = context.of(KIND).get(id)
    if member is not None:
        member.update(status="accepted", timestamp_updated=context.now)


@handles("deleteWorkspaceGroupMember")
def delete(context: RequestContext) -> Entity:
    own = _membership(context)
    if own is not None and own["id"] == context.path["id"]:  # A member may leave.
        left: Entity = context.runtime.state.workspaces[own["admin_workspace_id"]].of(KIND).pop(own["id"])
        return left
    return GROUP_MEMBERS.deleted(context)


@handles("getAdminWorkspaceGroupMember")
def admin(context: RequestContext) -> dict[str, Any]:
    own = _membership(context)
    if own is None:
        return {"workspace_name": "Undefined", "has_admin_workspace": False}
    above = context.runtime.state.workspaces[own["admin_workspace_id"]]
    name = above.of("Workspace")[above.id]["name"]
    return {"workspace_name": name, "has_admin_workspace": True, "workspace_group_member_id": own["id"]}


def _membership(context: RequestContext) -> Entity | None:
    return next(
        (
            member
            for workspace in context.runtime.state.workspaces.values()
            for member in workspace.of(KIND).values()
            if member["sub_workspace_id"] == context.workspace.id and member["status"] == "accepted"
        ),
        None,
    )
