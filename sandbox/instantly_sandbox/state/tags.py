"""Custom tags of accounts and campaigns: which of them has which tag."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import NAMESPACE_URL, UUID, uuid5

from .workspaces import Entity, Workspace

MAPPING = "Custom Tag Mapping"


def resource_id(key: str) -> str:
    """The id of a resource in mappings. That is a UUID, also for an account, which has only its address."""
    try:
        return str(UUID(key))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"mailto:{key}"))


def has_tags(workspace: Workspace, key: str, tag_ids: Collection[str], *, every: bool = False) -> bool:
    """Whether a resource passes a filter by tags; everything passes a filter without tags.

    Args:
        workspace: holds the mappings.
        key: the address of an account, or the id of a campaign.
        tag_ids: the ids of the tags.
        every: it must have all of them instead of one.
    """
    wanted, id = set(tag_ids), resource_id(key)
    found = {row["tag_id"] for row in workspace.of(MAPPING).values() if row["resource_id"] == id}
    return not wanted or (wanted <= found if every else not wanted.isdisjoint(found))


def untag(workspace: Workspace, key: str) -> None:
    """Remove all tags of a resource."""
    id = resource_id(key)
    remove_mappings(workspace, lambda row: bool(row["resource_id"] == id))


def remove_mappings(workspace: Workspace, condition: Callable[[Entity], bool]) -> None:
    """Remove the mappings that meet a condition."""
    mappings = workspace.of(MAPPING)
    for id in [id for id, row in mappings.items() if condition(row)]:
        del mappings[id]
