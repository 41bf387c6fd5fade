"""The members of a workspace. One of them owns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.context import Call, Entity, Refusal, handles
from ..engine.records import Records

OWNER = "owner"

MEMBERS = Records(
    "Workspace Member",
    lists="listWorkspaceMember",
    gets="getWorkspaceMember",
    defaults=lambda call: {"user_id": call.new_id(), "accepted": False, "issuer_id": call.workspace.owner},
)


def join(call: Call, given: Mapping[str, Any]) -> Entity:
    """Make a member."""
    return MEMBERS.make(call, given)


@handles("createWorkspaceMember")
def create(call: Call) -> Entity:
    _refuse_owner(call.body)
    if any(member["email"] == call.body["email"] for member in call.of("Workspace Member").values()):
        raise Refusal(400, "There is a member with this address already")
    return join(call, call.body)


@handles("patchWorkspaceMember")
def patch(call: Call) -> Entity:
    _refuse_owner(call.body)
    _refuse_owner(MEMBERS.one(call))
    return MEMBERS.patched(call)


@handles("deleteWorkspaceMember")
def delete(call: Call) -> Entity:
    _refuse_owner(MEMBERS.one(call))
    return MEMBERS.deleted(call)


def _refuse_owner(member: Mapping[str, Any]) -> None:
    if member.get("role") == OWNER:
        raise Refusal(400, "The owner is changed by a call of its own")
