"""Types are compared as sets of values: what an argument may do, a result may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.compatibility.types import same, takes
from tests.pipeline.settings import STEADY

NAMES = st.sampled_from(["int", "str", "None", "Unset", "Lead", "datetime", "Literal['a']", "Callable[[int], None]"])
CONTAINERS = ("Sequence[{}]", "list[{}]", "Page[{}]", "Mapping[str, {}]", "dict[str, {}]")
TYPES = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(" | ".join),
        st.builds(str.format, st.sampled_from(CONTAINERS), inner),
    ),
    max_leaves=6,
)
ENUMERATIONS = {"Status": "int", "Mood": "str"}


def covers(wide: str, narrow: str) -> bool:
    return takes(wide, narrow, {})


@STEADY
@given(TYPES, TYPES)
def test_a_union_holds_its_alternatives(one: str, other: str) -> None:
    assert covers(f"{one} | {other}", one)
    assert same(f"{one} | {other}", f"{other} | {one}")
    assert covers(one, f"{one} | {other}") is covers(one, other)


@STEADY
@given(TYPES, TYPES, TYPES)
def test_a_type_holds_what_those_in_it_hold(wide: str, middle: str, narrow: str) -> None:
    if covers(wide, middle) and covers(middle, narrow):
        assert covers(wide, narrow)


@pytest.mark.slow
@STEADY
@given(TYPES, TYPES, st.sampled_from(CONTAINERS))
def test_containers_hold_each_other_as_their_contents_do(one: str, other: str, container: str) -> None:
    assert covers(container.format(one), container.format(other)) is covers(one, other)


@STEADY
@given(TYPES)
def test_any_holds_everything_and_nothing_else_holds_any(type_: str) -> None:
    assert covers("Any", type_)
    assert not covers(type_, "Any")


def test_the_order_of_alternatives_is_none() -> None:
    assert same("list[A | None] | dict[str, list[B | C]] | None", "None | dict[str, list[C | B]] | list[None | A]")
    assert not same("list[A | None]", "list[A] | None")


@pytest.mark.parametrize(
    ("old", "new", "widens", "narrows"),
    [
        ("str", "str", True, True),
        ("str", "str | None", True, False),
        ("str | None", "str", False, True),
        ("A | B", "B | A", True, True),
        ("str", "Any", True, False),
        ("Any", "str", False, True),
        ("int", "float", True, False),
        ("float", "int", False, True),
        ("bool", "int", False, False),
        ("bool", "Flag", True, True),
        ("int", "Status | int", True, True),
        ("Status | int", "Status", False, True),
        ("Status", "Status | None", True, False),
        ("Status", "Other", False, False),
        ("Status", "int", True, False),
        ("Status", "float", True, False),
        ("Mood", "str", True, False),
        ("Mood", "int", False, False),
        ("list[str]", "list[str | None]", True, False),
        ("list[str | None]", "list[str]", False, True),
        ("list[Status]", "list[int]", True, False),
        ("dict[str, list[A]]", "dict[str, list[A | B]]", True, False),
        ("Sequence[A | Mapping[str, Any]]", "Sequence[A | Mapping[str, Any]] | None", True, False),
        ("list[A]", "Sequence[A]", True, False),
        ("list[str]", "dict[str, str]", False, False),
        ("Model", "dict[str, Any]", False, False),
    ],
)
def test_types_are_compared_member_by_member(old: str, new: str, widens: bool, narrows: bool) -> None:
    assert takes(new, old, ENUMERATIONS) is widens
    assert takes(old, new, ENUMERATIONS) is narrows


def test_what_extends_a_class_is_one_of_it() -> None:
    bases = {"Arm": ("Part",), "Part": ("Model",), "Loop": ("Loop",)}
    assert takes("Page[Part]", "Page[Arm]", {}, bases)
    assert takes("Part | None", "Arm", {}, bases)
    assert not takes("Page[Arm]", "Page[Part]", {}, bases)
    assert takes("Model", "Arm", {}, bases)
    assert not takes("Arm", "Loop", {}, bases)
