"""Recording: everything from the sandbox, the same each time; from the service reads only, and nothing unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from instantly_sandbox import Sandbox
from tests.contract import cassettes, live, record, tour
from tests.contract.calls import located
from tests.contract.cassettes import RECORDINGS
from tests.contract.check import check
from tests.contract.coverage import coverage


def test_the_committed_recordings_are_all_that_the_sandbox_tells() -> None:
    """If not: `nox -s record -- --sandbox`."""
    recorded = list(tour.recordings())
    told = {record.file_of(one).as_posix(): cassettes.loads(cassettes.dumps(one)).exchanges for one in recorded}
    committed = {name: one.exchanges for name, one in cassettes.recordings() if one.provenance == "sandbox"}
    assert told.keys() == committed.keys()
    assert [name for name, exchanges in told.items() if exchanges != committed[name]] == []
    assert [row.missing for row in coverage(recorded) if row.missing] == []


def test_only_the_real_service_is_live() -> None:
    assert live.provenance_of("https://api.instantly.ai") == "live"
    assert live.provenance_of("http://127.0.0.1:8080") == "sandbox"
    assert live.provenance_of("https://api.instantly.ai.example.com") == "sandbox"
    assert {one.provenance for _, one in cassettes.recordings()} <= {"documentation", "sandbox", "live"}


def run(
    sandbox: Sandbox, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *options: str
) -> tuple[int, Any]:
    monkeypatch.setenv("INSTANTLY_API_KEY", sandbox.key)
    with sandbox.serve() as url:
        status = record.main(["--live", "--json", "--base-url", url, "--output", str(folder), *options])
    out = capsys.readouterr().out
    return status, json.loads(out) if out else None


def test_without_run_nothing_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(world="demo")
    status, told = run(sandbox, tmp_path / "recordings", capsys, monkeypatch)
    assert status == 0
    assert len(told["would_call"]) > 70
    assert not sandbox.requests
    assert not list(tmp_path.iterdir())


def test_all_reads_are_recorded_and_scrubbed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(world="demo", rate_limits=False)
    folder = tmp_path / "recordings"
    status, told = run(sandbox, folder, capsys, monkeypatch, "--run")
    assert status == 0
    assert told["cases"]["success"] > 50
    assert all(one.operation is None or live.is_read(located()[one.operation][2]) for one in sandbox.requests)
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*.yaml"))
    state = sandbox.service.state.workspaces[sandbox.workspace_id]
    people = [
        row[name] for row in state.of("Lead").values() for name in ("email", "first_name", "last_name") if name in row
    ]
    assert sandbox.key not in text
    assert [one for one in people if f'"{one}"' in text] == []
    for _, recording in cassettes.recordings(folder):
        assert recording.provenance == "sandbox"
        assert [finding for one in recording.exchanges for finding in check(recording.operation, one)] == []


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["nonsense"], "there is no operation 'nonsense'"),
        (["pauseCampaign", "--run"], "pauseCampaign changes something"),
        (["listCampaign", "--run", "--write", "createCustomTag={}"], "not confirmed"),
        (["--write", "createCustomTag={"], "no JSON"),
    ],
)
def test_what_is_not_meant_is_not_called(
    options: list[str],
    hint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = Sandbox()
    monkeypatch.setenv("INSTANTLY_API_KEY", sandbox.key)
    with sandbox.serve() as url:
        status = record.main(["--live", "--base-url", url, "--output", str(tmp_path / "recordings"), *options])
    assert status == 2
    assert hint in capsys.readouterr().err
    assert not sandbox.requests


def test_without_a_key_nothing_is_called(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSTANTLY_API_KEY", raising=False)
    assert record.main(["--live", "--run"]) == 2
    assert "INSTANTLY_API_KEY" in capsys.readouterr().err


def test_a_confirmed_write_is_called_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox()
    write = ["--write", 'createCustomTag={"label": "South"}', "--yes"]
    status, told = run(sandbox, tmp_path / "recordings", capsys, monkeypatch, "listCampaign", "--run", *write)
    assert (status, told["recordings"]) == (0, 2)
    assert [one.operation for one in sandbox.requests] == ["listCampaign", "createCustomTag"]


def test_recordings_from_elsewhere_stay(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    documented = cassettes.read(RECORDINGS / "campaigns" / "pause.documented.yaml")
    cassettes.write(folder / "campaigns" / "pause.documented.yaml", documented)
    cassettes.write(
        folder / "campaigns" / "old.success.yaml", cassettes.read(RECORDINGS / "campaigns" / "pause.success.yaml")
    )
    record.replace([cassettes.read(RECORDINGS / "leads" / "get.success.yaml")], folder)
    names = [name for name, _ in cassettes.recordings(folder)]
    assert names == ["campaigns/pause.documented.yaml", "leads/get.success.yaml"]
