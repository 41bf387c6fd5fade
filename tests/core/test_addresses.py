"""The URL of a request is the one that the HTTP library makes of it, whether that parses it or not."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core.http import library as http

BASES = ("https://api.example.com", "http://127.0.0.1:8080", "http://[::1]:1", "https://example.com/pre%20fix/it")

PLAIN = st.text(string.ascii_letters + string.digits + "-._~", min_size=1, max_size=9)
SEGMENTS = (
    PLAIN | st.text(max_size=6) | st.sampled_from([".", "..", ".x", "%2e%2e", "%zz", "a%2Fb", "a+b", "é", "", "*"])
)
QUERIES = st.sampled_from(["", "?", "?a=1&b=%20x", "?a+b", "?a=%zz", "?x#y", "?it's"]) | st.text(max_size=6).map(
    "?{}".format
)


@given(st.sampled_from(BASES), st.lists(SEGMENTS, min_size=1, max_size=4), QUERIES)
def test_it_is_that_of_the_library(base: str, segments: list[str], query: str) -> None:
    target = "/" + "/".join(segments) + query
    try:
        expected = http.URL(base + target)
    except http.InvalidURL:
        with pytest.raises(http.InvalidURL):
            http.addressing(base)(target)
        return
    made = http.addressing(base)(target)
    assert made == expected
    assert made.raw_path == expected.raw_path
    assert made.copy_with(params={"x": "1"}) == expected.copy_with(params={"x": "1"})


def test_the_longest_address_is_that_of_the_library() -> None:
    address = http.addressing(BASES[0])
    assert str(address("/" + "x" * 60_000)) == BASES[0] + "/" + "x" * 60_000
    with pytest.raises(http.InvalidURL):
        address("/" + "x" * 70_000)
