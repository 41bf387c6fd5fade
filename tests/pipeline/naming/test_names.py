"""Names: derived where they are new, unchanged where they are on record, and always fit to be written in Python."""

from __future__ import annotations

import keyword
import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import instantly_client
import instantly_core
from instantly_client import AsyncInstantly, Instantly
from instantly_core import AsyncClient, AsyncResource, IntEnumeration, Model, Resource, StrEnumeration, SyncClient
from scripts.codegen.views import HELPERS
from scripts.lib.identifiers import MAX_LENGTH, pascal_case, snake_case
from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from scripts.naming.hoist import name_document
from scripts.naming.names import (
    CLIENT_NAMES,
    HELPER_NAMES,
    METHOD_NAMES,
    MODEL_NAMES,
    RESERVED,
    Namer,
    names_of_model,
    primary_tag,
)
from scripts.naming.shapes import Shape, shape_key
from scripts.spec.document import operations
from scripts.spec.normalise import normalise
from scripts.spec.registry import HEADER, Registry, merged, read_registry, write_registry
from tests.pipeline.documents import small_document
from tests.pipeline.settings import STEADY

# What a document can have in a name: anything but control characters, which are refused.
TEXTS = st.text(
    st.one_of(st.sampled_from('aAbZ019_-& /."\\[]{}#='), st.characters(exclude_categories=["Cs"])), max_size=12
)
WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
REGISTRIES = st.builds(
    Registry,
    st.dictionaries(TEXTS, WORDS, max_size=3),
    st.dictionaries(TEXTS, WORDS, max_size=3),
    st.dictionaries(TEXTS, WORDS, max_size=3),
    st.dictionaries(TEXTS, st.dictionaries(TEXTS, WORDS, min_size=1, max_size=2), max_size=2),
    st.dictionaries(TEXTS, st.dictionaries(TEXTS, WORDS, min_size=1, max_size=2), max_size=2),
)


def usable(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and len(name) <= MAX_LENGTH


def thing(*places: str, **fields: Any) -> Shape:
    schema = {"type": "object", "properties": fields or {"a": {"type": "string"}}}
    return Shape(shape_key(places[0], schema, {}), schema, list(places))


# --- The registry as a file ---


@pytest.mark.slow
@STEADY
@given(REGISTRIES)
def test_a_registry_comes_back_as_it_was_written(registry: Registry) -> None:
    assert Registry(**tomllib.loads(write_registry(registry))) == registry


def test_a_registry_is_read_from_its_file_and_explains_itself(tmp_path: Path) -> None:
    registry = Registry({"A B": "a"}, {"x": "y"}, {"P[].q{}": "Q"}, {"Q": {"0": "sunday"}}, {"S": {"": "EMPTY"}})
    path = tmp_path / "names.toml"
    path.write_text(write_registry(registry), "utf-8")
    assert read_registry(path) == registry
    assert path.read_text("utf-8").startswith(HEADER)
    assert write_registry(read_registry(path)) == path.read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        '[resources]\nA = "a b"',
        "[operations]\nx = \"__import__('os')\"",
        '[operations]\nx = ""',
        '[operations]\nx = "class"',
        '[classes]\nP = "import"',
        f'[classes]\nP = "{"a" * (MAX_LENGTH + 1)}"',
        '[classes]\nP = "a\\nb"',
        '[fields.Q]\na = "a-b"',
        '[members.S]\na = "1"',
        "[classes]\nP = 1",
        "[fields]\nQ = 1",
        "resources = 1",
        "[nonsense]\na = 1",
        "[resources",
    ],
)
def test_what_is_no_name_is_refused_before_it_becomes_code(text: str, tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused) as caught:
        read_registry(path)
    assert caught.value.step == "name"
    assert caught.value.findings


def test_a_missing_section_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text('[classes]\nP = "Q"', "utf-8")
    assert read_registry(path) == Registry(classes={"P": "Q"})


