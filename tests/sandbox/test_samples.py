"""Samples fit their schemas, also where these are of a form that the pinned document does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from instantly_sandbox.engine.document import Document
from instantly_sandbox.engine.patterns import matching
from instantly_sandbox.engine.samples import Sampler
from instantly_sandbox.engine.validation import validator

NODE = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "name": {"type": "string"}}}
TEXT = {"type": "string"}
CLOSED = {"type": "object", "properties": {"name": TEXT}, "required": ["name"], "additionalProperties": False}
TAGGED = {"type": "object", "properties": {"tags": {"type": "array", "items": TEXT}}, "required": ["tags"]}
CLOSED_AND_TAGGED = {"allOf": [{"$ref": "#/components/schemas/Closed"}, TAGGED]}
COMPONENTS = {"Node": NODE, "Closed": CLOSED, "Tagged": CLOSED_AND_TAGGED}
DOCUMENT = Document({"paths": {}, "components": {"schemas": COMPONENTS}})
SCHEMAS: list[dict[str, Any]] = [
    {"allOf": [{"$ref": "#/components/schemas/Node"}, {"type": "object", "properties": {"more": TEXT}}]},
    CLOSED_AND_TAGGED,
    {"allOf": [CLOSED, TAGGED]},
    {"allOf": [{"$ref": "#/components/schemas/Tagged"}, {"type": "object", "properties": {"more": TEXT}}]},
    {**TAGGED, "allOf": [{"$ref": "#/components/schemas/Closed"}], "additionalProperties": False},
    {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    {"oneOf": [{"type": "string", "enum": ["x"]}, {"type": "string", "minLength": 2}]},
    {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}, "size": {"type": "integer"}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"enum": ["a"]}}},
        "then": {"required": ["size"]},
    },
    {"type": "string", "pattern": "^rule-(0|[1-9][0-9]*)$"},
    {"type": "number", "minimum": 0.2, "maximum": 0.4},
    {"type": "integer", "multipleOf": 5, "minimum": 7},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "maximum": -2},
    {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
    {"type": "string", "format": "time"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_sample_fits_its_schema(schema: dict[str, Any]) -> None:
    takes = validator(DOCUMENT, schema)
    for seed in range(20):
        sampler = Sampler(DOCUMENT, Random(seed), datetime(2026, 1, 1, tzinfo=UTC))
        value = sampler.fitting(schema)
        assert takes.is_valid(value), value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#/components/schemas/Closed"}, {"name": "a", "tags": []}),
        ({**TAGGED, "allOf": [CLOSED], "additionalProperties": False}, {"name": "a", "tags": [], "more": "b"}),
        ({"allOf": [CLOSED, TAGGED]}, {"name": "a"}),
    ],
    ids=["a base by itself is closed", "all parts together are closed", "a part lacks a field"],
)
def test_a_value_that_does_not_fit_is_told(schema: dict[str, Any], value: Any) -> None:
    assert not validator(DOCUMENT, schema).is_valid(value)


def test_a_schema_that_nothing_fits_has_samples_all_the_same() -> None:
    sampler = Sampler(DOCUMENT, Random(1), datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(sampler.fitting({"type": "string", "minLength": 3, "maxLength": 2}), str)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^([01][0-9]|2[0-3]):[0-5]\d$", "20:00"),
        (r"^https?://", "http://"),
        (r".*\S.*", "a"),
        (r"^[^@\s]+@[^@]+$", "a@a"),
        (r"^(?=.{4,8}$)[a-z]+$", None),
        (r"(", None),
    ],
)
def test_a_text_that_matches_a_pattern(pattern: str, text: str | None) -> None:
    assert matching(pattern) == text
