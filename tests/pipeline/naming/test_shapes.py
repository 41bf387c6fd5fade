"""What is the same class and what is not: schemas are grouped by their form, wherever they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from scripts.naming.shapes import Shape, member_place, nodes, shape_key, shapes
from scripts.spec.document import Document, Schema

STRING: Schema = {"type": "string"}


def thing(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields}


def status(*values: str, **labels: str) -> Schema:
    return {"type": "string", "enum": list(values), "x-enumDescriptions": labels}


def document(**components: Schema) -> Document:
    return {"components": {"schemas": components}, "paths": {}}


def grouped(document: Document) -> list[list[str]]:
    """The places of each shape, where every shape gets a name of its own."""

    def name(shape: Shape) -> Mapping[str, str]:
        return dict.fromkeys(shape.places, shape.places[0])

    return [shape.places for shape in shapes(document, name)]


def test_one_shape_wherever_it_stands() -> None:
    inner = thing(a=STRING)
    components = document(
        Robot=thing(part=inner, parts={"type": "array", "items": inner}),
        Store={**thing(x=STRING), "additionalProperties": inner},
    )
    assert grouped(components) == [["Robot.part", "Robot.parts[]", "Store{}"], ["Robot"], ["Store"]]


def test_inner_shapes_come_before_outer_ones() -> None:
    heights = {place: height for place, _, height in nodes(document(A=thing(b=thing(c=thing(d=STRING)))))}
    assert heights == {"A.b.c": 0, "A.b": 1, "A": 2}
    assert grouped(document(A=thing(b=thing(c=thing(d=STRING))))) == [["A.b.c"], ["A.b"], ["A"]]


@pytest.mark.parametrize(
    "other",
    [
        {"description": "Another text."},
        {"properties": {"a": {"type": "string", "description": "d", "maxLength": 5, "x-default": "x"}}},
        {"additionalProperties": True},
        {"minProperties": 1, "title": "T"},
        {"required": []},
    ],
    ids=str,
)
def test_prose_limits_and_defaults_make_no_difference(other: Schema) -> None:
    assert shape_key("A", thing(a=STRING), {}) == shape_key("B", {**thing(a=STRING), **other}, {})


@pytest.mark.parametrize(
    "other",
    [
        {"properties": {"b": STRING}},
        {"properties": {"a": STRING, "b": STRING}},
        {"properties": {"a": {"type": "integer"}}},
        {"properties": {"a": {"anyOf": [STRING, {"type": "null"}]}}},
        {"properties": {"a": {"type": "string", "format": "date-time"}}},
        {"properties": {"a": {"$ref": "#/components/schemas/x"}}},
        {"required": ["a"]},
        {"additionalProperties": False},
        {"additionalProperties": STRING},
    ],
    ids=str,
)
def test_fields_types_and_requirements_make_a_difference(other: Schema) -> None:
    assert shape_key("A", thing(a=STRING), {}) != shape_key("A", {**thing(a=STRING), **other}, {})


def test_the_order_of_fields_and_values_makes_no_difference() -> None:
    one = {**thing(a=STRING, b=STRING), "required": ["a", "b"]}
    other = {**thing(b=STRING, a=STRING), "required": ["b", "a"]}
    assert shape_key("A", one, {}) == shape_key("A", other, {})
    assert shape_key("A", status("x", "y"), {}) == shape_key("A", status("y", "x"), {})


def test_labels_tell_enumerations_of_the_same_values_apart() -> None:
    lead: Schema = {"type": "integer", "enum": [1, 2], "x-enumDescriptions": {"1": "Active", "2": "Paused"}}
    account: Schema = {"type": "integer", "enum": [1, 2], "x-enumDescriptions": {"1": "Connected", "2": "Paused"}}
    components = document(Lead=thing(status=lead, old=dict(lead)), Account=thing(status=account))
    assert grouped(components)[:2] == [["Lead.status", "Lead.old"], ["Account.status"]]


def test_values_of_other_types_tell_enumerations_apart() -> None:
    texts, numbers = status("1", "2"), {"type": "integer", "enum": [1, 2], "x-enumDescriptions": {}}
    assert shape_key("A", texts, {}) != shape_key("A", numbers, {})


def test_objects_that_hold_different_classes_differ_though_they_look_the_same() -> None:
    def outer(label: str) -> Schema:
        return thing(status={"type": "integer", "enum": [1], "x-enumDescriptions": {"1": label}})

    assert grouped(document(A=outer("One"), B=outer("Two"), C=outer("One"))) == [
        ["A.status", "C.status"],
        ["B.status"],
        ["A", "C"],
        ["B"],
    ]


def test_members_of_a_union_have_places_of_their_own_where_several_are_classes() -> None:
    union: Schema = {"anyOf": [thing(a=STRING), status("a"), {"type": "null"}]}
    assert [member_place("A.u", union, member) for member in union["anyOf"]] == ["A.u|object", "A.u|string", "A.u"]
    single: Schema = {"anyOf": [thing(a=STRING), STRING]}
    assert [member_place("A.u", single, member) for member in single["anyOf"]] == ["A.u", "A.u"]
    assert [place for place, _, _ in nodes(document(A=thing(u=union)))] == ["A.u|object", "A.u|string", "A"]


def test_what_is_no_class_has_no_shape() -> None:
    plain: dict[str, Any] = {
        "map": {"type": "object", "additionalProperties": STRING},
        "any": {"type": "object"},
        "values": {"type": "boolean", "x-values": [True]},
        "reference": {"$ref": "#/components/schemas/A"},
    }
    assert grouped(document(A=thing(**plain))) == [["A"]]