def test_what_is_on_record_wins_over_what_is_added() -> None:
    mine = Registry({"a": "x"}, {}, {"P": "A"}, {"A": {"f": "g"}}, {})
    more = Registry({"a": "y", "b": "z"}, {"o": "m"}, {"P": "B"}, {"A": {"f": "h", "i": "j"}, "B": {"k": "l"}}, {})
    assert merged(mine, more) == Registry(
        {"a": "x", "b": "z"}, {"o": "m"}, {"P": "A"}, {"A": {"f": "g", "i": "j"}, "B": {"k": "l"}}, {}
    )
    assert mine == Registry({"a": "x"}, {}, {"P": "A"}, {"A": {"f": "g"}}, {})


# --- Resources and methods ---


def test_a_tag_in_the_plural_is_an_attribute_and_an_operation_without_one_is_under_its_path() -> None:
    document = small_document()
    paths = document["paths"]
    paths["/a"] = {"get": {"operationId": "a", "tags": ["LeadCategory", "Robot"]}}
    paths["/api/v2/frobs/{id}"] = {"get": {"operationId": "b"}}
    paths["/{id}"] = {"get": {"operationId": "d"}}
    paths["/c"] = {"get": {"operationId": "c", "tags": ["DFY Box"]}}
    namer = Namer(Registry(resources={"Robot": "machines"}))
    expected = {"Robot": "machines", "LeadCategory": "lead_categories", "DFY Box": "dfy_boxes"}
    expected |= {"frobs": "frobs", "default": "defaults"}
    assert namer.resources(document) == expected
    assert namer.proposals.names.resources.keys() == expected.keys() - {"Robot"}
    assert [primary_tag(each) for each in operations(document)][-4:] == ["LeadCategory", "frobs", "default", "DFY Box"]


def test_a_new_tag_does_not_take_the_name_of_one_on_record() -> None:
    document = small_document()
    document["paths"]["/a"] = {"get": {"operationId": "a", "tags": ["Machine"]}}
    assert Namer(Registry(resources={"Robot": "machines"})).resources(document)["Machine"] == "machines_pascal"


def test_a_new_operation_does_not_take_the_name_of_one_on_record_even_if_it_comes_first() -> None:
    document = small_document()
    answer = {"200": {"description": "Robots."}}
    first = {"/api/robots/{name}/a": {"get": {"operationId": "getRobots", "tags": ["Robot"], "responses": answer}}}
    document["paths"] = {**first, **document["paths"]}
    methods = Namer(Registry(operations={"getRobot": "get", "listRobot": "list"})).methods(document)
    assert methods == {"getRobots": "get_robots", "listRobot": "list", "getRobot": "get", "patchRobot": "update"}


def test_the_operation_that_says_so_itself_keeps_the_name() -> None:
    document = small_document()
    paths = document["paths"]
    paths["/api/all"] = {"get": {**paths["/api/robots"]["get"], "operationId": "getRobots"}}
    assert Namer(Registry()).methods(document) == {
        "listRobot": "list",
        "getRobot": "get",
        "patchRobot": "update",
        "getRobots": "list_robots",
    }


# --- Classes ---


def test_the_shortest_free_name_is_proposed() -> None:
    namer = Namer(Registry(classes={"x": "RobotHand"}))
    names = [*namer.classes(thing("Robot.left.hand")).values(), *namer.classes(thing("Robot.hand", b={})).values()]
    assert names == ["RobotLeftHand", "RobotHandObject"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Robot", "Robot"),
        ("Robot.arm", "RobotArm"),
        ("Robot.arms[].fingers[]", "RobotArmFinger"),
        ("Robot.labels{}", "RobotLabel"),
        ("listRobot:query.status", "ListRobotStatus"),
        ("getRobot:response.payload", "GetRobotPayload"),
        ("getRobot:response", "GetRobot"),
        ("createRobot:body.arm|object", "CreateRobotArmObject"),
        ("createRobot:body|object", "CreateRobotObject"),
        ("Robot.arm|string", "RobotArm"),
        ("Robot.arm|integer", "RobotArmCode"),
        ("Robot.arms[]|number", "RobotArmCode"),
    ],
)
def test_a_class_is_called_by_its_place(place: str, name: str) -> None:
    assert Namer(Registry()).classes(thing(place)) == {place: name}


