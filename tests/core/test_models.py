"""The base class of the models, on a model made by hand."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from attrs import define

from instantly_core.models.build import decoder_of
from instantly_core.models.decode import IGNORED, Drift, Report
from instantly_core.models.enumeration import IntEnumeration, StrEnumeration
from instantly_core.models.model import Model
from instantly_core.models.unset import UNSET, Unset


class Kind(IntEnumeration):
    WALKING = 1


class Mood(StrEnumeration):
    GLAD = "glad"


@define(kw_only=True)
class Robot(Model):
    """A robot as the generated models are."""

    RENAMED = {"class": "class_", "_legs": "_legs"}  # noqa: RUF012 - as generated models have it

    id: str | Unset = UNSET
    class_: str | Unset = UNSET
    kind: Kind | Unset = UNSET
    mood: Mood | Unset = UNSET
    _legs: int | Unset = UNSET
    X: float | Unset = UNSET
    awake: bool | Unset | None = UNSET
    parts: list[Any] | Unset = UNSET


def test_a_model_knows_its_fields_by_their_names_in_json() -> None:
    assert Robot.FIELDS == {
        "id": "id", "class": "class_", "kind": "kind", "mood": "mood", "_legs": "_legs", "X": "X", "awake": "awake",
        "parts": "parts",
    }  # fmt: skip


def test_a_class_below_a_model_has_the_fields_of_its_own() -> None:
    class Base(Model):
        """A model without fields."""

    class Arm(Base):
        joints: int

    assert dict(Base.FIELDS) == {}
    assert Arm.FIELDS == {"joints": "joints"}


def test_a_class_without_fields_of_its_own_has_those_of_its_model() -> None:
    class Android(Robot):
        """A robot by another name."""

    assert Android.FIELDS == Robot.FIELDS


def test_a_model_becomes_json_again() -> None:
    robot = Robot(id="r", class_="c", kind=Kind.WALKING, awake=None, additional_properties={"inner": Robot(id="i")})
    assert robot.to_dict() == {"id": "r", "class": "c", "kind": 1, "awake": None, "inner": {"id": "i"}}


def test_only_an_object_becomes_a_model() -> None:
    values: list[Any] = [[], "r", None, 5]
    for value in values:
        answer, drift = {"robot": value}, Drift()
        kept: Any = decoder_of(Robot)(value, answer, "robot", drift)
        assert kept is value
        assert list(drift.reports(answer)) == [Report("/robot", "Robot", value, True)]
        with pytest.raises(TypeError, match=r"^Robot\.from_dict takes a dict, not (list|str|NoneType|int)$"):
            Robot.from_dict(value)
    assert decoder_of(Robot)({"id": "r"}, {}, "robot", IGNORED) == Robot(id="r")
    assert Robot.from_dict(MappingProxyType({"id": "r"})) == Robot(id="r")


@pytest.mark.parametrize(
    ("robot", "shown"),
    [
        (Robot(), "Robot()"),
        (Robot(id="r"), "Robot(id='r')"),
        (Robot(id="r", class_="a secret"), "Robot(id='r', ...)"),
        (Robot(class_="a secret", parts=[1]), "Robot(class_=..., parts=...)"),
        (Robot(additional_properties={"more": 1}), "Robot(...)"),
        (
            Robot(kind=Kind.WALKING, legs=2, X=1.5, awake=True),
            f"Robot(kind={Kind.WALKING!r}, legs=2, X=1.5, awake=True)",
        ),
        (Robot(kind=Kind(9), mood=Mood.GLAD), f"Robot(kind={Kind(9)!r}, mood={Mood.GLAD!r})"),
        (Robot(mood=Mood("a secret")), "Robot(mood=...)"),
        (Robot(parts=["a secret"]), "Robot(parts=...)"),
        (Robot(awake=None), "Robot(awake=...)"),
        (Robot(id="r", additional_properties={"more": 1}), "Robot(id='r', ...)"),
    ],
)
def test_a_model_shows_what_nobody_wrote_as_a_text(robot: Robot, shown: str) -> None:
    assert repr(robot) == shown


def test_a_model_has_no_keys_to_ask_for() -> None:
    robot: Any = Robot(id="r")
    with pytest.raises(TypeError, match="a Robot has fields, not keys: ask whether one `is UNSET`"):
        assert "id" in robot


def test_a_field_that_is_deleted_is_unset() -> None:
    robot = Robot(id="r", awake=True)
    del robot.awake
    assert robot == Robot(id="r")
    assert robot.to_dict() == {"id": "r"}
    with pytest.raises(AttributeError, match="'Robot' object has no attribute 'awaek'"):
        del robot.awaek  # type: ignore[attr-defined]


def test_setting_a_field_asks_no_method_written_in_python() -> None:
    # One of either kind makes each field that a decoder sets take ten times as long.
    assert (Robot.__setattr__, Robot.__delattr__) == (object.__setattr__, object.__delattr__)


def test_a_model_shows_seven_fields_at_most() -> None:
    @define(kw_only=True)
    class Wide(Model):
        a: int
        b: int
        c: int
        d: int
        e: int
        f: int
        g: int
        h: int | Unset = UNSET

    seven: dict[str, Any] = dict.fromkeys("abcdefg", 1)
    assert repr(Wide(**seven)) == "Wide(a=1, b=1, c=1, d=1, e=1, f=1, g=1)"
    assert repr(Wide(**seven, h=1)) == "Wide(a=1, b=1, c=1, d=1, e=1, f=1, g=1, ...)"
