"""Values are encoded for their place; what cannot be sent there is refused before a request, with its path."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import UserDict, UserList, deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import attrs
import httpx
import numpy
import pandas  # type: ignore[import-untyped]
import polars
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_client import UNSET, Instantly, Unset, models
from instantly_core import Flag, IntEnumeration, StrEnumeration
from instantly_core.helpers.bulk_add import BulkAddError
from instantly_core.models.encode import UnsendableError, UnsendableTypeError, UnsendableValueError
from instantly_core.models.encoders import encoder_of

ID = UUID("019cc043-aee6-7ae9-a545-d7de53430e37")
SLOT = {
    "name": "Mornings",
    "timing": {"from": "09:00", "to": "12:00"},
    "days": {"1": True},
    "timezone": models.Timezone.AMERICA_CHICAGO,
}
REFUSED = (TypeError, ValueError)


class Sent:
    """A client, and the bodies that it sent."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.client: Any = Instantly(api_key="k", transport=httpx.MockTransport(self._answer), limiter=None)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json={"items": []})

    @property
    def body(self) -> Any:
        return json.loads(self.requests[-1].content)


@pytest.fixture
def sent() -> Iterator[Sent]:
    made = Sent()
    with made.client:
        yield made


@attrs.define
class AttrsTiming:
    from_: str
    to: str


@dataclasses.dataclass
class DataTiming:
    from_: str
    to: str


class PydanticTiming(pydantic.BaseModel):
    from_: str = pydantic.Field(alias="from")
    to: str


class Colour(Enum):
    RED = Decimal("1.5")


