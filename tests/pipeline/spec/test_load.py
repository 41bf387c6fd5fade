from __future__ import annotations

import codecs
import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lib.report import Refused
from scripts.spec import load as load_module
from scripts.spec.load import MAX_NESTING, kind_of, load, parse, walk
from tests.pipeline.documents import small_document
from tests.pipeline.settings import JSON, STEADY


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        parse(data)
    assert caught.value.step == "load"
    return str(caught.value)


def test_a_document_comes_with_its_bytes_and_their_checksum(tmp_path: Path) -> None:
    data = codecs.BOM_UTF8 + json.dumps(small_document()).encode()
    path = tmp_path / "api.json"
    path.write_bytes(data)
    source = load(path)
    assert source.path == path
    assert source.bytes_ == data
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert source.document == small_document()
    assert load(str(path)) == source


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path, Path("a\0b")):
        with pytest.raises(Refused, match="cannot be read"):
            load(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "MAX_BYTES", 10)
    path = tmp_path / "api.json"
    path.write_bytes(b'{"a": "12"}')
    with pytest.raises(Refused, match="larger than 10 bytes"):
        load(path)
    path.write_bytes(b'{"a": "1"}')
    assert load(path).document == {"a": "1"}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!doctype html>\n<html>", "an HTML page"),
        (b"<?xml version='1.0'?>", "markup"),
        (b"openapi: 3.1.0\n", "YAML"),
        (b"\x1f\x8b\x08", "gzip"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b'{"a": "\xe9"}', "byte 7 is not UTF-8"),
        (b'{"a": {"b": 1}', "cut off"),
        (b'{"a": [1,', "cut off"),
        (b'{"a": "b', "cut off"),
        (b'{"a": tru', "cut off"),
        (b'{"a": 1} {"b": 2}', "Extra data"),
        (b"{'a': 1}", "line 1, column 2"),
        (b'{"a": 1,}', "not JSON"),
        (b"[]", "is an array, not an object"),
        (b"null", "is null, not an object"),
        (b"1", "is a number, not an object"),
        (b'{"a": NaN}', "NaN is not a finite number"),
        (b'{"a": -Infinity}', "-Infinity is not a finite number"),
        (b'{"a": 1e999}', "1e999 is not a finite number"),
        (b'{"a": ' + b"1" * 5000 + b"}", "a number cannot be read"),
        (b'{"a": "\\ud83d"}', "/a: half of a surrogate pair"),
        (b'{"a": {"\\udc00": 1}}', "/a: half of a surrogate pair"),
    ],
)
def test_what_is_no_document_is_named_for_what_it_is(data: bytes, what: str) -> None:
    assert what in refusal(data)


def test_every_key_that_stands_twice_is_found() -> None:
    text = refusal(b'{"a": 1, "b": [{"c/d": 1, "c/d": 2}], "a": 2}')
    assert "2 findings" in text
    assert "/a: this key is twice" in text
    assert "/b/0/c~1d: this key is twice" in text


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize("depth", [MAX_NESTING + 1, 100_000])
def test_deep_nesting_is_refused_before_it_exhausts_the_stack(depth: int) -> None:
    assert "nested deeper" in refusal(b'{"a": ' + b"[" * depth + b"]" * depth + b"}")


def test_nesting_up_to_the_bound_is_fine() -> None:
    depth = MAX_NESTING - 1
    assert parse(b'{"a": ' + b"[" * depth + b"1" + b"]" * depth + b"}")


def test_walk_goes_outer_before_inner_in_order_and_no_deeper_than_told() -> None:
    value = {"a": [1, {"b": 2}], "c": 3}
    assert [keys for keys, _ in walk(value, deepest=9)] == [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("c",)]
    assert [keys for keys, _ in walk(value, deepest=1)] == [(), ("a",), ("c",)]


def test_kinds_are_named() -> None:
    values = [{}, [], "", True, 1, 1.5, None]
    expected = ["an object", "an array", "a string", "a boolean", "a number", "a number", "null"]
    assert [kind_of(value) for value in values] == expected


@pytest.mark.slow
@STEADY
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_every_json_object_is_read_as_it_is(document: dict[str, Any]) -> None:
    assert parse(json.dumps(document).encode()) == document
    assert parse(json.dumps(document, ensure_ascii=False).encode()) == document


@STEADY
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(parse(data), dict)


@STEADY
@given(st.integers(0, 10_000))
def test_a_document_that_is_cut_off_is_called_so(length: int) -> None:
    data = json.dumps(small_document()).encode()
    assert "cut off" in refusal(data[: 1 + length % (len(data) - 1)])
