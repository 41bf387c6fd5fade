"""New operations that cost money, delete much or only read are put to a person."""

from __future__ import annotations

import json

import pytest

from scripts.codegen.client_model import (
    REPEATABLE,
    Argument,
    Class,
    ClientModel,
    Enumeration,
    Field,
    Mass,
    Member,
    Operation,
    Paid,
    RateLimit,
    Resource,
)
from scripts.codegen.runtime_spec import FILE
from scripts.evolution.review import not_taken_up, questions
from scripts.lib.layout import PACKAGE, PROJECT
from scripts.spec.document import Document, operations
from scripts.spec.registry import read_registry


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


MASS, PAID = Mass("delete every robot", ("ids",)), Paid("build robots")


@pytest.mark.parametrize(
    ("found", "marks"),
    [
        (operation("searchRobots", "POST", "/robots/search"), ["x-plain", "x-safe"]),
        (operation("searchRobots", "POST", "/robots/search", safe=True), []),
        (operation("listRobots", "GET", "/robots"), []),
        (operation("createRobot", "POST", "/robots"), ["x-plain"]),
        (operation("createRobot", "POST", "/robots", plain=True), []),
        (operation("createRobot", "POST", "/robots", removed_on="2026-01-01"), []),
        (operation("deleteRobots", "DELETE", "/robots"), ["x-mass"]),
        (operation("deleteRobots", "POST", "/robots/bulk-delete"), ["x-mass"]),
        (operation("deleteRobots", "DELETE", "/robots", mass=MASS), []),
        (operation("deleteRobot", "DELETE", "/robots/{id}", by_id=True), ["x-plain"]),
        (operation("orderRobot", "POST", "/robots/orders"), ["x-paid"]),
        (operation("orderRobot", "POST", "/robots/orders", paid=PAID), []),
        (operation("getOrders", "GET", "/robots/orders"), []),
        (operation("removeAll", "POST", "/schedule-for-removal"), ["x-mass"]),
        (operation("pauseRobots", "POST", "/robots/pause", many=True), ["x-mass"]),
        (operation("enrichRobots", "POST", "/robots/enrich", many=True), ["x-mass", "x-paid"]),
        (operation("pauseRobots", "POST", "/robots/pause", many=True, mass=MASS), []),
    ],
)
def test_a_new_operation_is_asked_about(found: Operation, marks: list[str]) -> None:
    assert [question.mark for question in questions(client(), client(found), published(found))] == marks


@pytest.mark.parametrize(
    ("found", "description", "marks"),
    [
        (operation("paintRobot", "PUT", "/paint", plain=True), "At most 1,000 calls per hour.", ["x-limits"]),
        (operation("paintRobot", "PUT", "/paint", plain=True, limits=(RateLimit(5, 60),)), "5 calls a minute.", []),
        (operation("paintRobot", "PUT", "/paint"), "Each coat is charged.", ["x-paid"]),
        (operation("paintRobot", "GET", "/paint"), "What each coat costs.", []),
    ],
)
def test_the_description_of_the_vendor_is_looked_at(found: Operation, description: str, marks: list[str]) -> None:
    document = published(found, description=description)
    assert [question.mark for question in questions(client(), client(found), document)] == marks


def test_a_write_is_asked_about_until_it_is_judged_and_all_else_once() -> None:
    search = operation("searchRobots", "POST", "/robots/search")
    marks = [question.mark for question in questions(client(search), client(search), published(search))]
    assert marks == ["x-plain"]


def test_each_write_of_the_document_is_judged_or_so_new_that_nobody_has_looked_at_its_name() -> None:
    found: dict[str, list[str]] = {}
    new = {key.removeprefix("operations.") for key in read_registry(PROJECT.names).review}
    for each in operations(json.loads((PROJECT.generated / PACKAGE / FILE).read_text("utf-8"))):
        raw = each.raw
        read = raw.get("x-safe") or each.method.upper() in REPEATABLE
        guarded = "x-mass" in raw or "x-paid" in raw
        judgements = [what for what, so in (("read", read), ("guarded", guarded), ("plain", "x-plain" in raw)) if so]
        assert len(judgements) == 1 or (not judgements and each.id in new), f"{each.id}: {judgements}"
        found.setdefault("".join(judgements), []).append(each.id)
    assert {"read", "guarded", "plain"} <= found.keys()


def test_a_question_names_the_call_and_the_request() -> None:
    found = operation("searchRobots", "POST", "/robots/search", plain=True)
    (question,) = questions(client(), client(found), published(found))
    assert (question.call, question.request) == ("client.robots.call", "POST /robots/search")


def test_what_hand_written_helpers_do_not_know_is_listed() -> None:
    statuses = (Member("ACTIVE", "1"), Member("DRAFT", "0"), Member("ON_HOLD", "7"))
    codes = (Member("HEALTHY", "'healthy'"), Member("OUT_OF_SCHEDULE", "'out_of_schedule'"), Member("FOGGY", "'foggy'"))
    arguments = tuple(Argument(name, "str", place="body", json_name=name) for name in ("leads", "list_id", "color"))
    add = Operation("bulk_add", arguments, "None", id="addLeads", http_method="POST", path="/leads/add")
    fields = (Field("leads_uploaded", "int"), Field("suppressed_count", "int"))
    model = ClientModel(
        resources={"leads": Resource("leads", "Leads", (add,))},
        classes={"LeadBulkAddResult": Class("LeadBulkAddResult", fields)},
        enumerations={
            "CampaignStatus": Enumeration("CampaignStatus", "int", statuses),
            "SendingDiagnosticsStatus": Enumeration("SendingDiagnosticsStatus", "str", codes),
        },
    )
    assert [line.partition(": ")[0] for line in not_taken_up(model)] == [
        "CampaignStatus.ON_HOLD",
        "SendingDiagnosticsStatus.FOGGY",
        "LeadBulkAddResult.suppressed_count",
        "client.leads.bulk_add(color=)",
    ]
    assert not_taken_up(ClientModel()) == []
