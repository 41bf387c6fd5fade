"""Names are provisional until somebody accepts them: each pin derives them anew, from what is accepted."""

from __future__ import annotations

import copy
import datetime
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scripts import names
from scripts.codegen.pipeline import Curation, prepare, read_curation
from scripts.evolution.upgrade import Retention, upgrade
from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from scripts.naming.hoist import NamedDocument, method_paths
from scripts.naming.provisional import accept, provisional
from scripts.spec.document import operations
from scripts.spec.load import load
from scripts.spec.overlay import Overlay
from scripts.spec.registry import Registry, merged, read_registry, write_registry
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet

Document = dict[str, Any]
DAY = datetime.date(2026, 3, 1)
STRING = {"type": "string"}


def accepted(document: Document) -> Curation:
    """The curation of a document all of whose names are accepted."""
    curation = Curation(Overlay(actions=()), Registry())
    named = prepare(document, curation, pinned=False, on_step=quiet).named
    return replace(curation, registry=merged(Registry(), named.proposals.names))


def pinned(curation: Curation, *documents: Document) -> tuple[NamedDocument, Curation]:
    """The names of the last document after each of them was pinned, the first of which `curation` is of."""
    named = prepare(documents[0], curation, pinned=False, on_step=quiet).named
    for number, (old, new) in enumerate(pairwise(documents)):
        retention = Retention(DAY + datetime.timedelta(number), 90)
        done = upgrade(old, new, curation, retention=retention, pinned=False, on_step=quiet)
        named, curation = done.new.named, done.curation
    return named, curation


def public(named: NamedDocument, document: Document) -> dict[str, Any]:
    """All names of what is in a document."""
    there = {operation.id for operation in operations(document)}
    return {
        "calls": {id_: call for id_, call in method_paths(named).items() if id_ in there},
        "classes": named.class_at,
        "members": named.members,
        "attributes": named.attributes,
    }


def with_operation(document: Document, id_: str, path: str, method: str = "post", tag: str = "Robot") -> Document:
    document = copy.deepcopy(document)
    answer = {"type": "object", "properties": {"state": {"type": "string", "enum": ["a", "b"]}, "of": STRING}}
    content = {"200": {"description": "Done.", "content": {"application/json": {"schema": answer}}}}
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": STRING} for name in names]
    raw = {"operationId": id_, "tags": [tag], "parameters": parameters, "responses": content}
    document["paths"].setdefault(path, {})[method] = raw
    return document


def with_field(document: Document, *names: str) -> Document:
    document = copy.deepcopy(document)
    properties = document["components"]["schemas"]["def-1"]["properties"]
    properties |= {name: {"type": "string"} for name in names}
    return document


FIRST = small_document()
PAUSE_MANY = with_operation(FIRST, "pauseRobots", "/api/robots/pause")
PAUSE = with_operation(FIRST, "pauseRobot", "/api/robots/{id}/pause")
ENUMERATION = copy.deepcopy(FIRST)
ENUMERATION["components"]["schemas"]["def-1"]["properties"]["mood"] = {"type": "string", "enum": ["glad"]}
WIDER = copy.deepcopy(ENUMERATION)
WIDER["components"]["schemas"]["def-1"]["properties"]["mood"]["enum"] = ["glad", "Glad", "sad"]

SUCCESSORS = {
    "one that takes the plain name": (PAUSE_MANY, with_operation(PAUSE_MANY, "pauseRobot", "/api/robots/{id}/pause")),
    "one that takes another": (PAUSE, with_operation(PAUSE, "pauseRobots", "/api/robots/pause")),
    "a field in snake case next to its twin": (
        with_field(FIRST, "lookAlike"),
        with_field(FIRST, "lookAlike", "look_alike"),
    ),
    "another value of a new enumeration": (ENUMERATION, WIDER),
    "an operation under another tag": (
        PAUSE,
        with_operation(FIRST, "pauseRobot", "/api/robots/{id}/pause", tag="Mill"),
    ),
    "an operation under another name": (PAUSE, with_operation(FIRST, "haltRobot", "/api/robots/{id}/pause")),
    "an operation that went": (PAUSE, with_operation(FIRST, "pauseRobots", "/api/robots/pause")),
    "an operation at another path": (PAUSE, with_operation(FIRST, "pauseRobot", "/api/robots/pause")),
    "an answer that others have": (PAUSE, with_operation(PAUSE, "aimRobot", "/api/robots/{id}/aim")),
}


@pytest.mark.parametrize("name", SUCCESSORS)
def test_many_pins_give_the_same_names_as_one(name: str) -> None:
    between, last = SUCCESSORS[name]
    at_once, _ = pinned(accepted(FIRST), FIRST, last)
    in_steps, curation = pinned(accepted(FIRST), FIRST, between, last)
    assert public(in_steps, last) == public(at_once, last)
    again = prepare(last, curation, pinned=False, on_step=quiet).named
    assert public(again, last) == public(at_once, last)
    assert again.proposals.names == Registry()


