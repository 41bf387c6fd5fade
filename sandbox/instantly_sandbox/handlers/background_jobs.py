"""Background jobs: pending, then in progress, then done, as the clock goes on."""

from __future__ import annotations

from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.filters import several
from ..engine.pages import page
from ..engine.records import Records
from ..engine.scheduler import ACTIONS, action

SECONDS_TO_START = 1.0
SECONDS_TO_FINISH = 3.0

JOBS = Records("Background Job", equal={"type": "type", "entity_type": "entity_type"})


def start(
    call: Call,
    kind: str,
    entity_type: str | None = None,
    entity_id: str | None = None,
    *,
    action: str | None = None,
    arguments: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> Entity:
    """Make a job that will pass through its states by itself.

    Args:
        call: what started it.
        kind: its type.
        entity_type: of what it is about.
        entity_id: of what it is about.
        action: what is done (see `agenda`) at the moment when the job succeeds.
        arguments: of the action, as JSON.
        data: what the job has to tell once it has succeeded.
    """
    made = {
        "id": call.new_job_id(),
        "type": kind,
        "entity_id": entity_id,
        **({"entity_type": entity_type} if entity_type else {}),
        "progress": 0,
        "status": "pending",
        "created_at": call.now,
        "updated_at": call.now,
    }
    job = JOBS.make(call, made)
    call.later(SECONDS_TO_START, "job-moves", id=job["id"], status="in-progress", progress=50)
    ending = call.service.faults.ending("job")
    if ending:
        call.later(SECONDS_TO_FINISH, "job-moves", id=job["id"], status=ending, progress=50)
    else:
        call.later(SECONDS_TO_FINISH, "job-succeeds", id=job["id"], does=action, arguments=arguments, data=data)
    return job


@action("job-moves")
def move(call: Call, id: str, status: str, progress: int) -> None:
    job = call.of("Background Job").get(id)
    if job is not None:
        job.update(status=status, progress=progress, updated_at=call.now)


@action("job-succeeds")
def succeed(
    call: Call, id: str, does: str | None, arguments: dict[str, Any] | None, data: dict[str, Any] | None
) -> None:
    if does:
        ACTIONS[does](call, **(arguments or {}))
    move(call, id, "success", 100)
    if data is not None:
        call.of("Background Job")[id]["data"] = data


@handles("listBackgroundJob")
def listed(call: Call) -> dict[str, Any]:
    # Of the parameters that take several values, each narrows the list.
    ask = call.query
    columns = {"id": ("ids", "included_ids"), "entity_id": ("entity_id",), "status": ("status",)}
    wanted = [(field, several(ask.get(name))) for field, names in columns.items() for name in names if ask.get(name)]
    unwanted = several(ask.get("excluded_ids"))
    rows = [
        job
        for job in JOBS.rows(call)
        if job["id"] not in unwanted and all(job.get(field) in values for field, values in wanted)
    ]
    rows.reverse()
    rows.sort(key=lambda job: str(job[ask.get("sort_column", "created_at")]))
    return page(call, rows if ask.get("sort_order") == "asc" else rows[::-1])


@handles("getBackgroundJob")
def get(call: Call) -> Entity:
    job = JOBS.one(call)
    fields = several(call.query.get("data_fields"))
    if not fields or "data" not in job:
        return job
    return {**job, "data": {name: value for name, value in job["data"].items() if name in fields}}
