"""There is one UNSET, whatever becomes of it."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
from collections.abc import Callable

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import UNSET, Unset


def test_it_is_falsy_and_has_nothing_that_a_field_could_have() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert isinstance(UNSET, Unset)
    assert not hasattr(UNSET, "name")
    assert not hasattr(UNSET, "value")


def test_every_copy_is_itself() -> None:
    assert copy.copy(UNSET) is copy.deepcopy(UNSET) is UNSET
    assert copy.deepcopy([UNSET])[0] is UNSET
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET


@given(st.text() | st.sampled_from(["", ">10", ".2f", "%Y-%m-%d", ",", "!r"]))
def test_as_text_it_is_empty_whatever_the_format(spec: str) -> None:
    assert format(UNSET, spec) == ""


def test_a_text_around_it_is_as_if_it_were_not_there() -> None:
    assert f"Hello {UNSET}!" == "Hello !"
    assert f"Hello {UNSET:>8}!" == "Hello !"
    assert "".join(map(str, ["Hello ", UNSET, "!"])) == "Hello !"
    assert str(UNSET) == ""
    assert f"{UNSET!r}" == f"{UNSET=}".partition("=")[2] == "UNSET"


def test_it_is_an_empty_cell_in_csv() -> None:
    file = io.StringIO()
    csv.writer(file).writerow([1, UNSET, 2])
    assert file.getvalue() == "1,,2\r\n"


@pytest.mark.parametrize("dumps", [json.dumps, orjson.dumps, msgspec.json.encode])
def test_it_has_no_form_in_json(dumps: Callable[[object], object]) -> None:
    with pytest.raises(TypeError):
        dumps({"name": UNSET})
