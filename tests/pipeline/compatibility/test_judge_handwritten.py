"""Changes of hand-written classes are judged by the same rules: each in both directions."""

from __future__ import annotations

import pytest

from scripts.codegen.client_model import EITHER, KEYWORD, POSITIONAL, Argument, Class, ClientModel, Field, Function
from scripts.compatibility.judge import judge

LEAD = Argument("lead", "str", EITHER)
TARGET = Argument("target", "str", EITHER)
LIMIT = Argument("limit", "int | Unset", KEYWORD, "UNSET")
ID = Argument("id", "str", POSITIONAL)


def client(*classes: Class) -> ClientModel:
    return ClientModel(handwritten={each.name: each for each in classes})


def method(*arguments: Argument, result: str = "None") -> ClientModel:
    return client(Class("Helpers", functions=(Function("move", arguments, result),)))


def changes(old: ClientModel, new: ClientModel) -> list[str]:
    return [f"{change.effect} {change.subject}: {change.what}" for change in judge(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "forward", "backward"),
    [
        pytest.param(
            method(LEAD, TARGET), method(TARGET, LEAD),
            ["breaking Helpers.move(target): position 2 -> 1", "breaking Helpers.move(lead): position 1 -> 2"],
            ["breaking Helpers.move(lead): position 2 -> 1", "breaking Helpers.move(target): position 1 -> 2"],
            id="arguments that change places",
        ),
        pytest.param(
            method(LEAD), method(Argument("lead", "str")),
            ["breaking Helpers.move(lead): given either -> keyword"],
            ["additive Helpers.move(lead=): given keyword -> either"],
            id="an argument that is given by keyword only",
        ),
        pytest.param(
            method(LEAD, TARGET), method(LEAD, Argument("list", "str", EITHER, "''"), TARGET),
            [
                "additive Helpers.move(list): added optional str",
                "breaking Helpers.move(target): position 2 -> 3",
            ],
            ["breaking Helpers.move(target): position 3 -> 2", "breaking Helpers.move(list): removed"],
            id="an optional argument before another one",
        ),
        pytest.param(
            method(LIMIT), method(Argument("limit", "int | Unset", KEYWORD, "5")),
            ["behaviour Helpers.move(limit=): default UNSET -> 5"],
            ["behaviour Helpers.move(limit=): default 5 -> UNSET"],
            id="another default",
        ),
        pytest.param(
            method(LIMIT), method(Argument("limit", "int | Unset")),
            ["breaking Helpers.move(limit=): optional -> required"],
            ["additive Helpers.move(limit=): required -> optional"],
            id="an argument that becomes required",
        ),
        pytest.param(
            method(LIMIT), method(LIMIT, Argument("**more", "Any")),
            ["additive Helpers.move(**more=): added optional Any"],
            ["breaking Helpers.move(**more=): removed"],
            id="any arguments",
        ),
        pytest.param(
            method(ID), method(Argument("key", "str", POSITIONAL)),
            ["prose Helpers.move: positional arguments id -> key"],
            ["prose Helpers.move: positional arguments key -> id"],
            id="the name of an argument by position only",
        ),
        pytest.param(
            method(result="Lead"), method(result="Lead | None"),
            ["breaking Helpers.move: returns Lead -> Lead | None"],
            ["additive Helpers.move: returns Lead | None -> Lead"],
            id="a result that may be more",
        ),
        pytest.param(
            client(Class("NotFoundError", bases=("StatusError",))),
            client(Class("NotFoundError", bases=("StatusError", "KeyError"))),
            ["additive NotFoundError: is a none -> KeyError"],
            ["breaking NotFoundError: is a KeyError -> none"],
            id="an error that is no longer what code catches",
        ),
        pytest.param(
            client(Class("Limiter", bases=("Protocol",))),
            client(Class("Limiter", functions=(Function("rest", (), "None"),), bases=("Protocol",))),
            ["breaking Limiter.rest: added"],
            ["breaking Limiter.rest: removed"],
            id="a protocol, whose implementations have to follow",
        ),
        pytest.param(
            client(Class("Page", fields=(Field("items", "list[T]"),))),
            client(Class("Page", functions=(Function("items", (), "list[T]"),))),
            ["breaking Page.items: removed", "additive Page.items: added"],
            ["breaking Page.items: removed", "additive Page.items: added required list[T]"],
            id="an attribute that becomes a method",
        ),
    ],
)  # fmt: skip
def test_each_rule_holds_both_ways(old: ClientModel, new: ClientModel, forward: list[str], backward: list[str]) -> None:
    assert sorted(changes(old, new)) == sorted(forward)
    assert sorted(changes(new, old)) == sorted(backward)


def test_a_field_that_comes_breaks_only_where_it_has_to_be_given() -> None:
    tag = Class("Tag", fields=(Field("name", "str"),))
    more = Class("Tag", fields=(*tag.fields, Field("colour", "str")))
    given = Class("Helpers", functions=(Function("add", (Argument("tags", "list[Tag]"),), "None"),))
    read = Class("Helpers", functions=(Function("get", (), "Tag"),))
    assert changes(client(tag, given), client(more, given)) == ["breaking Tag.colour: added required str"]
    assert changes(client(tag, read), client(more, read)) == ["additive Tag.colour: added required str"]
