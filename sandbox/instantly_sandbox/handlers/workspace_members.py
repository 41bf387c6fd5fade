"""Members of a workspace. One of them is its owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.records import Records
from ..engine.registry import handles
from ..state.workspaces import Entity

OWNER = "owner"

MEMBERS = Records(
    "Workspace Member",
    lists="listWorkspaceMember",
    gets="getWorkspaceMember",
    defaults=lambda context: {"user_id": context.new_id(), "accepted": False, "issuer_id": context.workspace.owner},
)


def join(context: RequestContext, given: Mapping[str, Any]) -> Entity:
    """Add a member."""
    return MEMBERS.make(context, given)


@handles("createWorkspaceMember")
def create(context: RequestContext) -> Entity:
    _refuse_owner(context.body)
    if any(member["email"] == context.body["email"] for member in context.of("Workspace Member").values()):
        raise Refusal(400, "There is a member with this address already")
    return join(context, context.body)


@handles("patchWorkspaceMember")
def patch(context: RequestContext) -> Entity:
    _refuse_owner(context.body)
    _refuse_owner(MEMBERS.one(context))
    return MEMBERS.patched(context)


@handles("deleteWorkspaceMember")
def delete(context: RequestContext) -> Entity:
    _refuse_owner(MEMBERS.one(context))
    return MEMBERS.deleted(context)


def _refuse_owner(member: Mapping[str, Any]) -> None:
    if member.get("role") == OWNER:
        raise Refusal(400, "The owner is changed by a call of its own")
