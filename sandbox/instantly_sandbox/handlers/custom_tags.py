"""Custom tags, and which accounts and campaigns carry them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ..engine.context import Call, Entity, handles
from ..engine.filters import several
from ..engine.records import Records
from ..state.workspaces import Workspace

ACCOUNT, CAMPAIGN = 1, 2
KINDS = {ACCOUNT: "Account", CAMPAIGN: "Campaign"}


def resource_id(key: str) -> str:
    """The id by which mappings know a resource: they want a UUID, and an account has only its address."""
    try:
        return str(UUID(key))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"mailto:{key}"))


def carries(call: Call, key: str, tag_ids: str | None, *, every: bool = False) -> bool:
    """Whether an account (by its address) or a campaign (by its id) passes a filter by tags.

    Args:
        call: in whose workspace.
        key: address or id of the resource.
        tag_ids: ids of tags, separated by commas; without any, everything passes.
        every: whether it must carry all of them rather than one.
    """
    wanted = several(tag_ids)
    carried = {row["tag_id"] for row in _mappings(call) if row["resource_id"] == resource_id(key)}
    return not wanted or (wanted <= carried if every else not wanted.isdisjoint(carried))


def untag(workspace: Workspace, key: str) -> None:
    """Take all tags off a resource that is gone."""
    _drop(workspace, lambda row: bool(row["resource_id"] == resource_id(key)))


def _of_resources(call: Call, tag: Entity) -> bool:
    tags, resources = several(call.query.get("tag_ids")), several(call.query.get("resource_ids"))
    ids = {resource_id(key) for key in resources}
    return (not tags or tag["id"] in tags) and (
        not ids or any(row["tag_id"] == tag["id"] and row["resource_id"] in ids for row in _mappings(call))
    )


TAGS = Records(
    "Custom Tag",
    creates="createCustomTag",
    lists="listCustomTag",
    gets="getCustomTag",
    patches="patchCustomTag",
    deletes="deleteCustomTag",
    search=("label",),
    filtered=_of_resources,
    gone=lambda workspace, tag: _drop(workspace, lambda row: bool(row["tag_id"] == tag["id"])),
)


def _asked_for(call: Call, mapping: Entity) -> bool:
    resources = several(call.query.get("resource_ids"))
    return not resources or mapping["resource_id"] in {resource_id(key) for key in resources}


MAPPINGS = Records("Custom Tag Mapping", lists="listCustomTagMapping", filtered=_asked_for)


@handles("toggleTagResource")
def toggle(call: Call) -> dict[str, Any]:
    kind = int(call.body["resource_type"])
    tags = [call.find("Custom Tag", id)["id"] for id in call.body["tag_ids"]]
    pairs = [(tag, resource_id(key)) for tag in tags for key in _resources(call, kind)]
    if call.body["assign"]:
        held = {(row["tag_id"], row["resource_id"]) for row in _mappings(call)}
        for tag, resource in dict.fromkeys(pairs):
            if (tag, resource) not in held:
                MAPPINGS.make(call, {"tag_id": tag, "resource_id": resource, "resource_type": kind})
    else:
        _drop(call.workspace, lambda row: (row["tag_id"], row["resource_id"]) in pairs)
    return {"success": True}


def _resources(call: Call, kind: int) -> list[str]:
    if not call.body.get("selected_all"):
        for key in call.body["resource_ids"]:
            call.find(KINDS[kind], key)
        return list(call.body["resource_ids"])
    # A filter by the state of accounts is text, which the document's own schema of it rules out.
    wanted = call.body.get("filter") or {}
    text = wanted.get("search", "").lower()
    return [
        key
        for key, row in call.of(KINDS[kind]).items()
        if text in str(row.get("name") or key).lower() and carries(call, key, wanted.get("tag_id"))
    ]


def _mappings(call: Call) -> list[Entity]:
    return list(call.of("Custom Tag Mapping").values())


def _drop(workspace: Workspace, gone: Callable[[Entity], bool]) -> None:
    mappings = workspace.of("Custom Tag Mapping")
    for id in [id for id, row in mappings.items() if gone(row)]:
        del mappings[id]
