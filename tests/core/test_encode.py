from __future__ import annotations

import json
import re
from collections import UserDict
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core.http import codec
from instantly_core.http.codec import dumps, loads
from instantly_core.models.encode import cookies, jsonable, path_segment, plain_text, query_string, timestamp
from instantly_core.models.unset import UNSET


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


class Plain(Enum):
    ONE = 1


class Thing:
    def to_dict(self) -> dict[str, Any]:
        return {"thing": True}


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("jo@example.com", "jo%40example.com"),
        ("a/b?c#d e+f", "a%2Fb%3Fc%23d%20e%2Bf"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        ("é", "%C3%A9"),
        ("\r\n", "%0D%0A"),
        (Colour.RED, "red"),
    ],
)
def test_path_segments(value: str, segment: str) -> None:
    assert path_segment("id", value) == segment


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, ""),
        ({"a": UNSET, "b": None, "c": []}, ""),
        ({"limit": 10, "x": 1.5}, "limit=10&x=1.5"),
        ({"yes": True, "no": False}, "yes=true&no=false"),
        ({"ids": ["a", "b"], "more": ("c",)}, "ids=a&ids=b&more=c"),
        ({"colour": Colour.RED, "size": Size.BIG, "plain": Plain.ONE}, "colour=red&size=3&plain=1"),
        ({"tag_ids": "a,b"}, "tag_ids=a%2Cb"),
        ({"search": "a&b=c d+e"}, "search=a%26b%3Dc%20d%2Be"),
        ({"since": datetime(2026, 5, 1, tzinfo=UTC)}, "since=2026-05-01T00%3A00%3A00.000Z"),
        ({"day": date(2026, 5, 1)}, "day=2026-05-01"),
    ],
)
def test_query_strings(query: dict[str, Any], text: str) -> None:
    assert query_string(query) == text


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (",", ["a,b", "c"], "x=a%2Cb,c"),
        (" ", ["a", "b"], "x=a%20b"),
        ("|", [1, True], "x=1%7Ctrue"),
        (",", "a", "x=a"),
        ("json", {"a": ["b", None]}, "x=%7B%22a%22%3A%5B%22b%22%2Cnull%5D%7D"),
        ("json", UNSET, ""),
        ("deepObject", {"a": "b&", "c": 1}, "x[a]=b%26&x[c]=1"),
    ],
)
def test_a_style_says_how_a_value_is_written(style: str, value: object, text: str) -> None:
    assert query_string({"x": value}, {"x": style}) == text.replace("[", "%5B").replace("]", "%5D")


@pytest.mark.parametrize(
    ("value", "text"),
    [("a b", "a b"), (True, "true"), (1.5, "1.5"), ([1, "b"], "1,b"), (date(2026, 5, 1), "2026-05-01")],
)
def test_a_header_and_a_path_have_values_as_plain_text(value: object, text: str) -> None:
    assert plain_text("x", value) == text


def test_cookies_are_one_header_and_none_without_a_value() -> None:
    assert cookies({"a": "b;c", "d": 1, "e": UNSET, "f": None}) == "a=b%3Bc; d=1"
    assert cookies({"e": UNSET}) is UNSET


def test_unset_null_and_value_are_distinct_at_every_depth() -> None:
    body = {"a": UNSET, "b": None, "c": 0, "d": {"e": UNSET, "f": None}, "g": [{"h": UNSET}]}
    assert jsonable(body) == {"b": None, "c": 0, "d": {"f": None}, "g": [{}]}
    assert jsonable({"a": UNSET}) == {}
    with pytest.raises(TypeError, match=r"^g\[1\]: UNSET has no form in JSON$"):
        jsonable({"g": [1, UNSET]})


def test_values_become_json() -> None:
    body = {
        "enums": (Colour.RED, Size.BIG, Plain.ONE),
        "thing": Thing(),
        "when": datetime(2026, 5, 1, 12, 30, tzinfo=UTC),
        "mapping": MappingProxyType({"x": UserDict({"y": {1}})}),
        Colour.RED: "é",
    }
    text = dumps(jsonable(body)).decode()
    assert json.loads(text) == {
        "enums": ["red", 3, 1],
        "thing": {"thing": True},
        "when": "2026-05-01T12:30:00.000Z",
        "mapping": {"x": {"y": [1]}},
        "red": "é",
    }
    assert "é" in text
    assert ": " not in text


