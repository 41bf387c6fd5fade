"""The fast path: what it takes, what it leaves to the ordinary decoder, what it learns, and when it is not tried."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from instantly_core import UNSET, IntEnumeration, Model, Operation, StrEnumeration, SyncClient, Unset
from instantly_core.call import fast_path
from instantly_core.call.fast_path import MAX_FALLBACKS, PAUSE, FastPath, fast_path_of, make_fast_path
from instantly_core.models import fast
from instantly_core.models.drift import DriftEvent, DriftLog
from instantly_core.models.fast import MAX_LEARNT
from tests.contract.both_paths import check
from tests.core.engine import KEY, Script


class Mood(StrEnumeration):
    GLAD = "glad"


class Legs(IntEnumeration):
    TWO = 2


@define(kw_only=True)
class Arm(Model):
    length: int
    mood: Mood | Unset = UNSET


@define(kw_only=True)
class Labels(Model):
    FURTHER = "open"

    first: str | Unset = UNSET
    additional_properties: dict[str, str | float | bool | dict[str, Any] | None] = field(factory=dict)


@define(kw_only=True)
class Robot(Model):
    RENAMED = {"born at": "born_at"}  # noqa: RUF012 - as generated models have it

    id: str
    weight: float | Unset | None = UNSET
    count: int | Unset = UNSET
    born_at: datetime | Unset | None = UNSET
    mood: Mood | Unset | None = UNSET
    moods: list[Mood] | Unset = UNSET
    legs: Legs | Unset = UNSET
    left: Arm | Unset | None = UNSET
    right: Arm | Unset = UNSET
    labels: Labels | Unset = UNSET
    size: int | list[str] | Unset = UNSET
    notes: dict[str, Arm] | Unset = UNSET
    news: Any | Unset = UNSET


FULL: dict[str, Any] = {
    "id": "r",
    "weight": 3,
    "count": 2,
    "born at": "2026-01-02T03:04:05.678Z",
    "mood": "glad",
    "moods": ["glad"],
    "legs": 2,
    "left": {"length": 1},
    "right": {"length": 2, "mood": "glad"},
    "labels": {"first": "x", "b": 2, "c": {"d": None}},
    "size": ["a"],
    "notes": {"a": {"length": 3}},
    "news": {"any": [1, 2.5]},
}


def operation(form: Any = Robot, **options: Any) -> Operation[Any]:
    return Operation("getRobot", "GET", "/robot", response=lambda: form, **options)


def started(form: Any = Robot, **options: Any) -> FastPath:
    """A fast path after its first answer, which is never its own."""
    path = make_fast_path(operation(form, **options))
    assert path is not None
    assert path.read(content(FULL), DriftLog()) is UNSET
    return path


def content(value: Any) -> bytes:
    return json.dumps(value).encode()


def read(value: Any) -> Any:
    return started().read(content(value), DriftLog())


def test_an_answer_that_is_as_it_should_be_becomes_the_same_objects() -> None:
    robot = read(FULL)
    assert robot == Robot.from_dict(FULL)
    assert (type(robot), type(robot.left), type(robot.labels), type(robot.notes["a"])) == (Robot, Arm, Labels, Arm)
    assert robot.mood is Mood.GLAD
    assert robot.moods[0] is Mood.GLAD
    assert robot.legs is Legs.TWO
    assert robot.born_at == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert robot.to_dict() == FULL


def test_a_model_may_contain_itself() -> None:
    @define(kw_only=True)
    class Tree(Model):
        label: str
        children: list[Any] | Unset = UNSET

    Tree.__annotations__["children"] = list[Tree] | Unset
    data = {"label": "a", "children": [{"label": "b", "children": [{"label": "c"}]}]}
    found = started(Tree).read(content(data), DriftLog())
    assert found == Tree.from_dict(data)
    assert type(found.children[0].children[0]) is Tree


def test_a_missing_field_is_unset_and_null_is_none() -> None:
    robot = read({"id": "r", "weight": None, "born at": None, "mood": None, "left": None})
    assert [robot.weight, robot.born_at, robot.mood, robot.left] == [None] * 4
    assert [robot.count, robot.moods, robot.legs, robot.right, robot.labels, robot.news] == [UNSET] * 6


@pytest.mark.parametrize("weight", [3, 3.0, 2**53 + 1, 2**64, -(2**70), 1e300, 0, -0.0])
def test_a_number_is_the_number_that_came(weight: float) -> None:
    found = read({"id": "r", "weight": weight, "news": weight})
    assert (repr(found.weight), repr(found.news)) == (repr(weight), repr(weight))


def test_a_whole_number_with_a_point_is_read_as_the_ordinary_decoder_reads_it() -> None:
    data = {"id": "r", "count": 2.0, "legs": 2.0}
    found, expected = read(data), Robot.from_dict(data)
    assert (repr(found.count), found.legs) == (repr(expected.count), Legs.TWO)


@pytest.mark.parametrize(
    "odd",
    [
        {"weight": "heavy"},
        {"weight": True},
        {"count": 2.5},
        {"born at": "someday"},
        {"born at": "2026-01-02T03:04:05"},
        {"born at": "2026-01-02T03:04:05.1234567Z"},
        {"born at": "2026-01-02T03:04:05.9999999Z"},
        {"mood": 5},
        {"legs": "2"},
        {"legs": 2.5},
        {"left": []},
        {"right": None},
        {"right": {}},
        {"labels": {"first": 5}},
        {"labels": {"more": []}},
        {"size": "big"},
        {"notes": {"a": {"length": "long"}}},
        {"id": None},
        {"id": "\ud800"},
    ],
)
def test_anything_odd_is_left_to_the_ordinary_decoder(odd: dict[str, Any]) -> None:
    assert read(FULL | odd) is UNSET


# fmt: off
TOKENS = [
    "null", "true", "1", "0", "-0", "-0.0", "1.0", "1e2", "1E-2", "1e22", "1e400", "-1e400", "1e-400", "1" * 5000,
    "9007199254740993", "18446744073709551616", "-9223372036854775809", "0." + "1" * 40, "NaN", "-Infinity", "01", "1.",
    "[]", "{}", "[null]", "[1]", '["glad"]', '{"a":null}', '{"a":{"length":1,"length":"2"}}', '{"first":true}',
    "[" * 150 + "]" * 150,
    *map('"{}"'.format, [
        "", "1", "true", "glad", "sad", r"\ud800", r"\u0000", r"gl\u0061d", "2026-01-02", "2026-01-02T03:04:05z",
        "2026-01-02t03:04:05Z", "2026-01-02T03:04Z", "2026-01-02T03Z", "2026-06-30T23:59:60Z", "2026-01-02T24:00:00Z",
        "2026-01-02T03:04:05+00", "2026-01-02T03:04:05-00:00", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04+00:00:30",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-W01-1T00:00:00Z",
        "20260102T030405Z", "2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05.0009996Z", "2026-01-02T03:04:05.0000001Z",
        r"2026\u002d01-02T03:04:05Z", "1767323045", " 2026-01-02T03:04:05Z", "2026-01-02T03:04:05 UTC",
    ]),
]
# fmt: on


@pytest.mark.parametrize("name", [*Robot.FIELDS, "__class__", "read", "Born at", r"\ud800", r"\u0000"])
def test_whatever_a_field_has_both_ways_make_the_same_of_it(name: str) -> None:
    for token in TOKENS:
        # A key that comes twice has the value that comes last.
        text = f'{json.dumps(FULL)[:-1]}, "{name}": {token}}}'.encode()
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            assert started().read(text, DriftLog()) is UNSET
        else:
            check(started(), operation(), text)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "NaN", '{"id": "r"} x', "\ufeff{}"])
def test_what_is_no_such_object_is_left_to_the_ordinary_decoder(text: str) -> None:
    assert started().read(text.encode(), DriftLog()) is UNSET


def test_a_value_that_an_enumeration_does_not_know_is_left_once_for_each_client_and_then_taken() -> None:
    path, data = started(), FULL | {"mood": "sad", "legs": 9}
    for log in (DriftLog(), DriftLog()):
        assert path.read(content(data), log) is UNSET
        for _ in range(MAX_FALLBACKS + 1):
            robot = path.read(content(data), log)
            assert (robot.mood, robot.mood.known, robot.legs.known) == ("sad", False, False)
            assert robot == Robot.from_dict(data)
        assert path.read(content(FULL), log) == Robot.from_dict(FULL)


def test_a_field_that_a_model_does_not_know_is_learnt() -> None:
    @define(kw_only=True)
    class Young(Model):
        id: str

    path, log = started(list[Young]), DriftLog()
    data: list[dict[str, Any]] = [{"id": "a", "new": {"x": 1}}, {"id": "b"}]
    assert path.read(content(data), log) is UNSET
    path.learn([Young.from_dict(each) for each in data])
    assert path.read(content(data), log) is UNSET  # It is reported by the ordinary decoder, this once.
    assert path.read(content(data), log) == [Young.from_dict(each) for each in data]
    assert path.read(content(data), DriftLog()) is UNSET


@given(st.lists(st.text(), min_size=1, max_size=4, unique=True), st.text())
def test_any_name_in_json_is_only_a_name(names: list[str], new: str) -> None:
    annotations = {f"field_{number}": "str | Unset" for number in range(len(names))}
    namespace = {
        "__annotations__": annotations,
        "__module__": __name__,
        "RENAMED": dict(zip(names, annotations, strict=True)),
    }
    model: Any = define(kw_only=True)(type("Hostile", (Model,), namespace | dict.fromkeys(annotations, UNSET)))
    path, log = started(model), DriftLog()
    for data in (dict.fromkeys(names, "x"), dict.fromkeys([*names, new], "x")):
        expected = model.from_dict(data)
        for _ in range(3):
            found = path.read(content(data), log)
            assert found in (UNSET, expected)
            path.learn(expected)
        assert found == expected or fast.readable([*names, new]) != [*names, new]


def test_no_more_than_so_many_fields_are_learnt() -> None:
    @define(kw_only=True)
    class Young(Model):
        id: str

    path, log = started(Young), DriftLog()
    fields = {f"new_{number:03}": number for number in range(MAX_LEARNT + 1)}
    assert path.read(content({"id": "a", **fields}), log) is UNSET
    path.learn(Young.from_dict({"id": "a", **fields}))
    *first, last = fields
    for _ in range(2):
        found = path.read(content({"id": "a", **dict.fromkeys(first, 1)}), log)
    assert found.additional_properties == dict.fromkeys(first, 1)
    assert path.read(content({"id": "a", last: 1}), log) is UNSET


def test_what_a_model_at_two_places_does_not_know_is_always_left_to_the_ordinary_decoder() -> None:
    path, log = started(), DriftLog()
    data = FULL | {"right": {"length": 2, "mood": "sad"}}
    for _ in range(2):
        assert path.read(content(data), log) is UNSET


def test_after_some_answers_in_a_row_that_are_odd_it_is_not_tried_for_a_while() -> None:
    path, log = started(), DriftLog()
    odd, good = content(FULL | {"id": 5}), content(FULL)
    for _ in range(MAX_FALLBACKS - 1):
        assert path.read(odd, log) is UNSET
    assert path.read(good, log) is not UNSET
    for _ in range(MAX_FALLBACKS):
        assert path.read(odd, log) is UNSET
    assert [path.read(good, log) for _ in range(PAUSE)] == [UNSET] * PAUSE
    assert path.read(good, log) is not UNSET


def test_a_page_is_read_with_its_cursor_and_what_else_it_has() -> None:
    path, log = started(cursor="query"), DriftLog()
    page = path.read(content({"items": [FULL, {"id": "s"}], "next_starting_after": "s"}), log)
    assert page.items == [Robot.from_dict(FULL), Robot.from_dict({"id": "s"})]
    assert (page.next_cursor, page.extra) == ("s", {})
    assert path.read(content({"items": [], "next_starting_after": None}), log).next_cursor is None
    more = {"items": [], "total": 5}
    assert path.read(content(more), log) is UNSET
    page.extra = {"total": 5}
    path.learn(page)
    found = path.read(content(more), log)
    assert (found.items, found.next_cursor, found.extra) == ([], None, {"total": 5})
    assert path.read(content({"items": {}}), log) is UNSET
    assert path.read(content({"items": [], "next_starting_after": 5}), log) is UNSET


def test_a_model_whose_name_in_json_msgspec_does_not_take_has_no_fast_path() -> None:
    @define(kw_only=True)
    class Quoted(Model):
        RENAMED = {'a "name"': "name"}  # noqa: RUF012 - as generated models have it

        name: str | Unset = UNSET

    path = started(Quoted)
    assert path.read(content({'a "name"': "x"}), DriftLog()) is UNSET


@pytest.mark.parametrize("answer", [operation(Robot).response, None], ids=["msgspec is missing", "no content"])
def test_without_msgspec_or_an_answer_there_is_no_fast_path(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_path, "library", lambda: None)
    path = fast_path_of(Operation("getRobot", "GET", "/robot", response=answer))
    assert path is None or {path.read(content(FULL), DriftLog()) for _ in range(3)} == {UNSET}


def test_both_ways_report_the_same_drift_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = FULL | {"legs": 9, "brand new": 1}
    told: list[list[Any]] = []
    for missing in (False, True):
        if missing:
            monkeypatch.setattr(fast_path, "library", lambda: None)
        events: list[DriftEvent] = []
        get = operation()
        client = SyncClient(api_key=KEY, transport=httpx.MockTransport(Script(data)), on_drift=events.append)
        results = [client.call(get) for _ in range(6)]
        assert results == [Robot.from_dict(data)] * 6
        told.append([(event.pointer, event.expected, event.violation) for event in events])
    assert told[0] == told[1] == [("/legs", "Legs", True), ("/brand new", "no such field", False)]