@pytest.mark.parametrize(
    "timing",
    [
        {"from": "09:00", "to": "12:00"},
        {"from_": "09:00", "to": "12:00"},
        MappingProxyType({"from_": "09:00", "to": "12:00"}),
        UserDict({"from_": "09:00", "to": "12:00"}),
        models.ScheduleTiming(from_="09:00", to="12:00"),
        AttrsTiming("09:00", "12:00"),
        DataTiming("09:00", "12:00"),
        PydanticTiming(**{"from": "09:00", "to": "12:00"}),
    ],
    ids=lambda timing: type(timing).__name__,
)
def test_an_object_may_be_anything_that_has_its_fields(sent: Sent, timing: Any) -> None:
    schedule = {"schedules": ({**SLOT, "timing": timing, "days": {"monday": True, "2": False}},)}
    sent.client.campaigns.update(ID, campaign_schedule=schedule)
    (slot,) = sent.body["campaign_schedule"]["schedules"]
    assert slot == {**SLOT, "days": {"1": True, "2": False}}


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (ID, str(ID)),
        (Decimal("1.5"), 1.5),
        (Decimal(2), 2),
        (Fraction(1, 4), 0.25),
        (Colour.RED, 1.5),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
        (pandas.Timestamp("2026-01-02T00:00:00Z"), "2026-01-02T00:00:00.000Z"),
        (numpy.int64(3), 3),
        (numpy.float64(0.5), 0.5),
        (numpy.float32(0.5), 0.5),
        (numpy.bool_(True), True),
        (numpy.str_("a"), "a"),
        (numpy.array(5), 5),
        (numpy.datetime64("2026-01-02"), "2026-01-02"),
        ("\ud800", "\ud800"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_may_be_of_any_class_that_means_it(sent: Sent, value: Any, json_value: Any) -> None:
    sent.client.leads.update(ID, custom_variables={"it": value})
    assert sent.body == {"custom_variables": {"it": json_value}}
    assert type(sent.body["custom_variables"]["it"]) is type(json_value)


@pytest.mark.parametrize(
    "accounts",
    [["a"], ("a",), {"a"}, frozenset("a"), deque("a"), UserList("a"), {"a": 1}.keys()],
    ids=lambda accounts: type(accounts).__name__,
)
def test_a_list_may_be_any_sequence_or_set(sent: Sent, accounts: Any) -> None:
    sent.client.campaigns.update(ID, email_list=accounts)
    assert sent.body == {"email_list": ["a"]}


def endless() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["itself"] = [made]
    return made


class Later:
    def __await__(self) -> Iterator[Any]:
        return iter(())


UNSENDABLE = [
    (math.nan, "NaN cannot be sent; leave it out, or give None"),
    (numpy.float64("nan"), "NaN cannot be sent; leave it out, or give None"),
    (Decimal("nan"), "NaN cannot be sent; leave it out, or give None"),
    (Decimal("snan"), "NaN cannot be sent; leave it out, or give None"),
    (Decimal("inf"), "an infinite number cannot be sent; leave it out, or give None"),
    (-math.inf, "an infinite number cannot be sent; leave it out, or give None"),
    (pandas.NaT, "NaT cannot be sent; leave it out, or give None"),
    (pandas.NA, "NA cannot be sent; leave it out, or give None"),
    (numpy.datetime64("NaT", "s"), "NaT cannot be sent; leave it out, or give None"),
    (numpy.timedelta64("NaT", "D"), "NaT cannot be sent; leave it out, or give None"),
    (datetime(2026, 1, 2), "2026-01-02T00:00:00 has no time zone: give it one, "),  # noqa: DTZ001
    (b"a", "bytes cannot be sent as JSON: decode them to str"),
    (time(10), "time has no form in JSON"),
    (Path("a"), "PosixPath has no form in JSON"),
    (numpy.datetime64("2026-01-02T10:00", "ns"), "2026-01-02T10:00:00 has no time zone: give it one, "),
    (numpy.datetime64("2026-01-02T10:00", "s"), "2026-01-02T10:00:00 has no time zone: give it one, "),
    (numpy.timedelta64(5, "ns"), "timedelta has no form in JSON"),
    (numpy.array([5]), "ndarray has no form in JSON: give list(value)"),
    (models.Lead, "type has no form in JSON"),
    (Later(), "Later has no form in JSON: await it"),
]
"""Values, and what is said of them."""


@pytest.mark.parametrize(("value", "told"), UNSENDABLE, ids=lambda value: type(value).__name__)
def test_what_cannot_be_sent_is_named_by_its_path(sent: Sent, value: Any, told: str) -> None:
    place = {"integration_actions": {"a": {"input": [{"x y": value}]}}}
    calls: list[tuple[Callable[[], Any], str]] = [
        (
            lambda: sent.client.leads.update(ID, custom_variables={"score": value}),
            "Leads.update(): custom_variables.score: ",
        ),
        (lambda: sent.client.campaigns.list(search=value), "Campaigns.list(): search: "),
        (lambda: sent.client.campaigns.update(ID, email_list=["a", value]), "Campaigns.update(): email_list[1]: "),
        (lambda: sent.client.request("POST", "/x", json=place), "request: integration_actions.a.input[0]['x y']: "),
        (lambda: sent.client.request("GET", "/x", query={"a": [value]}), "a[0]: "),
    ]
    for call, path in calls:
        with pytest.raises(REFUSED) as caught:
            call()
        assert str(caught.value).startswith(path + told)
    assert not sent.requests


@pytest.mark.parametrize("value", [10**5000, Decimal("-1e5000")], ids=lambda value: type(value).__name__)
def test_a_number_of_more_digits_than_python_writes_is_named_by_its_path(sent: Sent, value: Any) -> None:
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: sent.client.leads.update(ID, custom_variables={"score": value}), "custom_variables.score"),
        (lambda: sent.client.request("POST", "/x", json={"a": [1, value]}), "a[1]"),
        (lambda: sent.client.campaigns.list(limit=value), "limit"),
    ]
    for call, path in calls:
        with pytest.raises(UnsendableError, match="a number of thousands of digits cannot be sent") as caught:
            call()
        assert caught.value.path == path
    assert not sent.requests


@pytest.mark.parametrize("item", [UNSET, None])
def test_nothing_is_no_item_of_a_list(sent: Sent, item: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: sent.client.leads.bulk_delete(campaign_id=str(ID), ids=[item]),
        lambda: sent.client.campaigns.update(ID, email_list=["a", item]),
        lambda: sent.client.campaigns.update(ID, sequences=[{"steps": [item]}]),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"(ids|email_list|steps)\[\d\]: (None cannot|UNSET has)"):
            call()
    assert not sent.requests


