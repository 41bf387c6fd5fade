"""Analytics of inbox placement tests: the places where e-mails landed, row by row and summed up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import several, within
from ..engine.pages import newest_first, page
from ..engine.registry import handles
from ..simulation.inbox_placement import ANALYTICS, RECEIVED, REPORTS, SENT
from ..state.workspaces import Entity

handles("getInboxPlacementAnalytics", of=ANALYTICS.kind)(ANALYTICS.found)
handles("getInboxPlacementBlacklist&SpamAssassinReport", of=REPORTS.kind)(REPORTS.found)

RECIPIENT = ("recipient_geo", "recipient_type", "recipient_esp")


def _rows(context: RequestContext, asked: dict[str, Any], test_ids: Collection[str]) -> list[Entity]:
    """The rows of tests that pass the filters, oldest first; a filter is a list, or text with commas."""
    wanted = {name: _texts(asked[name]) for name in RECIPIENT if asked.get(name)}
    sender = asked.get("sender_email")
    return [
        row
        for row in context.of(ANALYTICS.kind).values()
        if row["test_id"] in test_ids
        and within(row["timestamp_created"], asked.get("date_from"), asked.get("date_to"))
        and sender in (None, row["sender_email"])
        and all(str(row[name]) in values for name, values in wanted.items())
    ]


def _texts(values: str | list[Any]) -> set[str]:
    return several(values) if isinstance(values, str) else {f"{value:g}" for value in values}


@handles("listInboxPlacementAnalytics")
def listed(context: RequestContext) -> dict[str, Any]:
    return page(context, newest_first(_rows(context, context.query, (context.query["test_id"],))))


@handles("getInboxPlacementAnalyticsStatsByTestId")
def stats_by_test(context: RequestContext) -> list[dict[str, Any]]:
    tests = [context.find("Inbox Placement Test", id)["id"] for id in dict.fromkeys(context.body["test_ids"])]
    found = []
    for id in tests:
        counts = _places(_rows(context, context.body, (id,)))
        total = sum(counts.values())
        parts = {f"{place}_count": count for place, count in counts.items()}
        shares = {f"{place}_percent": _percent(count, total) for place, count in counts.items()}
        found.append({"test_id": id, "count": total, **parts, **shares})
    return found


@handles("getInboxPlacementAnalyticsStatsByDate")
def stats_by_date(context: RequestContext) -> list[dict[str, Any]]:
    rows = _rows(context, context.body, (context.find("Inbox Placement Test", context.body["test_id"])["id"],))
    return [{"timestamp_created_date": day, **_day(list(own))} for day, own in _grouped(rows, _date)]


def _date(row: Entity) -> str:
    return str(row["timestamp_created_date"])


def _day(rows: list[Entity]) -> dict[str, int]:
    counts = _places(rows)
    sent = sum(row["record_type"] == SENT for row in rows)
    parts = {f"{place}_count": count for place, count in counts.items()}
    return {"sent_count": sent, "received_count": sum(counts.values()), **parts}


@handles("getInboxPlacementAnalyticsDeliverabilityInsights")
def insights(context: RequestContext) -> list[dict[str, Any]]:
    body = context.body
    id = context.find("Inbox Placement Test", body["test_id"])["id"]
    before = {**body, "date_from": body.get("previous_date_from"), "date_to": body.get("previous_date_to")}
    previous = dict(_received(_rows(context, before, (id,)))) if body.get("show_previous") else {}
    found = []
    for pair, rows in _received(_rows(context, body, (id,))):
        found.append(
            {
                "test_id": id,
                "from": body.get("date_from"),
                "to": body.get("date_to"),
                "previous_from": body.get("previous_date_from"),
                "previous_to": body.get("previous_date_to"),
                "sender_esp": pair[0],
                "recipient_esp": pair[1],
                **_shares(rows, ""),
                **_shares(previous.get(pair, []), "prev_"),
            }
        )
    return found


def _received(rows: list[Entity]) -> list[tuple[tuple[int, int], list[Entity]]]:
    received = [row for row in rows if row["record_type"] == RECEIVED]
    return [(pair, list(own)) for pair, own in _grouped(received, _esps)]


def _esps(row: Entity) -> tuple[int, int]:
    return row["sender_esp"], row["recipient_esp"]


def _shares(rows: list[Entity], prefix: str) -> dict[str, float | None]:
    counts = _places(rows)
    return {
        f"{prefix}{place}_percentage": _percent(count, len(rows)) if rows else None for place, count in counts.items()
    }


def _places(rows: Iterable[Entity]) -> dict[str, int]:
    """The number of e-mails in each place. An e-mail lands in one place."""
    received = [row for row in rows if row["record_type"] == RECEIVED]
    spam = sum(row["is_spam"] for row in received)
    category = sum(row["has_category"] for row in received)
    return {"spam": spam, "inbox": len(received) - spam - category, "category": category}


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0


def _grouped(rows: list[Entity], key: Callable[[Entity], Any]) -> Iterable[tuple[Any, Iterable[Entity]]]:
    return groupby(sorted(rows, key=key), key)


@handles("listInboxPlacementBlacklist&SpamAssassinReport")
def reports(context: RequestContext) -> dict[str, Any]:
    ask = context.query
    skipped = [name for name in ("spam_assassin_report", "blacklist_report") if ask.get(f"skip_{name}")]
    rows = [
        row
        for row in context.of(REPORTS.kind).values()
        if row["test_id"] == ask["test_id"]
        and within(row["timestamp_created"], ask.get("date_from"), ask.get("date_to"))
    ]
    listing = page(context, newest_first(rows))
    listing["items"] = [{name: row[name] for name in row if name not in skipped} for row in listing["items"]]
    return listing
