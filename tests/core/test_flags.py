"""Flags: yes or no to the caller, 1 or 0 in JSON."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define

from instantly_core import UNSET, Flag, Model, Unset
from instantly_core.models.decode import Drift, Report


@define(kw_only=True)
class Switch(Model):
    """A model of one flag that is always there, and others that need not be."""

    on: Flag
    stuck: Flag | Unset | None = UNSET
    broken: bool | Unset = UNSET
    limit: int | Unset = UNSET


def read(data: dict[str, Any]) -> tuple[Switch, list[Report]]:
    drift = Drift()
    switch = Switch.from_dict(data, drift)
    return switch, list(drift.reports(data))


@pytest.mark.parametrize("number", [0, 1, 0.0, 1.0])
def test_a_number_is_read_as_yes_or_no_and_comes_out_as_the_number(number: float) -> None:
    data = {"on": number, "stuck": number, "broken": True, "limit": 1}
    switch, reports = read(data)
    assert (switch.on, switch.stuck, switch.limit, reports) == (bool(number), bool(number), 1, [])
    assert isinstance(switch.on, bool)
    assert switch.to_dict() == data
    assert [type(value) for value in switch.to_dict().values()] == [int, int, bool, int]
    assert switch.to_dict(mode="python") == {"on": bool(number), "stuck": bool(number), "broken": True, "limit": 1}


def test_null_and_absence_stay_what_they_are() -> None:
    switch, reports = read({"on": 1, "stuck": None})
    assert (switch.stuck, switch.broken, reports) == (None, UNSET, [])
    assert switch.to_dict() == {"on": 1, "stuck": None}


@pytest.mark.parametrize("value", [2, -1, 0.5, "1", "", [], {}])
def test_any_other_value_stays_as_it_is_and_is_reported(value: Any) -> None:
    switch, reports = read({"on": value})
    kept: Any = switch.on
    assert kept is value
    assert reports == [Report("/on", "0 or 1", value, True)]
    assert switch.to_dict() == {"on": value}


@pytest.mark.parametrize("value", [False, True])
def test_true_and_false_are_reported_and_come_out_equal_in_value(value: bool) -> None:
    switch, reports = read({"on": value})
    assert switch.on is value
    assert reports == [Report("/on", "0 or 1", value, True)]
    assert switch.to_json() == f'{{"on":{int(value)}}}'


def test_a_flag_is_given_as_yes_or_no() -> None:
    assert Switch(on=False, stuck=True).to_json() == '{"on":0,"stuck":1}'
