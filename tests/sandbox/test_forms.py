"""Forms that the client sends are read as what it was given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core.call.body import encoded
from instantly_sandbox.engine.document import Document
from instantly_sandbox.engine.forms import FORMS, MULTIPART, URL_ENCODED, is_file, read_form

EMPTY = Document({"paths": {}})
FIELDS = {
    "text": {"type": "string"},
    "count": {"type": "integer"},
    "ratio": {"type": "number"},
    "sure": {"type": "boolean"},
    "texts": {"type": "array", "items": {"type": "string"}},
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "count": st.integers(),
    "ratio": st.floats(allow_nan=False, allow_infinity=False),
    "sure": st.booleans(),
    "texts": st.lists(TEXTS, min_size=1, max_size=3),
}


@pytest.mark.parametrize("kind", FORMS)
@given(body=st.fixed_dictionaries({}, optional=VALUES).filter(bool))
def test_a_form_comes_as_it_was_given(kind: str, body: dict[str, Any]) -> None:
    content, content_type = encoded(kind, body)
    assert read_form(EMPTY, {"properties": FIELDS}, content_type, content) == body


@given(st.binary(max_size=60))
def test_a_file_comes_as_a_text_and_an_object_as_one(file: bytes) -> None:
    content, content_type = encoded(MULTIPART, {"file": ("a.txt", file), "more": {"n": [1, None]}})
    read = read_form(EMPTY, {}, content_type, content)
    assert read["file"].encode("utf-8", "replace") == file.decode("utf-8", "replace").encode("utf-8", "replace")
    assert read["more"] == {"n": [1, None]}


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=4))
def test_the_same_form_has_the_same_bytes_and_no_part_has_its_boundary(files: list[bytes]) -> None:
    content, content_type = encoded(MULTIPART, {"files": files})
    assert (content, content_type) == encoded(MULTIPART, {"files": files})
    assert content.count(content_type.partition("boundary=")[2].encode()) == len(files) + 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, b"--x--"),
        (f"{MULTIPART}; boundary=x", b"nothing"),
        (f"{MULTIPART}; boundary=x", b"--x\r\n\r\nno name\r\n--x--"),
        (URL_ENCODED, b"\xff=1"),
    ],
)
def test_what_is_no_form_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_form(EMPTY, {}, content_type, body)


def test_what_the_document_says_in_either_way_is_a_file() -> None:
    assert is_file({"type": "string", "format": "binary"})
    assert is_file({"contentMediaType": "application/octet-stream"})
    assert not is_file({"contentMediaType": "image/png", "contentEncoding": "base64"})
