"""Background jobs: pending, then in progress, then finished, as the clock moves on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..engine.context import RequestContext
from ..engine.filters import several
from ..engine.pages import page
from ..engine.records import Records
from ..engine.registry import handles
from ..engine.scheduler import action
from ..state.workspaces import Entity

W = TypeVar("W", bound=Callable[..., dict[str, Any]])

UNFINISHED = ("pending", "in-progress")
ENDED = ("success", "failed", "cancelled")
WAITING = "Waiting Job"
"""What jobs will do that are paused, or draining, beyond the time when they would have ended."""

SECONDS_TO_START = 1.0
SECONDS_TO_FINISH = 3.0

JOBS = Records("Background Job", equal={"type": "type", "entity_type": "entity_type"}, nulls=("user_id",))

Result = dict[str, Any]
Work = Callable[..., Result]

WORKS: dict[str, Work] = {}
"""By name: what jobs do when they succeed. The fields of the result are added to the `data` of the job."""


def work(name: str) -> Callable[[W], W]:
    """Register a function as the work of a job. It gets a context and the arguments of the job."""

    def register(function: W) -> W:
        assert name not in WORKS, name
        WORKS[name] = function
        return function

    return register


def start(
    context: RequestContext,
    kind: str,
    entity_type: str | None = None,
    entity_id: str | None = None,
    *,
    does: str,
    arguments: dict[str, Any],
    echo: dict[str, Any],
) -> Entity:
    """Start a job, which passes through its statuses as the clock moves on.

    Args:
        context: of the request that starts it.
        kind: the type of the job.
        entity_type: the type of the object that it works on.
        entity_id: the id of that object.
        does: the name of the work that is done when it succeeds.
        arguments: the arguments of the work, as JSON.
        echo: the fields of the request that the `data` of the job repeats from the start.
    """
    made = {
        "id": context.new_job_id(),
        "type": kind,
        "user_id": None,
        "entity_id": entity_id,
        "data": echo,
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
        context.schedule(SECONDS_TO_FINISH, "job-succeeds", id=job["id"], does=does, arguments=arguments)
    return job


@action("job-moves")
def move(context: RequestContext, id: str, status: str, progress: int) -> None:
    job = context.of("Background Job").get(id)
    if job is not None and job["status"] in UNFINISHED:
        job.update(status=status, progress=progress, updated_at=context.now)


@action("job-succeeds")
def succeed(context: RequestContext, id: str, does: str, arguments: dict[str, Any]) -> None:
    job = context.of("Background Job").get(id)
    # A test may have ended it by hand.
    if job is not None and job["status"] in UNFINISHED:
        move(context, id, "success", 100)
        job["data"] = {**job["data"], **WORKS[does](context, **arguments)}
    elif job is not None and job["status"] not in ENDED:
        context.of(WAITING)[id] = {"id": id, "does": does, "arguments": arguments}


def take(context: RequestContext, id: str) -> dict[str, Any] | None:
    """Take the success of a job out of the queue: the arguments of `succeed`, or None if the job ends otherwise."""
    for event in context.workspace.queue:
        if event["action"] == "job-succeeds" and event["arguments"]["id"] == id:
            context.workspace.queue.remove(event)
            return event["arguments"]
    waiting = context.of(WAITING).pop(id, None)
    return None if waiting is None else dict(waiting)


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
    ascending = ask.get("sort_order") == "asc"
    return page(context, rows if ascending else rows[::-1], ascending=ascending)


@handles("getBackgroundJob", of=JOBS.kind)
def get(context: RequestContext) -> Entity:
    job = JOBS.one(context)
    fields = several(context.query.get("data_fields"))
    return {**job, "data": {name: job["data"].get(name) for name in fields}} if fields else job
