"""Webhook events, one for each attempt at a delivery, and their sums."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import within
from ..engine.records import Records
from ..engine.registry import handles
from ..state.workspaces import Entity


def _matches(context: RequestContext, event: Entity) -> bool:
    ask = context.query
    text = ask.get("search")
    return (
        (ask.get("success") is None or event["success"] == ask["success"])
        and (not text or text in (event["webhook_url"], event.get("lead_email")))
        and within(event["timestamp_created"], ask.get("from"), ask.get("to"))
    )


EVENTS = Records(
    "Webhook Event",
    lists="listWebhookEvent",
    gets="getWebhookEvent",
    search=("webhook_url", "lead_email"),
    filtered=_matches,
)


@handles("getWebhookEventsSummary")
def summary(context: RequestContext) -> dict[str, Any]:
    events = EVENTS.rows(context)
    counts = _counts(events)
    return {**counts, "failure_rate": _percent(counts["failed_events"], len(events))}


@handles("getWebhookEventsSummaryByDate")
def summary_by_date(context: RequestContext) -> dict[str, Any]:
    oldest_first = EVENTS.rows(context)[::-1]
    oldest_first.sort(key=_date)
    return {"items": [{"date": date, **_counts(events)} for date, events in groupby(oldest_first, _date)]}


def _date(event: Entity) -> str:
    return str(event["timestamp_created_date"])


def _counts(events: Iterable[Entity]) -> dict[str, Any]:
    outcomes = [event["success"] for event in events]
    good = sum(outcomes)
    return {
        "total_events": len(outcomes),
        "successful_events": good,
        "failed_events": len(outcomes) - good,
        "success_rate": _percent(good, len(outcomes)),
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0
