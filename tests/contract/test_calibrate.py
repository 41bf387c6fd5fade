"""Calibration: what was recorded, replayed in the sandbox, and where the sandbox differs."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import Instantly, errors
from instantly_contract import cli as command
from instantly_contract.calibration import measured
from instantly_contract.calibration.compare import compare
from instantly_contract.calibration.deliveries import deliveries
from instantly_contract.calibration.shapes import Shape, place_of, text_of
from instantly_contract.cassettes import Recording, write
from instantly_contract.recording.arguments import CAMPAIGN
from instantly_core.webhooks.names import SUBSCRIBED
from instantly_sandbox import Sandbox
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.entry.server import Server
from instantly_sandbox.recording.exchange import Exchange
from instantly_sandbox.upstream import Upstream
from tests.contract.settings import examples
from tests.contract.unknown import FIELD

BASE = "https://api.instantly.ai"
Session = list[dict[str, Any]]


def session(story: Callable[[Instantly], Any], *, seed: int = 9) -> Session:
    """The entries of HAR of what a story does with the API. Its ids are of no other sandbox."""
    with Sandbox(seed=seed, rate_limits=False) as sandbox:
        story(sandbox.client(max_retries=0))
        return [
            {
                "request": {
                    "method": each.method,
                    "url": BASE + each.request.target,
                    "headers": [{"name": name, "value": value} for name, value in each.request.headers.items()],
                    "postData": {"mimeType": "application/json", "text": each.request.body.decode()},
                },
                "response": {
                    "status": each.answer.status,
                    "headers": [{"name": name.title(), "value": value} for name, value in each.answer.headers.items()],
                    "content": {"text": each.answer.body.decode()},
                },
            }
            for each in sandbox.requests
        ]


def story(client: Instantly) -> None:
    campaign = client.campaigns.create(**CAMPAIGN)
    lead = client.leads.create(
        campaign=campaign.id, email="ada@customer.example.org", custom_variables={"city": "Bern"}
    )
    client.leads.get(lead.id)
    for label in "abc":
        client.custom_tags.create(label=label)
    assert len(list(client.custom_tags.list(limit=1))) == 3
    client.campaigns.pause(campaign.id)
    client.campaigns.delete(campaign.id)
    with pytest.raises(errors.NotFoundError):
        client.campaigns.get(campaign.id)


@pytest.fixture(scope="module")
def recorded() -> Session:
    return session(story)


@pytest.fixture
def calibrated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Calibrates with a session; gives the exit status and the report."""

    def calibrated(entries: Session, *options: str) -> tuple[int, dict[str, Any]]:
        (tmp_path / "session.har").write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
        status = command.main(["calibrate", "--recordings", str(tmp_path), "--json", *options])
        return status, json.loads(capsys.readouterr().out)

    return calibrated


def answer_of(session: Session, operation: str) -> dict[str, Any]:
    wanted = pinned().operations[operation]
    for entry in session:
        path = entry["request"]["url"].removeprefix(BASE).partition("?")[0]
        if entry["request"]["method"] == wanted.method and wanted.pattern.fullmatch(path):
            found: dict[str, Any] = entry["response"]
            return found
    raise AssertionError(operation)


def changed(session: Session, operation: str, change: Callable[[Any], Any]) -> Session:
    """The session with another body in one of its answers."""
    copy: Session = json.loads(json.dumps(session))
    content = answer_of(copy, operation)["content"]
    content["text"] = json.dumps(change(json.loads(content["text"])))
    return copy


def test_a_session_with_foreign_ids_is_replayed_without_a_difference(
    recorded: Session, calibrated: Callable[..., Any]
) -> None:
    status, report = calibrated(recorded)
    assert (status, report["differences"], report["problems"]) == (0, [], [])
    assert report["compared"] == len(recorded)


@pytest.mark.parametrize(
    ("change", "kind", "place"),
    [
        (lambda body: {**body, FIELD: 1}, "never-given", FIELD),
        (lambda body: {**body, "timestamp_created": 5}, "type", "timestamp_created"),
        (lambda body: {**body, "payload": {**body["payload"], "shoeSize": 44}}, "own-key", "payload.shoeSize"),
        (
            lambda body: {name: value for name, value in body.items() if name != "organization"},
            "never-recorded",
            "organization",
        ),
    ],
)
def test_a_key_that_differs_is_listed_by_its_kind(
    recorded: Session, calibrated: Callable[..., Any], change: Callable[[Any], Any], kind: str, place: str
) -> None:
    once = changed(recorded, "createLead", change)
    status, report = calibrated(once)
    (difference,) = report["differences"]
    assert (difference["operation"], difference["kind"], difference["place"]) == ("createLead", kind, place)
    assert status == int(kind in ("never-given", "type"))
    assert calibrated(once, "--budget", f"{kind}=0")[0] == 1
    assert calibrated(once, "--budget", "1")[0] == 0


