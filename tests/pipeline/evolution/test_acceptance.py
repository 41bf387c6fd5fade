"""A person accepts what a pin objects to one by one, with reasons, and these are on record."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts import pin as command
from scripts.compatibility.judge import OURS, Effect
from scripts.evolution.acceptance import Acceptance, Objection, with_accepted
from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from scripts.spec import lock as locks
from scripts.spec.load import from_bytes
from tests.pipeline.compatibility.test_diff import change


def lock() -> locks.Lock:
    source = from_bytes(Path("robots.json"), b"{}")
    return locks.describe(source, source_url="https://x", date=datetime.date(2026, 6, 1), note="A test.")


def accepted(*arguments: str) -> Acceptance:
    return command._acceptance(command._parse(list(arguments)))


def test_the_id_of_a_change_is_its_own() -> None:
    one = change(Effect.BREAKING)
    assert one.id == change(Effect.BREAKING).id
    others = [
        change(Effect.BREAKING, "Robot.id"),
        change(Effect.BREAKING, new="float"),
        change(Effect.BREAKING, aspect=""),
    ]
    assert len({one.id, *(other.id for other in others)}) == 4


@pytest.mark.parametrize("aspect", OURS)
def test_what_no_pin_can_change_names_the_line_of_ours_that_is_to_be_edited(aspect: str) -> None:
    code, _, file = OURS[aspect].partition(" in ")
    assert re.search(rf"^(def )?{code}\b", (PROJECT.root / file).read_text("utf-8"), re.MULTILINE)
    changed = replace(change(Effect.BREAKING, "client", aspect=aspect), kind="service")
    assert OURS[aspect] in Objection.to(changed).why
    assert OURS[aspect] not in Objection.to(change(Effect.BREAKING)).why


def test_a_reason_is_that_of_the_ids_before_it() -> None:
    found = accepted("--accept", "a", "--accept", "b", "--because", "one", "--accept", "c", "--because", "two")
    assert found == Acceptance({"a": "one", "b": "one", "c": "two"})
    assert accepted("--accept-breaking", "--because", "all").because == "all"
    assert accepted() == Acceptance()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--accept", "a"], "there is no reason to accept a"),
        (["--accept", "a", "--because", "one", "--accept", "b"], "there is no reason to accept b"),
        (["--because", "one"], "there is a reason for nothing"),
        (["--accept", "a", "--because", " "], "there is a reason for nothing"),
    ],
)
def test_an_acceptance_without_a_reason_is_refused(arguments: list[str], what: str) -> None:
    with pytest.raises(Refused, match=what):
        accepted(*arguments)


def test_accepted_objections_are_added_to_the_record_with_their_reasons(tmp_path: Path) -> None:
    objections = [Objection.to(change(Effect.BREAKING)), Objection("scopes-vanished", "scopes", 'Lost "all".', "Why.")]
    acceptance = Acceptance({objections[0].id: 'Nobody uses "it".'}, everything=True)
    path = tmp_path / "accepted.toml"
    for times in (1, 2):
        path.write_text(with_accepted(path, objections, acceptance, lock()), "utf-8")
        found: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["accepted"]
        assert len(found) == 2 * times
    first, second = found[-2:]
    assert first == {
        "date": datetime.date(2026, 6, 1),
        "document": lock().sha256[:12],
        "id": objections[0].id,
        "subject": "Robot.name",
        "what": "type str -> int",
        "because": 'Nobody uses "it".',
    }
    assert (second["subject"], second["because"]) == ("scopes", Acceptance.because)


def test_what_nobody_objects_to_cannot_be_accepted() -> None:
    with pytest.raises(Refused, match="no change has the id 'a'"):
        Acceptance({"a": "why not"}).check([Objection.to(change(Effect.BREAKING))])
