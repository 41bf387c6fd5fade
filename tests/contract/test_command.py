"""The command that checks recordings: what is recorded, and the answers that people bring."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from instantly_contract import cli as command
from instantly_contract.captured import Problem, gather
from instantly_contract.cassettes import Recording, read, write
from instantly_contract.coverage import Coverage, coverage
from instantly_contract.document import corrected, pointer
from instantly_core.version import __version__
from instantly_sandbox.recording.exchange import Exchange
from tests.contract.settings import RECORDINGS
from tests.contract.unknown import FIELD, STATUS

PAUSE = read(RECORDINGS / "campaigns" / "pause.documented.yaml")
CAMPAIGN = PAUSE.exchanges[0].json()
JSON = {"content-type": "application/json"}
ANSWER: dict[str, Any] = {"operationId": "getCampaign", "status": 200, "headers": JSON, "body": CAMPAIGN}

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Saves an answer, changed as asked, or a text, in a folder of recordings."""

    def save(content: Any = ANSWER, name: str = "answer.json", **changes: Any) -> Path:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps({**content, **changes})
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return save


def run(folder: Path, *options: str) -> int:
    return command.main(["--recordings", str(folder), *options])


# --- answers that people bring ---


def test_a_folder_without_findings(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    folder = save(name="a/get.json")
    write(folder / "pause.yaml", PAUSE)
    save("not a recording", name="notes.txt")
    assert run(folder) == 0
    assert capsys.readouterr().out == f"2 recordings checked against instantly-client {__version__}: no findings\n"


@pytest.mark.parametrize(
    ("changes", "strict", "lenient"),
    [
        pytest.param({"body": {**CAMPAIGN, "status": STATUS}}, 1, 0, id="the client copes with an unknown value"),
        pytest.param({"body": {**CAMPAIGN, FIELD: 1}}, 1, 0, id="the client keeps an unknown field"),
        pytest.param({"body": "<html>"}, 1, 1, id="what is no JSON raises"),
        pytest.param({"status": 404, "body": {"message": "No"}}, 1, 0, id="an error of another shape"),
        pytest.param({"status": 526, "body": "<html>", "headers": {}}, 0, 0, id="an error from the edge"),
        pytest.param({"headers": {}}, 0, 0, id="without headers it is taken for what is documented"),
        pytest.param(
            {"headers": {**JSON, "Content-Encoding": "gzip", "Content-Length": "3"}}, 0, 0, id="it was compressed"
        ),
        pytest.param({"body": json.dumps(CAMPAIGN)}, 0, 0, id="a text is taken as it came"),
        pytest.param({"operationId": "shareCampaign", "status": 204, "body": None}, 0, 0, id="null is no body"),
        pytest.param(
            {"operationId": "downloadBlockListEntry", "headers": {"content-type": "text/csv"}, "body": "a,b\n"},
            0, 0, id="CSV",
        ),
    ],
)  # fmt: skip
def test_strict_counts_every_deviation_and_lenient_what_costs_something(
    save: Save, changes: dict[str, Any], strict: int, lenient: int
) -> None:
    folder = save(**changes)
    assert run(folder) == run(folder, "--strict") == strict
    assert run(folder, "--lenient") == lenient


def test_what_the_client_copes_with_is_a_note(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    run(save(body={**CAMPAIGN, "status": STATUS}), "--lenient")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"note: answer.json: getCampaign /status: expected CampaignStatus, got {STATUS} (strict)"
    assert lines[-1] == f"1 recording checked against instantly-client {__version__}: no findings, 2 notes"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("{", "a.json", "it is no JSON: "),
        ("[1]", "a.json", "it is no JSON object; save one answer a file, as an object with operationId, status"),
        ("[" * 100_000, "a.json", "it is no JSON: "),
        ({"operationId": "getCampaign", "status": 200}, "a.json", "it lacks headers, body; an answer has"),
        ({**ANSWER, "operationId": "getCampain"}, "a.json", "knows no operation getCampain; is getCampaign meant?"),
        ({**ANSWER, "operationId": "?"}, "a.json", "knows no operation ?; take one of openapi/names.toml"),
        ({**ANSWER, "operationId": 5}, "a.json", "operationId is no text; name the operation"),
        ({**ANSWER, "status": "200"}, "a.json", "status is no status of HTTP; write it as a number"),
        ({**ANSWER, "status": True}, "a.json", "status is no status of HTTP; write it as a number"),
        ({**ANSWER, "headers": [["a", "b"]]}, "a.json", "headers is no object of texts; write "),
        ("a: [", "a.yaml", "it cannot be read: "),
        ({**ANSWER, "request": {"method": "GET"}}, "a.json", "request is no object with method and url; write "),
        ("metadata: {}", "a.yaml", "it is no cassette: KeyError 'provenance'; give it interactions"),
        ("interactions: []", "a.yaml", "it has no request to the API; record requests whose path begins with "),
        ("interactions: [1]", "a.yaml", "it is no archive of requests: request 1: TypeError "),
        ("- 1", "a.yml", "it is no cassette: TypeError "),
        ("[" * 100_000, "a.yaml", "it cannot be read: "),
        ({"log": {}}, "a.har", "it is no archive of requests: KeyError 'entries'; save it as HAR"),
    ],
)
def test_a_file_that_cannot_be_checked_is_named_with_what_to_do(
    save: Save, capsys: pytest.CaptureFixture[str], content: Any, name: str, told: str
) -> None:
    folder = save(content, f"more/{name}")
    save()
    assert run(folder) == 2
    problem, last = capsys.readouterr().out.splitlines()
    assert problem.startswith(f"more/{name}: ")
    assert told in problem
    assert "; " in problem
    counts = "no findings, 1 file could not be checked"
    assert last == f"1 recording checked against instantly-client {__version__}: {counts}"