def test_class_names_are_unique_also_as_modules_and_never_reserved() -> None:
    namer = Namer(Registry(classes={"gone": "ABTest"}))
    places = ["AbTest", "Ab.test", "Ab:query.test", "Any", "Model", "Self", "None", "x" * 99, "x" * 98, "Drift.drift"]
    names = [name for place in places for name in namer.classes(thing(place, **{place: {}})).values()]
    assert len({snake_case(name) for name in [*names, "ABTest"]}) == len(names) + 1
    assert not {*names} & RESERVED
    assert all(usable(name) for name in names)


@STEADY
@given(st.lists(TEXTS.filter(snake_case), min_size=1, max_size=6, unique=True))
def test_any_places_get_names_that_can_be_written_and_that_no_other_has(texts: list[str]) -> None:
    namer = Namer(Registry())
    names: list[str] = []
    for index, text in enumerate(texts):
        names += namer.classes(thing(f"Robot.{text}", **{str(index): {}})).values()
        names += namer.classes(thing(f"x:response.{text}[]", **{str(index): {}, "y": {}})).values()
    assert len({snake_case(name) for name in names}) == len(names)
    assert all(usable(name) and name not in RESERVED for name in names)


def test_one_shape_keeps_two_names_where_it_means_two_things() -> None:
    namer = Namer(Registry(classes={"A.x": "Left", "A.y": "Right"}))
    assert namer.classes(thing("A.x", "A.y", "A.z")) == {"A.x": "Left", "A.y": "Right", "A.z": "Left"}
    assert not namer.proposals.names.classes.keys() & {"A.x", "A.y"}


def test_components_that_look_the_same_have_classes_of_their_own() -> None:
    places = ["A", "Evil", "Import", "get:response.thing"]
    names = Namer(Registry(), components=places[:3]).classes(thing(*places))
    assert names == {"A": "A", "Evil": "Evil", "Import": "Import", "get:response.thing": "A"}


def test_components_that_look_the_same_have_one_class_where_the_registry_unites_them() -> None:
    namer = Namer(Registry(classes={"A": "Both", "B": "Both"}), components=["A", "B", "C"])
    assert namer.classes(thing("A", "B", "C")) == {"A": "Both", "B": "Both", "C": "C"}


def test_a_component_in_the_place_of_one_that_was_removed_keeps_its_class() -> None:
    namer = Namer(Registry(classes={"A": "A"}), components=["A", "B"], removed=["A"])
    assert namer.classes(thing("A", "B")) == {"A": "A", "B": "A"}


def test_two_shapes_have_one_name_where_the_registry_unites_them() -> None:
    namer = Namer(Registry(classes={"A.x": "Both", "A.y": "Both"}))
    assert namer.classes(thing("A.x", a={"type": "string"})) == {"A.x": "Both"}
    assert namer.classes(thing("A.y", a={"type": "string"}, b={"type": "string"})) == {"A.y": "Both"}
    assert not namer.proposals.names.classes


def test_shapes_that_contradict_each_other_are_not_united_and_it_is_told() -> None:
    namer = Namer(Registry(classes={"A.x": "Both", "A.y": "Both"}))
    namer.classes(thing("A.x", a={"type": "string"}))
    assert namer.classes(thing("A.y", a={"type": "integer"})) == {"A.y": "AY"}
    assert namer.proposals.lines() == ["class     A.y -> AY"]


def test_an_object_and_an_enumeration_are_never_united() -> None:
    namer = Namer(Registry(classes={"A.x": "Both", "A.y": "Both"}))
    namer.classes(thing("A.x"))
    values = {"type": "string", "enum": ["a"], "x-enumDescriptions": {}}
    assert namer.classes(Shape(shape_key("A.y", values, {}), values, ["A.y"])) == {"A.y": "AY"}


def test_bodies_and_pages_are_no_classes_but_what_is_also_used_elsewhere_is() -> None:
    page = {"items": {"type": "array", "items": {}}, "next_starting_after": {"type": "string"}}
    namer = Namer(Registry(), pages={"x:response", "y:response"})
    assert namer.is_internal(thing("x:body"))
    assert namer.is_internal(thing("x:response", "y:response", **page))
    assert not namer.is_internal(thing("x:body", "z:response"))
    assert not namer.is_internal(thing("z:response", **page))
    assert not namer.is_internal(thing("x:response.data", **page))


