"""The state outlives the sandbox, is the same for the same seed, and stays whole under many hands."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_sandbox import Sandbox
from tests.sandbox.raw import CALLS, answers, frozen, send, target_of


@settings(max_examples=20, deadline=None)
@given(before=st.lists(st.sampled_from(CALLS), max_size=8), after=st.lists(st.sampled_from(CALLS), max_size=8))
def test_what_is_restored_answers_like_what_was_saved(before: list[Any], after: list[Any]) -> None:
    saved = Sandbox(seed=3, clock=frozen())
    answers(saved, before)
    restored = Sandbox(seed=4, clock=frozen())
    restored.restore(saved.snapshot())
    assert answers(restored, after) == answers(saved, after)
    assert restored.snapshot() == saved.snapshot()


def test_a_file_brings_everything_back(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with Sandbox(clock=frozen()) as first:
        answers(first, CALLS)
        first.clock.advance(1000)
        first.save(path)
    second = Sandbox(clock=frozen())
    second.load(path)
    assert second.clock.time() == first.clock.time()
    assert second.key == first.key
    assert answers(second, CALLS) == answers(first, CALLS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_a_clock_that_stood_still_does_so_again() -> None:
    saved = Sandbox(clock=frozen())
    saved.clock.advance(timedelta(days=3650.123))
    restored = Sandbox()
    restored.restore(saved.snapshot())
    assert restored.clock.frozen
    assert restored.clock.time() == saved.clock.time()
    assert restored.snapshot() == saved.snapshot()


def test_a_clock_that_ran_leaves_one_that_stands_still_alone() -> None:
    restored = Sandbox(clock=frozen())
    restored.restore(Sandbox().snapshot())
    assert restored.clock.frozen


def test_a_state_from_before_clocks_were_told_of_can_be_restored() -> None:
    sandbox = Sandbox()
    snapshot = sandbox.snapshot()
    del snapshot["frozen"]
    sandbox.restore(snapshot)
    assert not sandbox.clock.frozen


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": float("nan")}, "its time cannot be nan"),
        ({"time": 1e300}, "its time cannot be 1e"),
        ({"key": "another"}, "'another' is missing"),
        ({"workspace_id": "another"}, "a workspace is missing"),
    ],
)
def test_a_damaged_state_changes_nothing(change: dict[str, Any], message: str) -> None:
    saved = Sandbox(clock=frozen())
    sandbox = Sandbox()
    before = sandbox.snapshot()
    with pytest.raises(ValueError, match=f"^the state is damaged: {message}"):
        sandbox.restore({**saved.snapshot(), **change})
    assert sandbox.snapshot()["state"] == before["state"]
    assert not sandbox.clock.frozen


@pytest.mark.parametrize("content", ["", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_file_that_is_none_of_a_sandbox_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    sandbox = Sandbox()
    before = sandbox.workspace_id
    with pytest.raises(ValueError, match="state"):
        sandbox.load(path)
    assert sandbox.workspace_id == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda home: home["queue"].append({"at": 0, "action": "of-the-future", "arguments": {}}), "of-the-future"),
        (lambda home: home["queue"].append({"at": None, "action": "job-moves", "arguments": {}}), "lacks a time"),
        (lambda home: home["queue"].append(5), "lacks a time"),
        (lambda home: home["collections"]["Workspace"].update(another={}), "no field has what it is known by"),
    ],
)
def test_a_state_that_no_request_could_be_answered_by_is_refused(damage: Any, message: str) -> None:
    sandbox = Sandbox()
    snapshot = sandbox.snapshot()
    damage(snapshot["state"]["workspaces"][sandbox.workspace_id])
    with pytest.raises(ValueError, match=f"^the state is damaged: .*{message}"):
        sandbox.restore(snapshot)


@pytest.mark.parametrize("line", [b"no JSON", b"\xff", b"[1]", b"5", b"", b'{"changed": 5}', b'{"changed": {"x": {}}}'])
def test_a_damaged_journal_names_its_line_and_nothing_is_lost(tmp_path: Path, line: bytes) -> None:
    path, beside = tmp_path / "state.json", tmp_path / "state.json.journal"
    Sandbox().save(path)
    begins = json.dumps({"chance": json.loads(path.read_bytes())["chance"]}).encode()
    content = b"\n".join((begins, b"{}", line, b"{}", b""))
    beside.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"line 3 of state.json.journal is damaged: remove it and all lines after it"):
        Sandbox().load(path)
    assert (path.read_bytes(), beside.read_bytes()) == (before, content)


def test_a_state_of_another_format_is_refused_whatever_its_journal_has(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({**Sandbox().snapshot(), "format": 3}))
    (tmp_path / "state.json.journal").write_text("of another form")
    with pytest.raises(ValueError, match=r"this state has format 3, .* or take the version that saved it"):
        Sandbox().load(path)


def test_a_state_of_another_format_is_refused_with_both_formats() -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match=r"^this state has format 1, .* reads format 2: begin without it"):
        sandbox.restore({**sandbox.snapshot(), "format": 1})


def test_a_reset_begins_again() -> None:
    sandbox = Sandbox(clock=frozen())
    first = answers(sandbox, CALLS)
    sandbox.reset()
    assert answers(sandbox, CALLS) == first


SCRIPT = """
from tests.sandbox.raw import CALLS, answers, frozen
from instantly_sandbox import Sandbox
import sys
sandbox = Sandbox(seed=int(sys.argv[1]), clock=frozen())
sandbox.faults.status(500, probability=0.3, times=None)
print(sandbox.key, sandbox.workspace_id)
for told in answers(sandbox, CALLS * 3):
    print(told.status, told.body)
"""


@pytest.mark.slow
def test_the_same_seed_and_requests_give_the_same_bytes_in_any_process() -> None:
    def printed(seed: int, hash_seed: int) -> bytes:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": str(hash_seed)}
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, str(seed)], env=environment, capture_output=True, check=True
        ).stdout

    assert printed(1, 1) == printed(1, 2) != printed(2, 1)


@pytest.mark.slow
def test_threads_lose_nothing() -> None:
    sandbox = Sandbox(rate_limits=False)

    def work(number: int) -> set[str]:
        made = set()
        for index in range(25):
            body = {"email": f"{number}-{index}@example.com", "role": "editor"}
            made.add(send(sandbox, "POST", target_of("createWorkspaceMember"), body).json()["id"])
            send(sandbox, "GET", target_of("listWorkspaceMember", query="limit=100"))
        return made

    with ThreadPoolExecutor(16) as threads:
        made = set().union(*threads.map(work, range(16)))
    assert len(made) == 16 * 25
    workspace = sandbox.runtime.state.workspaces[sandbox.workspace_id]
    assert workspace.of("Workspace Member").keys() > made
    assert len(workspace.of("Workspace Member")) == len(made) + 1  # the owner
    assert len(sandbox.requests) == 2 * len(made)


def test_tasks_lose_nothing() -> None:
    sandbox = Sandbox()

    async def work() -> set[str]:
        async with sandbox.async_client() as client:
            made = await asyncio.gather(
                *(
                    client.workspace_members.create(email=f"{number}@example.com", role="editor")
                    for number in range(200)
                )
            )
            return {str(member.id) for member in made}

    assert len(asyncio.run(work())) == 200
