"""Background jobs move by the clock, and do their work when they succeed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.handlers.background_jobs import WORKS, start


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


def begin(sandbox: Sandbox, kind: str = "move-leads", **options: Any) -> str:
    workspace = sandbox.runtime.state.workspaces[sandbox.workspace_id]
    context = RequestContext.internal(sandbox.runtime, workspace)
    return str(start(context, kind, **{"does": "nothing", "arguments": {}, "echo": {}, **options})["id"])


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What jobs said that do something."""
    said: list[str] = []

    def say(context: RequestContext, text: str) -> dict[str, int]:
        said.append(text)
        return {"success_count": 2, "failed_count": 0}

    monkeypatch.setitem(WORKS, "say", say)
    monkeypatch.setitem(WORKS, "nothing", lambda context: {})
    return said


def test_a_job_is_pending_then_in_progress_then_done(sandbox: Sandbox, client: Instantly) -> None:
    id = begin(sandbox)
    seen = []
    for _ in range(4):
        job = client.background_jobs.get(id)
        seen.append((job.status, job.progress))
        sandbox.clock.advance(1)
    assert seen == [("pending", 0), ("in-progress", 50), ("in-progress", 50), ("success", 100)]


def test_its_action_is_carried_out_when_it_succeeds(sandbox: Sandbox, client: Instantly, told: list[str]) -> None:
    id = begin(sandbox, does="say", arguments={"text": "done"}, echo={"ids": None})
    sandbox.clock.advance(2)
    data = client.background_jobs.get(id).data
    assert data
    assert data.to_dict() == {"ids": None}
    assert told == []
    sandbox.clock.advance(1)
    job = client.background_jobs.get(id, data_fields="success_count")
    assert told == ["done"]
    assert job.data
    assert job.data.additional_properties == {"success_count": 2}


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_the_next_job_can_be_made_to_end_badly(sandbox: Sandbox, ending: str, told: list[str]) -> None:
    sandbox.faults.job(ending)
    bad, good = begin(sandbox, does="say", arguments={"text": "done"}), begin(sandbox)
    sandbox.clock.advance(10)
    client = sandbox.client()
    with pytest.raises(errors.JobFailedError, match=ending):
        client.background_jobs.wait(bad)
    assert told == []
    assert client.background_jobs.wait(good).status == "success"


def test_lists_are_narrowed_and_sorted(sandbox: Sandbox, client: Instantly) -> None:
    list_id = "019cc043-aee6-7ae9-a545-d7de53430e37"
    first = begin(sandbox)
    sandbox.clock.advance(5)
    second = begin(sandbox, "import-leads", entity_type="list", entity_id=list_id)
    third = begin(sandbox)

    def ids(**filters: Any) -> list[str]:
        return [job.id for job in client.background_jobs.list(**filters)]

    assert ids() == [third, second, first]
    assert ids(sort_order="asc", sort_column="updated_at") == [first, second, third]
    assert ids(ids=f"{first}, {third}") == [third, first]
    assert ids(included_ids=second) == [second]
    assert ids(excluded_ids=f"{second},{third}") == [first]
    assert ids(status="success") == [first]
    assert ids(status="pending,success") == [third, second, first]
    assert ids(type_="import-leads") == [second]
    assert ids(entity_type="list", entity_id=list_id) == [second]
    assert ids(limit=2) == [third, second, first]


def test_ids_are_of_24_hexadecimal_digits_and_cursors_too(sandbox: Sandbox, client: Instantly) -> None:
    begin(sandbox)
    begin(sandbox)
    page = client.background_jobs.list(limit=1)
    assert page.next_cursor == page.items[0].id
    assert len(bytes.fromhex(page.next_cursor)) == 12
    with pytest.raises(errors.NotFoundError):
        client.background_jobs.get("0" * 24)