def test_what_contains_itself_is_refused(sent: Sent) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: sent.client.request("POST", "/x", json=endless()),
        lambda: sent.client.campaigns.update(ID, email_list=endless()["itself"]),
    ]
    for call in calls:
        with pytest.raises(REFUSED, match=r"(itself|email_list\[0\]).*: it (contains itself|takes)"):
            call()
    assert not sent.requests


class Level(IntEnumeration):
    LOW = 1
    VERY_HIGH = 2


class Shade(StrEnumeration):
    DARK_RED = "dark-red"


@pytest.mark.parametrize(
    ("form", "text", "told"),
    [
        (Level | int, "very high", "one Level or int, not a str; did you mean Level.VERY_HIGH (2)?"),
        (Level, "Low", "one Level, not a str; did you mean Level.LOW (1)?"),
        (Level | int | Unset, "zzz", "one Level or int, not a str; its names are: LOW, VERY_HIGH"),
        (Level | int, "", "one Level or int, not a str; its names are: LOW, VERY_HIGH"),
        (list[Level | int], ["low"], "one Level or int, not a str; did you mean Level.LOW (1)?"),
        (int, "ten", "one int, not a str"),
        (int | float, "nan", "one int or float, not a str"),
        (bool, "false", "one bool, not a str"),
        (bool, "0", "one bool, not a str"),
        (Flag, "no", "one bool, not a str"),
        (int, True, "one int, not a bool"),
        (Level, False, "one Level, not a bool"),
        (dict[str, int], {"a": "x"}, "one int, not a str"),
    ],
)
def test_what_is_no_number_where_one_belongs_is_refused_with_the_member_that_was_meant(
    form: Any, text: Any, told: str
) -> None:
    encode = encoder_of(form)
    assert encode is not None
    with pytest.raises(UnsendableTypeError) as caught:
        encode(text)
    assert caught.value.args[0] == f"it takes {told}"


@pytest.mark.parametrize(
    ("form", "value", "sent_as"),
    [
        (Level | int, 99, 99),
        (Level | int, Level(99), 99),
        (Level | int, "2", 2),
        (int, " 50 ", 50),
        (float, "0.5", 0.5),
        (Flag, "1", 1),
        (Flag, False, 0),
        (int | bool, True, True),
        (str, True, True),
        (Shade | str, "dark-red", "dark-red"),
        (Shade | str, "of tomorrow", "of tomorrow"),
        (Shade, Shade.DARK_RED, "dark-red"),
        (Level | str, "any", "any"),
        (Level | date, "2026-01-02", "2026-01-02"),
    ],
)
def test_numbers_written_as_texts_and_values_of_tomorrow_are_sent(form: Any, value: Any, sent_as: Any) -> None:
    encode = encoder_of(form)
    assert encode is not None
    assert encode(value) == sent_as


def test_the_name_of_a_member_instead_of_its_text_is_refused() -> None:
    encode = encoder_of(Shade | str)
    assert encode is not None
    with pytest.raises(UnsendableValueError) as caught:
        encode("DARK_RED")
    assert str(caught.value) == "it is the name of a member, not its value; did you mean Shade.DARK_RED ('dark-red')?"


