"""Enumerations: their members, and the pseudo-members that values without a member become."""

from __future__ import annotations

import copy
import json
import pickle
import sqlite3
import sys
from contextlib import closing
from decimal import Decimal
from types import ModuleType
from typing import Any

import orjson
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core.models.decode import Drift, Report
from instantly_core.models.deprecation import RemovedMembers
from instantly_core.models.encode import jsonable, plain_text
from instantly_core.models.enumeration import IntEnumeration, StrEnumeration


class Legs(IntEnumeration):
    NONE = 0
    TWO = 2


class Colour(StrEnumeration):
    RED = "red"
    KNOWN = "known"


class Tag(StrEnumeration):
    __open__ = True

    DEFAULT = "default"


class Arms(IntEnumeration, metaclass=RemovedMembers):
    __removed__ = {"ONE": "2026-01-02"}  # noqa: RUF012 - generated code has it so

    ONE = 1


Kind = type[IntEnumeration] | type[StrEnumeration]
KINDS: list[Kind] = [Legs, Colour, Tag, Arms]

VALUES = st.one_of(
    st.tuples(st.sampled_from([Legs, Arms]), st.integers()), st.tuples(st.sampled_from([Colour, Tag]), st.text())
)
NEW = VALUES.filter(lambda found: found[1] not in {member.value for member in found[0]})
"""An enumeration, and a value without a member there."""

EVERY = [*Legs, *Colour, Legs(9), Legs(-9), Colour("blue"), Colour(""), Tag("\ud800"), Arms(9)]


def decoded(kind: Kind, value: Any) -> tuple[Any, list[Report]]:
    answer, drift = {"at": value}, Drift()
    result = kind.decode(value, answer, "at", drift)
    return result, list(drift.reports(answer))


# Decoding


def test_a_value_becomes_its_member() -> None:
    assert decoded(Legs, 2)[0] is Legs.TWO
    assert decoded(Legs, 2.0) == (Legs.TWO, [])
    assert decoded(Colour, "red")[0] is Colour.RED


@given(NEW)
def test_a_new_value_becomes_a_pseudo_member_and_is_reported_unless_any_is_as_good(found: tuple[Kind, Any]) -> None:
    kind, value = found
    result, reports = decoded(kind, value)
    assert type(result) is kind
    assert (result, type(result.value)) == (value, type(value))
    assert reports == ([] if kind is Tag else [Report("/at", kind.__name__, value, True)])


def test_a_new_whole_number_is_a_pseudo_member_whatever_json_calls_it() -> None:
    result, reports = decoded(Legs, 3.0)
    assert (result.value, type(result.value), result.name) == (3, int, "UNKNOWN_3")
    assert reports == [Report("/at", "Legs", 3.0, True)]


def test_a_number_that_python_would_not_write_out_is_a_pseudo_member() -> None:
    value = 10 ** (sys.get_int_max_str_digits() + 1)
    result, _ = decoded(Legs, value)
    assert (result == value, result.name) == (True, "UNKNOWN_LARGE")
    assert Legs(-value).name == "UNKNOWN_MINUS_LARGE"


@pytest.mark.parametrize(
    ("kind", "value"), [(Legs, "2"), (Legs, True), (Legs, 2.5), (Legs, None), (Colour, 2), (Colour, 2.0), (Tag, ["a"])]
)
def test_a_value_of_another_type_stays_as_it_is_and_is_reported(kind: Kind, value: Any) -> None:
    result, reports = decoded(kind, value)
    assert result is value
    assert reports == [Report("/at", kind.__name__, value, True)]


# Pseudo-members


@given(NEW)
def test_a_pseudo_member_is_its_value_and_not_among_the_members(found: tuple[Kind, Any]) -> None:
    kind, value = found
    before = [*kind]
    pseudo = kind(value)
    assert isinstance(pseudo, kind)
    assert (pseudo == value, hash(pseudo) == hash(value), pseudo != kind(value)) == (True, True, False)
    assert {value: "found"}[pseudo] == "found"
    assert (pseudo.known, pseudo.value) == (False, value)
    assert f"{pseudo}" == str(pseudo) == str(value)
    assert pseudo is not kind(value), "it would stay for ever"
    assert (pseudo in kind, value in kind) == (False, False)
    assert ([*kind], len(kind), [*kind.__members__.values()]) == (before, len(before), before)
    assert pseudo.name.isidentifier()
    assert len(pseudo.name) < 60


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        (Legs(99), "<Legs.UNKNOWN_99: 99>"),
        (Legs(-5), "<Legs.UNKNOWN_MINUS_5: -5>"),
        (Colour("light blue!"), "<Colour.UNKNOWN_LIGHT_BLUE: 'light blue!'>"),
        (Colour("bl\xe4u"), "<Colour.UNKNOWN_BL_U: 'bl\xe4u'>"),
        (Colour(""), "<Colour.UNKNOWN: ''>"),
        (Colour("\N{ROCKET}"), "<Colour.UNKNOWN: '\N{ROCKET}'>"),
        (Legs.TWO, "<Legs.TWO: 2>"),
    ],
)
def test_a_pseudo_member_is_named_after_its_value(member: Any, shown: str) -> None:
    assert repr(member) == shown


