"""Whatever the vendor does to its document: names stay, what it drops is kept and marked, each change is reported."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from scripts.codegen.pipeline import Curation, Prepared, model_of, prepare, read_curation
from scripts.compatibility.judge import Change, judge
from scripts.compatibility.surface import from_text, to_text
from scripts.evolution.rename_detection import note_renames
from scripts.evolution.upgrade import Retention, Upgrade, upgrade
from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from scripts.naming.hoist import NamedDocument
from scripts.naming.names import primary_tag
from scripts.naming.shapes import nodes
from scripts.spec.document import Document, Schema, operations
from scripts.spec.equivalence import equivalent
from scripts.spec.lint import lint
from scripts.spec.load import parse
from scripts.spec.normalise.types import label_key
from scripts.spec.overlay import read_overlay
from scripts.spec.pages import resolved
from scripts.spec.registry import Registry, merged
from scripts.spec.removed import Tombstone, restore_removed
from tests.pipeline.documents import small_document
from tests.pipeline.projects import quiet
from tests.pipeline.revisions import (
    BROKEN,
    REVISIONS,
    Chooser,
    Expected,
    NoPlaceError,
    at,
    back_to,
    first,
    grown,
    truncated,
    with_byte_order_mark,
)
from tests.pipeline.settings import examples

DAY = datetime.date(2026, 3, 1)
GRACE = 180

OVERLAY = read_overlay(
    {
        "overlay": "1.0.0",
        "info": {"title": "Corrections that speak of things by their names", "version": "1"},
        "actions": [
            {"target": target, "description": "It goes on to match.", "update": {}}
            for target in (
                "$.paths.*[?@.operationId == 'getRobot']",
                "$.paths.*[?@.operationId == 'listRobot'].parameters[?@.name == 'limit']",
                "$.components.schemas[?@.title == 'Robot']",
                "$.tags[?@.name == 'Robot']",
            )
        ],
    }
)


def robots() -> Document:
    """The small document with a schema that no operation mentions."""
    document, _ = REVISIONS["schema_added"](small_document(), first)
    return document


def curation_of(document: Document) -> Curation:
    """What is said about the first document of all: its names are on record."""
    curation = Curation(OVERLAY, Registry())
    named = prepare(document, curation, pinned=False, on_step=quiet).named
    return replace(curation, registry=merged(curation.registry, named.proposals.names))


def take(old: Document, new: Document, curation: Curation, day: datetime.date = DAY) -> Upgrade:
    assert lint(new) == []
    return upgrade(old, new, curation, retention=Retention(day, GRACE), pinned=True, on_step=quiet)


def told(done: Upgrade) -> list[Change]:
    """What the report says of it: by the models, and by what is on record of them just the same."""
    models = [model_of(prepared, PROJECT) for prepared in (done.old, done.new)]
    found = judge(*models)
    by_record = judge(*(from_text(to_text(model), "the record") for model in models))
    assert {c for c in by_record if c.effect != "prose"} == {c for c in found if c.effect != "prose"}
    return found


# --- What holds from one document to the next ---


def assert_all_stays(document: Document, curation: Curation, done: Upgrade) -> None:
    """Everything that holds when `document` was taken with `curation`."""
    assert_names_stay(done.old, done.new)
    assert_record_stays(curation.registry, done.curation.registry)
    assert_what_is_gone_is_marked(document, done)


def assert_names_stay(before: Prepared, after: Prepared) -> None:
    old, new = before.named, after.named
    assert calls(old).items() <= calls(new).items()
    old_schemas, new_schemas = (
        {place: schema for place, schema, _ in nodes(prepared.normalised)} for prepared in (before, after)
    )
    for place in old.class_at.keys() & new.class_at.keys():
        if same_kind(old_schemas[place], new_schemas[place]):
            assert old.class_at[place] == new.class_at[place], place
    # A place that became another kind of thing than the others of its class takes with it what only it had.
    split = {name for place, name in old.class_at.items() if new.class_at.get(place, name) != name}
    for owner in old.attributes.keys() & new.attributes.keys():
        # A field that is only spelled in another way keeps its attribute.
        assert owner in split or {*old.attributes[owner].values()} <= {*new.attributes[owner].values()}, owner
        for name in old.attributes[owner].keys() & new.attributes[owner].keys():
            assert old.attributes[owner][name] == new.attributes[owner][name]
    for owner in old.members.keys() & new.members.keys():
        assert owner in split or old.members[owner].items() <= new.members[owner].items(), owner


def calls(named: NamedDocument) -> dict[str, str]:
    """`resource.method` -> operationId, of everything that can be called."""
    own = {
        f"{named.resources[primary_tag(operation)]}.{named.methods[operation.id]}": operation.id
        for operation in operations(named.document)
    }
    assert len(own) == len(named.methods)
    assert not own.keys() & named.aliases.keys()
    return {**own, **named.aliases}


def same_kind(old: Schema, new: Schema) -> bool:
    """Whether two schemas differ in nothing but that one has more fields, values or words."""
    if "properties" in old and "properties" in new:
        both = old["properties"].keys() & new["properties"].keys()
        return all(same_kind(old["properties"][name], new["properties"][name]) for name in both)
    return all(
        old.get(key) == new.get(key) for key in ("type", "format", "$ref", "items", "additionalProperties", "anyOf")
    )


def assert_record_stays(old: Registry, new: Registry) -> None:
    for section in ("resources", "aliases"):
        assert getattr(old, section).items() <= getattr(new, section).items()
    for section in ("fields", "members"):
        for owner, names in getattr(old, section).items():
            assert names.items() <= getattr(new, section).get(owner, {}).items(), (section, owner)
    # What changes its resource can get another name there; the old one is an alias then.
    for id_, name in old.operations.items():
        assert new.operations[id_] == name or any(
            alias.endswith(f".{name}") and other == id_ for alias, other in new.aliases.items()
        )


def assert_what_is_gone_is_marked(document: Document, done: Upgrade) -> None:
    """All that is there because we keep it has the mark, and nothing else has it."""
    bare = prepare(document, replace(done.curation, tombstones=()), pinned=False, on_step=quiet).named
    assert not marked(bare)
    kept = things(done.new.named) - things(bare)
    # What belongs to something that is gone as a whole is not marked by itself.
    owners = {owner for owner, *_ in things(bare)}
    kept = {(owner, *rest) for owner, *rest in kept if owner in owners}
    assert {(owner, *rest) for owner, *rest in marked(done.new.named) if owner in owners} == kept


def things(named: NamedDocument) -> set[tuple[str, ...]]:
    """Everything that has a name in the client."""
    own = {("operation", id_) for id_ in named.methods}
    own |= {(owner, name) for owner, names in named.attributes.items() for name in names}
    return own | {(owner, label_key(value)) for owner, values in named.members.items() for value in values}


def marked(named: NamedDocument) -> set[tuple[str, ...]]:
    """Everything that is marked as removed."""
    found: set[tuple[str, ...]] = set()
    for operation in operations(named.document):
        if "x-removed" in operation.raw:
            found.add(("operation", operation.id))
        found |= {(operation.id, raw["name"]) for raw in operation.raw["parameters"] if "x-removed" in raw}
        for media in operation.raw.get("requestBody", {}).get("content", {}).values():
            fields = resolved(named.document, media.get("schema", {})).get("properties", {})
            found |= {(operation.id, name) for name, field in fields.items() if "x-removed" in field}
    for owner, schema in named.document["components"]["schemas"].items():
        found |= {(owner, name) for name, field in schema.get("properties", {}).items() if "x-removed" in field}
        found |= {(owner, key) for key in schema.get("x-removed-values", {})}
    return found


SEVERITY = ["none", "prose", "additive", "behaviour", "breaking"]


def assert_told(expected: Expected, done: Upgrade) -> None:
    """The report says what is expected, and nothing else but which classes and resources come, go or stay with it."""
    found = told(done)
    effects = [str(change.effect) for change in found]
    assert max(effects, key=SEVERITY.index, default="none") == expected.effect, found
    inside = ("class", "enumeration", "resource")
    along = {c.subject for c in found if c.kind in inside and (c.action != "changed" or "again" in c.aspect)}
    subjects = {c.subject for c in found} - along
    if expected.kind:
        assert subjects == ({expected.in_python(done.new.named)} if found else set()), found


def assert_revision(document: Document, curation: Curation, kind: str, choose: Chooser) -> Upgrade:
    """Take one revision of a document, and hold all that must be."""
    new, expected = REVISIONS[kind](document, choose)
    done = take(document, new, curation)
    assert_all_stays(new, curation, done)
    assert_told(expected, done)
    assert take(new, new, done.curation).curation == done.curation
    return done


# --- Each kind of change ---


@pytest.mark.parametrize("kind", REVISIONS)
def test_each_kind(kind: str) -> None:
    document = robots()
    assert_revision(document, curation_of(document), kind, first)


@pytest.mark.slow
@examples(25)
@given(st.sampled_from(sorted(REVISIONS)), st.data())
def test_each_kind_anywhere(kind: str, data: st.DataObject) -> None:
    document = robots()
    with suppress(NoPlaceError):
        assert_revision(document, curation_of(document), kind, lambda options: data.draw(st.sampled_from(options)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in REVISIONS if "added" not in kind])
def test_what_comes_back_loses_its_mark(kind: str) -> None:
    document = robots()
    curation = curation_of(document)
    new, _ = REVISIONS[kind](document, first)
    there = take(document, new, curation)
    back = take(new, document, there.curation, DAY + datetime.timedelta(16))
    assert_names_stay(there.old, back.new)
    assert_names_stay(there.new, back.new)
    assert marked(back.new.named) == set()
    assert back.curation.tombstones == ()


NOISE = ("schemas_renumbered", "schemas_titled", "keys_shuffled", "examples_redrawn", "prose_changed")


@pytest.mark.parametrize("kind", REVISIONS)
def test_noise_and_nothing_else_is_taken_for_noise(kind: str) -> None:
    document = robots()
    new, _ = REVISIONS[kind](document, first)
    assert equivalent(document, new) == (kind in NOISE)


def test_a_tombstone_says_since_when_whatever_happens_later() -> None:
    document = robots()
    new, _ = REVISIONS["operation_removed"](document, at("getRobot"))
    done = take(document, new, curation_of(document))
    for number, kind in enumerate(("field_added", "schemas_renumbered", "tag_renamed"), start=1):
        old = new
        new, _ = REVISIONS[kind](old, first)
        done = take(old, new, done.curation, DAY + datetime.timedelta(number))
    (stone,) = done.curation.tombstones
    assert (stone.kind, stone.name, stone.since) == ("operation", "getRobot", DAY.isoformat())


# --- Names that the vendor uses again, shares or spells anew ---


def test_a_schema_that_comes_back_has_a_key_that_fits_a_reference() -> None:
    document = small_document()
    document["components"]["schemas"].pop("def-2")
    document["components"]["schemas"]["def-1"]["properties"].pop("arms")
    stone = Tombstone("schema", "Robot & Arm", "2026-01-02", {"title": "Robot & Arm", "type": "object"})
    revived, kept = restore_removed(document, [stone])
    assert kept == [stone]
    assert revived["components"]["schemas"]["RobotArm"]["x-removed"] == "2026-01-02"


def test_an_operation_is_not_taken_for_the_one_that_once_had_its_new_name() -> None:
    document = robots()
    curation = curation_of(document)
    for kind, chosen in (
        ("operation_renamed", ("listRobot", "inspectRobot")),
        ("operation_removed", ("inspectRobot",)),
        ("operation_renamed", ("getRobot", "inspectRobot")),
    ):
        new, _ = REVISIONS[kind](document, at(*chosen))
        done = take(document, new, curation)
        assert_all_stays(new, curation, done)
        document, curation = new, done.curation
    assert curation.registry.renamed["operations"] == {"inspectRobot": "getRobot"}
    assert {stone.name for stone in curation.tombstones} == {"listRobot"}


@pytest.mark.parametrize(
    ("history", "gone"),
    [
        (
            [("schema_inlined", "Robot Arm"), ("field_removed", "Robot.arms[].labels")],
            {("RobotArm", "labels")},
        ),
        (
            [("schema_removed", "Robot Event"), ("schema_added", "Event"), ("value_removed", "Event.kind=slow")],
            {("RobotEventKind", "slow")},
        ),
        (
            [
                ("schema_inlined", "Robot"),
                ("field_added", "getRobot:response", "colour"),
                ("operation_removed", "getRobot"),
            ],
            {("operation", "getRobot"), ("Robot", "colour")},
        ),
    ],
)
def test_what_only_stands_in_something_that_is_gone_is_gone(history: list[list[str]], gone: set[Any]) -> None:
    document = robots()
    curation = curation_of(document)
    for kind, *chosen in history:
        new, _ = REVISIONS[kind](document, at(*chosen))
        done = take(document, new, curation)
        assert_all_stays(new, curation, done)
        document, curation = new, done.curation
    assert marked(done.new.named) == gone


def test_a_parameter_that_is_gone_is_kept_in_the_same_words_from_pin_to_pin() -> None:
    document = robots()
    document, _ = REVISIONS["parameter_made_required"](document, at("listRobot:query.starting_after"))
    new, _ = REVISIONS["parameter_removed"](document, at("listRobot:query.starting_after"))
    done = take(document, new, curation_of(document))
    assert take(new, new, done.curation).curation.tombstones == done.curation.tombstones
    (operation,) = (o for o in operations(done.new.named.document) if o.id == "listRobot")
    assert [raw["required"] for raw in operation.raw["parameters"] if "x-removed" in raw] == [False]


# --- Ten times as much, and files that are no good ---


def test_ten_times_the_document_changes_no_name_that_is_there() -> None:
    document = robots()
    curation = curation_of(document)
    new = grown(document)
    done = take(document, new, curation)
    assert_all_stays(new, curation, done)
    assert len(calls(done.new.named)) == 10 * len(calls(done.old.named))
    assert {change.action for change in told(done)} == {"added"}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_refused_with_the_place(kind: str) -> None:
    new, expected = BROKEN[kind](robots(), first)
    assert any(expected.subject in str(finding) for finding in lint(new))


def test_a_byte_order_mark_is_no_change_and_half_a_file_is_none() -> None:
    data = json.dumps(robots()).encode()
    assert parse(with_byte_order_mark(data)) == robots()
    with pytest.raises(Refused, match="cut off"):
        parse(truncated(data))


# --- Histories ---


@pytest.mark.slow
@examples(15)
@given(st.lists(st.sampled_from([*sorted(REVISIONS), "back_to"]), min_size=3, max_size=6), st.data())
def test_names_stay_through_any_history(kinds: list[str], data: st.DataObject) -> None:
    def choose(options: Sequence[str]) -> str:
        return data.draw(st.sampled_from(options))

    history = [robots()]
    curation = curation_of(history[0])
    for number, kind in enumerate(kinds):
        revise = back_to(data.draw(st.sampled_from(history))) if kind == "back_to" else REVISIONS[kind]
        try:
            new, expected = revise(history[-1], choose)
        except NoPlaceError:
            continue
        event(kind)
        note(f"{kind}: {expected}")
        done = take(history[-1], new, curation, DAY + datetime.timedelta(number))
        assert_all_stays(new, curation, done)
        curation = done.curation
        assert take(new, new, curation).curation == curation
        history.append(new)


# --- The real document ---


@cache
def pinned() -> tuple[Document, Curation]:
    return parse(PROJECT.document.read_bytes()), read_curation(PROJECT)


# Of these the overlay speaks by their path, or the client has hand-written help for them.
ALONE = ("operation_moved", "field_retyped", "field_respelled", "schema_inlined")
TOGETHER = [kind for kind in REVISIONS if kind not in ALONE]


def revise_pinned(seed: int, kinds: Sequence[str] = TOGETHER) -> tuple[Document, Upgrade]:
    """Take all of these revisions of the pinned document at once."""
    document, curation = pinned()
    new = document
    for kind in kinds:
        with suppress(NoPlaceError):
            new, _ = REVISIONS[kind](new, Random(seed).choice)
    done = take(document, new, curation)
    assert_all_stays(new, curation, done)
    return new, done


@pytest.mark.long
def test_all_kinds_of_change_at_once_leave_the_names_of_the_pinned_document() -> None:
    _, done = revise_pinned(seed=1)
    assert done.curation.tombstones


@pytest.mark.long
@examples(1)
@given(st.sampled_from(sorted(REVISIONS)), st.integers(0, 999))
def test_each_kind_leaves_the_names_of_the_pinned_document(kind: str, seed: int) -> None:
    revise_pinned(seed, [kind])


@pytest.mark.parametrize(
    ("tags", "renamed"),
    [
        (["Machine", "Machine", "Machine", "Machine", "Arm", "Arm"], {"Machine": "Robot"}),
        (["Robot", "Robot", "Machine", "Machine", "Arm", "Arm"], {}),
        (["Machine", "Other", "Other", "Machine", "Machine", "Arm"], {"Other": "Robot"}),
        (["Machine", "Machine", "Machine", "Machine", "Machine", "Machine"], {}),
    ],
)
def test_a_tag_is_the_one_that_is_gone_and_that_most_of_its_operations_had(
    tags: list[str], renamed: dict[str, str]
) -> None:
    before = ["Robot", "Robot", "Robot", "Arm", "Arm", "Arm"]
    old, new = (
        {
            "openapi": "3.1.0",
            "paths": {
                f"/api/{number}": {"get": {"operationId": f"op{number}", "tags": [tag], "responses": {}}}
                for number, tag in enumerate(each)
            },
        }
        for each in (before, tags)
    )
    assert note_renames(old, new, Registry()).renamed.get("tags", {}) == renamed


# --- What was written out ---


def test_what_was_written_out_and_is_a_component_now_is_the_same() -> None:
    old, new = robots(), robots()
    schemas, paths = new["components"]["schemas"], new["paths"]
    for title, media in (
        ("ListRobotResponse", paths["/api/robots"]["get"]["responses"]["200"]["content"]["application/json"]),
        ("PatchRobotRequest", paths["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]),
    ):
        schemas[title] = {**media["schema"], "title": title}
        media["schema"] = {"$ref": f"#/components/schemas/{title}"}
    moods = schemas["PatchRobotRequest"]["properties"]["mood"]["anyOf"]
    schemas["Mood"] = moods[0]
    moods[0] = {"$ref": "#/components/schemas/Mood"}
    curation = curation_of(old)
    done = take(old, new, curation)
    assert told(done) == []
    assert done.curation.registry.renamed["places"] == {
        "ListRobotResponse": "listRobot:response",
        "Mood": "patchRobot:body.mood",
        "PatchRobotRequest": "patchRobot:body",
    }
    # And when it refers to itself one day, it is a component.
    schemas["Mood"]["x-more"] = [{"$ref": "#/components/schemas/Mood"}]
    assert "Mood" in take(new, new, done.curation).new.aligned["components"]["schemas"]


def test_a_new_component_that_was_written_out_nowhere_is_new() -> None:
    old, new = robots(), robots()
    new["components"]["schemas"]["Mood"] = {"type": "string", "enum": ["glad", "sad"]}
    new["components"]["schemas"]["def-1"]["properties"]["mood"] = {"$ref": "#/components/schemas/Mood"}
    body = new["paths"]["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    body["properties"]["mood"]["anyOf"][0] = {"$ref": "#/components/schemas/Mood"}
    assert "places" not in take(old, new, curation_of(old)).curation.registry.renamed


def test_a_document_is_compared_in_one_dialect() -> None:
    old, new = robots(), robots()
    new["components"]["schemas"]["def-1"]["properties"] |= {"any": True, "none": False}
    new["components"]["schemas"]["def-1"]["properties"]["status"]["enum"].remove(-1)
    new["paths"]["/api/robots"] = {"$ref": "#/components/pathItems/robots"}
    new["components"]["pathItems"] = {"robots": old["paths"]["/api/robots"]}
    changes = {(change.subject, change.action) for change in told(take(old, new, curation_of(old)))}
    assert changes == {("Robot.any_", "added"), ("Robot.none", "added"), ("RobotStatus.BROKEN", "deprecated")}
