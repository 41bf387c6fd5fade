"""Decoders built from the fields of models: what they give, what they report, and that no name in JSON is code."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, get_type_hints

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import models
from instantly_core.models import build
from instantly_core.models.build import decoder_of, model_decoder
from instantly_core.models.decode import Drift, Report
from instantly_core.models.deprecation import RemovedField
from instantly_core.models.enumeration import IntEnumeration, StrEnumeration
from instantly_core.models.fields import Field, fields_by_name, fields_of, further_form
from instantly_core.models.model import Model
from instantly_core.models.unset import UNSET, Unset


class Mood(StrEnumeration):
    GLAD = "glad"


class Legs(IntEnumeration):
    TWO = 2


@define(kw_only=True)
class Arm(Model):
    """Closed: the document excludes further fields."""

    FURTHER = "closed"

    length: int


@define(kw_only=True)
class Labels(Model):
    """No field of its own, and any number of texts."""

    FURTHER = "open"

    additional_properties: dict[str, str | float | Arm] = field(factory=dict)


@define(kw_only=True)
class Robot(Model):
    """One field of each kind; it contains itself."""

    RENAMED = {"born at": "born_at"}  # noqa: RUF012 - as generated models have it

    id: str
    weight: float | None
    born_at: datetime | Unset = UNSET
    mood: Mood | Unset | None = UNSET
    legs: Legs | Unset = UNSET
    arms: list[Arm] | Unset | None = UNSET
    ally: Robot | Unset | None = UNSET
    labels: Labels | Unset = UNSET
    size: int | list[str] | Unset = UNSET
    news: Any | Unset = UNSET
    void: Unset | None = UNSET


FULL: dict[str, Any] = {
    "id": "r",
    "weight": 1.5,
    "born at": "2026-01-02T03:04:05Z",
    "mood": "glad",
    "legs": 2,
    "arms": [{"length": 1}],
    "ally": {"id": "s", "weight": None},
    "labels": {"a": "x", "b": 2, "c": {"length": 3}},
    "size": ["a"],
    "news": {"any": 1},
    "void": None,
}


def decoded(model: type[Model], value: Any) -> tuple[Any, list[tuple[str, str]]]:
    drift = Drift()
    result = decoder_of(model)(value, None, "", drift)
    return result, [(report.pointer, report.expected) for report in drift.reports(value)]


def test_each_field_becomes_what_its_annotation_says() -> None:
    robot, reports = decoded(Robot, FULL)
    assert reports == []
    assert robot == Robot(
        id="r",
        weight=1.5,
        born_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        mood=Mood.GLAD,
        legs=Legs.TWO,
        arms=[Arm(length=1)],
        ally=Robot(id="s", weight=None),
        labels=Labels(additional_properties={"a": "x", "b": 2, "c": Arm(length=3)}),
        size=["a"],
        news={"any": 1},
        void=None,
    )
    assert robot.mood is Mood.GLAD
    assert robot.to_dict() == FULL | {"born at": "2026-01-02T03:04:05.000Z"}


def test_a_field_that_may_be_missing_is_unset_and_one_that_may_not_is_reported() -> None:
    robot, reports = decoded(Robot, {})
    assert [getattr(robot, attribute) for attribute in Robot.FIELDS.values()] == [UNSET] * len(FULL)
    assert reports == [("/id", "string"), ("/weight", "number")]
    assert robot.to_dict() == {}


@pytest.mark.parametrize("name", FULL)
def test_null_is_reported_where_it_may_not_be(name: str) -> None:
    robot, reports = decoded(Robot, FULL | {name: None})
    known = {each.json_name: each for each in fields_of(Robot)}[name]
    assert getattr(robot, known.attribute) is None
    assert bool(reports) is not (known.nullable or name == "news")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("id", 5, [("/id", "string")]),
        ("weight", "heavy", [("/weight", "number")]),
        ("weight", True, [("/weight", "number")]),
        ("born at", "someday", [("/born at", "timestamp")]),
        ("born at", 5, [("/born at", "timestamp")]),
        ("legs", "2", [("/legs", "Legs")]),
        ("arms", {"length": 1}, [("/arms", "array")]),
        ("arms", [{"length": "long"}, 5], [("/arms/0/length", "integer"), ("/arms/1", "Arm")]),
        ("ally", {"id": 5, "weight": 1}, [("/ally/id", "string")]),
        ("labels", {"a": None}, [("/labels/a", "string or number or Arm")]),
        ("size", "big", [("/size", "integer or array")]),
        ("size", [5], [("/size/0", "string")]),
        ("void", 0, [("/void", "null")]),
        ("more", 1, [("/more", "no such field")]),
    ],
)
def test_an_odd_value_is_kept_and_reported_at_its_place(name: str, value: Any, expected: list[Any]) -> None:
    data = FULL | {name: value}
    robot, reports = decoded(Robot, data)
    assert reports == expected
    assert robot.to_dict() == {"born at": "2026-01-02T03:04:05.000Z"} | robot.to_dict()
    assert robot.to_dict()[name] == value


@pytest.mark.parametrize(("further", "violations"), [("closed", [True]), ("unsaid", [False]), ("open", [])])
def test_a_further_field_is_a_violation_only_where_the_document_excludes_it(
    further: Literal["closed", "unsaid", "open"], violations: list[bool]
) -> None:
    @define(kw_only=True)
    class Leg(Model):
        FURTHER = further

        length: int | Unset = UNSET

    data, drift = {"new": 2, "length": 1}, Drift()
    leg = decoder_of(Leg)(data, None, "", drift)
    assert leg.additional_properties == {"new": 2}
    assert list(drift.reports(data)) == [Report("/new", "no such field", 2, violation) for violation in violations]


def test_what_is_beyond_the_fields_is_reported_after_them() -> None:
    assert decoded(Arm, {"new": 1, "length": "long"})[1] == [("/length", "integer"), ("/new", "no such field")]


def test_the_fields_are_what_the_annotations_say() -> None:
    fields = {each.json_name: each for each in fields_of(Robot)}
    assert fields["born at"] == Field(
        "born at", "born_at", "born_at", datetime, nullable=False, optional=True, read_only=False
    )
    assert fields["size"].form == int | list[str]
    assert fields["weight"] == Field(
        "weight", "weight", "weight", float, nullable=True, optional=False, read_only=False
    )
    assert fields["void"] == Field("void", "void", "void", None, nullable=True, optional=True, read_only=False)
    assert further_form(Robot) is Any
    assert further_form(Labels) == str | float | Arm


def test_a_field_is_found_by_its_name_in_json_and_by_its_argument() -> None:
    found = fields_by_name(Robot)
    assert found["born at"] is found["born_at"]
    assert {*found} == {*FULL, "born_at"}


def test_a_class_below_a_model_has_its_fields_and_more() -> None:
    @define(kw_only=True)
    class Android(Robot):
        RENAMED = {"serial no": "serial"}  # noqa: RUF012 - as generated models have it

        serial: int

    android, reports = decoded(Android, FULL | {"serial no": 5})
    assert reports == []
    assert (android.serial, android.born_at.year, type(android)) == (5, 2026, Android)
    assert type(Robot.from_dict(FULL)) is Robot
    assert [*Android.FIELDS] == [*FULL, "serial no"]


def test_the_annotations_of_each_model_can_be_evaluated() -> None:
    for found in (each for name in models.__all__ if issubclass(each := getattr(models, name), Model)):
        hints = get_type_hints(found)
        assert {*found.FIELDS.values()} <= {*hints}
        assert {each.attribute: each.optional for each in fields_of(found)} == {
            attribute: Unset in getattr(hints[attribute], "__args__", ()) for attribute in found.FIELDS.values()
        }, found


# What a model is to Python


def test_a_model_is_equal_to_one_of_its_class_with_the_same_values() -> None:
    robot = Robot.from_dict(FULL)
    assert robot == Robot.from_dict(copy.deepcopy(FULL))
    assert robot != evolve(robot, id="another")
    assert robot != evolve(robot, additional_properties={"more": 1})
    other: Any = FULL
    assert robot != other
    with pytest.raises(TypeError, match="unhashable"):
        hash(robot)


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda robot: pickle.loads(pickle.dumps(robot))],
    ids=["copy", "deep", "pickle"],
)
def test_a_copy_is_equal_and_has_its_own_values(copied: Callable[[Robot], Robot]) -> None:
    robot = Robot.from_dict(FULL | {"more": 1})
    twin = copied(robot)
    assert twin == robot
    twin.id = "another"
    assert robot.id == "r"


def test_a_pickle_of_a_version_without_a_field_loads_with_that_field_unset() -> None:
    robot = Robot.from_dict(FULL | {"more": 1})
    state = robot.__getstate__()
    del state["legs"]
    old = Robot.__new__(Robot)
    old.__setstate__(state | {"a_later_field": 5})
    assert old == evolve(robot, legs=UNSET)
    assert "legs" not in old.to_dict()
    assert pickle.loads(pickle.dumps(old)) == old


def test_a_pickle_of_a_version_whose_field_was_not_removed_yet_keeps_its_value() -> None:
    @define(kw_only=True)
    class Kept(Model):
        _owner: str | Unset = UNSET
        owner = RemovedField["str | Unset"]("2026-03-01")

    for name in ("owner", "_owner"):
        loaded = Kept.__new__(Kept)
        loaded.__setstate__({name: "Zaphod"})
        with pytest.warns(DeprecationWarning, match=r"^Kept\.owner was removed from the API on 2026-03-01"):
            assert loaded.owner == "Zaphod"
        assert loaded.additional_properties == {}


# The source that is compiled

HOSTILE = ["'", '"', "\\", "\n", "\r", "\0", "\u2028", "\ud800", "{x}", "%s", "#", "');raise SystemExit#", "__class__"]


@given(st.lists(st.text() | st.sampled_from(HOSTILE), min_size=1, max_size=5, unique=True), st.booleans())
def test_any_name_in_json_is_only_a_name(names: list[str], closed: bool) -> None:
    annotations = {f"field_{number}": "str | Unset" for number in range(len(names))}
    namespace: dict[str, Any] = {
        "__annotations__": annotations,
        "__module__": __name__,
        "RENAMED": dict(zip(names, annotations, strict=True)),
        "FURTHER": "closed" if closed else "open",
    }
    model = define(kw_only=True)(type("Hostile", (Model,), namespace | dict.fromkeys(annotations, UNSET)))
    data = {name: str(number) for number, name in enumerate(names)} | {"some other name": 1}
    result, reports = decoded(model, data)
    assert [getattr(result, attribute) for attribute in annotations] == [*data.values()][:-1]
    assert result.to_dict() == data
    assert reports == [("/some other name", "no such field")] * closed
    _, reports = decoded(model, dict.fromkeys(names, 5))
    assert [expected for _, expected in reports] == ["string"] * len(names)


@pytest.mark.parametrize("attribute", ["x = 5; y", "class", "__class__", "ﬁrst", "", "1"])
def test_an_attribute_that_is_no_plain_name_is_refused(attribute: str) -> None:
    model = type("Odd", (Model,), {"__annotations__": {attribute: "str"}, "__module__": __name__})
    with pytest.raises(TypeError, match=r"^Odd cannot be decoded: .* is no plain name$"):
        model_decoder(model)


def test_a_type_that_no_json_has_is_refused() -> None:
    class Odd(Model):
        field: complex

    with pytest.raises(TypeError, match="there is no decoder for <class 'complex'>"):
        Odd.from_dict({})


def test_an_unknown_type_is_refused_with_the_place_of_its_name() -> None:
    model = type("Odd", (Model,), {"__annotations__": {"first": "Nowhere"}, "__module__": __name__})
    with pytest.raises(TypeError, match=r"^Odd\.first has an unknown type: name 'Nowhere' is not defined$"):
        fields_of(model)


def test_threads_that_decode_a_model_first_at_the_same_time_all_get_it() -> None:
    for _ in range(20):
        namespace = {"__annotations__": dict.fromkeys("abc", "int | Unset"), "__module__": __name__}
        model = define(kw_only=True)(type("Fresh", (Model,), namespace))
        barrier, results = threading.Barrier(8), list[Any]()

        def decode(
            model: type[Model] = model, barrier: threading.Barrier = barrier, results: list[Any] = results
        ) -> None:
            barrier.wait()
            results.append(model.from_dict({"a": 1, "b": 2}).to_dict())

        threads = [threading.Thread(target=decode) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [{"a": 1, "b": 2}] * 8


def test_a_model_is_built_when_it_is_first_decoded_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    class Counting(build.Source):
        def __init__(self, model: type[Model], namespace: dict[str, Any]) -> None:
            built.append(model.__name__)
            super().__init__(model, namespace)

    monkeypatch.setattr(build, "Source", Counting)

    @define(kw_only=True)
    class Outer(Model):
        arm: Arm | Unset = UNSET

    assert built == []
    for _ in range(2):
        Outer.from_dict({})
    assert built == ["Outer"]