def test_a_folder_that_is_empty_or_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == run(tmp_path / "no") == 2
    assert "there is no recording in it; name a folder with" in capsys.readouterr().out


def test_a_report_for_programs(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    save("{", "broken.json")
    assert run(save(body={**CAMPAIGN, FIELD: "\x1b[31m"}), "--json") == 2
    report = json.loads(capsys.readouterr().out)
    assert {finding["check"] for finding in report["findings"]} == {"strict", "fields", "schema"}
    assert report["findings"][0] == {
        "recording": "answer.json",
        "operation": "getCampaign",
        "pointer": f"/{FIELD}",
        "expected": "no such field",
        "got": '"\\u001b[31m"',
        "check": "strict",
    }
    assert [problem["file"] for problem in report["problems"]] == ["broken.json"]
    assert report["recordings"] == 1


@pytest.mark.slow
def test_the_recordings_of_the_project_have_the_findings_on_file(capsys: pytest.CaptureFixture[str]) -> None:
    on_file = json.loads(Path(__file__).with_name("findings.json").read_text("utf-8"))
    assert run(RECORDINGS, "--json") == int(bool(on_file))
    report = json.loads(capsys.readouterr().out)
    assert (report["findings"], report["problems"]) == (on_file, [])
    assert report["recordings"] == len([*RECORDINGS.rglob("*.yaml")])


def text_in(schema: Any, value: Any) -> list[str | int]:
    """The steps to a text in an answer that can be nothing else; none if there is no such text."""
    schema = corrected().resolve(schema)
    if isinstance(value, list) and value and (found := text_in(schema.get("items", {}), value[0])):
        return [0, *found]
    for name, inner in value.items() if isinstance(value, dict) else ():
        expected = corrected().resolve(schema.get("properties", {}).get(name, {}))
        if expected.get("type") == "string":
            return [name]
        if found := text_in(expected, inner):
            return [name, *found]
    return []


@pytest.mark.slow
def test_a_damaged_recording_has_its_findings_where_the_damage_is_and_the_same_each_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged: set[str] = set()
    for folder in sorted(RECORDINGS.iterdir()):
        for file in sorted(folder.glob("*.success.yaml")):
            recording = read(file)
            exchange = recording.exchanges[0]
            schema = corrected().promises[recording.operation].schema(exchange.status, JSON["content-type"])
            if schema and (steps := text_in(schema, body := exchange.json())):
                *outer, last = steps
                reduce(getitem, outer, body)[last] = 5
                answer = exchange._replace(body=json.dumps(body).encode())
                write(tmp_path / folder.name / file.name, replace(recording, exchanges=[answer]))
                damaged.add(f"{folder.name}/{file.name} {pointer(tuple(steps))}")
                break
    assert len(damaged) > 5
    assert run(tmp_path, "--json") == 1
    told = capsys.readouterr().out
    findings = {(f"{each['recording']} {each['pointer']}", each["check"]) for each in json.loads(told)["findings"]}
    assert findings == {(place, check) for place in damaged for check in ("schema", "strict")}
    assert run(tmp_path, "--json") == 1
    assert capsys.readouterr().out == told


def test_nothing_in_an_answer_acts_on_the_terminal(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    run(save(body={**CAMPAIGN, "\x1b[31m[bold]\u202e": 1}))
    assert not set("\x1b\u202e") & set(capsys.readouterr().out)


# --- what is recorded ---


def recording(operation: str, status: int, body: Any, *, query: str = "", provenance: Any = "sandbox") -> Recording:
    uri = f"https://api.instantly.ai/api/v2/x{query}"
    exchange = Exchange("GET", uri, {}, b"", status, JSON, json.dumps(body).encode())
    return Recording(operation, f"{status}{query}", provenance, "", "", [exchange])


def covered(operation: str, *recordings: Recording) -> Coverage:
    (row,) = [row for row in coverage(recordings) if row.operation == operation]
    return row


def test_every_operation_has_a_row() -> None:
    rows = coverage([])
    assert [row.operation for row in rows] == [*corrected().promises]
    assert all("success" in row.missing for row in rows)


def test_successes_errors_and_failures_are_counted_by_provenance() -> None:
    row = covered(
        "testWebhook",
        recording("testWebhook", 200, {"success": True}),
        recording("testWebhook", 200, {"success": False}),
        recording("testWebhook", 404, {}, provenance="live"),
        recording("getCampaign", 401, {}),
    )
    assert row.successes == {"sandbox": {"200"}}
    assert row.errors == {"sandbox": {"failure"}, "live": {"404"}}
    documented = [str(status) for status in sorted(corrected().promises["testWebhook"].answers) if status >= 400]
    assert row.missing == [status for status in documented if status != "404"] != documented
    assert covered("testWebhook", recording("testWebhook", 200, {"success": False})).missing[:1] == ["success"]


def test_pages_are_known_by_their_cursors() -> None:
    first = recording("listCampaign", 200, {"items": [1], "next_starting_after": "b"})
    middle = recording("listCampaign", 200, {"items": [1], "next_starting_after": "c"}, query="?starting_after=b")
    last = recording("listCampaign", 200, {"items": [1]}, query="?starting_after=c")
    beyond = recording("listCampaign", 200, {"items": [], "next_starting_after": "d"}, query="?starting_after=c")
    only = recording("listCampaign", 200, {"items": [1]})
    for page, kinds in ((first, {"first"}), (middle, {"middle"}), (last, {"last"}), (beyond, {"last"})):
        assert covered("listCampaign", page).pages["sandbox"] == kinds
    assert covered("listCampaign", only).pages["sandbox"] == {"first", "last"}
    assert not {"first", "middle", "last"} & set(covered("listCampaign", first, middle, last).missing)


def test_the_matrix_fails_without_a_success_and_tells_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "pause.yaml", PAUSE)
    assert run(tmp_path, "--matrix") == 1
    out = capsys.readouterr().out
    assert "operation pauseCampaign  success documentation 1  missing 400 401" in out
    assert f"recorded: 1 of {len(corrected().promises)} operations with a success" in out
    assert f"no recorded success of {next(iter(corrected().promises))}, " in out
    assert run(tmp_path, "--matrix", "--json") == 1
    rows = {row["operation"]: row for row in json.loads(capsys.readouterr().out)["operations"]}
    assert rows["pauseCampaign"]["successes"] == {"documentation": ["documented"]}


def test_the_matrix_is_fine_when_every_operation_has_a_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "pause.yaml", PAUSE)
    monkeypatch.setattr(command, "coverage", lambda _: [covered("pauseCampaign", PAUSE)])
    assert run(tmp_path, "--matrix") == 0


@pytest.mark.slow
def test_the_recordings_of_the_project_can_all_be_read() -> None:
    assert [file for file in gather(RECORDINGS) if isinstance(file, Problem)] == []
