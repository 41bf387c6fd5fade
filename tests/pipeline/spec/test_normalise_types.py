"""The rules that give every schema one type, and say what is no type in Python."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.spec.document import Rule, Schema
from scripts.spec.normalise.text import (
    defaults_are_documented,
    formats_are_documented,
    scalar_enumerations_are_documented,
)
from scripts.spec.normalise.types import (
    const_as_enumeration,
    drop_examples,
    give_arrays_items,
    label_key,
    one_type_each,
    say_the_type,
)

NULL = {"type": "null"}


def enumeration(kind: str, *values: Any, **more: Any) -> Schema:
    return {"type": kind, "enum": list(values), **more}


# --- What a schema is ---


def test_examples_leave_because_they_would_become_code() -> None:
    assert drop_examples({"type": "string", "example": "a", "examples": ["b"]}) == {"type": "string"}
    fields = {"type": "object", "properties": {"example": {"type": "string"}}}
    assert drop_examples(fields) == fields


@pytest.mark.parametrize("value", ["a", 0, None, False])
def test_a_constant_is_an_enumeration_of_one(value: Any) -> None:
    assert const_as_enumeration({"const": value, "description": "d"}) == {"enum": [value], "description": "d"}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"properties": {}}, "object"),
        ({"required": ["a"]}, "object"),
        ({"additionalProperties": False}, "object"),
        ({"items": {}}, "array"),
        ({"minItems": 1}, "array"),
        ({"enum": ["a", 1, None]}, ["integer", "null", "string"]),
        ({"enum": [1.0, 0.5, True]}, ["boolean", "integer", "number"]),
    ],
)
def test_a_type_that_the_keywords_imply_is_said(schema: Schema, kind: Any) -> None:
    assert say_the_type(schema) == {**schema, "type": kind}


@pytest.mark.parametrize(
    "schema", [{}, {"type": "string"}, {"$ref": "#/x"}, {"anyOf": [{}]}, {"minLength": 1}], ids=str
)
def test_no_type_is_made_up(schema: Schema) -> None:
    assert say_the_type(schema) == schema


def test_an_array_without_items_gets_some_because_its_whole_object_would_be_dropped() -> None:
    assert give_arrays_items({"type": "array"}) == {"type": "array", "items": {}}
    given = {"type": "array", "items": {"type": "string"}}
    assert give_arrays_items(given) == given
    assert give_arrays_items({"type": "string"}) == {"type": "string"}


# --- One type each ---


def test_a_list_of_types_becomes_a_union_with_null_last_and_each_keyword_at_its_type() -> None:
    schema = {"type": ["null", "string", "integer", "array"], "maxLength": 5, "minimum": 1, "items": {}, "title": "T"}
    assert one_type_each(schema) == {
        "title": "T",
        "anyOf": [
            {"type": "string", "maxLength": 5},
            {"type": "integer", "minimum": 1},
            {"type": "array", "items": {}},
            NULL,
        ],
    }


def test_integers_are_numbers_so_a_union_has_only_one_of_them() -> None:
    assert one_type_each({"type": ["integer", "number"]}) == {"type": "number"}
    assert one_type_each({"type": ["number", "null", "integer"]}) == {"anyOf": [{"type": "number"}, NULL]}


def test_a_list_of_one_type_is_that_type() -> None:
    assert one_type_each({"type": ["string"], "format": "uuid"}) == {"type": "string", "format": "uuid"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"], "enum": ["a"]},
        {"type": "string", "enum": ["a", None]},
        {"type": ["string", "null"], "enum": ["a", None]},
        {"type": ["null", "string"], "enum": [None, "a", "a"]},
    ],
    ids=str,
)
def test_a_nullable_enumeration_has_one_form_whether_null_is_listed_or_not(schema: Schema) -> None:
    assert one_type_each(schema) == {"anyOf": [enumeration("string", "a"), NULL]}


def test_an_enumeration_of_mixed_types_is_parted_by_its_values_not_by_its_type() -> None:
    schema = {
        "type": "number",
        "enum": [1, "CAMPAIGN", True, 0.5, None, 2.0, 1],
        "x-enumDescriptions": {"1": "One", "true": "Yes", "CAMPAIGN": "All", "3": "Nobody"},
        "description": "d",
    }
    assert one_type_each(schema) == {
        "description": "d",
        "anyOf": [
            enumeration("boolean", True, **{"x-enumDescriptions": {"true": "Yes"}}),
            enumeration("integer", 1, 2, **{"x-enumDescriptions": {"1": "One"}}),
            enumeration("number", 0.5),
            enumeration("string", "CAMPAIGN", **{"x-enumDescriptions": {"CAMPAIGN": "All"}}),
            NULL,
        ],
    }


def test_true_is_not_one_in_an_enumeration() -> None:
    members = one_type_each({"type": "integer", "enum": [1, True, 0, False]})["anyOf"]
    assert [(member["type"], [*map(repr, member["enum"])]) for member in members] == [
        ("boolean", ["True", "False"]),
        ("integer", ["1", "0"]),
    ]


def test_whole_numbers_written_as_fractions_are_integers() -> None:
    (one, two) = one_type_each({"type": "number", "enum": [1.0, 2]})["enum"]
    assert (type(one), type(two)) == (int, int)


@pytest.mark.parametrize(
    ("value", "key"), [(True, "true"), (False, "false"), (1, "1"), (-1, "-1"), (0.5, "0.5"), ("a", "a"), ("", "")]
)
def test_labels_are_found_by_the_value_as_json(value: Any, key: str) -> None:
    assert label_key(value) == key


# --- What is told to people ---


@pytest.mark.parametrize("default", [None, False, 0, "", []], ids=str)
def test_a_default_is_told_and_not_sent_also_one_that_is_empty(default: Any) -> None:
    assert defaults_are_documented({"type": "string", "default": default}) == {"type": "string", "x-default": default}


def test_only_days_and_timestamps_keep_their_format() -> None:
    assert formats_are_documented({"type": "string", "format": "uuid"}) == {"type": "string", "x-format": "uuid"}
    for typed in ("date", "date-time"):
        schema = {"type": "string", "format": typed}
        assert formats_are_documented(schema) == schema


def test_enumerations_of_booleans_and_fractions_make_no_class_but_keep_their_values() -> None:
    assert scalar_enumerations_are_documented(enumeration("boolean", True)) == {"type": "boolean", "x-values": [True]}
    assert scalar_enumerations_are_documented(enumeration("number", 0.5)) == {"type": "number", "x-values": [0.5]}
    for kept in (enumeration("integer", 1), enumeration("string", "a"), {"type": "number"}):
        assert scalar_enumerations_are_documented(kept) == kept


# --- All of them ---

RULES: list[Rule] = [
    drop_examples,
    const_as_enumeration,
    say_the_type,
    give_arrays_items,
    one_type_each,
    defaults_are_documented,
    formats_are_documented,
    scalar_enumerations_are_documented,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
def test_a_rule_leaves_its_input_alone_and_has_nothing_to_do_the_second_time(rule: Rule) -> None:
    schemas: list[Schema] = [
        {},
        {"const": 1, "example": 1},
        {"enum": ["a", 1, None], "default": 1, "x-enumDescriptions": {"1": "One"}},
        {"type": ["string", "null", "array"], "format": "date", "examples": []},
        {"type": "number", "enum": [0.5, True]},
        {"type": "number", "enum": [0.5], "default": 0.5},
        {"type": "array"},
        {"properties": {"a": {}}},
    ]
    for schema in schemas:
        before = copy.deepcopy(schema)
        once = rule(schema)
        assert schema == before
        assert rule(once) == once