def test_a_status_and_a_header_that_differ_are_listed(recorded: Session, calibrated: Callable[..., Any]) -> None:
    copy: Session = json.loads(json.dumps(recorded))
    answer_of(copy, "createLead")["status"] = 404
    answer_of(copy, "createCampaign")["headers"].append({"name": "X-RateLimit-Remaining", "value": "5"})
    status, report = calibrated(copy)
    found = {(each["operation"], each["kind"]): each for each in report["differences"]}
    assert status == 1
    assert found["createLead", "status"]["given"].startswith("200")
    assert found["createCampaign", "header"]["place"] == "x-ratelimit-remaining"


def test_what_only_the_service_can_answer_is_counted_and_not_replayed(
    recorded: Session, calibrated: Callable[..., Any]
) -> None:
    copy: Session = json.loads(json.dumps(recorded))
    for number, entry in enumerate(copy[-3:]):
        entry["response"]["status"] = (429, 500, 524)[number]
    _, report = calibrated(copy)
    assert (report["not_replayed"], report["compared"]) == (3, len(recorded) - 3)


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_refusals_are_made_to_happen(status: int, calibrated: Callable[..., Any]) -> None:
    def refused(client: Instantly) -> None:
        with pytest.raises(errors.APIError):
            client.campaigns.get("019cc043-aee6-7ae9-a545-d7de53430e37")

    (entry,) = session(refused)
    entry["response"]["status"] = status
    entry["response"]["content"]["text"] = json.dumps({"statusCode": status, "error": "E", "message": "M"})
    assert calibrated([entry])[1]["differences"] == []


def test_an_object_is_made_where_the_sandbox_has_none(calibrated: Callable[..., Any]) -> None:
    def emptied(client: Instantly) -> None:
        for number in range(9):
            client.custom_tags.create(label=f"Tag {number}")
        for tag in list(client.custom_tags.list()):
            client.custom_tags.delete(tag.id)

    entries = session(emptied)
    deletions = [entry for entry in entries if entry["request"]["method"] == "DELETE"]
    status, report = calibrated(deletions)
    assert (status, [each for each in report["differences"] if each["kind"] == "status"]) == (0, [])


