"""Facts that vanish by the dozen are refused: their words were written in another form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scripts.codegen.client_model import ClientModel, Enumeration, Member, Operation, Resource
from scripts.evolution.vanished import MAX_VANISHED, vanished


def client(count: int, *, scopes: tuple[str, ...] = ("robots:paint",), label: str = "Red") -> ClientModel:
    operations = tuple(
        Operation(f"paint{number}", (), "None", id=f"paintRobot{number}", scopes=scopes) for number in range(count)
    )
    colours = {f"Colour{n}": Enumeration(f"Colour{n}", "int", (Member("RED", "1", label=label),)) for n in range(count)}
    return ClientModel(resources={"robots": Resource("robots", "Robots", operations)}, enumerations=colours)


def ids(old: ClientModel, new: ClientModel) -> list[str]:
    return [objection.id for objection in vanished(old, new)]


def test_scopes_and_labels_that_vanish_at_once_are_found() -> None:
    many = MAX_VANISHED + 1
    assert ids(client(many), client(many, scopes=())) == ["scopes-vanished"]
    assert ids(client(many), client(many, label="")) == ["labels-vanished"]
    objection, _ = vanished(client(many), client(many, scopes=(), label=""))
    assert objection.what == (
        "4 operations lost them all, "
        "client.robots.paint0, client.robots.paint1, client.robots.paint2, client.robots.paint3"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (client(MAX_VANISHED), client(MAX_VANISHED, scopes=(), label="")),
        (client(9), client(9, scopes=("robots:all",), label="Crimson")),
        (client(9, scopes=(), label=""), client(9)),
        (client(9), replace(client(0))),
    ],
    ids=["few", "others", "more", "with all that had them"],
)
def test_nothing_else_is_taken_for_it(old: ClientModel, new: ClientModel) -> None:
    assert ids(old, new) == []
