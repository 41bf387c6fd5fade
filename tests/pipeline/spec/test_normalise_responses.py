"""The rules that leave out what no call can send or receive: responses, bodies, and shared parts."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.spec.document import Document, all_schemas
from scripts.spec.normalise import SELECTION, normalise
from scripts.spec.normalise.bodies import drop_null_bodies, drop_read_only_fields, keep_one_body
from scripts.spec.normalise.references import inline_shared_parts
from scripts.spec.normalise.responses import drop_content_of_empty_responses, drop_error_responses
from tests.pipeline.documents import small_document

JSON = "application/json"


def media(schema: dict[str, Any], name: str = JSON) -> dict[str, Any]:
    return {"content": {name: {"schema": schema}}}


def with_operation(**raw: Any) -> Document:
    """The small document with one more operation at `POST /x`."""
    document = small_document()
    responses = {"200": {"description": "Done."}}
    document["paths"]["/x"] = {"post": {"operationId": "x", "responses": responses, **raw}}
    return document


def operation(document: Document) -> dict[str, Any]:
    raw: dict[str, Any] = document["paths"]["/x"]["post"]
    return raw


def with_responses(*codes: str) -> Document:
    return with_operation(responses={code: {"description": code, **media({"type": "string"})} for code in codes})


# --- Responses ---


def test_error_bodies_leave_because_they_would_be_most_of_the_client() -> None:
    document = with_responses("200", "201", "2XX", "301", "400", "4XX", "500", "default")
    assert list(operation(drop_error_responses(document))["responses"]) == ["200", "201", "2XX"]


def test_json_content_on_a_204_leaves_because_reading_it_would_fail_on_success() -> None:
    responses = operation(drop_content_of_empty_responses(with_responses("200", "204", "205")))["responses"]
    assert {code: "content" in response for code, response in responses.items()} == {
        "200": True,
        "204": False,
        "205": False,
    }
    assert responses["204"]["description"] == "204"


# --- Bodies ---


@pytest.mark.parametrize(
    ("offered", "kept"),
    [
        (["multipart/form-data", JSON], JSON),
        (["text/csv", "text/plain"], "text/csv"),
        (["text/csv"], "text/csv"),
    ],
)
def test_a_request_has_one_media_type_and_json_goes_first(offered: list[str], kept: str) -> None:
    document = with_operation(requestBody={"required": True, "content": {name: {} for name in offered}})
    body = operation(keep_one_body(document))["requestBody"]
    assert (body.get("x-content-type", JSON), [*body["content"]]) == (kept, [JSON])


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "null"},
        {"type": ["null"]},
        {"type": "null", "description": "Nothing."},
        {"$ref": "#/components/schemas/n"},
    ],
    ids=str,
)
def test_a_body_of_type_null_is_no_body_because_the_service_refuses_an_empty_one(schema: dict[str, Any]) -> None:
    document = with_operation(requestBody=media(schema))
    document["components"]["schemas"]["n"] = {"type": "null"}
    assert "requestBody" not in operation(drop_null_bodies(document))


def test_a_body_without_content_is_no_body() -> None:
    assert "requestBody" not in operation(drop_null_bodies(with_operation(requestBody={"content": {}})))


@pytest.mark.parametrize("schema", [{}, {"type": ["string", "null"]}, {"type": "object"}, {"enum": [None, 1]}], ids=str)
def test_a_body_that_can_be_something_stays(schema: dict[str, Any]) -> None:
    document = with_operation(requestBody=media(schema))
    assert drop_null_bodies(document) == document


def test_read_only_fields_are_no_arguments() -> None:
    fields = {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}, "age": {"readOnly": False}}
    document = with_operation(requestBody=media({"type": "object", "properties": fields, "required": ["id", "name"]}))
    schema = operation(drop_read_only_fields(document))["requestBody"]["content"][JSON]["schema"]
    assert schema == {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"readOnly": False}},
        "required": ["name"],
    }


def test_read_only_fields_stay_in_components_because_answers_have_them() -> None:
    document = with_operation(requestBody=media({"$ref": "#/components/schemas/def-1"}))
    assert drop_read_only_fields(document) == document


# --- References ---


def test_shared_parts_are_written_out_where_they_are_used_and_schemas_stay_references() -> None:
    document = with_operation(
        parameters=[{"$ref": "#/components/parameters/p"}],
        requestBody={"$ref": "#/components/requestBodies/alias"},
        responses={"200": {"$ref": "#/components/responses/a~1b~0c%25"}},
    )
    robot = {"$ref": "#/components/schemas/def-1"}
    parameter = {"name": "p", "in": "query", "schema": robot}
    document["components"] |= {
        "parameters": {"p": parameter},
        "requestBodies": {"alias": {"$ref": "#/components/requestBodies/b"}, "b": media(robot)},
        "responses": {"a/b~c%": {"description": "A robot.", **media(robot)}},
    }
    inlined = inline_shared_parts(document)
    assert operation(inlined)["parameters"] == [parameter]
    assert operation(inlined)["requestBody"] == media(robot)
    assert operation(inlined)["responses"] == {"200": {"description": "A robot.", **media(robot)}}
    assert inlined["components"] == {"schemas": document["components"]["schemas"]}


def test_parameters_of_the_path_reach_every_operation_and_give_way_to_its_own() -> None:
    def parameter(name: str, place: str, kind: str) -> dict[str, Any]:
        return {"name": name, "in": place, "schema": {"type": kind}}

    document = with_operation(parameters=[parameter("a", "query", "string")])
    document["paths"]["/x"]["parameters"] = [
        parameter("a", "query", "integer"),
        parameter("a", "header", "integer"),
        parameter("b", "query", "integer"),
    ]
    inlined = inline_shared_parts(document)
    assert "parameters" not in inlined["paths"]["/x"]
    assert operation(inlined)["parameters"] == [
        parameter("a", "query", "string"),
        parameter("a", "header", "integer"),
        parameter("b", "query", "integer"),
    ]


# --- All of them ---


@pytest.mark.parametrize("rule", SELECTION, ids=lambda rule: str(rule.__name__))
def test_a_rule_leaves_its_input_alone_and_has_nothing_to_do_the_second_time(rule: Any) -> None:
    fields = {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}}
    body = {"content": {"text/csv": {}, JSON: {"schema": {"type": "object", "properties": fields}}}}
    document = with_operation(
        requestBody=body, responses={code: {"description": "", **media({})} for code in ("200", "204", "400")}
    )
    document["paths"]["/x"]["put"] = {"operationId": "y", "requestBody": media({"type": "null"}), "responses": {}}
    document["paths"]["/x"]["parameters"] = [{"name": "p", "in": "query", "schema": {}}]
    before = copy.deepcopy(document)
    once = rule(document)
    assert document == before
    assert rule(once) == once


def test_what_normalise_gives_is_in_normal_form_already() -> None:
    document = with_operation(
        requestBody=media({"anyOf": [{"type": ["string", "null"]}, {"enum": [1, 2.5, "a", True]}]})
    )
    before = copy.deepcopy(document)
    once = normalise(document)
    assert document == before
    assert normalise(once) == once
    assert sum(1 for _ in all_schemas(once))
