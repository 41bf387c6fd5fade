"""Combinators become plain schemas, references, or unions with one member for each JSON type; aliases leave."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.lib.report import Refused
from scripts.spec.document import Document, Schema
from scripts.spec.normalise import normalise
from scripts.spec.normalise.aliases import inline_aliases
from scripts.spec.normalise.unions import fold_combinators, is_reference

NULL = {"type": "null"}
STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def ref(key: str) -> Schema:
    return {"$ref": f"#/components/schemas/{key}"}


def fields(*names: str, **more: Any) -> Schema:
    return {"type": "object", "properties": dict.fromkeys(names, STRING), **more}


def document(schema: Schema, **components: Schema) -> Document:
    """A document whose one operation answers with `schema`."""
    response = {"description": "", "content": {"application/json": {"schema": schema}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "components": {"schemas": components},
        "paths": {"/x": {"get": {"operationId": "x", "responses": {"200": response}}}},
    }


def test_what_another_object_is_with_more_says_which_one_it_is() -> None:
    given = {"allOf": [ref("alias"), fields("more"), ref("other")], "description": "More."}
    found = fold_combinators(document(given, alias=ref("x"), x=fields("a"), other=fields("b")))
    assert answer(found)["x-extends"] == "#/components/schemas/x"
    assert sorted(answer(found)["properties"]) == ["a", "b", "more"]


def test_a_part_that_only_notes_something_leaves_the_reference_as_it_is() -> None:
    given = {"allOf": [ref("x"), {"description": "A note.", "x-of": 1}, {}]}
    found = answer(fold_combinators(document(given, x=fields("a"))))
    assert found == {"description": "A note.", "x-of": 1, "allOf": [ref("x")]}


def answer(document: Document) -> Schema:
    schema: Schema = document["paths"]["/x"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def folded(schema: Schema, **components: Schema) -> Schema:
    before = document(schema, **components)
    untouched = copy.deepcopy(before)
    after = fold_combinators(before)
    assert before == untouched
    assert fold_combinators(after) == after
    return answer(after)


def normal(schema: Schema, **components: Schema) -> Schema:
    return answer(normalise(document(schema, **components)))


def field_names(schema: Schema) -> set[str]:
    return set(schema.get("properties", {}))


# --- Folding ---


@pytest.mark.parametrize("combinator", ["anyOf", "oneOf"])
def test_a_combinator_beside_properties_does_not_drop_the_properties(combinator: str) -> None:
    rules = [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]
    schema = folded({**fields("a", "b", "c", required=["c"]), combinator: rules})
    assert field_names(schema) == {"a", "b", "c"}
    assert schema["required"] == ["c"]
    assert schema["type"] == "object"


def test_fields_of_the_alternatives_join_those_beside_them() -> None:
    schema = folded({**fields("a", required=["a"]), "oneOf": [fields("b", required=["b"]), ref("C")]}, C=fields("c"))
    assert field_names(schema) == {"a", "b", "c"}
    assert schema["required"] == ["a"]


def test_objects_of_a_union_become_one_with_all_fields_of_which_only_the_common_are_required() -> None:
    schema = folded({"anyOf": [fields("a", "b", required=["a", "b"]), fields("b", "c", required=["b", "c"]), NULL]})
    assert schema["anyOf"][1:] == [NULL]
    assert field_names(schema["anyOf"][0]) == {"a", "b", "c"}
    assert schema["anyOf"][0]["required"] == ["b"]


def test_a_field_that_two_members_give_different_types_is_a_union_of_them() -> None:
    schema = folded({"oneOf": [fields("a"), {"type": "object", "properties": {"a": INTEGER}}]})
    assert schema["properties"]["a"] == {"anyOf": [STRING, INTEGER]}


def test_all_of_is_everything_at_once() -> None:
    schema = folded(
        {"allOf": [ref("A"), fields("b", required=["b"]), {"description": "d"}]}, A=fields("a", required=["a"])
    )
    assert field_names(schema) == {"a", "b"}
    assert schema["required"] == ["a", "b"]
    assert "allOf" not in schema


def test_all_of_holding_alternatives_is_everything_that_could_be() -> None:
    parts = [{"anyOf": [fields("a"), fields("b")]}, {"oneOf": [fields("c"), fields("d")]}, fields("e")]
    assert field_names(normal({"allOf": parts})) == {"a", "b", "c", "d", "e"}


def test_enumerations_of_a_union_become_one_with_all_labels() -> None:
    one = {"type": "string", "enum": ["a", "b"], "x-enumDescriptions": {"a": "A"}}
    other = {"type": "string", "enum": ["b", "c"], "x-enumDescriptions": {"c": "C"}}
    assert folded({"anyOf": [one, other]}) == {
        "type": "string",
        "enum": ["a", "b", "c"],
        "x-enumDescriptions": {"a": "A", "c": "C"},
    }


def test_a_plain_string_beside_an_enumeration_keeps_its_values_and_opens_it() -> None:
    one = {"type": "string", "enum": ["a"]}
    for members in ([one, STRING], [STRING, one]):
        assert folded({"anyOf": members}) == {"type": "string", "enum": ["a"], "x-open": True}
    assert "x-open" not in folded({"anyOf": [one, {"type": "string", "enum": ["b"]}]})
    assert folded({"anyOf": [one, {"type": "string", "enum": ["b"]}, STRING]})["x-open"]


def test_arrays_of_a_union_become_one_with_the_items_of_both() -> None:
    schema = folded({"anyOf": [{"type": "array", "items": STRING}, {"type": "array", "items": fields("a")}, STRING]})
    assert schema == {"anyOf": [{"type": "array", "items": {"anyOf": [STRING, fields("a")]}}, STRING]}


def test_null_comes_once_and_last() -> None:
    nested = {"anyOf": [NULL, {"oneOf": [STRING, NULL]}, {"anyOf": [INTEGER, NULL]}]}
    assert folded(nested) == {"anyOf": [STRING, INTEGER, NULL]}


def test_anything_beside_plain_types_is_anything() -> None:
    assert folded({"anyOf": [STRING, {}, NULL]}) == {}
    assert normal({"anyOf": [{"description": "d"}, ref("Any")]}, Any={}).keys() <= {"description"}


@pytest.mark.parametrize("members", [[INTEGER, {"type": "number"}], [{"type": "number"}, INTEGER]], ids=str)
def test_an_integer_beside_a_number_is_a_number(members: list[Schema]) -> None:
    assert normal({"anyOf": members}) == {"type": "number"}


def test_fractions_among_integers_make_no_enumeration_of_integers() -> None:
    assert normal({"enum": [1, 0.5, None]}) == {"anyOf": [{"type": "number", "x-values": [1, 0.5]}, NULL]}


def test_a_reference_keeps_what_is_said_beside_it() -> None:
    assert folded({**ref("A"), "description": "d", "x-note": 1}, A=fields("a")) == {
        "description": "d",
        "allOf": [ref("A")],
    }
    assert folded({"anyOf": [ref("A")], "description": "d"}, A=fields("a")) == {"description": "d", "allOf": [ref("A")]}
    assert folded({"anyOf": [ref("A"), NULL], "description": "d"}, A=fields("a")) == {
        "description": "d",
        "anyOf": [ref("A"), NULL],
    }
    assert is_reference({"description": "d", "allOf": [ref("A")]})
    assert not is_reference({"type": "object", "allOf": [ref("A")]})


# --- What only lists of alternatives in the wild have ---


def test_anything_beside_an_object_does_not_drop_its_fields() -> None:
    assert field_names(normal({"anyOf": [{}, fields("a")]})) == {"a"}
    items = normal({"anyOf": [{"type": "array"}, {"type": "array", "items": fields("a")}]})["items"]
    assert field_names(items) == {"a"}


def test_alternatives_beside_an_array_or_a_map_or_values_do_not_drop_them() -> None:
    array = {"type": "array", "items": fields("a"), "anyOf": [{"minItems": 1}, {"maxItems": 9}]}
    assert field_names(normal(array)["items"]) == {"a"}
    mapping = {
        "type": "object",
        "additionalProperties": fields("a"),
        "anyOf": [{"required": ["x"]}, {"required": ["y"]}],
    }
    assert field_names(normal(mapping)["additionalProperties"]) == {"a"}
    enumeration = normal({"enum": ["a", "b"], "anyOf": [STRING, NULL]})
    assert enumeration["anyOf"][0]["enum"] == ["a", "b"]


def test_what_a_map_holds_stays_when_its_object_is_joined_with_another() -> None:
    for members in ([fields("a"), {"type": "object", "additionalProperties": fields("b")}],):
        for order in (members, members[::-1]):
            schema = normal({"anyOf": order})
            assert field_names(schema) == {"a"}
            assert field_names(schema["additionalProperties"]) == {"b"}


def test_all_of_joins_what_arrays_and_maps_hold() -> None:
    arrays = [{"type": "array", "items": fields(name)} for name in "ab"]
    assert field_names(normal({"allOf": arrays})["items"]) == {"a", "b"}
    maps = [{"type": "object", "additionalProperties": fields(name)} for name in "ab"]
    assert field_names(normal({"allOf": maps})["additionalProperties"]) == {"a", "b"}


def test_a_reference_to_something_nullable_does_not_swallow_the_other_members() -> None:
    schema = normal({"anyOf": [ref("A"), STRING]}, A={**fields("a"), "type": ["object", "null"]})
    kinds = [member.get("type", "object") for member in schema["anyOf"]]
    assert kinds == ["object", "string", "null"]


def test_two_trees_in_one_union_do_not_go_in_circles() -> None:
    branch = {"type": "object", "properties": {"next": {"type": "object", "properties": {"leaf": STRING}}}}
    trees = {"anyOf": [{"type": "object", "properties": {"next": ref("Tree")}}, branch]}
    told = ""
    try:
        normal(ref("Tree"), Tree=trees)
    except Refused as error:
        told = str(error)
    assert not told or "Tree" in told


@pytest.mark.parametrize(
    "member", [NULL, {"type": "array", "items": ref("Tree")}, STRING, {"$ref": "#/components/schemas/B"}]
)
def test_a_tree_can_hold_itself_in_a_union(member: Schema) -> None:
    union = {"anyOf": [ref("Tree"), member]}
    tree = {**fields("a"), "required": ["a"]}
    tree["properties"] = {**tree["properties"], "child": union}
    normalised = normalise(document(ref("Tree"), Tree=tree, B=fields("b")))
    assert field_names(normalised["components"]["schemas"]["Tree"]) == {"a", "child"}


# --- Aliases ---


def test_components_that_are_no_classes_are_written_out_where_they_are_used() -> None:
    before = document(
        fields("x")
        | {"properties": {"id": ref("Id"), "tags": {**ref("Tags"), "description": "own"}, "kind": ref("Kind")}},
        Id={"type": "string", "description": "general"},
        Tags={"type": "array", "items": ref("Id"), "description": "general"},
        Kind={"type": "string", "enum": ["a"]},
        Robot=fields("a"),
    )
    untouched = copy.deepcopy(before)
    after = inline_aliases(before)
    assert before == untouched
    assert inline_aliases(after) == after
    assert {"Kind", "Robot"} <= after["components"]["schemas"].keys()
    general = {"type": "string", "description": "general"}
    assert answer(after)["properties"] == {
        "id": general,
        "tags": {"type": "array", "items": general, "description": "own"},
        "kind": ref("Kind"),
    }


def test_an_alias_of_itself_such_as_any_json_value_holds_anything() -> None:
    value = {
        "anyOf": [
            STRING,
            {"type": "array", "items": ref("Value")},
            {"type": "object", "additionalProperties": ref("Value")},
        ]
    }
    assert normal(ref("Value"), Value=value) == {
        "anyOf": [STRING, {"type": "array", "items": {}}, {"type": "object", "additionalProperties": {}}]
    }


@pytest.mark.parametrize(
    ("alias", "inside"),
    [
        ({"type": "array", "items": fields("a")}, ["items"]),
        ({"type": "object", "additionalProperties": fields("a")}, ["additionalProperties"]),
        ({"anyOf": [STRING, fields("a")]}, ["anyOf", 1]),
        ({"type": ["object", "null"], "properties": {"a": STRING}}, ["anyOf", 0]),
    ],
    ids=["array", "map", "union", "nullable object"],
)
def test_an_alias_brings_the_objects_in_it_along(alias: Schema, inside: list[str | int]) -> None:
    found: Any = normal(ref("Alias"), Alias=alias)
    for key in inside:
        found = found[key]
    assert field_names(found) == {"a"}


def test_an_alias_of_booleans_or_fractions_brings_its_values_along() -> None:
    assert normal(ref("Alias"), Alias={"enum": [True]}) == {"type": "boolean", "x-values": [True]}
    assert normal(ref("Alias"), Alias={"enum": [0.5]}) == {"type": "number", "x-values": [0.5]}
