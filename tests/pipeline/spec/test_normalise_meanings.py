"""Meanings of numbers and texts, by their names and by the overlay."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.spec.document import Schema, all_schemas
from scripts.spec.normalise.meanings import date_format, give_meanings, is_count, undecided, unknown_meanings
from tests.pipeline.documents import small_document
from tests.prepared import prepared

COUNTS = """
    count email_open_count dailyLimit limit number_of_leads number_of_domains_ordered delay email_gap sending_gap offset
    position sort_order quantity addons_qty imap_port status_code responseCode period_days occurrence-days
    wait_seconds response_time_ms email_opened_step email_opened_variant failed_events opportunities max_followups
    follow_ups_count
"""
MEASURES = """
    price price_in_dollars total_price_per_month prices open_rate spam_percent percentages confidence_score scores
    credits available_credits credits_used monthly_credit_budget pl_value opportunities_amount average_replies
    replies_per_day ai_interest_value revenue discount_percents progress priority status is_unread address bonus "" -
"""


@pytest.mark.parametrize("name", COUNTS.split())
def test_a_name_of_what_is_counted_is_that_of_an_integer(name: str) -> None:
    assert is_count(name)


@pytest.mark.parametrize("name", MEASURES.split())
def test_any_other_name_leaves_a_number_as_it_is(name: str) -> None:
    assert not is_count(name.strip('"'))


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("start_date", "date"), ("date", "date"), ("timestamp_created_date", "date"), ("endDate", "date"),
        ("timestamp_created", "date-time"), ("min_timestamp_created", "date-time"), ("created_at", "date-time"),
        ("at", ""), ("date_from", ""), ("update", ""), ("chat", ""), ("updated", ""),
    ],
)  # fmt: skip
def test_a_text_is_a_day_or_a_moment_by_its_name(name: str, format_: str) -> None:
    assert date_format(name) == format_


def meant(name: str, schema: Schema) -> Schema:
    """What becomes of a field of this name."""
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"] |= {
        name: schema,
        "state": {"type": "number", "enum": [1, 2], "x-enumDescriptions": {"1": "On"}},
    }
    found: Schema = give_meanings(document)["components"]["schemas"]["def-1"]["properties"][name]
    return found


NUMBER: Schema = {"type": "number"}
TEXT: Schema = {"type": "string"}


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        ("leads", NUMBER, {"type": "integer"}),
        ("leads", {"type": ["null", "number"]}, {"type": ["null", "integer"]}),
        ("leads", {"anyOf": [NUMBER, {"type": "null"}]}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("indexes", {"type": "array", "items": NUMBER}, {"type": "array", "items": {"type": "integer"}}),
        ("prices", {"type": "array", "items": NUMBER}, {"type": "array", "items": NUMBER}),
        ("leads", TEXT, TEXT),
        ("leads", {"type": "number", "enum": [1]}, {"type": "number", "enum": [1]}),
        ("leads", {"type": "number", "format": "float"}, {"type": "number", "format": "float"}),
        ("leads", {"type": "number", "example": 0.5}, {"type": "number", "example": 0.5}),
        ("leads", {"type": "number", "minimum": 0.0}, {"type": "integer", "minimum": 0.0}),
        ("leads", {"type": "number", "x-meaning": "number"}, NUMBER),
        ("thing", {"type": ["number", "null"], "x-meaning": "integer"}, {"type": ["integer", "null"]}),
        ("thing", {"x-meaning": "integer"}, {}),
        ("is_new", NUMBER, {"type": "boolean", "x-flag": True}),
        ("has_leads", {"type": ["null", "number"]}, {"type": ["null", "boolean"], "x-flag": True}),
        ("is_new", {"type": "number", "x-meaning": "number"}, NUMBER),
        ("issue", NUMBER, NUMBER),
        ("thing", {"type": "number", "x-meaning": "flag"}, {"type": "boolean", "x-flag": True}),
        ("start_date", TEXT, {"type": "string", "format": "date"}),
        ("start_date", {"type": "string", "pattern": "."}, {"type": "string", "pattern": "."}),
        ("start_date", {**TEXT, "example": "2026-01-02T03:04:05Z"}, {**TEXT, "example": "2026-01-02T03:04:05Z"}),
        ("start_date", {**TEXT, "example": "2026-01-02"}, {**TEXT, "example": "2026-01-02", "format": "date"}),
        ("start_date", {"type": "string", "x-meaning": "string"}, TEXT),
        ("since", {"type": "string", "x-meaning": "date-time"}, {"type": "string", "format": "date-time"}),
        (
            "thing",
            {"type": "number", "x-values-of": "Robot.state"},
            {"type": "number", "enum": [1, 2], "x-enumDescriptions": {"1": "On"}},
        ),
        ("thing", {"type": "number", "x-values-of": "Robot.nothing"}, NUMBER),
        (
            "thing",
            {"type": "number", "x-names": {"1": "Up", "-1": "Down"}},
            {"type": "number", "enum": [1, -1], "x-enumDescriptions": {"1": "Up", "-1": "Down"}, "x-open": True},
        ),
    ],
)
def test_a_field_gets_its_meaning(name: str, schema: Schema, expected: Schema) -> None:
    given = copy.deepcopy(schema)
    assert meant(name, schema) == expected
    assert schema == given


def test_a_parameter_gets_its_meaning() -> None:
    document = small_document()
    parameters: list[dict[str, Any]] = document["paths"]["/api/robots"]["get"]["parameters"]
    parameters[:] = [{"name": "max_legs", "in": "query", "schema": NUMBER}]
    found = give_meanings(document)["paths"]["/api/robots"]["get"]["parameters"]
    assert found == [{"name": "max_legs", "in": "query", "schema": {"type": "integer"}}]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "x-meaning": "integer"}, "Robot.thing cannot have the x-meaning 'integer'"),
        ({"type": "number", "x-meaning": "date"}, "Robot.thing cannot have the x-meaning 'date'"),
        ({"type": "number", "x-meaning": "money"}, "Robot.thing cannot have the x-meaning 'money'"),
        ({"type": "number", "x-values-of": "Robot.x"}, "Robot.thing has values of 'Robot.x', and no place"),
    ],
)
def test_a_meaning_that_a_place_cannot_have_is_reported(schema: Schema, told: str) -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["thing"] = schema
    [finding] = unknown_meanings(document)
    assert finding.what.startswith(told)


def test_numbers_that_nothing_decides_are_listed() -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"] |= {
        "priority": NUMBER,
        "grade": {"type": ["number", "null"]},
        "price": NUMBER,
        "leads": NUMBER,
        "is_new": NUMBER,
        "state": {"type": "number", "enum": [1]},
        "size_of_it": {"type": "number", "x-meaning": "number"},
        "map": {"type": "object", "additionalProperties": NUMBER},
    }
    before = undecided(small_document())
    assert undecided(document) - before == {"Robot.priority", "Robot.grade"}


@pytest.mark.slow
def test_no_number_of_the_pinned_document_has_the_name_of_a_count() -> None:
    places = [place for place, schema in all_schemas(prepared().normalised) if schema.get("type") == "number"]
    assert places
    # The values of a map have the name of no field.
    assert not [place for place in places if is_count(place.rpartition(".")[2]) and not place.endswith("{}")]
