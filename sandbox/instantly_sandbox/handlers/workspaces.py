"""The workspace itself, its members, and the group of workspaces that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls import Call, Entity, handles
from ..records import Records

if TYPE_CHECKING:
    from ..service import Service
    from ..state import Workspace

WORKSPACES = Records("Workspace")

GROUP_MEMBERS = Records(
    "Workspace Group Member",
    creates="createWorkspaceGroupMember",
    lists="listWorkspaceGroupMember",
    gets="getWorkspaceGroupMember",
    deletes="deleteWorkspaceGroupMember",
    defaults=lambda call: {"admin_workspace_id": call.workspace.id, "status": "accepted"},
)

MEMBERS = Records(
    "Workspace Member",
    creates="createWorkspaceMember",
    lists="listWorkspaceMember",
    gets="getWorkspaceMember",
    patches="patchWorkspaceMember",
    deletes="deleteWorkspaceMember",
    defaults=lambda call: {"user_id": call.new_id(), "accepted": False},
)


def found(service: Service, workspace: Workspace, name: str) -> None:
    """Set up a new workspace: the object that describes it."""
    call = service.internal(workspace)
    WORKSPACES.make(call, {"id": workspace.id, "owner": workspace.owner, "name": name})


@handles("getWorkspace")
def get(call: Call) -> Entity:
    return call.find("Workspace", call.workspace.id)


@handles("patchWorkspace")
def patch(call: Call) -> Entity:
    workspace = call.find("Workspace", call.workspace.id)
    workspace.update(call.body, timestamp_updated=call.now)
    return workspace


@handles("getAdminWorkspaceGroupMember")
def admin(call: Call) -> dict[str, Any]:
    for other in call.service.state.workspaces.values():
        for member in other.of("Workspace Group Member").values():
            if member["sub_workspace_id"] == call.workspace.id:
                name = other.of("Workspace")[other.id]["name"]
                return {"workspace_name": name, "has_admin_workspace": True, "workspace_group_member_id": member["id"]}
    return {"has_admin_workspace": False}