@pytest.mark.parametrize("value", [b"x", object(), {"x": b"y"}])
def test_what_is_no_json(value: object) -> None:
    with pytest.raises(TypeError):
        dumps(jsonable(value))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none(value: float) -> None:
    with pytest.raises(
        ValueError, match=r"^\[0\]: (NaN|an infinite number) cannot be sent; leave it out, or give None$"
    ):
        jsonable([value])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 5, 1, 1, 2, 3, 4000, tzinfo=UTC), "2026-05-01T01:02:03.004Z"),
        (datetime(2026, 5, 1, 1, 2, 3, 4, tzinfo=UTC), "2026-05-01T01:02:03.000004Z"),
        (datetime(2026, 5, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2026-04-30T23:00:00.000Z"),
        (date(2026, 5, 1), "2026-05-01"),
    ],
)
def test_timestamps(value: date, text: str) -> None:
    assert timestamp(value) == text


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 5, 1, 1)  # noqa: DTZ001
    for encode in (timestamp, jsonable, lambda value: query_string({"since": value})):
        with pytest.raises(ValueError, match="2026-05-01T01:00:00 has no time zone: give it one"):
            encode(naive)


def test_json_is_read_with_a_byte_order_mark() -> None:
    assert loads(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 2}',
        b"[NaN, Infinity, -Infinity, 1e400]",
        b"[9223372036854775807, -9223372036854775808, 9223372036854775808, 18446744073709551615]",
        b"[18446744073709551616, -9223372036854775809, 123456789012345678901234567890]",
        b"[-0, -0.0, 1.0, 0.1, 5e-324, 9007199254740993, 3.14159265358979323846264338327950288]",
        rb'"\ud800 \ud83d\ude00 \u0000"',
        b'\xef\xbb\xbf{"a": 1}',
        "[1]".encode("utf-16"),
        b"[" * 1100 + b"]" * 1100,
        b'"\xff"',
        b"[1,]",
        b"",
        b"{} x",
    ],
)
def test_orjson_reads_what_the_standard_library_reads(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    pytest.importorskip("orjson")
    results: list[str] = []
    for fast_loads in (codec._fast_loads, None):
        monkeypatch.setattr(codec, "_fast_loads", fast_loads)
        try:
            results.append(repr(loads(text)))
        except (ValueError, RecursionError) as error:
            results.append(type(error).__name__)
    assert results[0] == results[1]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=10))
def test_orjson_reads_any_value(value: Any) -> None:
    pytest.importorskip("orjson")
    text = json.dumps(value)
    assert repr(loads(text.encode())) == repr(json.loads(text))


@pytest.mark.parametrize(("value", "kind"), [({"a": 1}, "dict"), ([None], "NoneType"), ([[{}]], "dict")])
def test_the_type_that_has_no_form_in_a_query_string_is_named(value: object, kind: str) -> None:
    with pytest.raises(TypeError, match=f"^filter: {kind} cannot be sent here$"):
        query_string({"filter": value})


def test_what_is_left_out_of_a_query_ends_nothing() -> None:
    assert query_string({"a": UNSET, "b": 1, "c": None, "d": 2}) == "b=1&d=2"


def test_a_slash_is_escaped_in_names_and_values() -> None:
    assert query_string({"a/b": "c/d"}) == "a%2Fb=c%2Fd"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_the_value_that_would_address_something_else_is_shown(value: str) -> None:
    told = f"id: it must name something: {value!r} would address another resource"
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        path_segment("id", value)


def test_orjson_reads_what_it_reads_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    orjson = pytest.importorskip("orjson")
    read: list[bytes] = []

    def fast_loads(content: bytes) -> Any:
        read.append(content)
        return orjson.loads(content)

    monkeypatch.setattr(codec, "_fast_loads", fast_loads)
    assert loads(b'{"a": 1234567890}') == {"a": 1234567890}
    assert loads(b"[1234567890123456789]") == [1234567890123456789]
    assert read == [b'{"a": 1234567890}']


def test_bytes_are_refused_with_what_to_do() -> None:
    for value in (b"x", bytearray(b"x")):
        with pytest.raises(TypeError, match=r"^\[0\]: bytes cannot be sent as JSON: decode them to str$"):
            jsonable([value])


def test_names_in_a_body_may_be_members_of_an_enumeration() -> None:
    assert jsonable({Plain.ONE: 1, Colour.RED: 2, 3: 4}) == {"1": 1, "red": 2, "3": 4}
    with pytest.raises(TypeError, match=r"^a\[0\]\[1\.5\]: a name must be a str, not float$"):
        jsonable({"a": [{1.5: 1}]})


def test_numbers_and_texts_of_other_classes_stay_what_they_are() -> None:
    class Count(int):
        """A number."""

    class Name(str):
        """A text."""

        __slots__ = ()

    assert jsonable([Count(5), Name("x")]) == [5, "x"]
