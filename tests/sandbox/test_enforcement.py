"""What the service refuses, the sandbox refuses."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.document import Document, Limit, Operation, pinned
from instantly_sandbox.engine.messages import Refusal, Request
from instantly_sandbox.engine.rate_limits import WORKSPACE_LIMITS
from instantly_sandbox.engine.refusals import documented
from instantly_sandbox.engine.validation import read_body, validator
from tests.sandbox.raw import ABSENT, WORKSPACE, send, target_of

LIMITED = [operation for operation in pinned() if operation.limits]
CAMPAIGN = {
    "name": "Spring",
    "campaign_schedule": {
        "schedules": [
            {
                "name": "Always",
                "timing": {"from": "09:00", "to": "17:00"},
                "days": {"1": True},
                "timezone": "Etc/GMT+12",
            }
        ]
    },
}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(clock=Clock(frozen=True))


def create_campaign(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    told = send(sandbox, "POST", target_of("createCampaign"), {**CAMPAIGN, **more})
    assert told.status == 200, told.body
    created: dict[str, Any] = told.json()
    return created


# --- what is in a body ---


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"leaves": 2}, {"leaves": 2}),
        ({"leaves": 2, "sugar": 1}, {"leaves": 2}),
        ({"milk": "oat"}, {"milk": "oat"}),
        # The second alternative lets everything pass but what the first one names and does not take.
        ({"leaves": "green"}, None),
        ({"sugar": 1}, {}),
    ],
)
def test_a_field_that_one_alternative_knows_is_unknown_to_none(
    body: dict[str, Any], read: dict[str, Any] | None
) -> None:
    def of(**fields: str) -> dict[str, Any]:
        typed = {name: {"type": kind} for name, kind in fields.items()}
        return {"type": "object", "properties": typed, "additionalProperties": False}

    content = {"application/json": {"schema": {"anyOf": [of(leaves="number"), of(milk="string")]}}}
    raw = {"operationId": "makeTea", "requestBody": {"content": content}, "responses": {}}
    (operation,) = Document({"paths": {"/tea": {"post": raw}}})
    request = Request("POST", "/tea", {"content-type": "application/json"}, json.dumps(body).encode())
    if read is None:
        with pytest.raises(Refusal, match="anyOf"):
            read_body(operation, request)
    else:
        assert read_body(operation, request) == read


# --- who may do what ---


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer of-somebody-else", "Basic {key}", "{key}"], ids=repr
)
def test_a_wrong_key_is_refused(sandbox: Sandbox, authorization: str | None) -> None:
    given = authorization and authorization.format(key=sandbox.key)
    told = send(sandbox, "GET", WORKSPACE, authorization=given)
    assert told.status == 401
    assert told.json() == {"statusCode": 401, "error": "Unauthorized", "message": "Invalid API key"}


def test_the_scheme_is_known_in_any_case(sandbox: Sandbox) -> None:
    assert send(sandbox, "GET", WORKSPACE, authorization=f"bEARER {sandbox.key}").status == 200


def test_a_key_without_the_scope_is_refused(sandbox: Sandbox) -> None:
    reads = sandbox.add_key("campaigns:read")
    assert send(sandbox, "GET", target_of("listCampaign"), key=reads).status == 200
    told = send(sandbox, "POST", target_of("createCampaign"), CAMPAIGN, key=reads)
    assert told.status == 403
    assert "campaigns:create" in told.json()["message"]


def test_a_workspace_without_a_plan_is_told_to_pay(sandbox: Sandbox) -> None:
    sandbox.unpaid = True
    assert send(sandbox, "GET", WORKSPACE).status == 402
    sandbox.unpaid = False
    assert send(sandbox, "GET", WORKSPACE).status == 200


def test_an_admin_key_acts_for_the_workspaces_of_its_group_only(sandbox: Sandbox) -> None:
    below = sandbox.add_workspace("Below", under=sandbox.workspace_id)
    beside = sandbox.add_workspace("Beside")
    assert send(sandbox, "GET", WORKSPACE, x_as_workspace=below).json()["name"] == "Below"
    assert send(sandbox, "GET", WORKSPACE, x_as_workspace=sandbox.workspace_id).json()["name"] == "Sandbox"
    assert send(sandbox, "GET", WORKSPACE, x_as_workspace=beside).status == 403
    assert send(sandbox, "GET", WORKSPACE, x_as_workspace=ABSENT).status == 403


@pytest.mark.parametrize("agent", [None, "", "Python-urllib/3.13"])
def test_the_edge_turns_away_who_does_not_say_what_it_is(sandbox: Sandbox, agent: str | None) -> None:
    told = send(sandbox, "GET", WORKSPACE, user_agent=agent)
    assert (told.status, told.body) == (403, b"error code: 1010")
    assert told.headers["content-type"].startswith("text/plain")


# --- routes and bodies ---


def test_an_unknown_route_is_not_found(sandbox: Sandbox) -> None:
    told = send(sandbox, "GET", "/api/v2/teapots?strong=true")
    assert told.json() == {"statusCode": 404, "error": "Not Found", "message": "Route GET:/api/v2/teapots not found"}


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "BREW"])
def test_an_unknown_method_is_told_those_that_there_are(sandbox: Sandbox, method: str) -> None:
    told = send(sandbox, method, target_of("listCampaign"))
    assert told.status == 405
    assert told.headers["allow"] == "GET, POST"
    assert told.json()["message"] == f"{target_of('listCampaign')} takes GET, POST, not {method}"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_json_content_type_needs_a_body(sandbox: Sandbox, method: str) -> None:
    target = target_of("pauseCampaign" if method == "POST" else "getCampaign", ABSENT)
    told = send(sandbox, method, target, content_type="application/json")
    assert told.status == 400
    assert "content-type is set to 'application/json'" in told.json()["message"]
    assert told.json()["code"] == "FST_ERR_CTP_EMPTY_JSON_BODY"


def test_a_delete_takes_no_body(sandbox: Sandbox) -> None:
    target = target_of("getCampaign", create_campaign(sandbox)["id"])
    refused = send(sandbox, "DELETE", target, {})
    assert (refused.status, refused.json()["message"]) == (400, "body must be null")
    assert send(sandbox, "DELETE", target).status == 200


def test_a_call_without_a_body_does_not_look_at_one(sandbox: Sandbox) -> None:
    assert send(sandbox, "POST", target_of("pauseCampaign", create_campaign(sandbox)["id"]), {}).status == 200


def test_only_json_is_read(sandbox: Sandbox) -> None:
    campaigns = target_of("createCampaign")
    assert send(sandbox, "POST", campaigns, content=b"name=x", content_type="text/plain").status == 415
    assert send(sandbox, "POST", campaigns, content=b"{}").status == 415
    told = send(sandbox, "POST", campaigns, content=b"{", content_type="application/json; charset=utf-8")
    assert told.status == 400
    deep = send(sandbox, "POST", campaigns, content=b"[" * 100_000, content_type="application/json")
    assert deep.status == 400


def test_a_body_that_is_needed_must_be_there(sandbox: Sandbox) -> None:
    told = send(sandbox, "POST", target_of("createCampaign"))
    assert (told.status, told.json()["message"]) == (400, "body must be object")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "body must have required property 'name'"),
        ({**CAMPAIGN, "name": 5}, "body/name must be string"),
        ({**CAMPAIGN, "campaign_schedule": {}}, "body/campaign_schedule must have required property 'schedules'"),
        ([], "body must be object"),
    ],
)
def test_what_is_wrong_is_told_without_the_value(sandbox: Sandbox, body: Any, message: str) -> None:
    told = send(sandbox, "POST", target_of("createCampaign"), body)
    assert told.json()["message"] == message
    assert told.json()["code"] == "FST_ERR_VALIDATION"


def test_unknown_fields_are_ignored_at_any_depth(sandbox: Sandbox) -> None:
    schedule = CAMPAIGN["campaign_schedule"]["schedules"][0]  # type: ignore[index]
    made = create_campaign(sandbox, campaign="x", campaign_schedule={"schedules": [{**schedule, "bcc": 1}], "x": 2})
    assert "campaign" not in made
    assert made["campaign_schedule"] == CAMPAIGN["campaign_schedule"]
    told = send(sandbox, "PATCH", WORKSPACE, {"name": "New", "colour": "red"})
    assert (told.json()["name"], "colour" in told.json()) == ("New", False)


def test_unknown_fields_in_a_union_are_ignored(sandbox: Sandbox) -> None:
    body = {"search_filters": {"employeeCount": [{"op": "between", "min": 1, "max": 5}], "unheard_of": 1}}
    known = send(sandbox, "POST", target_of("countLeadsFromSupersearch"), body)
    assert known.status == 200, known.body
    body["search_filters"]["employeeCount"][0]["unheard_of"] = 1  # type: ignore[index]
    assert send(sandbox, "POST", target_of("countLeadsFromSupersearch"), body).status == 200


@pytest.mark.parametrize(
    ("limit", "message"), [("0", "must be >= 1"), ("101", "must be <= 100"), ("ten", "must be integer")]
)
def test_the_size_of_a_page_has_a_range(sandbox: Sandbox, limit: str, message: str) -> None:
    told = send(sandbox, "GET", target_of("listCampaign", query=f"limit={limit}"))
    assert (told.status, told.json()["message"]) == (400, f"querystring/limit {message}")


# --- limits ---


def test_a_workspace_has_a_hundred_requests_a_second(sandbox: Sandbox) -> None:
    other_key = sandbox.add_key()
    statuses = [send(sandbox, "GET", WORKSPACE, key=(sandbox.key, other_key)[n % 2]).status for n in range(101)]
    assert statuses == [200] * 100 + [429]
    sandbox.clock.advance(1)
    assert send(sandbox, "GET", WORKSPACE).status == 200


def test_a_workspace_has_six_thousand_requests_a_minute(sandbox: Sandbox) -> None:
    for _ in range(6000):
        sandbox.service.limits.count(sandbox.workspace_id, WORKSPACE_LIMITS, sandbox.clock.time())
    sandbox.clock.advance(59)
    assert send(sandbox, "GET", WORKSPACE).status == 429
    sandbox.clock.advance(1)
    assert send(sandbox, "GET", WORKSPACE).status == 200


@pytest.mark.parametrize(
    ("operation", "limit"),
    [(operation, limit) for operation in LIMITED for limit in operation.limits],
    ids=lambda each: str(getattr(each, "id", each)),
)
def test_some_operations_have_limits_of_their_own(sandbox: Sandbox, operation: Operation, limit: Limit) -> None:
    begun = sandbox.clock.time()
    for _ in range(limit.count):
        sandbox.service.limits.count(f"{sandbox.workspace_id} {operation.id}", (limit,), sandbox.clock.time())
    sandbox.clock.advance(limit.seconds - 1)
    told = send(sandbox, operation.method, operation.path)
    assert told.status == 429
    assert ("retry-after" in told.headers) is ("oauth" in operation.path)
    sandbox.clock.advance(int(told.headers.get("retry-after", 1)))
    assert send(sandbox, operation.method, operation.path).status != 429
    assert sandbox.clock.time() >= begun + limit.seconds


OAUTH = [operation for operation in LIMITED if "oauth" in operation.path]


@pytest.mark.parametrize("operation", OAUTH, ids=lambda operation: operation.id)
def test_who_begins_too_many_sessions_is_blocked_for_longer_each_time(sandbox: Sandbox, operation: Operation) -> None:
    begin = partial(send, sandbox, operation.method, operation.path, {})
    waits = []
    for _ in range(7):
        while (told := begin()).status == 200:
            pass
        sandbox.clock.advance(60)
        again = begin()  # A request while it is blocked makes it no longer.
        waits.append(int(told.headers["retry-after"]) / 60)
        assert (again.status, int(again.headers["retry-after"])) == (429, waits[-1] * 60 - 60)
        assert send(sandbox, "GET", WORKSPACE).status == 200
        sandbox.clock.advance(int(again.headers["retry-after"]))
    assert waits == [30, 60, 120, 240, 480, 960, 1440]


@pytest.mark.parametrize("operation", OAUTH, ids=lambda operation: operation.id)
def test_an_address_begins_150_sessions_a_minute_for_all_its_workspaces(sandbox: Sandbox, operation: Operation) -> None:
    keys = [sandbox.add_key(workspace=sandbox.add_workspace(name)) for name in "abc"]
    statuses = [send(sandbox, operation.method, operation.path, {}, key=keys[n % 3]).status for n in range(151)]
    assert statuses == [200] * 150 + [429]


def test_limits_can_be_off() -> None:
    sandbox = Sandbox(rate_limits=False, clock=Clock(frozen=True))
    assert {send(sandbox, "GET", WORKSPACE).status for _ in range(150)} == {200}


# --- the shapes of refusals ---


def refused(document: Document, operation: Operation, status: int) -> tuple[int, Any]:
    told = documented(operation, Refusal(status, "why", code="FST_ERR_X" if status == 400 else None)).answer()
    return told.status, told.json()


def test_a_refusal_that_is_documented_as_text_is_text() -> None:
    responses = {"200": {}, "418": {"content": {"text/plain": {"schema": {"type": "string"}}}}}
    document = Document({"paths": {"/tea": {"get": {"operationId": "getTea", "responses": responses}}}})
    told = documented(document.operations["getTea"], Refusal(418, "why", headers={"retry-after": "1"})).answer()
    assert (told.status, told.body) == (418, b"why")
    assert told.headers == {"content-type": "text/plain", "retry-after": "1"}


def test_a_refusal_that_is_documented_without_a_body_has_none() -> None:
    responses = {"200": {}, "418": {"description": "A teapot."}}
    document = Document({"paths": {"/tea": {"get": {"operationId": "getTea", "responses": responses}}}})
    told = documented(document.operations["getTea"], Refusal(418, "why", headers={"retry-after": "1"})).answer()
    assert (told.status, told.headers, told.body) == (418, {"retry-after": "1"}, b"")
    undocumented = documented(document.operations["getTea"], Refusal(400, "why")).answer()
    assert undocumented.json()["message"] == "why"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 503])
def test_each_refusal_fits_the_document(status: int) -> None:
    document = pinned()
    seen = 0
    for operation in document:
        answered, body = refused(document, operation, status)
        schema = operation.refusals.get(answered)
        if not operation.refusal_type(answered):
            assert body is None, operation.id
            seen += 1
        elif schema:
            assert validator(document, schema).is_valid(body), operation.id
            assert body.keys() <= {*schema["properties"], "code"}, operation.id
            fixed = not validator(document, schema).is_valid({**body, "message": "why"})
            assert fixed or "why" in body.values(), operation.id
            seen += 1
    assert seen


def test_what_is_not_there_is_told_as_documented(sandbox: Sandbox) -> None:
    usual = send(sandbox, "GET", target_of("getCampaign", ABSENT))
    assert (usual.status, usual.json()["statusCode"]) == (404, 404)
    odd = send(sandbox, "POST", target_of("pauseCampaign", ABSENT))
    assert (odd.status, odd.json()["statusCode"]) == (400, 404)


# --- what is kept ---


def test_requests_are_kept_up_to_a_number() -> None:
    sandbox = Sandbox(keep_requests=2)
    for name in "abc":
        send(sandbox, "GET", f"/{name}")
    assert [recorded.path for recorded in sandbox.requests] == ["/b", "/c"]


def test_no_foreign_key_is_kept(sandbox: Sandbox) -> None:
    send(sandbox, "GET", WORKSPACE)
    send(sandbox, "GET", WORKSPACE, key="a-real-key")
    own, foreign = (recorded.request.headers["authorization"] for recorded in sandbox.requests)
    assert own == f"Bearer {sandbox.key}"
    assert "a-real-key" not in foreign
