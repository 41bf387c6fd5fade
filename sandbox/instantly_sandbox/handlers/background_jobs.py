"""Background jobs: pending, then in progress, then finished, as the clock moves on."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.pages import page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import ACTIONS, action
from ..state.workspaces import Entity

SECONDS_TO_START = 1.0
SECONDS_TO_FINISH = 3.0

JOBS = Records("Background Job", equal={"type": "type", "entity_type": "entity_type"})


def start(
    context: RequestContext,
    kind: str,
    entity_type: str | None = None,
    entity_id: str | None = None,
    *,
    action: str | None = None,
    arguments: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> Entity:
    """Start a job, which passes through its statuses as the clock moves on.

    Args:
        context: of the request that starts it.
        kind: the type of the job.
        entity_type: the type of the object that it works on.
        entity_id: the id of that object.
        action: the name of an action (see `scheduler`) that runs when the job succeeds.
        arguments: the arguments of the action, as JSON.
        data: the result of the job once it has succeeded.
    """
    made = {
        "id": context.new_job_id(),
        "type": kind,
        "entity_id": entity_id,
        **({"entity_type": entity_type} if entity_type else {}),
        "progress": 0,
        "status": "pending",
        "created_at": context.now,
        "updated_at": context.now,
    }
    job = JOBS.make(context, made)
    context.schedule(SECONDS_TO_START, "job-moves", id=job["id"], status="in-progress", progress=50)
    ending = context.runtime.faults.ending("job")
    if ending:
        context.schedule(SECONDS_TO_FINISH, "job-moves", id=job["id"], status=ending, progress=50)
    else:
        context.schedule(SECONDS_TO_FINISH, "job-succeeds", id=job["id"], does=action, arguments=arguments, data=data)
    return job


@action("job-moves")
def move(context: RequestContext, id: str, status: str, progress: int) -> None:
    job = context.of("Background Job").get(id)
    if job is not None:
        job.update(status=status, progress=progress, updated_at=context.now)


@action("job-succeeds")
def succeed(
    context: RequestContext, id: str, does: str | None, arguments: dict[str, Any] | None, data: dict[str, Any] | None
) -> None:
    if does:
        ACTIONS[does](context, **(arguments or {}))
    move(context, id, "success", 100)
    if data is not None:
        context.of("Background Job")[id]["data"] = data


@handles("listBackgroundJob")
def listed(context: RequestContext) -> dict[str, Any]:
    # Each parameter that takes several values narrows the list.
    ask = context.query
    columns = {"id": ("ids", "included_ids"), "entity_id": ("entity_id",), "status": ("status",)}
    wanted = [(field, several(ask.get(name))) for field, names in columns.items() for name in names if ask.get(name)]
    unwanted = several(ask.get("excluded_ids"))
    rows = [
        job
        for job in JOBS.rows(context)
        if job["id"] not in unwanted and all(job.get(field) in values for field, values in wanted)
    ]
    rows.reverse()
    rows.sort(key=lambda job: str(job[ask.get("sort_column", "created_at")]))
    return page(context, rows if ask.get("sort_order") == "asc" else rows[::-1])


@handles("getBackgroundJob", of=JOBS.kind)
def get(context: RequestContext) -> Entity:
    job = JOBS.one(context)
    fields = several(context.query.get("data_fields"))
    if not fields or "data" not in job:
        return job
    return {**job, "data": {name: value for name, value in job["data"].items() if name in fields}}
