"""Custom tags, and their mappings to accounts and campaigns."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.records import Records
from ..engine.registry import handles
from ..state.tags import MAPPING, has_tags, remove_mappings, resource_id
from ..state.workspaces import Entity

ACCOUNT, CAMPAIGN = 1, 2
KINDS = {ACCOUNT: "Account", CAMPAIGN: "Campaign"}


def _of_resources(context: RequestContext, tag: Entity) -> bool:
    tags, resources = several(context.query.get("tag_ids")), several(context.query.get("resource_ids"))
    ids = {resource_id(key) for key in resources}
    return (not tags or tag["id"] in tags) and (
        not ids or any(row["tag_id"] == tag["id"] and row["resource_id"] in ids for row in context.of(MAPPING).values())
    )


TAGS = Records(
    "Custom Tag",
    creates="createCustomTag",
    lists="listCustomTag",
    gets="getCustomTag",
    patches="patchCustomTag",
    deletes="deleteCustomTag",
    search=("label",),
    unsaid=("description",),
    filtered=_of_resources,
    on_delete=lambda workspace, tag: remove_mappings(workspace, lambda row: bool(row["tag_id"] == tag["id"])),
)


def _matches(context: RequestContext, mapping: Entity) -> bool:
    resources = several(context.query.get("resource_ids"))
    return not resources or mapping["resource_id"] in {resource_id(key) for key in resources}


MAPPINGS = Records(MAPPING, lists="listCustomTagMapping", filtered=_matches)


@handles("toggleTagResource")
def toggle(context: RequestContext) -> dict[str, Any]:
    kind = int(context.body["resource_type"])
    tags = [context.find("Custom Tag", id)["id"] for id in context.body["tag_ids"]]
    pairs = [(tag, resource_id(key)) for tag in tags for key in _resources(context, kind)]
    if context.body["assign"]:
        assigned = {(row["tag_id"], row["resource_id"]) for row in context.of(MAPPING).values()}
        for tag, resource in dict.fromkeys(pairs):
            if (tag, resource) not in assigned:
                MAPPINGS.make(context, {"tag_id": tag, "resource_id": resource, "resource_type": kind})
    else:
        remove_mappings(context.workspace, lambda row: (row["tag_id"], row["resource_id"]) in pairs)
    return {"success": True}


def _resources(context: RequestContext, kind: int) -> list[str]:
    if not context.body.get("selected_all"):
        for key in context.body["resource_ids"]:
            context.find(KINDS[kind], key)
        return list(context.body["resource_ids"])
    # The documented schema excludes every text as a filter by the status of accounts.
    wanted = context.body.get("filter") or {}
    text = wanted.get("search", "").lower()
    return [
        key
        for key, row in context.of(KINDS[kind]).items()
        if text in str(row.get("name") or key).lower()
        and has_tags(context.workspace, key, several(wanted.get("tag_id")))
    ]
