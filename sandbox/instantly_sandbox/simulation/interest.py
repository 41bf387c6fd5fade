"""Interest status of leads: its changes, and the leads that it makes opportunities."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..state.clock import seconds
from ..state.workspaces import Entity
from .activity import record
from .events import announce
from .subsequences import enter

STATUS_EVENTS: dict[float | None, str] = {
    0: "lead_out_of_office",
    1: "lead_interested",
    2: "lead_meeting_booked",
    3: "lead_meeting_completed",
    4: "lead_closed",
    -1: "lead_not_interested",
    -2: "lead_wrong_person",
    -4: "lead_no_show",
    None: "lead_neutral",
}
"""Event types of the service's own interest statuses. A lost lead (-3) has no event."""

SECONDS_OF_QUIET = 600.0


def change_interest(context: RequestContext, lead: Entity, status: float | None, **about: Any) -> None:
    """Change the interest status of a lead; None removes it.

    Analytics do not count a change within ten minutes of another, as in the service.
    """
    last = lead.get("timestamp_last_interest_change")
    if status is None:
        lead.pop("lt_interest_status", None)
    else:
        lead["lt_interest_status"] = status
    lead.update(timestamp_last_interest_change=context.now, timestamp_updated=context.now)
    if last is None or context.time - seconds(last) >= SECONDS_OF_QUIET:
        record(context, "interest", lead, status=status, **about)
    event = STATUS_EVENTS.get(status) or _custom_label(context, status)
    if event:
        announce(context, event, lead=lead, campaign=context.of("Campaign").get(lead.get("campaign") or ""))
    enter(context, lead, lambda conditions: status in conditions.get("crm_status", ()))


def is_positive(context: RequestContext, status: float | None) -> bool:
    """Whether an interest status makes a lead an opportunity."""
    return status in (1, 2, 3, 4) or any(
        label["interest_status"] == status and label["interest_status_label"] == "positive"
        for label in context.of("Lead Label").values()
    )


def _custom_label(context: RequestContext, status: float | None) -> str | None:
    labels = context.of("Lead Label").values()
    return next((label["label"] for label in labels if label["interest_status"] == status), None)
