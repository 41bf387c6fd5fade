"""What breaks code and what does not: each rule in both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.compatibility.compatibility import SurfaceChange, compare
from scripts.compatibility.facts import Surface, parse_surface
from scripts.compatibility.type_sets import covers
from tests.pipeline.settings import STEADY

GET = "client.leads.get(id, /) -> Lead\nclient.leads.get(id): str"
MOVE = "client.leads.move(lead, target) -> None\nclient.leads.move(lead): str\nclient.leads.move(target): str"
LIST = "client.leads.list() -> Page[Lead]\nclient.leads.list(limit=): int | Unset = UNSET"
LEAD = "models.Lead: class(Model)\nmodels.Lead.email: str"
STATUS = "models.Status: class(IntEnumeration)\nmodels.Status.ACTIVE = 1"
LIMITER = "Limiter: class(Protocol)\nLimiter.acquire() -> float\nLimiter.acquire(budget=): float = 1"
SENT = "client.leads.add() -> None\nclient.leads.add(lead=): Lead | Mapping[str, Any]\n" + LEAD
BOTH = "client.leads.add() -> Lead\nclient.leads.add(lead=): Lead | Mapping[str, Any]\n" + LEAD


def read(text: str) -> Surface:
    return parse_surface(text, "the text")


def changed(old: str, new: str) -> list[str]:
    return [str(change) for change in compare(read(old), read(new))]


def both_ways(old: str, new: str) -> tuple[list[str], list[str]]:
    return changed(old, new), changed(new, old)


def test_the_same_surface_has_no_changes() -> None:
    assert changed(GET, GET) == []


def test_a_name_that_goes_breaks_and_a_new_one_does_not() -> None:
    assert both_ways(f"{GET}\n{LIST}", GET) == (
        ["breaking  client.leads.list: gone"],
        ["additive  client.leads.list: new"],
    )


def test_what_goes_with_its_class_or_resource_is_not_told_apart() -> None:
    assert both_ways(f"{STATUS}\nclient.leads: resource\n{GET}", STATUS) == (
        ["breaking  client.leads: gone"],
        ["additive  client.leads: new"],
    )
    assert changed(f"{STATUS}\n{GET}", GET) == ["breaking  models.Status: gone"]


def test_an_argument_that_goes_breaks_and_an_optional_one_that_comes_does_not() -> None:
    longer = f"{LIST}\nclient.leads.list(search=): str | Unset = UNSET"
    assert both_ways(LIST, longer) == (
        ["additive  client.leads.list(search=): new"],
        ["breaking  client.leads.list(search=): gone"],
    )


def test_a_required_argument_that_comes_breaks() -> None:
    assert changed(LIST, f"{LIST}\nclient.leads.list(search=): str") == [
        "breaking  client.leads.list(search=): new and required"
    ]


def test_any_arguments_that_come_do_not_break() -> None:
    assert changed(LIST, f"{LIST}\nclient.leads.list(**more): Any") == ["additive  client.leads.list(**more): new"]


def test_an_argument_that_becomes_required_breaks_and_one_that_may_be_left_out_does_not() -> None:
    assert both_ways(LIST, LIST.removesuffix(" = UNSET")) == (
        ["breaking  client.leads.list(limit=): is required"],
        ["additive  client.leads.list(limit=): may be left out"],
    )


def test_another_default_shows() -> None:
    assert changed(LIST, LIST.replace("= UNSET", "= 5")) == [
        "additive  client.leads.list(limit=): defaults to 5, not UNSET"
    ]


def test_arguments_that_change_places_break() -> None:
    swapped = MOVE.replace("lead, target", "target, lead")
    assert changed(MOVE, swapped) == [
        "breaking  client.leads.move(lead): is the argument at position 2, was at 1",
        "breaking  client.leads.move(target): is the argument at position 1, was at 2",
    ]


def test_an_optional_argument_before_another_one_breaks() -> None:
    new = MOVE.replace("lead, target", "lead, list, target") + "\nclient.leads.move(list): str = ''"
    assert changed(MOVE, new) == [
        "breaking  client.leads.move(target): is the argument at position 3, was at 2",
        "additive  client.leads.move(list): new",
    ]


def test_an_argument_by_position_that_is_by_keyword_only_breaks_and_the_other_way_does_not() -> None:
    keyword = MOVE.replace("lead, target", "lead").replace("(target)", "(target=)")
    assert both_ways(MOVE, keyword) == (
        ["breaking  client.leads.move(target): is given by keyword only"],
        ["additive  client.leads.move(target=): may be given by position"],
    )


def test_an_argument_by_name_that_is_by_position_only_breaks_and_the_other_way_does_not() -> None:
    positional = MOVE.replace("lead, target", "lead, /, target")
    assert both_ways(MOVE, positional) == (
        ["breaking  client.leads.move(lead): is given by position only"],
        ["additive  client.leads.move(lead): may be given by keyword"],
    )


def test_the_name_of_an_argument_by_position_only_breaks_nothing() -> None:
    assert changed(GET, GET.replace("id, /", "key, /").replace("(id)", "(key)")) == [
        "additive  client.leads.get(id): is named key"
    ]


def test_the_name_of_an_argument_by_position_or_keyword_breaks() -> None:
    assert changed(MOVE, MOVE.replace("target", "list")) == [
        "breaking  client.leads.move(list): new and required",
        "breaking  client.leads.move(target): gone",
    ]


def test_an_argument_that_takes_less_breaks_and_one_that_takes_more_does_not() -> None:
    assert both_ways(LIST, LIST.replace("int |", "int | str |")) == (
        ["additive  client.leads.list(limit=): takes str as well"],
        ["breaking  client.leads.list(limit=): takes int | Unset, no longer str"],
    )


def test_a_result_that_may_be_more_breaks_and_one_that_is_less_does_not() -> None:
    assert both_ways(GET, GET.replace("-> Lead", "-> Lead | None")) == (
        ["breaking  client.leads.get: returns Lead | None, was Lead"],
        ["additive  client.leads.get: returns None no longer"],
    )


def test_the_items_of_a_page_are_compared_as_well() -> None:
    assert both_ways(LIST, LIST.replace("Page[Lead]", "Page[Lead | str]")) == (
        ["breaking  client.leads.list: returns Page[Lead | str], was Page[Lead]"],
        ["additive  client.leads.list: returns Page[Lead | str] no longer"],
    )


@pytest.mark.parametrize("more", ["None", "Unset", "int"])
def test_an_attribute_that_may_be_more_breaks_and_one_that_is_less_does_not(more: str) -> None:
    old = f"{GET}\n{LEAD}"
    assert both_ways(old, f"{old} | {more}") == (
        [f"breaking  models.Lead.email: is str | {more}, was str"],
        [f"additive  models.Lead.email: is {more} no longer"],
    )


def test_the_order_of_alternatives_is_no_change() -> None:
    assert changed("Page.next: str | None\nPage: class()", "Page.next: None | str\nPage: class()") == []


def test_a_field_that_comes_breaks_only_where_it_has_to_be_sent() -> None:
    field = "models.Lead.phone: str"
    assert changed(f"{GET}\n{LEAD}", f"{GET}\n{LEAD}\n{field}") == ["additive  models.Lead.phone: new"]
    assert changed(SENT, f"{SENT}\n{field}") == ["breaking  models.Lead.phone: new and required"]
    assert changed(SENT, f"{SENT}\n{field} | Unset = UNSET") == ["additive  models.Lead.phone: new"]


def test_a_field_of_an_object_in_an_object_that_is_sent_breaks_as_well() -> None:
    nested = f"{SENT}\nmodels.Lead.tags: list[Tag] | Unset = UNSET\nmodels.Tag: class(Model)"
    assert changed(nested, f"{nested}\nmodels.Tag.name: str") == ["breaking  models.Tag.name: new and required"]


def test_a_field_that_is_only_sent_may_take_more_but_not_less() -> None:
    assert both_ways(SENT, f"{SENT} | int") == (
        ["additive  models.Lead.email: takes int as well"],
        ["breaking  models.Lead.email: takes str, no longer int"],
    )


def test_a_field_that_is_sent_and_received_may_neither() -> None:
    assert both_ways(BOTH, f"{BOTH} | int") == (
        ["breaking  models.Lead.email: is str | int, was str", "additive  models.Lead.email: takes int as well"],
        ["breaking  models.Lead.email: takes str, no longer int", "additive  models.Lead.email: is int no longer"],
    )


def test_what_a_callback_is_called_with_is_not_sent() -> None:
    old = "client.leads.add() -> None\nclient.leads.add(on=): Callable[[Lead], None] | None = None\n" + LEAD
    assert changed(old, f"{old}\nmodels.Lead.phone: str") == ["additive  models.Lead.phone: new"]


def test_a_value_that_goes_or_is_another_breaks_and_a_new_one_does_not() -> None:
    assert both_ways(STATUS, f"{STATUS}\nmodels.Status.PAUSED = 2") == (
        ["additive  models.Status.PAUSED: new"],
        ["breaking  models.Status.PAUSED: gone"],
    )
    assert changed(STATUS, STATUS.replace("= 1", "= 3")) == ["breaking  models.Status.ACTIVE: is 3, was 1"]


def test_an_error_that_is_no_longer_what_code_catches_breaks() -> None:
    old = "errors.NotFoundError: class(StatusError)\nerrors.StatusError: class()"
    assert both_ways(old, old.replace("(StatusError)", "(StatusError, KeyError)")) == (
        ["additive  errors.NotFoundError: is a KeyError as well"],
        ["breaking  errors.NotFoundError: is no KeyError any more"],
    )


def test_an_attribute_that_moves_to_a_base_class_is_still_there() -> None:
    old = "errors.A: class()\nerrors.B: class(A)\nerrors.B.code: int"
    new = "errors.A: class()\nerrors.A.code: int\nerrors.B: class(A)"
    assert changed(old, new) == ["additive  errors.A.code: new"]
    assert changed(new, old) == ["breaking  errors.A.code: gone"]


def test_whoever_implements_a_protocol_has_to_follow_each_change() -> None:
    new = f"{LIMITER}\nLimiter.rest() -> None"
    assert both_ways(LIMITER, new) == (["breaking  Limiter.rest: new"], ["breaking  Limiter.rest: gone"])
    assert changed(LIMITER, LIMITER.replace(": float", ": float | str")) == [
        "breaking  Limiter.acquire(budget=): takes str as well"
    ]


def test_a_method_that_becomes_an_attribute_breaks() -> None:
    assert both_ways("client.leads.count() -> int", "client.leads.count: int") == (
        ["breaking  client.leads.count: was a method, is an attribute"],
        ["breaking  client.leads.count: was an attribute, is a method"],
    )


def test_what_is_deprecated_breaks_nothing() -> None:
    for subject, line in (("client.leads.list(limit=)", LIST), ("client.leads.get(id)", GET)):
        assert both_ways(line, f"{line}  # deprecated") == (
            [f"additive  {subject}: deprecated"],
            [f"additive  {subject}: deprecated no longer"],
        )


def test_a_change_of_one_client_is_told_of_that_one() -> None:
    split = "Instantly.leads.get(id, /) -> Lead\nAsyncInstantly.leads.get(id, /) -> Awaitable[Lead | None]"
    assert changed(GET, f"{split}\nclient.leads.get(id): str") == [
        "breaking  AsyncInstantly.leads.get: returns Awaitable[Lead | None], was Awaitable[Lead]"
    ]
    assert changed(f"{GET}\nInstantly.close() -> None", GET) == ["breaking  Instantly.close: gone"]


def test_a_page_of_the_async_client_that_becomes_a_coroutine_breaks() -> None:
    split = "Instantly.leads.list() -> Page[Lead]\nAsyncInstantly.leads.list() -> Awaitable[Page[Lead]]"
    assert changed(LIST, f"{split}\nclient.leads.list(limit=): int | Unset = UNSET") == [
        "breaking  AsyncInstantly.leads.list: returns Awaitable[Page[Lead]], was AsyncPage[Lead]"
    ]


def test_what_breaks_stands_first() -> None:
    changes = compare(read(f"{GET}\n{STATUS}"), read(f"{LIST}\n{STATUS}\nmodels.Status.A = 9"))
    assert [change.breaking for change in changes] == [True, False, False]
    assert changes[0] == SurfaceChange("client.leads.get", "gone", True)


# --- types as sets ---

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


@STEADY
@given(TYPES, TYPES)
def test_a_union_holds_its_alternatives(one: str, other: str) -> None:
    assert covers(f"{one} | {other}", one)
    assert covers(f"{one} | {other}", f"{other} | {one}")
    assert covers(one, f"{one} | {other}") is covers(one, other)


@STEADY
@given(TYPES, TYPES, TYPES)
def test_a_type_holds_what_those_in_it_hold(wide: str, middle: str, narrow: str) -> None:
    if covers(wide, middle) and covers(middle, narrow):
        assert covers(wide, narrow)


@STEADY
@given(TYPES, TYPES, st.sampled_from(CONTAINERS))
def test_containers_hold_each_other_as_their_contents_do(one: str, other: str, container: str) -> None:
    assert covers(container.format(one), container.format(other)) is covers(one, other)


@STEADY
@given(TYPES)
def test_any_holds_everything_and_nothing_else_holds_any(type_: str) -> None:
    assert covers("Any", type_)
    assert not covers(type_, "Any")


def test_a_sequence_holds_a_list_but_not_the_other_way() -> None:
    assert (covers("Sequence[str]", "list[str]"), covers("list[str]", "Sequence[str]")) == (True, False)
    assert (covers("Mapping[str, int]", "dict[str, int]"), covers("dict[str, int]", "Mapping[str, int]")) == (
        True,
        False,
    )


@STEADY
@given(TYPES, TYPES)
def test_what_an_argument_may_do_a_result_may_not(old: str, new: str) -> None:
    def breaks(template: str) -> bool:
        return any(change.breaking for change in compare(read(template.format(old)), read(template.format(new))))

    assert breaks("client.a() -> None\nclient.a(x=): {}") is not covers(new, old)
    assert breaks("client.a() -> {}") is not covers(old, new)
