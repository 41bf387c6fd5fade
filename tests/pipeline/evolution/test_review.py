"""New operations that cost money, delete much or only read are put to a person."""

from __future__ import annotations

import pytest

from scripts.codegen.client_model import Argument, ClientModel, Operation, RateLimit, Resource
from scripts.evolution.review import questions


def client(*operations: Operation) -> ClientModel:
    return ClientModel(resources={"robots": Resource("robots", "Robots", operations)})


def operation(id_: str, method: str, path: str, *, by_id: bool = False, **values: object) -> Operation:
    arguments = (Argument("id", "str", place="path"),) if by_id else ()
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
        (operation("paintRobot", "PUT", "/paint", prose="At most 1,000 calls per hour."), ["x-limits"]),
        (operation("paintRobot", "PUT", "/paint", prose="5 a minute.", limits=(RateLimit(5, 60),)), []),
    ],
)
def test_a_new_operation_is_asked_about(found: Operation, marks: list[str]) -> None:
    assert [question.mark for question in questions(client(), client(found))] == marks
    assert questions(client(found), client(found)) == []


def test_a_question_names_the_call_and_the_request() -> None:
    (question,) = questions(client(), client(operation("searchRobots", "POST", "/robots/search")))
    assert (question.call, question.request) == ("client.robots.call", "POST /robots/search")