def test_what_is_written_out_where_a_reference_was_is_the_same_class_also_with_more_in_it() -> None:
    document = copy.deepcopy(FIRST)
    robot = copy.deepcopy(document["components"]["schemas"]["def-1"])
    del robot["title"]
    robot["properties"] |= {"colour": STRING, "status": {"type": "integer", "enum": [0, 1, -1, 2]}}
    answer = document["paths"]["/api/robots/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert answer["schema"] == {"$ref": "#/components/schemas/def-1"}
    answer["schema"] = robot
    named, _ = pinned(accepted(FIRST), FIRST, document)
    assert named.class_at["getRobot:response"] == "Robot"
    assert named.class_at["getRobot:response.status"] == "RobotStatus"
    assert "colour" in named.attributes["Robot"]
    answer["schema"] = {"type": "object", "properties": dict.fromkeys(["id", *"abcdefgh"], STRING)}
    named, _ = pinned(accepted(FIRST), FIRST, document)
    assert named.class_at["getRobot:response"] == "RobotResult"


def test_what_is_provisional_leaves_no_trace_when_it_goes() -> None:
    named, curation = pinned(accepted(FIRST), FIRST, PAUSE, FIRST)
    assert "pauseRobot" not in named.methods
    assert curation.tombstones == ()
    assert curation.registry.review == {}


def test_what_is_accepted_stays_whatever_comes() -> None:
    _, curation = pinned(accepted(FIRST), FIRST, PAUSE_MANY)
    assert curation.registry.operations["pauseRobots"] == "pause"
    curation = replace(curation, registry=replace(curation.registry, review={}))
    both = with_operation(PAUSE_MANY, "pauseRobot", "/api/robots/{id}/pause")
    named, _ = pinned(curation, PAUSE_MANY, both)
    assert (named.methods["pauseRobots"], named.methods["pauseRobot"]) == ("pause", "pause_robot")
    _, curation = pinned(accepted(FIRST), FIRST, with_field(FIRST, "lookAlike"))
    curation = replace(curation, registry=replace(curation.registry, review={}))
    named, _ = pinned(curation, with_field(FIRST, "lookAlike"), with_field(FIRST, "lookAlike", "look_alike"))
    assert named.attributes["Robot"]["lookAlike"] == "look_alike"
    assert named.attributes["Robot"]["look_alike"] == "look_alike_snake"


def test_a_provisional_name_is_shown_with_its_place() -> None:
    document = with_field(with_operation(FIRST, "pauseRobot", "/api/robots/{id}/pause", tag="Mill"), "lookAlike")
    document["components"]["schemas"]["def-1"]["properties"]["status"]["enum"].append(7)
    named, curation = pinned(accepted(FIRST), FIRST, document)
    assert [str(each) for each in provisional(named, curation.registry)] == [
        "client.mills <- tag Mill",
        "client.mills.pause_robot <- POST /api/robots/{id}/pause (pauseRobot)",
        "MillPauseRobotResult <- pauseRobot:response",
        "MillRobotState <- pauseRobot:response.state",
        "RobotStatus.VALUE_7 <- 7 of Robot.status",
        "Robot.look_alike <- 'lookAlike' of Robot",
    ]
    assert {each.since for each in provisional(named, curation.registry)} == {str(DAY)}


def test_names_are_accepted_by_name_by_key_or_all_at_once() -> None:
    named, curation = pinned(accepted(FIRST), FIRST, PAUSE)
    registry = curation.registry
    known = provisional(named, registry)
    left = accept(registry, known, ["client.robots.pause", "classes.RobotState"])
    assert left.review.keys() == registry.review.keys() - {"operations.pauseRobot", "classes.RobotState"}
    assert accept(registry, known, []).review == {}
    with pytest.raises(Refused, match="no provisional name like this"):
        accept(registry, known, ["client.robots.stop"])


def test_the_verb_lists_and_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = make_project(tmp_path)
    registry = accepted(FIRST).registry
    layout.names.write_text(write_registry(replace(registry, review={"operations.getRobot": "2026-01-02"})), "utf-8")
    monkeypatch.setattr(names, "PROJECT", layout)
    assert names.main([]) == 0
    shown = capsys.readouterr().out
    assert shown.endswith("client.robots.get  since 2026-01-02\n    GET /api/robots/{id} (getRobot)\n")
    assert max(map(len, shown.splitlines())) <= 80
    assert names.main(["--review", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["provisional"]
    assert listed["place"] == "GET /api/robots/{id} (getRobot)"
    assert names.main(["--accept", "client.robots.nothing"]) == 2
    assert read_registry(layout.names).review
    assert names.main(["--accept", "client.robots.get"]) == 0
    assert "1 name accepted" in capsys.readouterr().out
    assert read_registry(layout.names) == registry


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[operations]\npauseRobots = "pause_2"', "told apart by a number"),
        ('[classes]\n"Robot.arm" = "RobotArm2"', "told apart by a number"),
        ('[members.A]\nfoo = "FOO_3"', "told apart by a number"),
        (f'[resources]\nA = "{"a" * 41}"', "at most 40 characters"),
    ],
)
def test_a_name_against_the_grammar_is_refused(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused, match=what):
        read_registry(path)


def test_a_number_that_is_in_what_it_is_the_name_of_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text('[members.A]\ngpt-4 = "GPT_4"\n7 = "PLAN_2"\n[operations]\ngetV2 = "get_v2"', "utf-8")
    assert read_registry(path).members["A"]["gpt-4"] == "GPT_4"


@pytest.mark.long
def test_the_documents_of_the_vendor_give_the_same_names_in_one_jump_and_in_two() -> None:
    folder = PROJECT.root.parent / "shared" / "documents"
    if not folder.exists():
        pytest.skip("the documents of the vendor are not here")
    first, *others = (load(file).document for file in sorted(folder.glob("*.json")))
    overlay = read_curation(PROJECT).overlay
    start = replace(accepted(first), overlay=overlay)
    at_once, _ = pinned(start, first, others[-1])
    in_steps, _ = pinned(start, first, *others)
    once, steps = public(at_once, others[-1]), public(in_steps, others[-1])
    assert once["calls"] == steps["calls"]
    shared = once["classes"].keys() & steps["classes"].keys()
    assert {place: once["classes"][place] for place in shared} == {place: steps["classes"][place] for place in shared}