# --- What our own classes have ---


OF_RESOURCES = [
    getattr(import_module(f"instantly_core.helpers.{module}"), prefix + name)
    for module, name in HELPERS.items()
    for prefix in ("", "Async")
]


def own_names(*classes: type) -> set[str]:
    return {name for each in classes for name in dir(each) if not name.startswith("_")}


def test_no_name_of_our_own_classes_is_given_to_anything_of_the_document() -> None:
    assert own_names(SyncClient, AsyncClient, Instantly, AsyncInstantly) <= CLIENT_NAMES | {
        *read_registry(PROJECT.names).resources.values()
    }
    assert own_names(Resource, AsyncResource) == set()
    assert own_names(*OF_RESOURCES) == HELPER_NAMES
    assert {name for name in own_names(Model) if name.islower()} <= MODEL_NAMES
    # A member is in capitals, so that nothing of an enumeration can be in its way.
    assert not {name for name in own_names(IntEnumeration, StrEnumeration) if name.isupper()}


def test_no_class_that_a_generated_module_or_a_program_imports_is_a_name_of_a_class_of_the_document() -> None:
    imported = {*instantly_core.__all__, *instantly_client.__all__, *instantly_core.errors.__all__}
    for template in (PROJECT.root / "templates").glob("*.jinja"):
        text = re.sub(r"\w+\{\{[^}]*\}\}", "", template.read_text("utf-8"))
        for names in re.findall(r"^ *from .+? import (\([^)]*\)|.*)", text, re.MULTILINE):
            imported |= {*re.findall(r"\w+", names)}
    classes = {name for name in imported if snake_case(name) and pascal_case(name) == name}
    assert {"Page", "Sequence", "InstantlyError"} <= classes
    assert not classes - RESERVED


@pytest.mark.parametrize("title", ["Page", "AsyncPage", "Resource", "RawResponse", "Paging", "Instantly"])
def test_a_component_that_is_called_like_a_class_of_ours_is_an_object(title: str) -> None:
    assert Namer(Registry()).classes(thing(title)) == {title: f"{title}Object"}


def test_a_resource_whose_class_would_be_one_of_ours_is_in_the_plural() -> None:
    document = small_document()
    document["paths"] = {"/api/sequence": {"get": {"operationId": "a", "tags": ["Sequence thing"]}}}
    assert Namer(Registry()).resources(document) == {"Sequence thing": "sequences"}


# --- Fields and members ---


def test_fields_that_are_no_identifiers_and_that_differ_only_in_spelling() -> None:
    namer = Namer(Registry(fields={"A": {"0": "sunday"}}))
    names = namer.attributes(
        "A", ["0", "from", "occurrence-days", "fooBar", "foo_bar", "class", "id", "é"], MODEL_NAMES
    )
    assert names == {
        "0": "sunday",
        "from": "from_",
        "occurrence-days": "occurrence_days",
        "fooBar": "foo_bar_camel",
        "foo_bar": "foo_bar",
        "class": "class_",
        "id": "id",
        "é": "e",
    }
    assert namer.proposals.names.fields == {"A": {"fooBar": "foo_bar_camel"}}


def test_a_field_does_not_take_the_attribute_that_another_has_on_record() -> None:
    namer = Namer(Registry(fields={"A": {"x": "name"}}))
    assert namer.attributes("A", ["name", "x"], set()) == {"name": "name_snake", "x": "name"}


@STEADY
@given(st.lists(TEXTS.filter(snake_case), max_size=6, unique=True), st.sampled_from([MODEL_NAMES, METHOD_NAMES]))
def test_any_fields_get_attributes_of_their_own(fields: list[str], reserved: set[str]) -> None:
    fields = [*fields, *reserved]
    names = Namer(Registry()).attributes("A", fields, reserved)
    assert list(names) == list(dict.fromkeys(fields))
    assert len({*names.values()}) == len(names)
    assert all(usable(name) for name in names.values())
    assert not {*names.values()} & reserved


def test_a_number_below_zero_is_no_spelling_of_the_one_above() -> None:
    names = Namer(Registry()).members("S", ["1", "-1", "-", "+"], {})
    assert names == {"1": "VALUE_1", "-1": "VALUE_MINUS_1", "-": "MINUS", "+": "PLUS"}