def test_an_answer_without_a_request_is_compared_with_that_to_one_that_is_made(
    recorded: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.loads(answer_of(recorded, "createCampaign")["content"]["text"])
    raw = {"operationId": "createCampaign", "status": 200, "headers": {}, "body": {**body, FIELD: 1}}
    (tmp_path / "answer.json").write_text(json.dumps(raw), "utf-8")
    assert command.main(["calibrate", "--recordings", str(tmp_path)]) == 1
    assert f"createCampaign\n  never-given     {FIELD}  number\n" in capsys.readouterr().out


def test_cassettes_of_vcr_need_no_metadata(recorded: Session, tmp_path: Path) -> None:
    answer = answer_of(recorded, "createCampaign")
    body = json.dumps(CAMPAIGN).encode()
    headers = {"content-type": "application/json"}
    exchange = Exchange(
        "POST", f"{BASE}/api/v2/campaigns", headers, body, 200, headers, answer["content"]["text"].encode()
    )
    path = tmp_path / "bare.yaml"
    write(path, Recording("createCampaign", "success", "live", "", "", [exchange]))
    text = path.read_text("utf-8")
    path.write_text(text[text.index("interactions:") :], "utf-8")
    assert command.main(["calibrate", "--recordings", str(path)]) == 0


def har(entry: dict[str, Any], **answer: Any) -> dict[str, Any]:
    """An archive with an entry whose answer is changed."""
    return {"log": {"entries": [{**entry, "response": {**entry["response"], **answer}}]}}


def vcr(entry: dict[str, Any], **answer: Any) -> dict[str, Any]:
    """A cassette with the request of an entry and another answer."""
    request = {"method": entry["request"]["method"].lower(), "uri": entry["request"]["url"], "headers": {}}
    return {"http_interactions": [{"request": request, "response": {"status": {"code": 200}, **answer}}]}


def packed(entry: dict[str, Any], body: bytes, encoding: str) -> dict[str, Any]:
    """A cassette with a body that is packed, in base64 on several lines."""
    headers = {"Content-Type": ["application/json"], "Content-Encoding": [encoding]}
    return vcr(entry, headers=headers, body={"base64_string": base64.encodebytes(body).decode()})


def wrong(entry: dict[str, Any]) -> dict[str, Any]:
    """An answer of our own form whose operation is not that of its request."""
    request = {"method": "GET", "url": entry["request"]["url"]}
    return {"operationId": "getCampaign", "status": 200, "headers": {}, "body": {}, "request": request}


JSON_TYPE = "application/json; charset=utf-8"
Archive = Callable[[dict[str, Any], bytes], dict[str, Any]]


@pytest.fixture
def read(recorded: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """Reads a lead in an archive that is made of it; gives the exit status and the report."""

    def read(archive: Archive, *command_line: str) -> tuple[int, Any]:
        lead = pinned().operations["getLead"].pattern
        (entry,) = [
            each
            for each in recorded
            if each["request"]["method"] == "GET" and lead.fullmatch(each["request"]["url"].removeprefix(BASE))
        ]
        made = archive(entry, entry["response"]["content"]["text"].encode())
        (tmp_path / "odd.json").write_text(json.dumps(made), "utf-8")
        status = command.main([*command_line, "--recordings", str(tmp_path), "--json"])
        return status, json.loads(capsys.readouterr().out)

    return read


@pytest.mark.parametrize(
    ("archive", "compared"),
    [
        (lambda entry, body: packed(entry, gzip.compress(body), "GZIP"), 1),
        (lambda entry, body: packed(entry, zlib.compress(body), "deflate"), 1),
        (lambda entry, body: packed(entry, body, "br"), 1),  # The recorder has unpacked it.
        (lambda entry, body: vcr(entry, status_code=200, content=body.decode()), 1),
        (lambda entry, body: har(entry, headers=[]), 1),
        (lambda entry, body: har(entry, headers=[], content={"text": body.decode(), "mimeType": JSON_TYPE}), 1),
        (lambda entry, body: har(entry, content={"text": base64.encodebytes(body).decode(), "encoding": "base64"}), 1),
        (lambda entry, body: har(entry, status=308, content=None), 0),
        (lambda entry, body: har(entry, status=304, content={}), 0),
    ],
)
def test_bodies_are_unpacked_and_redirects_left_out(read: Any, archive: Archive, compared: int) -> None:
    _, report = read(archive, "calibrate")
    # A lead of the sandbox has other keys, and is an object as this one is.
    assert not {each["kind"] for each in report["differences"]} & {"type", "status", "header"}
    assert report["problems"] == []
    assert (report["compared"], report["not_replayed"]) == (compared, 1 - compared)


@pytest.mark.parametrize(
    ("archive", "what"),
    [
        (lambda entry, body: packed(entry, b"\x8b\x02\x80abc\x03", "br"), "the body is packed by br"),
        (lambda entry, body: packed(entry, gzip.compress(body)[:-20], "gzip"), "the body is cut off"),
        (lambda entry, body: packed(entry, b"\x1f\x8b\x08\xff", "gzip"), "the body is no gzip"),
        (lambda entry, body: har(entry, status="fine"), "request 1: ValueError"),
        (lambda entry, body: har(entry, headers=[{"value": "x"}]), "request 1: KeyError 'name'"),
        (lambda entry, body: wrong(entry), "is no request of getCampaign; name the operation"),
    ],
)
def test_an_archive_that_cannot_be_read_says_where(read: Any, archive: Archive, what: str) -> None:
    status, report = read(archive, "calibrate")
    (problem,) = report["problems"]
    assert (status, what in f"{problem['what']}; {problem['advice']}") == (2, True), problem


def test_what_concerns_others_in_an_archive_is_left_out(recorded: Session, calibrated: Callable[..., Any]) -> None:
    foreign: Session = [
        {"request": {"method": method, "url": url, "headers": []}, "response": response}
        for method, url, response in (
            ("GET", "https://api.crm.example.com/api/v2/deals", {"status": 200}),
            ("HEAD", f"{BASE}/api/v2/campaigns", {"status": 404}),
            ("GET", "https://[half/api/v2/campaigns", {"status": 200}),
            ("GET", f"{BASE}/api/v2/campaigns", None),
        )
    ]
    status, report = calibrated([*foreign, *recorded])
    assert (status, report["problems"], report["compared"]) == (0, [], len(recorded))
    foreign[0]["request"]["url"] = f"{BASE}/api/v2/deals"
    assert calibrated(foreign)[1]["problems"][0]["what"] == "this client knows no operation GET /api/v2/deals"


@pytest.mark.parametrize("text", ['{"id": NaN}', '{"id": "\\ud800"}', '{"a":' * 900 + "1" + "}" * 900, "[" * 5000])
def test_a_body_that_cannot_be_checked_is_a_finding(read: Any, text: str) -> None:
    status, report = read(lambda entry, body: har(entry, content={"text": text}))
    assert (status, bool(report["findings"]), report["problems"]) == (1, True, [])


def test_what_was_forwarded_and_recorded_can_be_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox(world="demo", seed=9) as service, service.serve() as url:
        upstream = Upstream(url, pinned(), print, record=tmp_path)
        with Server(upstream.handle, "127.0.0.1", 0, waits=True) as port:
            with Instantly(api_key=service.key, base_url=port) as client:
                for page in (client.campaigns.list(), client.leads.list(), client.accounts.list()):
                    assert page.items
                client.campaigns.get(client.campaigns.list().items[0].id)
            upstream.close()
    assert command.main(["calibrate", "--recordings", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["compared"] == 5


# --- deliveries ---


@pytest.fixture(scope="module")
def arrived() -> Any:
    return deliveries()


@pytest.mark.slow
def test_every_type_of_event_is_delivered(arrived: Any) -> None:
    assert set(arrived) >= set(SUBSCRIBED)


@pytest.mark.slow
def test_recorded_deliveries_are_compared_by_type(
    arrived: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headers, payload = arrived["reply_received"][0]
    own = {**payload, "shoeSize": 44}
    several = [{"headers": headers, "body": json.dumps(own)}, own]
    (tmp_path / "same.json").write_text(json.dumps(several), "utf-8")
    assert command.main(["calibrate", "--recordings", str(tmp_path)]) == 0
    capsys.readouterr()
    other = {**payload, "step": "one"}
    (tmp_path / "same.json").write_text(json.dumps({"headers": {**headers, "user-agent": "curl/8"}, "body": other}))
    assert command.main(["calibrate", "--recordings", str(tmp_path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["differences"]
    assert {(each["operation"], each["kind"], each["place"]) for each in found} == {
        ("webhook reply_received", "type", "step"),
        ("webhook reply_received", "header", "user-agent"),
    }


# --- what was measured ---


@pytest.mark.slow
def test_no_key_that_was_measured_at_the_service_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["calibrate", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["differences"] == []
    table = measured.table()
    assert report["compared"] == len(table["answers"]) + len(table["deliveries"])


@pytest.mark.slow
def test_a_measured_key_that_the_sandbox_lacks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"operation": "createCustomTag", "keys": {"shelf.row": "string", "label": "number"}, "left_out": ["id"]}
    monkeypatch.setattr(measured, "table", lambda: {"answers": [made], "deliveries": {}})
    found = {(each.kind, each.place) for each in measured.measured().differences}
    assert found == {("never-given", "shelf"), ("type", "label"), ("never-recorded", "id")}


def test_the_table_names_operations_and_events_that_there_are() -> None:
    table = measured.table()
    named = {each[name] for each in table["answers"] for name in ("operation", "of") if name in each}
    assert named <= set(pinned().operations)
    assert set(table["deliveries"]) == {*SUBSCRIBED, "custom label"}


# --- shapes ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)


def shape(value: Any) -> Shape:
    made = Shape()
    made.add(value)
    return made


@pytest.mark.slow
@examples(50)
@given(value=JSON)
def test_a_value_has_its_own_shape_and_each_place_its_text(value: Any) -> None:
    one = shape(value)
    assert list(compare("", one, shape(json.loads(json.dumps(value))), lambda place: False)) == []
    assert all(place_of(text_of(place)) == place for place in one.types if place)


@examples(50)
@given(value=st.dictionaries(st.sampled_from("abcd"), JSON, min_size=1), data=st.data())
def test_a_key_that_is_taken_away_is_the_only_one_that_is_missing(value: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    less = {key: inner for key, inner in value.items() if key != name}
    found = [(each.kind, each.place) for each in compare("", shape(value), shape(less), lambda place: False)]
    assert found == [("never-given", name)]
    (back,) = compare("", shape(less), shape(value), lambda place: place == (name,))
    assert (back.kind, back.place) == ("own-key", name)


# --- the command ---


@pytest.mark.parametrize("budget", ["-1", "many", "never=1", "type=", "type=x", "never given=1"])
def test_a_budget_that_is_none_is_refused(budget: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(["calibrate", f"--budget={budget}"])
    assert end.value.code == 2
    assert "is neither a number nor KIND=N" in capsys.readouterr().err


@pytest.mark.slow
def test_a_folder_without_recordings_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["calibrate", "--recordings", str(tmp_path)]) == 2
    assert "there is no recording in it" in capsys.readouterr().out
    (tmp_path / "deep.json").write_text('{"event_type": "a", "x": ' + "[" * 900 + "]" * 900 + "}")
    (tmp_path / "other.har").write_text(json.dumps({"log": {"entries": [{"request": {}, "response": {}}]}}))
    assert command.main(["calibrate", "--recordings", str(tmp_path)]) == 2
    assert "other.har: it is no archive of requests" in capsys.readouterr().out
