"""Inbox placement tests. They run soon after they were made, and automated tests again every day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..engine.context import RequestContext
from ..engine.pages import containing, page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.inbox_placement import forget, run
from ..state.tags import has_tags
from ..state.workspaces import Entity

ONE_TIME = 1
ACTIVE, COMPLETED = 1, 3
SECONDS_TO_RUN = 5.0
DAY = 24 * 3600.0
PREFIX = "ptid_"

OPTIONS = [
    {"region": region, "sub_region": sub_region, "type": kind, "esp": esp}
    for region, sub_region, kind, esp in (
        ("North America", "US", "Professional", "Google"),
        ("North America", "US", "Professional", "Microsoft"),
        ("North America", "US", "Personal", "Google"),
        ("North America", "US", "Personal", "Microsoft"),
        ("Europe", "Germany", "Personal", "Web.de"),
        ("Europe", "Italy", "Personal", "Libero.it"),
        ("Europe", "France", "Professional", "Google"),
    )
]

TESTS = Records(
    "Inbox Placement Test",
    patches="patchInboxPlacementTest",
    deletes="deleteInboxPlacementTest",
    nulls=("test_code",),
    on_delete=lambda workspace, test: forget(workspace, test["id"]),
)


@handles("createInboxPlacementTest")
def create(context: RequestContext) -> Entity:
    labels = context.body.get("recipients_labels") or OPTIONS
    seeds = [f"seed-{number}@{label['esp'].lower()}.example.com" for number, label in enumerate(labels, 1)]
    made = {
        "status": ACTIVE,
        **context.body,
        "recipients_labels": labels,
        "recipients": [*context.body["emails"], *seeds],
    }
    if "test_code" in made:
        made["test_code"] = _code(str(made["test_code"] or ""))
    test = TESTS.make(context, made)
    if test["type"] == ONE_TIME or context.body.get("run_immediately"):
        _plan(context, test["id"], context.runtime.clock.time() + SECONDS_TO_RUN)
    else:
        _plan(context, test["id"], context.runtime.clock.time() + DAY)
    return test


def _code(given: str) -> str | None:
    """The code of a test as the service keeps it: with its prefix, and none if it is blank."""
    code = given.strip()
    return f"{PREFIX}{code.removeprefix(PREFIX)}" if code else None


def _plan(context: RequestContext, id: str, at: float) -> None:
    context.workspace.queue.append({"at": at, "action": "placement-test-runs", "arguments": {"id": id, "at": at}})


@action("placement-test-runs")
def carry_out(context: RequestContext, id: str, at: float) -> None:
    test = context.of("Inbox Placement Test").get(id)
    if test is None:
        return
    if test["status"] == ACTIVE and _is_day_of(test, at):
        run(context, test, _senders(context, test), datetime.fromtimestamp(at, UTC))
    if test["type"] == ONE_TIME:
        test["status"] = COMPLETED
    else:
        _plan(context, id, at + DAY)


def _is_day_of(test: Entity, at: float) -> bool:
    days = (test.get("schedule") or {}).get("days")
    sunday_is_0 = datetime.fromtimestamp(at, UTC).isoweekday() % 7
    return test["type"] == ONE_TIME or not days or bool(days.get(str(sunday_is_0)))


def _senders(context: RequestContext, test: Entity) -> list[str]:
    campaign: Entity = context.of("Campaign").get(test.get("campaign_id") or "") or {}
    tags = test.get("tags")
    tagged = [email for email in context.of("Account") if tags and has_tags(context.workspace, email, tags)]
    return tagged or campaign.get("email_list") or list(context.of("Account")) or ["sender@example.com"]


@handles("listInboxPlacementTest")
def listed(context: RequestContext) -> dict[str, Any]:
    status = context.query.get("status")
    rows = containing(context.of("Inbox Placement Test").values(), context.query.get("search"), "name")
    rows = [row for row in rows if status in (None, row["status"])]
    ascending = context.query.get("sort_order") == "asc"
    return page(context, rows if ascending else rows[::-1], ascending=ascending)


@handles("getInboxPlacementTest")
def get(context: RequestContext) -> Entity:
    test = TESTS.one(context)
    if not context.query.get("with_metadata"):
        return test
    known = context.of("Custom Tag")
    labels = {id: {"id": id, "label": known[id]["label"]} for id in test.get("tags") or () if id in known}
    metadata: dict[str, Any] = {"tags": labels}
    campaign = context.of("Campaign").get(test.get("campaign_id") or "")
    if campaign:
        metadata["campaign"] = {"id": campaign["id"], "name": campaign["name"]}
    return {**test, "metadata": metadata}


@handles("getInboxPlacementTestESPOptions")
def options(context: RequestContext) -> list[dict[str, str]]:
    return OPTIONS
