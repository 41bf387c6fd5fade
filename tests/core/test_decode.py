"""What the decoders of the models take as it should be, what they report, and that they keep both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_core.models import decode
from instantly_core.models.decode import IGNORED, Decoder, Drift, ListOf, MapOf, Nullable, OneOf, Report
from instantly_core.models.unset import UNSET

PLAIN: list[tuple[Decoder[Any], str, Callable[[Any], bool]]] = [
    (decode.text, "string", lambda value: type(value) is str),
    (decode.number, "number", lambda value: type(value) in {int, float}),
    (decode.integer, "integer", lambda value: type(value) is int or (type(value) is float and value.is_integer())),
    (decode.boolean, "boolean", lambda value: type(value) is bool),
    (decode.nothing, "null", lambda value: value is None),
]
VALUES: list[Any] = ["", "a", 0, -1, 7, 1.5, 7.0, True, False, None, [], {}, UNSET]


def decoded(decoder: Decoder[Any], value: Any) -> tuple[Any, list[Report]]:
    """What becomes of a value that an object has as `at`, and what is reported."""
    answer, drift = ({} if value is UNSET else {"at": value}), Drift()
    result = decoder(value, answer, "at", drift)
    return result, list(drift.reports(answer))


@pytest.mark.parametrize(("decoder", "expected", "fits"), PLAIN, ids=[expected for _, expected, _ in PLAIN])
def test_a_value_of_another_type_is_kept_and_reported(
    decoder: Decoder[Any], expected: str, fits: Callable[[Any], bool]
) -> None:
    for value in VALUES:
        result, reports = decoded(decoder, value)
        assert result == value if fits(value) else result is value
        assert reports == ([] if fits(value) else [Report("/at", expected, value, True)]), value


def test_only_a_missing_value_is_not_anything() -> None:
    for value in VALUES:
        reports = [Report("/at", "a value", UNSET, True)] if value is UNSET else []
        assert decoded(decode.anything, value) == (value, reports)


def test_the_items_of_an_array_are_reported_by_their_positions() -> None:
    assert decoded(ListOf(decode.text), ["a", 5, "b", None]) == (
        ["a", 5, "b", None],
        [Report("/at/1", "string", 5, True), Report("/at/3", "string", None, True)],
    )
    assert decoded(ListOf(decode.text), {"a": 1}) == ({"a": 1}, [Report("/at", "array", {"a": 1}, True)])


def test_the_values_of_an_object_are_reported_by_their_names() -> None:
    assert decoded(MapOf(decode.text), {"a": "x", "b": 5}) == (
        {"a": "x", "b": 5},
        [Report("/at/b", "string", 5, True)],
    )
    assert decoded(MapOf(decode.text), [1]) == ([1], [Report("/at", "object", [1], True)])


def test_null_fits_where_it_may_be_and_nothing_else_does() -> None:
    assert decoded(Nullable(decode.text), None) == (None, [])
    assert decoded(Nullable(decode.text), "a") == ("a", [])
    assert decoded(Nullable(decode.text), 5) == (5, [Report("/at", "string", 5, True)])


def test_the_type_of_a_value_selects_the_member_of_a_union() -> None:
    union = OneOf("number or array", {int: decode.integer, list: ListOf(decode.text)})
    assert decoded(union, 5) == (5, [])
    assert decoded(union, ["a", 5]) == (["a", 5], [Report("/at/1", "string", 5, True)])
    assert decoded(union, "a") == ("a", [Report("/at", "number or array", "a", True)])


def test_what_a_member_of_a_union_reports_has_the_place_of_the_union() -> None:
    union = OneOf("a day", {str: decode.timestamp})
    assert decoded(union, "someday") == ("someday", [Report("/at", "timestamp", "someday", True)])


def test_what_is_decoded_by_hand_reports_nothing() -> None:
    kept: Any = decode.text(5, {"at": 5}, "at", IGNORED)
    assert kept == 5
    assert not IGNORED


def test_a_whole_number_is_an_integer_whatever_json_calls_it() -> None:
    found, reports = decoded(decode.integer, 7.0)
    assert (found, type(found), reports) == (7, int, [])


def test_a_fraction_is_no_integer() -> None:
    assert decoded(decode.integer, 7.5) == (7.5, [Report("/at", "integer", 7.5, True)])
    assert decoded(decode.integer, float("inf")) == (float("inf"), [Report("/at", "integer", float("inf"), True)])
    assert decoded(ListOf(decode.integer), [7.0, 7.5])[1] == [Report("/at/1", "integer", 7.5, True)]


def test_eight_digits_are_a_full_date_and_fewer_are_none() -> None:
    assert decoded(decode.timestamp, "2026/03/05") == (datetime(2026, 3, 5, tzinfo=UTC), [])
    assert decoded(decode.timestamp, "2026/3/05")[1] == [Report("/at", "timestamp", "2026/3/05", True)]


@pytest.mark.parametrize("violation", [False, True])
def test_the_answer_as_a_whole_is_reported_at_the_root(violation: bool) -> None:
    drift = Drift()
    drift(None, "", "integer", violation)
    assert list(drift.reports(["no", "number"])) == [Report("", "integer", ["no", "number"], violation)]
