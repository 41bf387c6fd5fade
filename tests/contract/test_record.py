"""The command that records: from the sandbox always the same, from a service nothing that was not asked for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from instantly_client import SPEC_SHA256
from instantly_contract.cassettes import Recording, dumps, read, recordings
from instantly_contract.check import known_operations
from instantly_contract.document import corrected
from instantly_contract.recording import live
from instantly_contract.recording.live import plan, provenance_of, reads
from instantly_contract.recording.tour import recordings as toured
from instantly_sandbox import Sandbox
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.recording.exchange import Exchange
from scripts import record
from scripts.lib.report import Failed
from scripts.record import KEY, file_of, list_sampled, main, write
from tests.contract.replay import replay
from tests.contract.settings import MANY, RECORDINGS

pytestmark = pytest.mark.slow

HOST = "https://api.instantly.ai"
SOME = (
    "downloadBlockListEntry",
    "getOAuthSessionStatus",
    "listAccount",
    "listWebhookEvent",
    "pauseCampaign",
    "testWebhook",
)
INVENTED = ("sender.example.com", "Lindqvist", "example.org", "Spring outreach", "127.0.0.1")


# --- from the sandbox ---


def test_recording_again_gives_the_same_files() -> None:
    """Some of them in the suite, all in `nox -s fuzz`; where they are others: `nox -s record -- --sandbox`."""
    again = {file_of(recording).as_posix(): recording for recording in toured(() if MANY else SOME)}
    operations = {recording.operation for recording in again.values()}
    committed = {
        name: recording
        for name, recording in recordings(RECORDINGS)
        if recording.provenance == "sandbox" and recording.operation in operations
    }
    assert again.keys() == committed.keys()
    for name, recording in again.items():
        dated = dataclasses.replace(recording, date=committed[name].date)
        assert dumps(dated) == (RECORDINGS / name).read_text("utf-8"), name


def test_every_operation_is_recorded_with_all_that_it_can_say() -> None:
    cases: dict[str, set[str]] = {operation.id: set() for operation in pinned()}
    for _, recording in recordings(RECORDINGS):
        cases[recording.operation].add(recording.case)
    for operation in pinned():
        told = {"first-page"} if known_operations()[operation.id].cursor else {"success"}
        if "middle-page" in cases[operation.id]:
            told |= {"last-page", "full-last-page"}
        refusals = {str(status) for status in operation.refusals}
        assert told | refusals <= cases[operation.id], operation.id
    failures = {name for name, found in cases.items() if "failure" in found}
    assert failures == {name for name, promise in corrected().promises.items() if promise.failure}
    assert {"520", "403-edge"} <= cases["listCampaign"]


def test_a_full_last_page_leads_to_an_empty_one() -> None:
    pages = [recording for _, recording in recordings(RECORDINGS) if recording.case == "full-last-page"]
    for last, empty in (recording.exchanges for recording in pages):
        assert last.json()["next_starting_after"]
        assert empty.json()["items"] == []
        assert not empty.json().get("next_starting_after")


def made(case: str, *, provenance: Any = "sandbox", date: str = "2026-11-22", body: bytes = b"{}") -> Recording:
    answer = Exchange(
        "POST", f"{HOST}/api/v2/campaigns/x/pause", {}, b"", 200, {"content-type": "application/json"}, body
    )
    return Recording("pauseCampaign", case, provenance, date, SPEC_SHA256, [answer])


def cases(folder: Path) -> list[str]:
    return [recording.case for _, recording in recordings(folder)]


def test_recordings_take_the_place_of_those_of_their_provenance(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    write([made("old"), made("documented", provenance="documentation"), made("kept", provenance="live")], folder)
    write([made("new")], folder, instead_of="sandbox")
    assert cases(folder) == ["documented", "kept", "new"]
    write([made("more")], folder)
    assert cases(folder) == ["documented", "kept", "more", "new"]
    assert [path.name for path in tmp_path.iterdir()] == ["recordings"]


def test_what_did_not_change_keeps_its_date(tmp_path: Path) -> None:
    write([made("same", body=b'{"a": 1}'), made("other")], tmp_path / "r")
    later = [made("same", date="2026-12-24", body=b'{"a":1}'), made("other", date="2026-12-24", body=b"[]")]
    write(later, tmp_path / "r")
    assert {recording.case: recording.date for _, recording in recordings(tmp_path / "r")} == {
        "same": "2026-11-22",
        "other": "2026-12-24",
    }


def test_a_run_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "recordings"
    write([made("old")], folder)

    def fail(*_: object) -> None:
        raise Failed("swap in", "no room")

    monkeypatch.setattr(record, "replace_tree", fail)
    monkeypatch.setattr(record, "recordings", lambda: [made("new")])
    assert main(["--sandbox", "--output", str(folder)]) == 1
    assert cases(folder) == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["recordings"]


def test_the_command_says_what_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(record, "recordings", lambda: [made("success"), made("401")])
    assert main(["--sandbox", "--output", str(tmp_path / "r")]) == 0
    assert capsys.readouterr().out.startswith("2 recordings (sandbox) in ")
    assert main(["--sandbox", "--json", "--output", str(tmp_path / "r")]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"recordings": 2, "cases": {"success": 1, "401": 1}, "skipped": {}}
    assert told.err == ""


# --- from a service ---


class Service:
    """A sandbox to record from, and the command that does."""

    def __init__(self, sandbox: Sandbox, url: str, folder: Path) -> None:
        self.sandbox = sandbox
        self.url = url
        self.folder = folder

    def record(self, *arguments: str) -> int:
        return main(["--live", *arguments, "--base-url", self.url, "--output", str(self.folder)])

    @property
    def asked(self) -> list[str | None]:
        return [request.operation for request in self.sandbox.requests]

    @property
    def told(self) -> dict[str, str]:
        return {recording.operation: recording.case for _, recording in recordings(self.folder)}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    sandbox = Sandbox(world="demo")
    monkeypatch.setenv(KEY, sandbox.key)
    with sandbox.serve() as url:
        yield Service(sandbox, url, tmp_path / "recordings")


def test_without_run_nothing_is_called(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    assert service.record("getAccount") == 0
    assert capsys.readouterr().out.splitlines() == [
        "listAccount  GET /api/v2/accounts  limit=2",
        "getAccount  GET /api/v2/accounts/{email}  email: the first email of listAccount",
        f"2 calls to {service.url}; nothing was called: add --run",
    ]
    assert service.record("getAccount", "--json") == 0
    first, _ = json.loads(capsys.readouterr().out)["planned"]
    assert first == {"operation": "listAccount", "request": "GET /api/v2/accounts", "kind": "read", "with": "limit=2"}
    assert service.asked == []
    assert not service.folder.exists()


def test_reads_are_recorded_with_stand_ins_for_all_people(service: Service) -> None:
    assert service.record("getAccount", "listLeads", "getLead", "downloadBlockListEntry", "getCampaign", "--run") == 0
    assert service.told == {
        "listAccount": "sandbox-first-page",
        "getAccount": "sandbox-success",
        "listLeads": "sandbox-first-page",
        "getLead": "sandbox-success",
        "downloadBlockListEntry": "sandbox-success",
        "listCampaign": "sandbox-first-page",
        "getCampaign": "sandbox-success",
    }
    text = "".join(path.read_text("utf-8") for path in service.folder.rglob("*.yaml"))
    for personal in (service.sandbox.key, *INVENTED):
        assert personal not in text
    accounts = read(service.folder / "accounts" / "list.sandbox-first-page.yaml").exchanges[0].json()
    assert read(service.folder / "accounts" / "get.sandbox-success.yaml").exchanges[0].json() == accounts["items"][0]
    for path in service.folder.rglob("*.yaml"):
        assert replay(path, "sync") == []


def test_all_reads_are_called_without_any_names_and_nothing_else(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert service.record("--run", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["recordings"] == len(service.told) > 50
    assert summary["skipped"]["getCtdStatus"] == "not called: host must be given"
    assert "gave nothing" in summary["skipped"]["getWebhook"]
    assert all(reads(pinned().operations[name]) for name in service.asked if name)


def test_a_refusal_is_recorded_too(service: Service) -> None:
    given = {"getCampaign": {"path": {"id": "019cc043-0000-7000-8000-000000000000"}}}
    assert service.record("getCampaign", "--arguments", json.dumps(given), "--run") == 0
    assert service.told == {"getCampaign": "sandbox-404"}


def test_what_is_recorded_again_takes_its_own_place_only(service: Service) -> None:
    assert service.record("countLaunched", "--run") == 0
    write([made("success")], service.folder)
    assert service.record("countLaunched", "--run") == 0
    assert service.told == {"countLaunched": "sandbox-success", "pauseCampaign": "success"}


PAUSE = ("--write", "pauseCampaign", "--run", "--arguments")


def pause(service: Service) -> str:
    return json.dumps({"pauseCampaign": {"path": {"id": service.sandbox.client().campaigns.list(limit=1).items[0].id}}})


def test_a_write_is_carried_out_after_a_yes(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = pause(service)
    assert service.record(*PAUSE, arguments) == 2
    assert "pauseCampaign writes: id=" in capsys.readouterr().err
    assert "pauseCampaign" not in service.asked
    assert service.record(*PAUSE, arguments, "--yes") == 0
    assert service.asked[-1:] == ["pauseCampaign"]
    assert service.told == {"pauseCampaign": "sandbox-success"}


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_on_a_terminal_the_yes_can_be_typed(
    service: Service, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    assert service.record(*PAUSE, pause(service)) == status
    assert ("pauseCampaign" in service.asked) is (status == 0)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["pauseCampaign"], "pauseCampaign writes: name it with --write pauseCampaign"),
        (["--write", "getCampaign"], "getCampaign only reads"),
        (["--write", "pauseCampaign"], "nothing is chosen for a write: give id of pauseCampaign"),
        (["--write", "createCampaign"], "give name, campaign_schedule of createCampaign"),
        (["getCampain"], "there is no operation getCampain; is getCampaign meant?"),
        (["--arguments", "{"], "--arguments is no JSON"),
        (["--arguments", "[]"], "--arguments is not like"),
        (["--arguments", '{"getCampaign": {"id": "x"}}'], "--arguments is not like"),
        (["--sandbox"], "not allowed with"),
    ],
)
def test_wrong_arguments(
    service: Service, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        service.record("--run", *arguments)
    assert stopped.value.code == 2
    assert complaint in capsys.readouterr().err
    assert service.asked == []


def test_without_a_key(service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(KEY)
    with pytest.raises(SystemExit) as stopped:
        service.record("countLaunched", "--run")
    assert stopped.value.code == 2
    assert service.record("countLaunched") == 0
    assert "needs an API key in the environment variable INSTANTLY_API_KEY" in capsys.readouterr().err


def test_a_key_that_is_wrong(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "nobodys-key")
    assert service.record("--run") == 1
    assert len(service.asked) == 1
    assert not service.folder.exists()


def test_a_service_that_does_not_answer(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.sandbox.faults.drop_before(times=None)
    assert service.record("countLaunched", "--run") == 1
    assert "countLaunched: no answer" in capsys.readouterr().out
    assert not service.folder.exists()


def test_what_cannot_be_scrubbed_is_not_recorded(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("instantly_sandbox.recording.pseudonyms.Pseudonyms.email", lambda self, value: value)
    assert service.record("listLeads", "countLaunched", "--run") == 0
    assert "listLeads: not recorded: an e-mail address would have been written" in capsys.readouterr().out
    assert service.told == {"countLaunched": "sandbox-success"}


@pytest.mark.parametrize(
    ("url", "provenance"),
    [
        (HOST, "live"),
        ("https://API.instantly.ai/", "live"),
        ("http://api.instantly.ai", "sandbox"),
        ("https://api.instantly.ai.example.com", "sandbox"),
        ("https://example.com/api.instantly.ai", "sandbox"),
        ("http://127.0.0.1:8080", "sandbox"),
    ],
)
def test_only_the_service_itself_is_live(url: str, provenance: str) -> None:
    assert provenance_of(url) == provenance


def test_a_plan_has_each_list_once_and_before_what_needs_it() -> None:
    names = [step.operation.id for step in plan([], [], {})]
    assert len(names) == len(set(names))
    for step in plan([], [], {}):
        for source in step.needs.values():
            assert names.index(source.list) < names.index(step.operation.id)
    assert [step.operation.id for step in plan([], ["pauseCampaign"], {})] == ["pauseCampaign"]


def test_every_source_is_a_list_with_that_field() -> None:
    used = [source for step in plan([], [], {}) for source in step.needs.values()]
    assert {source.list for source in used} > {live.sources()[kind] for kind, _ in live.VALUES.values()}
    for source in used:
        items = pinned().fields(pinned().operations[source.list].success[2])["items"]["items"]
        assert source.field in pinned().fields(items), source


def test_the_guide_to_the_sandbox_names_what_is_only_sampled(tmp_path: Path) -> None:
    guide = tmp_path / "sandbox.md"
    guide.write_text("# Sandbox\n\n## What is only sampled\n\n- `gone`\n", "utf-8")
    list_sampled(guide, ["paint", "sand"])
    assert guide.read_text("utf-8") == "# Sandbox\n\n## What is only sampled\n\n- `paint`\n- `sand`\n"
    list_sampled(guide, [])
    assert guide.read_text("utf-8") == "# Sandbox\n\n## What is only sampled\n\nNo operation of this version.\n"