def test_values_that_give_one_member_name_get_two() -> None:
    namer = Namer(Registry(members={"S": {"c": "B"}}))
    names = namer.members("S", ["a", "A", "a-b", "a_b", "b", "c", ""], {"a": "Other", "A": "other"})
    assert names == {
        "a": "A",
        "A": "A_PASCAL",
        "a-b": "A_B_KEBAB",
        "a_b": "A_B",
        "b": "B_SNAKE",
        "c": "B",
        "": "EMPTY",
    }
    assert namer.proposals.names.members == {"S": {key: name for key, name in names.items() if key != "c"}}


@STEADY
@given(
    st.lists(st.one_of(TEXTS, st.integers()), min_size=1, max_size=6, unique_by=repr),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
)
def test_any_values_get_members_of_their_own(values: list[Any], labels: dict[str, str]) -> None:
    names = Namer(Registry()).members("S", values, labels)
    assert list(names) == values
    assert len({*names.values()}) == len(values)
    assert all(usable(name) and re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in names.values())


# --- Enumerations that are the same ---


def numbers(*places: str, **labels: str) -> Shape:
    schema = {"type": "integer", "enum": list(map(int, labels)), "x-enumDescriptions": labels}
    schema = schema if any(labels.values()) else {"type": "integer", "enum": list(map(int, labels))}
    return Shape(shape_key(places[0], schema, {}), schema, list(places))


def test_equal_numbers_that_mean_different_things_are_two_classes() -> None:
    namer = Namer(Registry())
    lead, account = {"1": "Active", "2": "Done"}, {"1": "Active", "2": "Broken"}
    assert namer.classes(numbers("Lead.status", **lead)) == {"Lead.status": "LeadStatus"}
    assert namer.classes(numbers("Account.status", **account)) == {"Account.status": "AccountStatus"}
    assert namer.classes(numbers("A.x", "B.y", **{"1": "", "2": ""})) == {"A.x": "AX", "B.y": "BY"}


def test_the_same_numbers_with_the_same_names_are_one_class() -> None:
    first = {"type": "integer", "enum": [1], "x-enumDescriptions": {"1": "In progress"}}
    second = {"type": "integer", "enum": [1], "x-enumDescriptions": {"1": "In-progress: it goes on"}}
    assert shape_key("A", first, {}) == shape_key("B", second, {})
    namer = Namer(Registry(classes={"A.status": "Status"}, members={"Status": {"1": "ACTIVE", "2": "DONE"}}))
    assert namer.classes(numbers("B.state", **{"1": "Active", "2": "Done"})) == {"B.state": "Status"}


def test_the_same_numbers_at_the_same_steps_of_another_operation_are_one_class() -> None:
    namer = Namer(Registry(classes={"a:body.on.act[]": "Act"}, members={"Act": {"1": "CLICKED", "2": "OPENED"}}))
    named = namer.classes(numbers("b:body.on.act[]", **{"1": "Link clicked", "2": "Mail opened"}))
    assert named == {"b:body.on.act[]": "Act"}


def test_numbers_without_labels_are_what_the_same_numbers_in_a_field_of_the_same_name_are() -> None:
    namer = Namer(Registry())
    namer.classes(numbers("Agent.type", **{"1": "Sales", "2": "Inbox"}))
    assert namer.classes(numbers("list:query.type", **{"1": "", "2": ""})) == {"list:query.type": "AgentType"}


def test_texts_with_the_same_values_are_one_class_whatever_is_said_of_them() -> None:
    one = {"type": "string", "enum": ["a", "b"], "x-enumDescriptions": {"a": "One"}}
    assert shape_key("A", one, {}) == shape_key("B", {"type": "string", "enum": ["b", "a"]}, {})


def test_no_class_takes_the_name_of_a_component() -> None:
    namer = Namer(Registry(), components=["RobotArm"])
    assert namer.classes(thing("Robot.arm", a={})) == {"Robot.arm": "RobotArmObject"}
    assert namer.classes(thing("RobotArm", b={})) == {"RobotArm": "RobotArm"}