def test_nothing_is_sent_where_a_name_of_a_number_is_meant(sent: Sent) -> None:
    member = next(iter(models.CampaignStatus))
    with pytest.raises(TypeError) as caught:
        sent.client.campaigns.list(status=member.name.lower())
    assert f"did you mean CampaignStatus.{member.name} ({member.value})?" in str(caught.value)
    assert not sent.requests


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"strat_date": "2030-01-01"}, "strat_date: CampaignSchedule has no such field; did you mean 'start_date'?"),
        ({"schedules": [SLOT, {**SLOT, "tz": 1}]}, "schedules[1].tz: ScheduleSlot has no such field; it takes: name, "),
        ({"schedules": [{"days": {"tuesdays": True}}]}, "schedules[0].days.tuesdays: ScheduleDays has no such field"),
        ({"schedules": [{"timing": {"from": "a", "from_": "b"}}]}, "schedules[0].timing.from_: it is given twice"),
        ({"schedules": [{"timing": {5.5: "a"}}]}, "schedules[0].timing[5.5]: a name must be a str, not float"),
        ({"schedules": SLOT}, "schedules: it takes a list, not one dict: [value]"),
        ({"schedules": [["a"]]}, "schedules[0]: it takes a ScheduleSlot or a mapping, not a list"),
        ({"start_date": ["a"]}, "start_date: it takes one date, not a list"),
        ({"start_date": datetime(2026, 1, 2, tzinfo=UTC)}, "start_date: it takes a day, not a datetime: "),
        (["a"], "it takes a CampaignSchedule or a mapping, not a list"),
        (models.Lead.from_dict({"id": "a"}), "id: CampaignSchedule has no such field"),
        (models.CampaignSchedule(schedules=[{"label": "a"}]), "schedules[0].label: ScheduleSlot has no such field"),  # type: ignore[list-item]
    ],
    ids=str,
)
def test_a_fault_at_any_depth_is_refused_with_its_path(sent: Sent, schedule: Any, told: str) -> None:
    with pytest.raises(TypeError) as caught:
        sent.client.campaigns.update(ID, campaign_schedule=schedule)
    separator = ": " if told.startswith("it takes") else "."
    assert str(caught.value).startswith(f"Campaigns.update(): campaign_schedule{separator}{told}")
    assert not sent.requests


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters()),
        lambda values: st.lists(values) | st.dictionaries(st.text(st.characters()), values),
        max_leaves=8,
    )
)
def test_what_was_read_is_written_back_as_it_was(value: Any) -> None:
    data = {"name": value, "schedules": value, "campaign_schedule": {"schedules": [{"name": value, "new": value}]}}
    read = models.Campaign.from_dict(json.loads(json.dumps(data)))
    assert read.to_dict() == data
    sent = Sent()
    sent.client.campaigns.update(ID, campaign_schedule=read.campaign_schedule)
    assert sent.body == {"campaign_schedule": data["campaign_schedule"]}


ROWS: list[dict[str, Any]] = [
    {
        "email": "ann@a.example",
        "first_name": None,
        "phone": "1",
        "custom_variables": {"score": math.nan, "city": "Bern"},
    },
    {"email": "bob@b.example", "first_name": "Bob", "phone": math.nan, "custom_variables": {"score": pandas.NaT}},
    {"email": "cid@c.example", "first_name": UNSET, "phone": pandas.NA, "custom_variables": {}},
]
WRITTEN = [
    {"email": "ann@a.example", "first_name": None, "phone": "1", "custom_variables": {"city": "Bern"}},
    {"email": "bob@b.example", "first_name": "Bob", "custom_variables": {}},
    {"email": "cid@c.example", "custom_variables": {}},
]


def test_an_empty_cell_of_a_row_is_not_given(sent: Sent) -> None:
    sent.client.leads.add_many(ROWS, campaign_id=str(ID))
    assert sent.body["leads"] == WRITTEN
    assert ROWS[1]["phone"] is math.nan


@pytest.mark.parametrize(
    "frame",
    [
        pandas.DataFrame({"email": ["a", "b"], "phone": ["1", math.nan]}),
        polars.DataFrame({"email": ["a", "b"], "phone": ["1", math.nan]}, strict=False).with_columns(
            polars.Series("phone", ["1", math.nan], dtype=polars.Object)
        ),
    ],
    ids=["pandas", "polars"],
)
def test_a_data_frame_is_taken_as_its_rows(sent: Sent, frame: Any) -> None:
    sent.client.leads.add_many(frame, campaign_id=str(ID))
    assert sent.body["leads"] == [{"email": "a", "phone": "1"}, {"email": "b"}]


def test_a_row_that_cannot_be_sent_is_found_among_all_of_them(sent: Sent) -> None:
    rows = [{"email": f"{number}@a.example"} for number in range(25)]
    rows[17]["City"] = "Bern"
    with pytest.raises(BulkAddError) as caught:
        sent.client.leads.add_many(rows, campaign_id=str(ID), chunk_size=10)
    told = "the next 10 cannot have been added: Leads.bulk_add(): leads[17].City: NewLead has no such field; it takes: "
    assert told in str(caught.value)
    assert len(sent.requests) == 1
    assert not caught.value.progress.in_doubt
