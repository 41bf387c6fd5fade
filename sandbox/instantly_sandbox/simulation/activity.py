"""Activity of leads, which analytics count: e-mails sent, opened, clicked, replied to and so on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from ..engine.context import RequestContext
from ..state.workspaces import Entity, Workspace

Kind = Literal[
    "sent", "opened", "clicked", "replied", "replied-automatically", "bounced", "unsubscribed", "completed", "interest"
]

COLLECTION = "Activity"


def record(context: RequestContext, kind: Kind, lead: Entity, **more: Any) -> Entity:
    """Record an event of a lead. `more` is its `step` and `variant`, counted from 0, or its `status`."""
    id = context.new_id()
    entry = {"id": id, "kind": kind, "at": context.now, "campaign": lead.get("campaign"), "lead": lead["id"], **more}
    context.of(COLLECTION)[id] = entry
    return entry


def recorded(
    context: RequestContext, campaigns: Collection[str | None], start: str | None = None, end: str | None = None
) -> list[Entity]:
    """The events of these campaigns from one day to another, both included."""
    first, last = (start or "")[:10], (end or "9999")[:10]
    found: list[Entity] = [
        entry
        for campaign in campaigns
        for entry in context.of(COLLECTION).by("campaign", campaign)
        if first <= entry["at"][:10] <= last
    ]
    return sorted(found, key=lambda entry: str(entry["id"])) if len(campaigns) > 1 else found


def forget(workspace: Workspace, campaign: str) -> None:
    """Delete the events of a campaign."""
    entries = workspace.of(COLLECTION)
    for id in [id for id, entry in entries.items() if entry["campaign"] == campaign]:
        del entries[id]
