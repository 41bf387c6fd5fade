"""The checks of recordings find what is wrong: a defect of each kind is planted, and reported with its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import vcr  # type: ignore[import-untyped]

from instantly_client.models import Campaign
from instantly_contract.cassettes import read, write
from instantly_contract.check import KEY, Finding, check, decoded, examine, known_operations
from instantly_contract.document import Document, corrected
from instantly_core import Operation, errors
from instantly_sandbox.recording.exchange import Exchange
from tests.contract import replay as replays
from tests.contract.replay import Arguments, Kind, arguments, replay, sent_otherwise
from tests.contract.settings import RECORDINGS
from tests.contract.unknown import FIELD, STATUS

PAUSE = read(RECORDINGS / "campaigns" / "pause.documented.yaml")
(PAUSED,) = PAUSE.exchanges
REFUSED = {"statusCode": 429, "error": "Too Many Requests", "message": "Slower"}
JSON = {"content-type": "application/json; charset=utf-8"}

Change = Callable[[dict[str, Any]], Any]


def campaign(change: Change) -> Exchange:
    """The recorded campaign with something changed."""
    body = PAUSED.json()
    change(body)
    return PAUSED._replace(body=json.dumps(body).encode())


def answer(status: int, body: Any, headers: Mapping[str, str] = JSON) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("GET", "https://api.instantly.ai/api/v2/x", {}, b"", status, headers, content)


def told(found: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.check, finding.pointer) for finding in found}


# --- what the answer says ---


@pytest.mark.parametrize(
    ("change", "pointer", "checks"),
    [
        pytest.param(lambda body: body.update(name=5), "/name", {"strict", "schema"}, id="another type"),
        pytest.param(lambda body: body.pop("name"), "/name", {"strict", "schema"}, id="a required field is missing"),
        pytest.param(lambda body: body.update(status=STATUS), "/status", {"strict", "schema"}, id="an unknown value"),
        pytest.param(lambda body: body.update(daily_max_leads=-1), "/daily_max_leads", {"schema"}, id="a limit"),
        pytest.param(
            lambda body: body.update({FIELD: 1}), f"/{FIELD}", {"strict", "schema", "fields"}, id="a closed object"
        ),
        pytest.param(
            lambda body: body["campaign_schedule"]["schedules"][0].update({FIELD: 1}),
            f"/campaign_schedule/schedules/0/{FIELD}",
            {"fields"},
            id="an object of which the document does not say whether it is closed",
        ),
        pytest.param(lambda body: body["core_variables"].update({FIELD: 1}), "", set(), id="an open object"),
    ],
)
def test_an_answer_that_is_not_as_described(change: Change, pointer: str, checks: set[str]) -> None:
    assert told(check("pauseCampaign", campaign(change))) == {(check, pointer) for check in checks}


def test_every_place_is_told_not_only_the_first_at_which_a_strict_client_stops() -> None:
    found = check("pauseCampaign", campaign(lambda body: body.update(name=5, status=STATUS, is_evergreen="no")))
    assert [f.pointer for f in found if f.check == "strict"] == ["/name", "/status", "/is_evergreen"]
    assert found[0] == Finding("pauseCampaign", "/name", "string", "5", "strict")


def test_a_closed_object_that_a_list_shows_with_more_fields_has_them() -> None:
    base = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}
    more = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}}
    document = Document({"paths": {}, "components": {"schemas": {"Base": base}}})
    schema = {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Base"}, more]}}
    assert list(document.violations(schema, [{"name": "a", "tags": ["b"]}])) == []
    assert [found.pointer for found in document.violations(schema, [{"name": 1, "tags": [2]}])] == [
        "/0/name",
        "/0/tags/0",
    ]
    alone = {**schema, "items": {"$ref": "#/components/schemas/Base"}}
    (found,) = document.violations(alone, [{"name": "a", "tags": ["b"]}])
    assert (found.pointer, found.expected) == ("/0/tags", "no such field")
    whole = {**more, "allOf": [base], "additionalProperties": False}
    (found,) = document.violations(whole, {"name": "a", "tags": ["b"], FIELD: 1})
    assert (found.pointer, found.expected) == (f"/{FIELD}", "no such field")


def test_an_answer_of_a_status_or_type_that_is_not_documented() -> None:
    assert told(check("pauseCampaign", PAUSED._replace(status=202))) == {("schema", "")}
    (finding,) = check("pauseCampaign", PAUSED._replace(headers={"content-type": "text/html"}))
    assert (finding.expected, finding.got, finding.check) == ("application/json", "text/html", "schema")


def test_an_answer_that_cannot_be_read() -> None:
    (finding,) = check("pauseCampaign", PAUSED._replace(body=b"<html>", headers={}))[:1]
    assert finding.check == "error"
    assert finding.got.startswith("DecodeError")


def test_an_answer_without_a_body() -> None:
    assert check("shareCampaign", answer(204, b"")) == []
    assert told(check("shareCampaign", answer(200, {"shared": True}))) == {("round trip", ""), ("schema", "")}
    assert ("error", "") in told(check("updateLeadInterestStatus", answer(202, b"")))


# --- what the client makes of it ---


def made(change: Callable[[Campaign], object]) -> list[Finding]:
    """Findings of the recorded campaign if the client had made something else of it."""
    outcome = decoded("pauseCampaign", PAUSED)
    change(outcome)
    return list(examine("pauseCampaign", PAUSED, outcome))


def test_a_client_that_loses_changes_or_invents_something() -> None:
    assert made(lambda campaign: None) == []
    assert told(made(lambda campaign: campaign.email_list.pop())) == {("round trip", "/email_list/0")}  # type: ignore[union-attr]
    assert told(made(lambda campaign: setattr(campaign, "name", "other"))) == {("round trip", "/name")}
    assert told(made(lambda campaign: setattr(campaign, "stop_on_reply", 0))) == {("round trip", "/stop_on_reply")}
    invented = made(lambda campaign: campaign.additional_properties.update({FIELD: 1}))
    assert told(invented) == {("round trip", f"/{FIELD}"), ("fields", f"/{FIELD}")}


def test_timestamps_are_compared_by_value() -> None:
    later = campaign(lambda body: body.update(timestamp_created="2026-03-06T01:09:47.110+02:00"))
    assert check("pauseCampaign", later) == []
    found = list(examine("pauseCampaign", later, decoded("pauseCampaign", PAUSED)))
    assert found == []
    earlier = campaign(lambda body: body.update(timestamp_created="2026-03-06T01:09:47.110Z"))
    found = list(examine("pauseCampaign", earlier, decoded("pauseCampaign", PAUSED)))
    assert told(found) == {("round trip", "/timestamp_created")}


def test_a_client_that_does_not_know_a_field_of_the_document() -> None:
    def forget(campaign: Campaign) -> None:
        campaign.additional_properties["name"] = campaign.name

    assert told(made(forget)) == {("fields", "/name")}


def test_a_page_is_compared_with_its_cursor() -> None:
    item = PAUSED.json()
    page = answer(200, {"items": [item], "next_starting_after": "b"})
    assert check("listCampaign", page) == []
    for cursor in ("", None):
        last = answer(200, {"items": [item], "next_starting_after": cursor})
        assert {f.check for f in check("listCampaign", last)} <= {"schema"}
    assert check("listCampaign", answer(200, {"items": [], "next_starting_after": "b"})) == []
    wrong = decoded("listCampaign", page)
    wrong.next_cursor = "c"
    assert told(list(examine("listCampaign", page, wrong))) == {("round trip", "/next_starting_after")}
    wrong.items.clear()
    assert ("round trip", "/items/0") in told(list(examine("listCampaign", page, wrong)))
    more = answer(200, {"items": [], FIELD: 1})
    assert ("fields", f"/{FIELD}") in told(check("listCampaign", more))


def test_text_is_compared_as_it_is() -> None:
    lines = answer(200, b"domain\nexample.com\n", {"content-type": "text/csv"})
    assert check("downloadBlockListEntry", lines) == []
    assert told(list(examine("downloadBlockListEntry", lines, "domain\n"))) == {("round trip", "")}


# --- failures ---


@pytest.mark.parametrize(
    ("exchange", "error"),
    [
        (answer(401, {"statusCode": 401, "error": "Unauthorized", "message": "No"}), errors.AuthenticationError),
        (answer(402, {"statusCode": 402, "error": "Payment Required", "message": "No"}), errors.PaymentRequiredError),
        (answer(403, {"error": "No"}), errors.PermissionDeniedError),
        (answer(403, b"error code: 1010", {"content-type": "text/plain"}), errors.EdgeBlockedError),
        (answer(404, {"statusCode": 404, "error": "Not Found", "message": "No"}), errors.NotFoundError),
        (answer(429, REFUSED, {**JSON, "retry-after": "7"}), errors.RateLimitError),
        (
            answer(
                429,
                REFUSED,
                {
                    **JSON,
                    "retry-after": "Sun, 22 Nov 2026 00:01:00 GMT",
                    "date": "Sun, 22 Nov 2026 00:00:00 GMT",
                },
            ),
            errors.RateLimitError,
        ),
        (answer(520, b"<html>" + b"x" * 3000, {"content-type": "text/html"}), errors.ServerError),
        (answer(418, b""), errors.StatusError),
        (answer(418, b"No tea", {"content-type": "text/plain"}), errors.StatusError),
    ],
)
def test_a_failure_is_the_error_of_its_kind(exchange: Exchange, error: type[errors.APIError]) -> None:
    assert check("getCampaign", exchange) == []
    assert type(decoded("getCampaign", exchange)) is error


def test_an_error_that_says_something_else() -> None:
    exchange = answer(403, {"error": "No"})
    other = errors.NotFoundError("", operation="getCampaign", status_code=404, body={}, scopes=("all:all",))
    found = list(examine("getCampaign", exchange, other))
    places = ("error", "error/status_code", "error/body", "error/scopes")
    assert told(found) == {("error", place) for place in places}
    limited = answer(429, REFUSED, {**JSON, "retry-after": "7"})
    error = decoded("getCampaign", limited)
    error.retry_after = None
    assert told(list(examine("getCampaign", limited, error))) == {("error", "error/retry_after")}
    assert told(list(examine("getCampaign", limited, "a result"))) == {("error", "error")}


def test_an_error_of_another_shape_than_documented() -> None:
    assert told(check("getCampaign", answer(404, {"message": "No"}))) == {
        ("schema", "/statusCode"),
        ("schema", "/error"),
    }


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("sendTestEmail", {"error": "ACC_NOT_FOUND"}),
        ("testWebhook", {"success": False}),
        ("getOAuthSessionStatus", {"status": "error"}),
    ],
)
def test_a_failure_that_is_told_with_200(operation: str, body: Any) -> None:
    failed = answer(200, body)
    assert [finding for finding in check(operation, failed) if finding.check == "error"] == []
    assert type(decoded(operation, failed)) is errors.OperationFailedError
    assert told(list(examine(operation, failed, "a result"))) >= {("error", "error")}


# --- what goes out ---


def request(**changes: Any) -> Any:
    """A request as vcrpy has it."""
    usual = {
        "method": "POST",
        "uri": "https://api.instantly.ai/api/v2/campaigns/1?limit=10",
        "body": b'{"name": "Spring"}',
        "headers": {
            "accept": "application/json",
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            "user-agent": "instantly-client/1.0 python/3.11",
        },
    }
    headers = {**usual["headers"], **changes.pop("headers", {})}  # type: ignore[dict-item]
    known = {name: value for name, value in headers.items() if value is not None}
    return vcr.request.Request(**{**usual, **changes, "headers": known})


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"method": "PATCH"}, "request/method"),
        ({"uri": "https://elsewhere.example.com/api/v2/campaigns/1?limit=10"}, "request/host"),
        ({"uri": "https://api.instantly.ai/api/v2/campaigns/2?limit=10"}, "request/path"),
        ({"uri": "https://api.instantly.ai/api/v2/campaigns/1"}, "request/query/limit"),
        ({"uri": "https://api.instantly.ai/api/v2/campaigns/1?limit=10&search="}, "request/query/search"),
        ({"body": b'{"name": "Autumn"}'}, "request/body/name"),
        ({"body": b'{"name": "Spring", "pl_value": null}'}, "request/body/pl_value"),
        ({"headers": {"authorization": None}}, "request/headers/authorization"),
        ({"headers": {"content-type": None}}, "request/headers/content-type"),
        ({"headers": {"accept": "*/*"}}, "request/headers/accept"),
        ({"headers": {"user-agent": "python-httpx/0.28"}}, "request/headers/user-agent"),
        ({"headers": {"x-as-workspace": "1"}}, "request/headers/x-as-workspace"),
    ],
)
def test_a_request_that_goes_out_otherwise(changes: dict[str, Any], pointer: str) -> None:
    assert told(list(sent_otherwise("", request(), request()))) == set()
    assert told(list(sent_otherwise("", request(), request(**changes)))) == {("request", pointer)}


def test_a_content_type_without_a_body() -> None:
    bare = request(body=None, headers={"content-type": None})
    assert told(list(sent_otherwise("", bare, bare))) == set()
    assert told(list(sent_otherwise("", bare, request(body=None)))) == {("request", "request/headers/content-type")}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_vcrpy_refuses_what_is_not_recorded(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*recorded: Any) -> Arguments:
        return arguments(*recorded)._replace(path={"id": "another"})

    monkeypatch.setattr(replays, "arguments", mistaken)
    (finding,) = replay(RECORDINGS / "campaigns" / "pause.documented.yaml", kind)
    assert finding.pointer == "request/path"
    assert finding.got == '"/api/v2/campaigns/another/pause"'


def test_a_recorded_request_that_is_none_of_its_operation(tmp_path: Path) -> None:
    path = tmp_path / "pause.yaml"
    write(path, replace(PAUSE, operation="activateCampaign"))
    (finding,) = replay(path, "sync")
    assert finding.got.startswith("ValueError: activateCampaign is at /api/v2/campaigns/{id}/activate, not at ")


def test_the_document_and_the_client_have_the_same_operations() -> None:
    known = known_operations()
    assert known.keys() == corrected().promises.keys()
    assert all(isinstance(operation, Operation) for operation in known.values())
