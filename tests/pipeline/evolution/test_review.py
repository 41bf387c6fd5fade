"""New operations that cost money, delete much or only read are put to a person."""

from __future__ import annotations

import pytest

from scripts.codegen.client_model import Argument, ClientModel, Operation, RateLimit, Resource
from scripts.evolution.review import questions
from scripts.spec.document import Document


def client(*operations: Operation) -> ClientModel:
    return ClientModel(resources={"robots": Resource("robots", "Robots", operations)})


def published(found: Operation, description: str = "") -> Document:
    raw = {"operationId": found.id, "description": description}
    return {"paths": {found.path: {found.http_method.lower(): raw}}}


def operation(
    id_: str, method: str, path: str, *, by_id: bool = False, many: bool = False, **values: object
) -> Operation:
    ids = Argument("ids", "Sequence[str]", default="UNSET", place="body", json_name="ids")
    arguments = (*([Argument("id", "str", place="path")] if by_id else []), *([ids] if many else []))
    return Operation("call", arguments, "None", id=id_, http_method=method, path=path, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "marks"),
    [
        (operation("searchRobots", "POST", "/robots/search"), ["x-safe"]),
        (operation("searchRobots", "POST", "/robots/search", safe=True), []),
        (operation("listRobots", "GET", "/robots"), []),
        (operation("createRobot", "POST", "/robots"), []),
        (operation("deleteRobots", "DELETE", "/robots"), ["x-filters"]),
        (operation("deleteRobots", "POST", "/robots/bulk-delete"), ["x-filters"]),
        (operation("deleteRobots", "DELETE", "/robots", filters=("ids",)), []),
        (operation("deleteRobot", "DELETE", "/robots/{id}", by_id=True), []),
        (operation("orderRobot", "POST", "/robots/orders"), ["paid"]),
        (operation("getOrders", "GET", "/robots/orders"), []),
        (operation("removeAll", "POST", "/schedule-for-removal"), ["x-filters"]),
        (operation("pauseRobots", "POST", "/robots/pause", many=True), ["x-filters"]),
        (operation("pauseRobots", "POST", "/robots/pause", many=True, filters=("ids",)), []),
    ],
)
def test_a_new_operation_is_asked_about(found: Operation, marks: list[str]) -> None:
    assert [question.mark for question in questions(client(), client(found), published(found))] == marks
    assert questions(client(found), client(found), published(found)) == []


@pytest.mark.parametrize(
    ("found", "description", "marks"),
    [
        (operation("paintRobot", "PUT", "/paint"), "At most 1,000 calls per hour.", ["x-limits"]),
        (operation("paintRobot", "PUT", "/paint", limits=(RateLimit(5, 60),)), "5 calls a minute.", []),
        (operation("paintRobot", "PUT", "/paint"), "Each coat is charged.", ["paid"]),
        (operation("paintRobot", "GET", "/paint"), "What each coat costs.", []),
    ],
)
def test_the_description_of_the_vendor_is_looked_at(found: Operation, description: str, marks: list[str]) -> None:
    document = published(found, description=description)
    assert [question.mark for question in questions(client(), client(found), document)] == marks


def test_a_question_names_the_call_and_the_request() -> None:
    found = operation("searchRobots", "POST", "/robots/search")
    (question,) = questions(client(), client(found), published(found))
    assert (question.call, question.request) == ("client.robots.call", "POST /robots/search")