def test_an_answer_is_not_of_the_class_of_another_resource_that_looks_the_same() -> None:
    def answering(tag: str, id_: str, schema: Any) -> dict[str, Any]:
        content = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
        return {"operationId": id_, "tags": [tag], "responses": content}

    document = small_document()
    robot = document["components"]["schemas"]["def-1"]
    written_out = {key: value for key, value in robot.items() if key != "title"}
    done = {"type": "object", "properties": {"success": {"type": "boolean"}}}
    document["paths"] |= {
        "/api/mills/{name}/a": {"get": answering("Mill", "getMill", written_out)},
        "/api/mills/{name}/b": {"post": answering("Mill", "turnMill", done)},
        "/api/robots/{name}/c": {"post": answering("Robot", "pauseRobot", done)},
        "/api/robots/{name}/d": {"post": answering("Robot", "resumeRobot", done)},
        "/api/robots/{name}/e": {"get": answering("Robot", "peekRobot", written_out)},
    }
    at = name_document(normalise(document), Registry()).class_at
    assert at["Robot"] == at["peekRobot:response"] == "Robot"
    assert at["getMill:response"] == "Mill"
    assert at["turnMill:response"] == "MillTurnResult"
    assert at["pauseRobot:response"] == at["resumeRobot:response"] == "RobotPauseResult"


def test_a_field_that_takes_some_of_the_numbers_of_what_it_is_read_as_is_of_that_class() -> None:
    document = small_document()
    robot = document["components"]["schemas"]["def-1"]["properties"]
    robot["state"] = {"type": "integer", "enum": [0, 1, 2], "x-enumDescriptions": {"0": "Off", "1": "On", "2": "Lost"}}
    robot["guide"] = {"type": "integer", "enum": [0, 1], "x-enumDescriptions": {"0": "Off", "1": "On"}}
    given = {"state": robot["guide"], "mood": {**robot["guide"], "x-enumDescriptions": {"0": "Sad", "1": "Glad"}}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": given}}}}
    answer = {"$ref": "#/components/schemas/def-1"}
    content = {"200": {"description": "", "content": {"application/json": {"schema": answer}}}}
    raw = {"operationId": "turnRobot", "tags": ["Robot"], "requestBody": body, "responses": content}
    document["paths"]["/api/robots/turn"] = {"post": raw}
    at = name_document(normalise(document), Registry()).class_at
    assert at["turnRobot:body.state"] == at["Robot.state"] == "RobotState"
    assert at["Robot.guide"] == "RobotGuide"
    assert at["turnRobot:body.mood"] == "RobotTurnMood"


def test_long_names_that_differ_in_the_middle_keep_that() -> None:
    fields = [f"average_time_until_first_{word}_reply_of_a_campaign" for word in ("positive", "negative")]
    namer = Namer(Registry())
    assert list(namer.attributes("A", fields, set()).values()) == [
        "average_time_positive_reply_campaign",
        "average_time_negative_reply_campaign",
    ]
    assert [name.split("_")[2] for name in namer.members("A", fields, {}).values()] == ["POSITIVE", "NEGATIVE"]
    places = [f"Robot.average_time_until_first_{word}_reply" for word in ("positive", "negative", "other")]
    classes = [namer.classes(thing(place, **{place: {}}))[place] for place in places]
    assert len({*classes}) == 3
    assert all(re.fullmatch(r"Robot\w*Reply\w*", name) for name in classes)


def test_methods_of_mappings_are_reserved_where_the_class_is_one() -> None:
    fields = ("get", "items", "keys", "values", "to_dict", "known")
    for further, named in (
        ({}, ["get", "items", "keys", "values", "to_dict_", "known"]),
        ({"additionalProperties": False}, ["get", "items", "keys", "values", "to_dict_", "known"]),
        ({"additionalProperties": True}, ["get_", "items_", "keys_", "values_", "to_dict_", "known"]),
        ({"additionalProperties": {"type": "string"}}, ["get_", "items_", "keys_", "values_", "to_dict_", "known"]),
    ):
        reserved = names_of_model({"properties": {name: {} for name in fields}, **further})
        assert list(Namer(Registry()).attributes("A", fields, reserved).values()) == named
