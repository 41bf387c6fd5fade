"""Every object and enumeration becomes a component under its name, and a name never changes by itself."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.naming.hoist import (
    NamedDocument,
    argument_names,
    body_fields,
    method_paths,
    name_document,
    named_shapes,
)
from scripts.spec.document import Document, Schema
from scripts.spec.normalise import normalise
from scripts.spec.registry import Registry, merged, read_registry, write_registry
from tests.pipeline.documents import small_document

STRING: Schema = {"type": "string"}
ROBOT = {"$ref": "#/components/schemas/def-1"}


def thing(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields}


def media(schema: Schema) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def add_operation(document: Document, operation_id: str, *, answer: Schema | None = None, **raw: Any) -> None:
    responses = {"200": {"description": "", **(media(answer) if answer else {})}}
    raw = {"operationId": operation_id, "tags": ["Robot"], "responses": responses, **raw}
    document["paths"] = {f"/api/{operation_id}": {"post": raw}, **document["paths"]}


def named(document: Document, registry: Registry | None = None) -> NamedDocument:
    return name_document(normalise(document), registry or Registry())


def recorded(result: NamedDocument, registry: Registry, path: Path) -> Registry:
    """The registry with the names that were derived, after a trip through its file."""
    path.write_text(write_registry(merged(registry, result.proposals.names)), "utf-8")
    return read_registry(path)


def answer_of(result: NamedDocument, operation_id: str) -> Schema:
    for item in result.document["paths"].values():
        for operation in item.values():
            if operation["operationId"] == operation_id:
                schema: Schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                return schema
    raise KeyError(operation_id)


def component(result: NamedDocument, name: str) -> Schema:
    schema: Schema = result.document["components"]["schemas"][name]
    return schema


# --- Components ---


def test_everything_inline_becomes_a_component_with_its_name_as_title() -> None:
    result = named(small_document())
    assert result.class_at == {
        "Robot.status": "RobotStatus",
        "RobotArm": "RobotArm",
        "patchRobot:body.mood": "RobotMood",
        "Robot": "Robot",
        "listRobot:response": "ListRobotResponse",
        "patchRobot:body": "PatchRobotBody",
    }
    assert result.internal == {"ListRobotResponse", "PatchRobotBody"}
    for name, schema in result.document["components"]["schemas"].items():
        assert schema["title"] == name
    assert component(result, "Robot")["properties"]["status"] == {"$ref": "#/components/schemas/RobotStatus"}
    assert answer_of(result, "getRobot") == {"$ref": "#/components/schemas/Robot"}
    assert method_paths(result)["patchRobot"] == "client.robots.update"


def test_the_input_stays_as_it_was_and_nothing_depends_on_what_ran_before() -> None:
    document = normalise(small_document())
    before = copy.deepcopy(document)
    registry = Registry()
    assert name_document(document, registry) == name_document(document, registry)
    assert document == before
    assert registry == Registry()


def test_no_schema_inside_another_is_left_that_the_generator_would_have_to_name() -> None:
    document = small_document()
    inner = thing(a=thing(b={"type": "array", "items": thing(c={"type": "string", "enum": ["x"]})}))
    mixed = {"anyOf": [thing(d=STRING), {"type": "string", "enum": ["y"]}, {"type": "null"}]}
    mapping = {"type": "object", "additionalProperties": thing(e=STRING)}
    add_operation(document, "a", answer=thing(inner=inner, mixed=mixed, mapping=mapping, empty={"type": "object"}))
    result = named(document)

    def check(schema: Any, *, top: bool = False) -> None:
        if isinstance(schema, list):
            for member in schema:
                check(member)
        if not isinstance(schema, dict):
            return
        assert top or not ({"properties", "enum"} & schema.keys() or schema.get("type") == "object"), schema
        for inner in [
            *schema.get("properties", {}).values(),
            *(schema.get(key) for key in ("items", "anyOf", "allOf")),
        ]:
            check(inner)
        check(schema.get("additionalProperties"))

    for schema in result.document["components"]["schemas"].values():
        check(schema, top=True)
    assert len(result.maps) == 3  # of texts, of objects, and of anything


def test_what_is_said_of_a_field_stays_beside_the_reference() -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["status"] |= {"description": "How it is.", "default": 1}
    robot = component(named(document), "Robot")["properties"]
    assert robot["status"] == {
        "description": "How it is.",
        "x-default": 1,
        "allOf": [{"$ref": "#/components/schemas/RobotStatus"}],
    }


def test_two_success_answers_with_different_objects_keep_the_fields_of_both() -> None:
    document = small_document()
    responses = {
        "200": {"description": "", **media(thing(a=STRING))},
        "201": {"description": "", **media(thing(b=STRING))},
    }
    add_operation(document, "a", responses=responses)
    result = named(document)
    fields = [set(schema.get("properties", {})) for schema in result.document["components"]["schemas"].values()]
    assert {"a", "b"} in fields or ({"a"} in fields and {"b"} in fields)


def test_an_object_called_like_a_body_or_a_page_is_not_mixed_up_with_it() -> None:
    document = small_document()
    document["components"]["schemas"]["def-3"] = {"title": "Patch Robot Body", **thing(x=STRING)}
    document["components"]["schemas"]["def-4"] = {"title": "List Robot Response", **thing(y=STRING)}
    document["components"]["schemas"]["def-5"] = {"title": "Mapping0", **thing(z=STRING)}
    result = named(document)
    classes = result.document["components"]["schemas"].keys() - result.internal - result.maps
    for place, field in (("PatchRobotBody", "x"), ("ListRobotResponse", "y"), ("Mapping0", "z")):
        name = result.class_at[place]
        assert name in classes
        assert set(component(result, name)["properties"]) == {field}
    assert set(component(result, result.class_at["patchRobot:body"])["properties"]) == {"name", "mood"}


def test_fields_with_a_dot_in_them_do_not_replace_nested_ones() -> None:
    document = small_document()
    inner = thing(b=thing(nested=STRING))
    add_operation(document, "a", answer={"type": "object", "properties": {"a.b": thing(dotted=STRING), "a": inner}})
    result = named(document)
    fields = [set(schema.get("properties", {})) for schema in result.document["components"]["schemas"].values()]
    assert any("nested" in found for found in fields)
    assert any("dotted" in found for found in fields)


def test_a_component_that_stands_for_another_is_that_other() -> None:
    document = small_document()
    document["components"]["schemas"]["alias"] = ROBOT
    add_operation(document, "a", answer={"$ref": "#/components/schemas/alias"})
    assert answer_of(named(document), "a") == {"$ref": "#/components/schemas/Robot"}


# --- Labels, splits and merges ---


def statuses(**labels: str) -> Document:
    """The small document with an enumeration of the same values at each of two components."""
    document = small_document()
    for key, name in (("def-1", "robot"), ("def-2", "arm")):
        values = {"type": "integer", "enum": [0, 1], "x-enumDescriptions": {"0": "Off", "1": labels.get(name, "On")}}
        document["components"]["schemas"][key]["properties"]["status"] = values
    return document


def test_enumerations_with_other_labels_are_other_classes() -> None:
    result = named(statuses(robot="Awake", arm="Attached"))
    assert (result.class_at["Robot.status"], result.class_at["RobotArm.status"]) == ("RobotStatus", "RobotArmStatus")
    assert result.members["RobotStatus"] == {0: "OFF", 1: "AWAKE"}
    assert result.members["RobotArmStatus"] == {0: "OFF", 1: "ATTACHED"}


def test_one_shape_has_two_names_where_the_registry_says_so() -> None:
    assert named(statuses()).class_at["RobotArm.status"] == "RobotStatus"
    result = named(statuses(), Registry(classes={"Robot.status": "RobotStatus", "RobotArm.status": "ArmStatus"}))
    assert result.class_at["Robot.status"] == "RobotStatus"
    assert result.class_at["RobotArm.status"] == "ArmStatus"
    assert component(result, "ArmStatus")["enum"] == component(result, "RobotStatus")["enum"]


def test_two_shapes_with_one_name_are_one_class_with_everything_of_both() -> None:
    document = small_document()
    add_operation(document, "a", answer={**thing(x=STRING, y=STRING), "required": ["x", "y"]})
    closed = {**thing(x=STRING, z=STRING), "required": ["x"], "additionalProperties": False}
    add_operation(document, "b", answer=closed)
    result = named(document, Registry(classes={"a:response": "Both", "b:response": "Both"}))
    both = component(result, "Both")
    assert set(both["properties"]) == {"x", "y", "z"}
    assert both["required"] == ["x"]
    assert both.get("additionalProperties") is not False
    assert answer_of(result, "a") == answer_of(result, "b") == {"$ref": "#/components/schemas/Both"}
    assert set(result.attributes["Both"]) == {"x", "y", "z"}


def test_two_enumerations_with_one_name_have_the_values_and_labels_of_both() -> None:
    document = statuses(robot="Awake", arm="Attached")
    document["components"]["schemas"]["def-2"]["properties"]["status"]["enum"].append(2)
    result = named(document, Registry(classes={"Robot.status": "Status", "RobotArm.status": "Status"}))
    assert component(result, "Status")["enum"] == [0, 1, 2]
    assert set(result.members["Status"]) == {0, 1, 2}


def test_what_contradicts_itself_is_not_united_and_it_is_told() -> None:
    document = small_document()
    add_operation(document, "a", answer=thing(x=STRING))
    add_operation(document, "b", answer=thing(x={"type": "integer"}))
    result = named(document, Registry(classes={"a:response": "Both", "b:response": "Both"}))
    names = {result.class_at["a:response"], result.class_at["b:response"]}
    assert len(names) == 2
    assert "Both" in names
    assert any("response" in line for line in result.proposals.lines())


# --- Names never change by themselves ---


def names_of(result: NamedDocument) -> dict[str, Any]:
    return {
        "classes": result.class_at,
        "resources": result.resources,
        "methods": result.methods,
        "attributes": result.attributes,
        "members": result.members,
    }


def rich_document() -> Document:
    """The small document with what makes derived names collide or depend on each other."""
    document = statuses(robot="Awake", arm="Attached")

    def settings() -> Schema:
        return thing(mode={"type": "string", "enum": ["a", "A", ""]}, **{"from": STRING})

    document["components"]["schemas"]["def-2"]["properties"]["settings"] = settings()
    add_operation(document, "createRobot", answer=ROBOT, requestBody=media(thing(settings=settings(), id=STRING)))
    add_operation(document, "getRobots", answer=thing(settings=settings(), more={"type": "array", "items": settings()}))
    return document


def test_a_second_run_proposes_nothing_and_changes_nothing(tmp_path: Path) -> None:
    first = named(rich_document())
    assert first.proposals.lines()
    registry = recorded(first, Registry(), tmp_path / "names.toml")
    second = named(rich_document(), registry)
    assert second.proposals.lines() == []
    assert names_of(second) == names_of(first)
    assert second.document == first.document


def renumbered(document: Document) -> Document:
    text = json.dumps(document).replace("def-1", "def-99").replace("def-2", "def-1")
    renamed: Document = json.loads(text)
    renamed["components"]["schemas"] = dict(reversed(renamed["components"]["schemas"].items()))
    return renamed


def with_operations(document: Document) -> Document:
    copied = small_document()["components"]["schemas"]["def-1"]
    add_operation(document, "robotGet", answer=thing(status=STRING, arm={**copied}))
    add_operation(document, "listRobots", answer=thing(settings=thing(other=STRING)))
    return document


def with_fields(document: Document) -> Document:
    robot = document["components"]["schemas"]["def-1"]["properties"]
    document["components"]["schemas"]["def-1"]["properties"] = {"Title": thing(x=STRING), **robot, "battery": STRING}
    return document


def with_a_field_at_one_of_two_places(document: Document) -> Document:
    document["components"]["schemas"]["def-2"]["properties"]["settings"]["properties"]["extra"] = STRING
    return document


def with_a_value_at_one_of_two_places(document: Document) -> Document:
    settings = document["components"]["schemas"]["def-2"]["properties"]["settings"]["properties"]
    settings["mode"] = {"type": "string", "enum": ["a", "A", "", "b"]}
    return document


def without_the_place_that_came_first(document: Document) -> Document:
    del document["components"]["schemas"]["def-2"]["properties"]["settings"]
    return document


def backwards(document: Document) -> Document:
    document["paths"] = dict(reversed(document["paths"].items()))
    document["components"]["schemas"] = dict(reversed(document["components"]["schemas"].items()))
    return document


def changes(before: dict[Any, Any], after: dict[Any, Any]) -> dict[Any, Any]:
    """What both have, but not the same."""
    common = {key: (before[key], after[key]) for key in before if key in after and before[key] != after[key]}
    pairs = {
        key: changes(old, new) if isinstance(old, dict) and isinstance(new, dict) else (old, new)
        for key, (old, new) in common.items()
    }
    return {key: change for key, change in pairs.items() if change}


@pytest.mark.parametrize(
    "change",
    [
        renumbered,
        with_operations,
        with_fields,
        with_a_field_at_one_of_two_places,
        with_a_value_at_one_of_two_places,
        without_the_place_that_came_first,
        backwards,
    ],
)
def test_a_new_document_keeps_the_old_names(change: Any, tmp_path: Path) -> None:
    first = named(rich_document())
    registry = recorded(first, Registry(), tmp_path / "names.toml")
    second = named(change(rich_document()), registry)
    for kind, before in names_of(first).items():
        after = names_of(second)[kind]
        assert changes(before, after) == {}


def test_a_split_shape_does_not_depend_on_the_order_of_the_document(tmp_path: Path) -> None:
    registry = Registry(classes={"RobotArm.settings": "ArmSettings", "createRobot:body.settings": "NewSettings"})
    first = named(rich_document(), registry)
    registry = recorded(first, registry, tmp_path / "names.toml")
    assert named(backwards(rich_document()), registry).class_at == first.class_at


# --- Arguments ---


def test_a_parameter_and_a_body_field_of_one_name_are_two_arguments() -> None:
    document = small_document()
    body = thing(id=STRING, name=STRING, body_id=STRING)
    parameters = [
        {"name": "id", "in": "query", "schema": STRING},
        {"name": "max_items", "in": "query", "schema": STRING},
    ]
    add_operation(document, "a", parameters=parameters, requestBody=media(body))
    result = named(document)
    names = result.attributes["a"]
    assert list(names) == ["id", "max_items", "body.id", "name", "body_id"]
    assert names["id"] == "id"
    assert len({*names.values()}) == 5
    assert "max_items" not in names.values()


def test_the_fields_of_a_body_that_is_a_component_are_arguments_but_the_read_only_ones() -> None:
    document = small_document()
    add_operation(document, "a", requestBody=media({**ROBOT, "description": "A robot."}))
    result = named(document)
    operation = result.document["paths"]["/api/a"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body_fields(result.document, schema) == ["name", "status", "arms", "owner"]
    assert argument_names(result.document, operation) == ["name", "status", "arms", "owner"]


@pytest.mark.parametrize("schema", [STRING, {"type": "array", "items": STRING}, {"type": "object"}, {}], ids=str)
def test_a_body_that_is_no_object_with_fields_is_given_whole(schema: Schema) -> None:
    document = small_document()
    add_operation(document, "a", requestBody=media(schema))
    operation = named(document).document["paths"]["/api/a"]["post"]
    assert argument_names(named(document).document, operation) in ([], ["body"])


def test_a_class_is_described_by_its_component_or_as_most_places_are() -> None:
    document = small_document()
    place = thing(street={"type": "string"})
    for number, words in enumerate(["The place afterwards.", "Where it is.", "Where it is."]):
        add_operation(document, f"do{number}", answer=thing(home={**place, "description": words}))
    result = named(document)
    assert component(result, result.class_at["do0:response.home"])["description"] == "Where it is."
    document["components"]["schemas"]["def-1"]["properties"]["home"] = {**place, "description": "Its home."}
    result = named(document)
    assert component(result, result.class_at["do0:response.home"])["description"] == "Its home."


def test_a_component_that_is_only_a_whole_body_is_no_class_because_its_fields_are_arguments() -> None:
    document = small_document()
    schemas = document["components"]["schemas"]
    schemas["Filter"] = thing(name={"type": "string"}, inner={"$ref": "#/components/schemas/Inner"})
    schemas["Inner"] = thing(depth={"type": "integer"})
    add_operation(document, "countRobot", requestBody=media({"$ref": "#/components/schemas/Filter"}))
    result = named(document)
    assert "Filter" in result.internal
    assert "Inner" not in result.internal
    add_operation(document, "saveFilter", answer={"$ref": "#/components/schemas/Filter"})
    assert "Filter" not in named(document).internal


def test_a_class_that_joins_alternatives_says_so() -> None:
    document = small_document()
    schemas = document["components"]["schemas"]
    schemas["Cat"] = {**thing(lives={"type": "integer"}), "description": "A cat."}
    schemas["Dog"] = thing(barks={"type": "boolean"})
    either = {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}, {"type": "null"}]}
    add_operation(document, "getPet", answer=thing(pet=either))
    result = named(document)
    joined = component(result, result.class_at["getPet:response.pet"])
    assert joined["x-joined"] == ["Cat", "Dog"]
    assert joined["description"] == "One of Cat, Dog, with the fields of all."
    assert component(result, "Cat")["description"] == "A cat."


def test_a_new_place_gets_no_class_of_a_body_that_is_written_as_arguments() -> None:
    document = small_document()
    add_operation(document, "paintRobot", requestBody=media(thing(colour=STRING)))
    before = normalise(document)
    known = named_shapes(before, named(document))
    add_operation(document, "mixRobot", answer=thing(paint=thing(colour=STRING)))
    result = name_document(normalise(document), Registry(), known)
    assert result.class_at["mixRobot:response.paint"] == "RobotPaint"
