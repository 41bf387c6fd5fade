"""Each change is rated by what it does to code that was written before it, in both directions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.client_model import ClientModel, Mass, Operation, Paid, RateLimit
from scripts.codegen.pipeline import model_of, prepare, read_curation
from scripts.compatibility.judge import Change, Effect, judge, level
from scripts.diff import diff
from scripts.lib.layout import Layout
from scripts.spec.document import Document
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet

Edit = Callable[[Document], None]


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return make_project(tmp_path_factory.mktemp("changes") / "project")


def document() -> Document:
    """The small document, with classes that are sent: `RobotArm`, also received, and `RobotChip`."""
    made = small_document()
    body = at(made, "/api/robots/{id}", "patch")["requestBody"]["content"]["application/json"]["schema"]
    body["properties"]["arms"] = {"type": "array", "items": {"$ref": "#/components/schemas/def-2"}}
    chip = {"serial": {"type": "string"}, "speed": {"type": "number"}}
    body["properties"]["chip"] = {"type": "object", "properties": chip, "required": ["serial"]}
    return made


def at(made: Document, path: str, method: str) -> dict[str, Any]:
    operation: dict[str, Any] = made["paths"][path][method]
    return operation


def client(layout: Layout, edit: Edit | None = None) -> ClientModel:
    made = document()
    if edit:
        edit(made)
    return model_of(prepare(made, read_curation(layout), pinned=False, on_step=quiet), layout)


def lines(found: list[Change]) -> list[str]:
    return [f"{change.effect} {change.subject}: {change.what}" for change in found]


# --- Edits of the document, by their effect on the client ---


def patch_body(made: Document) -> dict[str, Any]:
    body: dict[str, Any] = at(made, "/api/robots/{id}", "patch")["requestBody"]["content"]["application/json"]["schema"]
    return body


def list_parameters(made: Document) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = at(made, "/api/robots", "get")["parameters"]
    return parameters


def get_robot(made: Document) -> dict[str, Any]:
    return at(made, "/api/robots/{id}", "get")


def robot(made: Document) -> dict[str, Any]:
    schema: dict[str, Any] = made["components"]["schemas"]["def-1"]
    return schema


def arm(made: Document) -> dict[str, Any]:
    schema: dict[str, Any] = made["components"]["schemas"]["def-2"]
    return schema


def chip(made: Document) -> dict[str, Any]:
    schema: dict[str, Any] = patch_body(made)["properties"]["chip"]
    return schema


def set_(of: Callable[[Document], Any], **values: Any) -> Edit:
    return lambda made: of(made).update(values)


def in_(of: Callable[[Document], dict[str, Any]], name: str) -> Callable[[Document], Any]:
    return lambda made: of(made)["properties"][name]


def with_property(of: Callable[[Document], dict[str, Any]], name: str, *, required: bool = False) -> Edit:
    def edit(made: Document) -> None:
        schema = of(made)
        schema["properties"][name] = {"type": "boolean"}
        if required:
            schema["required"] = [*schema.get("required", []), name]

    return edit


def an_operation(made: Document) -> None:
    made["paths"]["/api/robots/{id}/halt"] = {"post": {**copy.deepcopy(get_robot(made)), "operationId": "haltRobot"}}


def a_resource(made: Document) -> None:
    an_operation(made)
    made["paths"]["/api/robots/{id}/halt"]["post"]["tags"] = ["Factory"]


def page(made: Document) -> dict[str, Any]:
    schema = at(made, "/api/robots", "get")["responses"]["200"]["content"]["application/json"]["schema"]
    return schema["properties"]  # type: ignore[no-any-return]


def no_page(made: Document) -> None:
    del page(made)["next_starting_after"]


COUNTED = "Paging('query', 'offset', cursor=(), counts='items')"


def counted_page(made: Document) -> None:
    page(made)["total"] = page(made).pop("next_starting_after")
    list_parameters(made).append({"name": "offset", "in": "query", "schema": {"type": "integer"}})


def other_path(made: Document) -> None:
    made["paths"]["/api/v3/robots"] = made["paths"].pop("/api/robots")


def other_method(made: Document) -> None:
    made["paths"]["/api/robots/{id}"]["put"] = made["paths"]["/api/robots/{id}"].pop("patch")


def two_ids(made: Document) -> None:
    item = made["paths"].pop("/api/robots/{id}")
    made["paths"]["/api/halls/{hall}/robots/{id}"] = item
    for operation in item.values():
        hall = {"name": "hall", "in": "path", "required": True, "schema": {"type": "string"}}
        operation["parameters"] = [hall, *operation["parameters"]]


def number_in_path(made: Document) -> None:
    item = made["paths"].pop("/api/robots/{id}")
    made["paths"]["/api/robots/{number}"] = item
    for operation in item.values():
        operation["parameters"][0]["name"] = "number"


def no_answer(made: Document) -> None:
    get_robot(made)["responses"] = {"204": {"description": "Nothing."}}


def in_header(made: Document) -> None:
    list_parameters(made)[0]["in"] = "header"


def other_words(made: Document) -> None:
    get_robot(made)["summary"] = "Another"
    for place in (made["tags"][0], list_parameters(made)[0], robot(made), robot(made)["properties"]["name"]):
        place["description"] = "Another."
    robot(made)["properties"]["status"]["x-enumDescriptions"]["0"] = "asleep"


def a_read(made: Document) -> None:
    made["paths"]["/api/robots/{id}/update"] = {"get": made["paths"]["/api/robots/{id}"].pop("patch")}


KEY_IN_HEADER = {"type": "apiKey", "in": "header", "name": "X-Key"}
ROOMS = {"name": "hall", "in": "query", "schema": {"type": "string"}}
EDITS: dict[str, tuple[Edit, list[str], list[str]]] = {
    "operation": (
        an_operation,
        ["additive client.robots.halt: added POST /api/robots/{id}/halt"],
        ["breaking client.robots.halt: removed POST /api/robots/{id}/halt"],
    ),
    "resource": (
        a_resource,
        [
            "additive client.factories: added",
            "additive client.factories.halt_robot: added POST /api/robots/{id}/halt",
        ],
        [
            "breaking client.factories: removed",
            "breaking client.factories.halt_robot: removed POST /api/robots/{id}/halt",
        ],
    ),
    "optional argument": (
        lambda made: list_parameters(made).append(ROOMS),
        ["additive client.robots.list(hall=): added optional str"],
        ["breaking client.robots.list(hall=): removed"],
    ),
    "required argument": (
        lambda made: list_parameters(made).append({**ROOMS, "required": True}),
        ["breaking client.robots.list(hall=): added required str"],
        ["breaking client.robots.list(hall=): removed"],
    ),
    "argument required": (
        lambda made: list_parameters(made)[0].update(required=True),
        ["breaking client.robots.list(limit=): optional -> required"],
        ["additive client.robots.list(limit=): required -> optional"],
    ),
    "argument of more types": (
        set_(in_(patch_body, "name"), type=["string", "null"]),
        ["additive client.robots.update(name=): type str -> str | None"],
        ["breaking client.robots.update(name=): type str | None -> str"],
    ),
    "argument of another type": (
        set_(in_(patch_body, "name"), type="boolean"),
        ["breaking client.robots.update(name=): type str -> bool"],
        ["breaking client.robots.update(name=): type bool -> str"],
    ),
    "list of more types": (
        set_(in_(patch_body, "arms"), items={"anyOf": [{"$ref": "#/components/schemas/def-2"}, {"type": "string"}]}),
        [
            "additive client.robots.update(arms=): type Sequence[RobotArm | params.RobotArmParam]"
            " -> Sequence[str | RobotArm | params.RobotArmParam]"
        ],
        [
            "breaking client.robots.update(arms=): type Sequence[str | RobotArm | params.RobotArmParam]"
            " -> Sequence[RobotArm | params.RobotArmParam]"
        ],
    ),
    "argument elsewhere": (
        in_header,
        ["behaviour client.robots.list(limit=): sent in query -> header"],
        ["behaviour client.robots.list(limit=): sent in header -> query"],
    ),
    "page with a total": (
        lambda made: page(made).update(total={"type": "integer"}),
        ["additive client.robots.list: fields in page.extra none -> total"],
        ["behaviour client.robots.list: fields in page.extra total -> none"],
    ),
    "counted page": (
        counted_page,
        [
            "additive client.robots.list(offset=): added optional int",
            f"behaviour client.robots.list: form of its pages the usual -> {COUNTED}",
            "additive client.robots.list: fields in page.extra none -> total",
        ],
        [
            "breaking client.robots.list(offset=): removed",
            f"behaviour client.robots.list: form of its pages {COUNTED} -> the usual",
            "behaviour client.robots.list: fields in page.extra total -> none",
        ],
    ),
    "page": (
        no_page,
        [
            "breaking client.robots.list: returns Page[Robot] -> RobotList",
            "breaking client.robots.list(max_items=): removed",
            "behaviour client.robots.list: page size 100 -> none",
            "additive RobotList: added",
        ],
        [
            "breaking client.robots.list: returns RobotList -> Page[Robot]",
            "additive client.robots.list(max_items=): added optional int | None",
            "behaviour client.robots.list: page size none -> 100",
            "breaking RobotList: removed",
        ],
    ),
    "positional argument": (
        two_ids,
        [
            f"{effect} client.robots.{method}: {what}"
            for method in ("get", "update")
            for effect, what in (
                ("breaking", "positional arguments id -> hall, id"),
                ("behaviour", "path /api/robots/{id} -> /api/halls/{hall}/robots/{id}"),
            )
        ],
        [
            f"{effect} client.robots.{method}: {what}"
            for method in ("get", "update")
            for effect, what in (
                ("breaking", "positional arguments hall, id -> id"),
                ("behaviour", "path /api/halls/{hall}/robots/{id} -> /api/robots/{id}"),
            )
        ],
    ),
    "positional argument of another name": (
        number_in_path,
        [f"prose client.robots.{method}: positional arguments id -> number" for method in ("get", "update")],
        [f"prose client.robots.{method}: positional arguments number -> id" for method in ("get", "update")],
    ),
    "result": (
        no_answer,
        [
            "breaking client.robots.get: returns Robot -> None",
            "prose client.robots.get: documented status 200 -> none",
            "prose client.robots.get: documented status none -> 204",
            "prose client.robots.get: documented status 404 -> none",
        ],
        [
            "additive client.robots.get: returns None -> Robot",
            "prose client.robots.get: documented status none -> 200",
            "prose client.robots.get: documented status 204 -> none",
            "prose client.robots.get: documented status none -> 404",
        ],
    ),
    "path": (
        other_path,
        ["behaviour client.robots.list: path /api/robots -> /api/v3/robots"],
        ["behaviour client.robots.list: path /api/v3/robots -> /api/robots"],
    ),
    "HTTP method": (
        other_method,
        ["behaviour client.robots.update: HTTP method PATCH -> PUT"],
        ["behaviour client.robots.update: HTTP method PUT -> PATCH"],
    ),
    "scopes": (
        set_(get_robot, description="Needs one of the scopes `robots:read`, `all:all`"),
        ["behaviour client.robots.get: scopes none -> all:all, robots:read"],
        ["behaviour client.robots.get: scopes all:all, robots:read -> none"],
    ),
    "deprecated operation": (
        set_(get_robot, deprecated=True),
        ["behaviour client.robots.get: deprecated"],
        ["behaviour client.robots.get: no longer deprecated"],
    ),
    "page size": (
        lambda made: list_parameters(made)[0]["schema"].update(maximum=50),
        [
            "behaviour client.robots.list(limit=): limits between 1 and 100 -> between 1 and 50",
            "behaviour client.robots.list: page size 100 -> 50",
        ],
        [
            "behaviour client.robots.list(limit=): limits between 1 and 50 -> between 1 and 100",
            "behaviour client.robots.list: page size 50 -> 100",
        ],
    ),
    "default": (
        lambda made: list_parameters(made)[0]["schema"].update(default=10),
        ["behaviour client.robots.list(limit=): default none -> 10"],
        ["behaviour client.robots.list(limit=): default 10 -> none"],
    ),
    "format and pattern": (
        set_(in_(patch_body, "name"), format="email", pattern="a@"),
        [
            "behaviour client.robots.update(name=): format none -> email",
            "behaviour client.robots.update(name=): pattern none -> a@",
        ],
        [
            "prose client.robots.update(name=): format email -> none",
            "behaviour client.robots.update(name=): pattern a@ -> none",
        ],
    ),
    "plain field that becomes an enumeration": (
        set_(in_(robot, "name"), enum=["R2", "C3"]),
        ["additive Robot.name: type str -> RobotName", "additive RobotName: added"],
        ["breaking Robot.name: type RobotName -> str", "breaking RobotName: removed"],
    ),
    "format of a text": (
        set_(in_(robot, "owner"), format="email"),
        ["behaviour Robot.owner: format none -> email"],
        ["prose Robot.owner: format email -> none"],
    ),
    "status": (
        set_(lambda made: get_robot(made)["responses"], **{"429": {"description": "Too many."}}),
        ["prose client.robots.get: documented status none -> 429"],
        ["prose client.robots.get: documented status 429 -> none"],
    ),
    "servers": (
        set_(lambda made: made, servers=[{"url": "https://evil.example"}]),
        ["breaking client: servers https://robots.example -> https://evil.example"],
        ["breaking client: servers https://evil.example -> https://robots.example"],
    ),
    "a server more": (
        set_(lambda made: made, servers=[{"url": "https://eu.robots.example"}, {"url": "https://robots.example"}]),
        ["additive client: servers https://robots.example -> https://eu.robots.example, https://robots.example"],
        ["breaking client: servers https://eu.robots.example, https://robots.example -> https://robots.example"],
    ),
    "security": (
        set_(lambda made: made, security=[]),
        ["breaking client: security http bearer -> none"],
        ["breaking client: security none -> http bearer"],
    ),
    "scheme": (
        set_(lambda made: made["components"]["securitySchemes"], ApiKeyAuth=KEY_IN_HEADER),
        ["breaking client: security http bearer -> apiKey in header X-Key"],
        ["breaking client: security apiKey in header X-Key -> http bearer"],
    ),
    "a scheme more": (
        set_(lambda made: made, security=[{"OAuth": []}, {"ApiKeyAuth": []}]),
        ["additive client: security http bearer -> OAuth or http bearer"],
        ["breaking client: security OAuth or http bearer -> http bearer"],
    ),
    "a scheme more for one operation": (
        set_(get_robot, security=[{"ApiKeyAuth": []}, {}]),
        ["additive client.robots.get: security http bearer -> http bearer or none"],
        ["breaking client.robots.get: security http bearer or none -> http bearer"],
    ),
    "security of one operation": (
        set_(get_robot, security=[{}]),
        ["breaking client.robots.get: security http bearer -> none"],
        ["breaking client.robots.get: security none -> http bearer"],
    ),
    "write that becomes a read": (
        a_read,
        [
            "breaking client.robots.update: repeated after a failure no -> yes",
            "behaviour client.robots.update: HTTP method PATCH -> GET",
            "behaviour client.robots.update: path /api/robots/{id} -> /api/robots/{id}/update",
        ],
        [
            "behaviour client.robots.update: repeated after a failure yes -> no",
            "behaviour client.robots.update: HTTP method GET -> PATCH",
            "behaviour client.robots.update: path /api/robots/{id}/update -> /api/robots/{id}",
        ],
    ),
    "deprecated field": (
        set_(in_(robot, "owner"), deprecated=True),
        ["behaviour Robot.owner: deprecated"],
        ["behaviour Robot.owner: no longer deprecated"],
    ),
    "field that is read": (
        with_property(robot, "rusty", required=True),
        ["additive Robot.rusty: added required bool"],
        ["breaking Robot.rusty: removed"],
    ),
    "optional field that is sent": (
        with_property(arm, "rusty"),
        ["additive RobotArm.rusty: added optional bool"],
        ["breaking RobotArm.rusty: removed"],
    ),
    "required field that is sent": (
        with_property(arm, "rusty", required=True),
        ["breaking RobotArm.rusty: added required bool"],
        ["breaking RobotArm.rusty: removed"],
    ),
    "field that is read may be absent": (
        set_(robot, required=["id"]),
        ["breaking Robot.name: required -> optional"],
        ["additive Robot.name: optional -> required"],
    ),
    "field that is sent may be absent": (
        set_(chip, required=[]),
        ["additive RobotChip.serial: required -> optional"],
        ["breaking RobotChip.serial: optional -> required"],
    ),
    "field that is read and sent may be absent": (
        set_(arm, required=[]),
        ["breaking RobotArm.length: required -> optional"],
        ["breaking RobotArm.length: optional -> required"],
    ),
    "field that is read may be null": (
        set_(in_(robot, "name"), type=["string", "null"]),
        ["breaking Robot.name: type str -> str | None"],
        ["additive Robot.name: type str | None -> str"],
    ),
    "field that is sent may be null": (
        set_(in_(chip, "serial"), type=["string", "null"]),
        ["additive RobotChip.serial: type str -> str | None"],
        ["breaking RobotChip.serial: type str | None -> str"],
    ),
    "field that is read and sent may be null": (
        set_(in_(arm, "length"), type=["number", "null"]),
        ["breaking RobotArm.length: type float -> float | None"],
        ["breaking RobotArm.length: type float | None -> float"],
    ),
    "further fields": (
        set_(chip, additionalProperties={"type": "string"}),
        [
            "additive client.robots.update(chip=): type RobotChip | params.RobotChipParam"
            " -> RobotChip | Mapping[str, Any]",
            "additive RobotChip: is a none -> OpenModel",
            "breaking RobotChip.additional_properties: type Any -> str",
            "behaviour RobotChip: further fields unsaid -> open",
        ],
        [
            "breaking client.robots.update(chip=): type RobotChip | Mapping[str, Any]"
            " -> RobotChip | params.RobotChipParam",
            "breaking RobotChip: is a OpenModel -> none",
            "additive RobotChip.additional_properties: type str -> Any",
            "behaviour RobotChip: further fields open -> unsaid",
        ],
    ),
    "member": (
        set_(in_(robot, "status"), enum=[0, 1, -1, 2]),
        ["additive RobotStatus.VALUE_2: added 2"],
        ["breaking RobotStatus.VALUE_2: removed 2"],
    ),
    "words": (
        other_words,
        [
            "prose client.robots: words",
            "prose client.robots.list(limit=): words",
            "prose client.robots.get: words",
            "prose Robot.name: words",
            "prose Robot: words",
            "prose RobotStatus.ASLEEP: words",
        ],
        [
            "prose client.robots: words",
            "prose client.robots.list(limit=): words",
            "prose client.robots.get: words",
            "prose Robot.name: words",
            "prose Robot: words",
            "prose RobotStatus.ASLEEP: words",
        ],
    ),
}


@pytest.mark.parametrize(("edit", "forward", "backward"), EDITS.values(), ids=EDITS)
def test_each_rule_holds_both_ways(layout: Layout, edit: Edit, forward: list[str], backward: list[str]) -> None:
    before, after = client(layout), client(layout, edit)
    assert lines(judge(before, after)) == forward
    assert lines(judge(after, before)) == backward


def test_the_same_document_again_is_no_change(layout: Layout) -> None:
    assert judge(client(layout), client(layout)) == []


def test_what_changed_is_told_by_kind_and_place(layout: Layout) -> None:
    (change,) = judge(client(layout), client(layout, set_(in_(robot, "name"), type="boolean")))
    assert change == Change("field", "changed", "Robot.name", "type", "str", "bool", Effect.BREAKING, "Robot")


def test_names_on_record_for_the_old_document_hold_for_the_new_one(layout: Layout, tmp_path: Path) -> None:
    """Else one more operation could take the name of another, and all would seem to be renamed."""
    made = document()
    item = made["paths"].pop("/api/robots/{id}")
    # An operation that derives the same method stands before the known one.
    made["paths"]["/api/robot"] = {"get": {**copy.deepcopy(at(made, "/api/robots", "get")), "operationId": "getRobots"}}
    made["paths"]["/api/robots/{id}"] = item
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(document()), "utf-8")
    new.write_text(json.dumps(made), "utf-8")
    found = diff(old, new, layout=layout, on_step=quiet)
    assert lines(found) == ["additive client.robots.list_robots: added GET /api/robot"]


# --- What no document of the vendor can bring about, but the overlay, the registry or we can ---


def get(model: ClientModel) -> Operation:
    return next(operation for operation in model.resources["robots"].operations if operation.name == "get")


def edited(model: ClientModel, **values: Any) -> ClientModel:
    """With another `client.robots.get`."""
    robots = model.resources["robots"]
    operations = tuple(
        replace(operation, **values) if operation is get(model) else operation for operation in robots.operations
    )
    return replace(model, resources={**model.resources, "robots": replace(robots, operations=operations)})


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            {"http_method": "POST"},
            {"http_method": "POST", "safe": True},
            "breaking client.robots.get: repeated after a failure no -> yes",
        ),
        (
            {"http_method": "POST", "safe": True},
            {"http_method": "POST"},
            "behaviour client.robots.get: repeated after a failure yes -> no",
        ),
        ({}, {"limits": (RateLimit(20, 60),)}, "behaviour client.robots.get: rate limit none -> 20 in 60 s"),
        ({}, {"mass": Mass("x", ("a",))}, "breaking client.robots.get: needs one of none -> a"),
        ({"mass": Mass("x", ("a",))}, {}, "additive client.robots.get: needs one of a -> none"),
        (
            {"mass": Mass("x", ("a",))},
            {"mass": Mass("y", ("a", "b"))},
            "additive client.robots.get: needs one of a -> a, b",
        ),
        (
            {"mass": Mass("x", ("a", "b"))},
            {"mass": Mass("x", ("a",))},
            "breaking client.robots.get: needs one of a, b -> a",
        ),
        (
            {"mass": Mass("x", ("a",))},
            {"mass": Mass("x", ("a",), ("b",))},
            "breaking client.robots.get: within none -> b",
        ),
        ({}, {"paid": Paid("x")}, "breaking client.robots.get: costs money no -> yes"),
        ({"paid": Paid("x")}, {}, "additive client.robots.get: costs money yes -> no"),
        ({}, {"superseded_by": "client.x.y"}, "additive client.robots.get: superseded by none -> client.x.y"),
        ({"superseded_by": "client.x.y"}, {}, "additive client.robots.get: superseded by client.x.y -> none"),
        ({}, {"id": "readRobot"}, "prose client.robots.get: operationId getRobot -> readRobot"),
        ({}, {"removed_on": "2026-06-01"}, "behaviour client.robots.get: removed by the vendor on 2026-06-01"),
        ({"removed_on": "2026-06-01"}, {}, "behaviour client.robots.get: offered by the vendor again"),
        ({}, {"name": "read"}, "breaking client.robots.get: renamed client.robots.get -> client.robots.read"),
    ],
    ids=str,
)
def test_what_the_engine_knows_and_the_project_decides_is_rated_too(
    layout: Layout, before: dict[str, Any], after: dict[str, Any], told: str
) -> None:
    model = client(layout)
    assert lines(judge(edited(model, **before), edited(model, **after))) == [told]


def test_help_beside_the_operations_is_part_of_the_client(layout: Layout) -> None:
    old = client(layout)
    new = replace(old, resources={"robots": replace(old.resources["robots"], helpers="leads")})
    assert lines(judge(old, new)) == ["additive client.robots: helpers none -> leads"]
    assert lines(judge(new, old)) == ["breaking client.robots: helpers leads -> none"]
    status = replace(old.enumerations["RobotStatus"], helpers="time_zones")
    new = replace(old, enumerations={**old.enumerations, "RobotStatus": status})
    assert lines(judge(old, new)) == ["additive RobotStatus: helpers none -> time_zones"]
    assert lines(judge(new, old)) == ["breaking RobotStatus: helpers time_zones -> none"]


def test_members_are_the_same_by_value_then_by_name(layout: Layout) -> None:
    old = client(layout)
    members = old.enumerations["RobotStatus"].members
    assert [member.name for member in members] == ["ASLEEP", "AWAKE", "BROKEN"]

    def with_members(*several: Any) -> ClientModel:
        enumeration = replace(old.enumerations["RobotStatus"], members=several)
        return replace(old, enumerations={**old.enumerations, "RobotStatus": enumeration})

    asleep, awake, broken = members
    found = judge(
        old,
        with_members(replace(asleep, name="OFF"), replace(awake, value="7"), replace(broken, removed_on="2026-01-01")),
    )
    assert lines(found) == [
        "breaking RobotStatus.ASLEEP: renamed ASLEEP -> OFF",
        "breaking RobotStatus.AWAKE: value 1 -> 7",
        "behaviour RobotStatus.BROKEN: removed by the vendor on 2026-01-01",
    ]
    swapped = with_members(replace(asleep, name="AWAKE"), replace(awake, name="ASLEEP"), broken)
    assert {change.aspect for change in judge(old, swapped)} == {"renamed"}


def test_fields_are_the_same_by_their_name_in_json(layout: Layout) -> None:
    old = client(layout)
    name = next(field for field in old.classes["Robot"].fields if field.name == "name")

    def with_name(**values: Any) -> ClientModel:
        fields = tuple(replace(field, **values) if field is name else field for field in old.classes["Robot"].fields)
        return replace(old, classes={**old.classes, "Robot": replace(old.classes["Robot"], fields=fields)})

    assert lines(judge(old, with_name(name="title"))) == ["breaking Robot.name: renamed name -> title"]
    assert lines(judge(old, with_name(json_name="Name"))) == ["behaviour Robot.name: JSON name name -> Name"]
    found = judge(old, with_name(removed_on="2026-01-01"))
    assert [(change.action, change.effect) for change in found] == [("deprecated", Effect.BEHAVIOUR)]


def test_a_class_that_becomes_an_enumeration_breaks_code(layout: Layout) -> None:
    old = client(layout)
    enumeration = replace(old.enumerations["RobotStatus"], name="RobotArm")
    classes = {name: class_ for name, class_ in old.classes.items() if name != "RobotArm"}
    new = replace(old, classes=classes, enumerations={**old.enumerations, "RobotArm": enumeration})
    assert lines(judge(old, new)) == ["breaking RobotArm: is a class -> an enumeration of int"]
    texts = replace(old.enumerations["RobotStatus"], type="str")
    new = replace(old, enumerations={**old.enumerations, "RobotStatus": texts})
    assert lines(judge(old, new)) == ["breaking RobotStatus: is an enumeration of int -> an enumeration of str"]


def test_the_order_of_positional_arguments_counts(layout: Layout) -> None:
    old = client(layout, two_ids)
    hall, id = get(old).arguments
    found = lines(judge(old, edited(old, arguments=(id, hall))))
    assert found == ["breaking client.robots.get: positional arguments hall, id -> id, hall"]


def test_the_model_knows_which_classes_are_given_and_read(layout: Layout) -> None:
    def unused(made: Document) -> None:
        made["components"]["schemas"]["def-3"] = {"title": "Message", "type": "object", "properties": {"id": {}}}

    model = client(layout, unused)
    assert model.classes.keys() == {"Message", "RobotChip", "Robot", "RobotArm"}
    assert model.given() == {"RobotChip", "RobotArm"}
    assert model.read() == {"Robot", "RobotArm"}


def test_a_class_that_no_call_leads_to_is_read(layout: Layout) -> None:
    def unused(made: Document, required: list[str]) -> None:
        properties = {"id": {"type": "string"}}
        event = {"title": "Message", "type": "object", "properties": properties, "required": required}
        made["components"]["schemas"]["def-3"] = event

    before, after = (client(layout, partial(unused, required=required)) for required in (["id"], []))
    assert lines(judge(before, after)) == ["breaking Message.id: required -> optional"]


# --- The order of what has none ---


def test_the_order_of_unions_enumerations_and_properties_is_no_change(layout: Layout) -> None:
    def shuffled(made: Document) -> None:
        robot(made)["properties"] = dict(reversed(robot(made)["properties"].items()))
        robot(made)["properties"]["status"]["enum"].reverse()
        patch_body(made)["properties"] = dict(reversed(patch_body(made)["properties"].items()))
        robot(made)["properties"]["owner"]["type"].reverse()

    old, new = client(layout), client(layout, shuffled)
    assert old != new
    assert lines(judge(old, new)) == []


# --- The level ---


def test_the_level_is_that_of_the_worst_change(layout: Layout) -> None:
    old = client(layout)
    for edit, up, down in (
        (an_operation, "minor", "major"),
        (other_path, "minor", "minor"),
        (other_words, "patch", "patch"),
        (two_ids, "major", "major"),
    ):
        new = client(layout, edit)
        assert (level(judge(old, new)), level(judge(new, old))) == (up, down), edit
    assert level([]) is None
