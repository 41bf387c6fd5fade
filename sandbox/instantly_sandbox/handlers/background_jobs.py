"""Background jobs: pending, then in progress, then done, as the clock goes on."""

from __future__ import annotations

from ..agenda import action
from ..calls import Call, Entity
from ..records import Records

SECONDS_TO_START = 1.0
SECONDS_TO_FINISH = 3.0

JOBS = Records(
    "Background Job",
    lists="listBackgroundJob",
    gets="getBackgroundJob",
    equal={"type": "type", "entity_type": "entity_type", "entity_id": "entity_id", "status": "status"},
)


def start(call: Call, kind: str, entity_type: str | None = None, entity_id: str | None = None) -> Entity:
    """Make a job that will pass through its states by itself."""
    job = JOBS.make(
        call,
        {
            "id": call.new_job_id(),
            "type": kind,
            "entity_id": entity_id,
            "entity_type": entity_type,
            "progress": 0,
            "status": "pending",
            "created_at": call.now,
            "updated_at": call.now,
        },
    )
    call.later(SECONDS_TO_START, "job-moves", id=job["id"], status="in-progress", progress=50)
    call.later(SECONDS_TO_FINISH, "job-moves", id=job["id"], status="success", progress=100)
    return job


@action("job-moves")
def move(call: Call, id: str, status: str, progress: int) -> None:
    job = call.of("Background Job").get(id)
    if job is not None:
        job.update(status=status, progress=progress, updated_at=call.now)
