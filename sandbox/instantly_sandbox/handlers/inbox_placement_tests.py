"""Inbox placement tests: they run a moment after they were made, the automated ones again every day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.pages import containing, page
from ..engine.records import Records
from ..engine.scheduler import action
from ..simulation.inbox_placement import forget, run
from .custom_tags import carries

ONE_TIME = 1
ACTIVE, COMPLETED = 1, 3
SECONDS_TO_RUN = 5.0
DAY = 24 * 3600.0

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
    gone=lambda workspace, test: forget(workspace, test["id"]),
)


@handles("createInboxPlacementTest")
def create(call: Call) -> Entity:
    labels = call.body.get("recipients_labels") or OPTIONS
    seeds = [f"seed-{number}@{label['esp'].lower()}.example.com" for number, label in enumerate(labels, 1)]
    made = {"status": ACTIVE, **call.body, "recipients_labels": labels, "recipients": [*call.body["emails"], *seeds]}
    test = TESTS.make(call, made)
    if test["type"] == ONE_TIME or call.body.get("run_immediately"):
        _plan(call, test["id"], call.service.clock.time() + SECONDS_TO_RUN)
    else:
        _plan(call, test["id"], call.service.clock.time() + DAY)
    return test


def _plan(call: Call, id: str, at: float) -> None:
    call.workspace.agenda.append({"at": at, "action": "placement-test-runs", "arguments": {"id": id, "at": at}})


@action("placement-test-runs")
def carry_out(call: Call, id: str, at: float) -> None:
    test = call.of("Inbox Placement Test").get(id)
    if test is None:
        return
    if test["status"] == ACTIVE and _is_day_of(test, at):
        run(call, test, _senders(call, test), datetime.fromtimestamp(at, UTC))
    if test["type"] == ONE_TIME:
        test["status"] = COMPLETED
    else:
        _plan(call, id, at + DAY)


def _is_day_of(test: Entity, at: float) -> bool:
    days = (test.get("schedule") or {}).get("days")
    sunday_is_0 = datetime.fromtimestamp(at, UTC).isoweekday() % 7
    return test["type"] == ONE_TIME or not days or bool(days.get(str(sunday_is_0)))


def _senders(call: Call, test: Entity) -> list[str]:
    campaign = call.of("Campaign").get(test.get("campaign_id") or "", {})
    wanted = ",".join(test.get("tags") or ())
    tagged = [email for email in call.of("Account") if wanted and carries(call, email, wanted)]
    return tagged or campaign.get("email_list") or list(call.of("Account")) or ["sender@example.com"]


@handles("listInboxPlacementTest")
def listed(call: Call) -> dict[str, Any]:
    status = call.query.get("status")
    rows = containing(call.of("Inbox Placement Test").values(), call.query.get("search"), "name")
    rows = [row for row in rows if status in (None, row["status"])]
    return page(call, rows if call.query.get("sort_order") == "asc" else rows[::-1])


@handles("getInboxPlacementTest")
def get(call: Call) -> Entity:
    test = TESTS.one(call)
    if not call.query.get("with_metadata"):
        return test
    known = call.of("Custom Tag")
    labels = {id: {"id": id, "label": known[id]["label"]} for id in test.get("tags") or () if id in known}
    metadata: dict[str, Any] = {"tags": labels}
    campaign = call.of("Campaign").get(test.get("campaign_id") or "")
    if campaign:
        metadata["campaign"] = {"id": campaign["id"], "name": campaign["name"]}
    return {**test, "metadata": metadata}


@handles("getInboxPlacementTestESPOptions")
def options(call: Call) -> list[dict[str, str]]:
    return OPTIONS