def test_texts_of_one_name_are_different_values() -> None:
    assert Colour("light-blue").name == Colour("light blue").name
    assert Colour("light-blue") != Colour("light blue")


def test_members_are_found_in_their_class_on_every_python() -> None:
    for member in [*Legs, *Colour, *Arms]:
        assert member in type(member)
        assert member.value in type(member)
        assert member.known
    values: list[Any] = [2.0, "2", None, [], {}, Legs(9), Colour.RED]
    assert [value in Legs for value in values] == [True, *[False] * 6]


def test_match_and_is_find_members() -> None:
    def legs(value: Legs) -> str:
        match value:
            case Legs.TWO:
                return "two"
            case Legs(known=False):
                return f"new: {value}"
            case _:
                return "another"

    assert [legs(Legs(value)) for value in (2, 9, 0)] == ["two", "new: 9", "another"]
    assert Legs(2) is Legs.TWO


@pytest.mark.parametrize("value", [None, "2", "9", 2.5, [], float("nan"), float("inf"), b"9", Legs])
def test_what_is_no_number_is_in_no_enumeration_of_numbers(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid Legs"):
        Legs(value)


@pytest.mark.parametrize("value", [9.0, Decimal(9), Legs(9), Arms(9)])
def test_what_equals_a_new_number_makes_its_pseudo_member(value: Any) -> None:
    assert repr(Legs(value)) == "<Legs.UNKNOWN_9: 9>"


def test_only_a_text_is_in_an_enumeration_of_texts() -> None:
    assert repr(Colour(Tag("blue"))) == "<Colour.UNKNOWN_BLUE: 'blue'>"
    number: Any = 9
    with pytest.raises(ValueError, match="is not a valid Colour"):
        Colour(number)


# Copies


@pytest.mark.parametrize("member", EVERY, ids=repr)
def test_copies_and_pickles_are_the_same(member: Any) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        loaded = pickle.loads(pickle.dumps(member, protocol))
        assert (loaded, type(loaded), loaded.name) == (member, type(member), member.name)
        assert loaded is member or not member.known
    for copied in (copy.copy(member), copy.deepcopy(member)):
        assert (copied, type(copied)) == (member, type(member))
        assert copied is member or not member.known


def test_a_pickle_of_a_new_value_loads_as_the_member_that_it_has_later(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("instantly_of_two_releases")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(module)["IntEnumeration"] = IntEnumeration
    exec("class Mood(IntEnumeration):\n    GLAD = 1", vars(module))
    pickled = pickle.dumps(module.Mood(2))
    exec("class Mood(IntEnumeration):\n    GLAD = 1\n    SAD = 2", vars(module))
    assert pickle.loads(pickled) is module.Mood.SAD


# What others see


@pytest.mark.parametrize("member", [*Legs, *Colour, Legs(9), Colour("blue"), Arms(9)], ids=repr)
def test_others_see_the_plain_value(member: Any) -> None:
    assert json.loads(json.dumps({"at": member})) == {"at": member.value}
    assert orjson.loads(orjson.dumps({"at": member})) == {"at": member.value}
    assert type(jsonable(member)) is type(member.value)
    assert plain_text("at", member) == str(member.value)
    with closing(sqlite3.connect(":memory:")) as database:
        assert database.execute("select ?", [member]).fetchone() == (member.value,)


@pytest.mark.parametrize("kind", KINDS)
def test_pydantic_takes_new_values_as_pseudo_members(kind: Kind) -> None:
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind)
    for value in [next(iter(kind)).value, 9 if issubclass(kind, int) else "blue"]:
        found = adapter.validate_python(value)
        assert (type(found), found) == (kind, value)
        assert adapter.dump_python(found, mode="json") == value
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_python(None)
