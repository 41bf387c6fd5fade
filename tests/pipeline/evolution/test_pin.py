"""Pinning takes a new document with all that follows from it, or changes nothing at all."""

from __future__ import annotations

import datetime
import json
import os
import re
import shlex
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts import pin as command
from scripts.check_generated import out_of_date
from scripts.compatibility.changelog import MARK
from scripts.compatibility.judge import Change, Effect
from scripts.compatibility.surface import FILE as SURFACE
from scripts.compatibility.surface import surface, to_text
from scripts.evolution.acceptance import Acceptance
from scripts.evolution.pin import Breaking, Decisions, Unchanged, pin
from scripts.evolution.report import MAX_BODY, SHORTENED, Report
from scripts.lib.layout import Layout
from scripts.lib.process import git
from scripts.lib.report import Failed, Refused
from scripts.names import accept_names
from scripts.regenerate import regenerate
from scripts.spec import lock as locks
from scripts.spec.document import Document, operations
from scripts.spec.load import load
from scripts.spec.registry import read_registry
from scripts.spec.removed import read_tombstones
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet
from tests.pipeline.revisions import REVISIONS, at, first, with_byte_order_mark

pytestmark = pytest.mark.slow

TODAY = datetime.date(2026, 6, 1)
ACCEPTED = Decisions(accept=Acceptance(everything=True))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A project in step with its document, made once."""
    layout = make_project(tmp_path_factory.mktemp("original") / "project")
    regenerate(layout, on_step=quiet, record_names=True)
    return layout


@pytest.fixture
def layout(original: Layout, tmp_path: Path) -> Layout:
    """A copy of it."""
    return copied(original, tmp_path / "project")


def copied(layout: Layout, root: Path) -> Layout:
    return Layout(Path(shutil.copytree(layout.root, root, symlinks=True)))


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A newer document: one field and one value more."""
    document = small_document()
    robot = document["components"]["schemas"]["def-1"]["properties"]
    robot["colour"] = {"type": "string", "enum": ["red", "green"]}
    return write(tmp_path / "published.json", document)


def write(path: Path, document: Document | str) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return path


def state(layout: Layout) -> dict[str, bytes]:
    """Every file of the project, by its path in it."""
    files = (path for path in layout.root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(layout.root).as_posix(): path.read_bytes() for path in files}


def pin_revised(layout: Layout, *kinds: str, **options: Any) -> tuple[Document, Report]:
    """Pin the pinned document with these revisions of it."""
    document = load(layout.document).document
    for kind in kinds:
        document, _ = REVISIONS[kind](document, first)
    file = write(layout.root.parent / "revised.json", document)
    return document, pin(load(file), date=TODAY, layout=layout, on_step=quiet, **options)


def test_document_lock_names_and_client_change_together(layout: Layout, published: Path) -> None:
    report = pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    assert [change.subject for change in report.changes] == ["Robot.colour", "RobotColour"]
    assert layout.document.read_bytes() == published.read_bytes()
    lock = locks.read(layout.lock)
    assert (lock.date, lock.source_url, lock.bytes) == (TODAY, "https://x", len(published.read_bytes()))
    assert read_registry(layout.names).classes["Robot.colour"] == "RobotColour"
    assert "class RobotColour" in (layout.generated / "instantly_client" / "models" / "robot.py").read_text("utf-8")
    assert out_of_date(layout, on_step=quiet) == ([], [])
    assert not list(layout.root.glob(".change*"))


def test_names_on_record_stay_as_they_are(layout: Layout, published: Path) -> None:
    before = read_registry(layout.names)
    pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    after = read_registry(layout.names)
    assert after.operations == before.operations
    assert before.classes.items() <= after.classes.items()


def test_the_same_document_again_changes_nothing(layout: Layout, published: Path) -> None:
    pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    before = state(layout)
    with pytest.raises(Unchanged, match="pinned already"):
        pin(load(published), date=TODAY + datetime.timedelta(1), layout=layout, on_step=quiet)
    assert state(layout) == before


def test_the_structure_is_the_vendor_s_and_the_words_are_ours(layout: Layout, published: Path) -> None:
    document = json.loads(published.read_text("utf-8"))
    robot = document["components"]["schemas"]["def-1"]["properties"]
    robot["colour"]["description"] = "The colour in which the factory has painted it."
    robot["arms"]["description"] = "The arms with which it grasps whatever it is handed."
    write(published, document)
    layout.texts.write_text('[texts]\n"Robot.colour" = "Colour of the paint."\n"Robot.wheels" = "None."\n', "utf-8")
    report = pin(load(published), date=TODAY, layout=layout, structure_only=True, on_step=quiet)
    pinned = layout.document.read_text("utf-8")
    assert "Colour of the paint." in pinned
    assert "factory" not in pinned
    assert "grasps" not in pinned
    assert "Robot.arms" in report.stubs
    assert report.unused_texts == ("texts.Robot.wheels",)
    assert "- `Robot.arms`" in report.markdown()
    assert report.as_json()["texts_to_write"] == list(report.stubs)
    assert locks.read(layout.lock).vendor_sha256 == load(published).sha256


def test_what_the_vendor_has_renamed_keeps_our_words(layout: Layout, published: Path) -> None:
    texts = {"Robot.name": "What its friends call it.", "listRobot:summary": "Name all robots."}
    layout.texts.write_text("[texts]\n" + "".join(f'"{key}" = "{text}"\n' for key, text in texts.items()), "utf-8")
    document = json.loads(published.read_text("utf-8"))
    document["components"]["schemas"]["def-1"]["title"] = "Machine"
    operation = next(each for each in operations(document) if each.id == "listRobot")
    operation.raw["operationId"] = "listMachine"
    write(published, document)
    for _ in range(2):  # when the names are new, and when they are on record
        report = pin(load(published), date=TODAY, layout=layout, structure_only=True, on_step=quiet)
        pinned = layout.document.read_text("utf-8")
        assert all(text in pinned for text in texts.values())
        assert not report.unused_texts
        document["info"]["version"] = "the next one"
        write(published, document)


def test_the_vendor_s_bytes_are_known_again_though_our_words_are_pinned(layout: Layout, published: Path) -> None:
    pin(load(published), date=TODAY, layout=layout, structure_only=True, on_step=quiet)
    before = state(layout)
    with pytest.raises(Unchanged, match="pinned already"):
        pin(load(published), date=TODAY, layout=layout, structure_only=True, on_step=quiet)
    assert state(layout) == before


def test_words_that_the_vendor_has_changed_are_listed_by_place_and_never_quoted(
    layout: Layout, published: Path
) -> None:
    layout.texts.write_text('[texts]\n"Robot.name" = "What its friends call it."\n', "utf-8")
    pin(load(published), date=TODAY, layout=layout, structure_only=True, on_step=quiet)
    document = json.loads(published.read_text("utf-8"))
    robot = document["components"]["schemas"]["def-1"]["properties"]
    robot["name"]["description"] = "The serial number, since the summer."
    write(published, document)
    before = state(layout)
    later = TODAY + datetime.timedelta(1)
    with pytest.raises(Unchanged, match=r"only the vendor's words differ, at 1 place: Robot\.name\."):
        pin(load(published), date=later, layout=layout, structure_only=True, on_step=quiet)
    assert state(layout) == before
    words = Decisions(take_prose=True)
    report = pin(load(published), date=later, layout=layout, structure_only=True, decisions=words, on_step=quiet)
    assert report.reworded == ("Robot.name",)
    assert "- `Robot.name`" in report.markdown()
    assert report.as_json()["reworded_by_the_vendor"] == ["Robot.name"]
    assert locks.read(layout.lock).vendor_sha256 == load(published).sha256
    assert [path for path, content in state(layout).items() if b"since the summer" in content] == []
    with pytest.raises(Unchanged, match="pinned already"):
        pin(load(published), date=later, layout=layout, structure_only=True, on_step=quiet)


def test_what_the_vendor_has_renamed_is_said_with_the_name_that_stays(layout: Layout) -> None:
    _, report = pin_revised(layout, "operation_renamed")
    assert len(report.renames) == 1
    assert re.fullmatch(r"\w+ is now \w+, and stays client\.robots\.\w+", report.renames[0])
    assert report.renames[0] in report.markdown()


def test_numbers_that_may_be_whole_are_listed_for_a_person_once(layout: Layout, published: Path) -> None:
    document = json.loads(published.read_text("utf-8"))
    document["components"]["schemas"]["def-1"]["properties"] |= {
        "priority": {"type": "number"},
        "price": {"type": "number"},
        "max_legs": {"type": "number"},
    }
    write(published, document)
    report = pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    assert report.numbers == ["Robot.priority"]
    assert "- `Robot.priority`" in report.markdown()
    assert report.as_json()["numbers_to_judge"] == ["Robot.priority"]
    document["info"]["version"] = "the next one"
    document["components"]["schemas"]["def-1"]["properties"]["mood"] = {"type": "string"}
    write(published, document)
    later = TODAY + datetime.timedelta(1)
    assert pin(load(published), date=later, layout=layout, on_step=quiet).numbers == []


def test_our_words_are_taken_up_without_the_vendor_s_document(layout: Layout, published: Path) -> None:
    pin(load(published), date=TODAY, layout=layout, structure_only=True, on_step=quiet)
    before = locks.read(layout.lock)
    layout.texts.write_text('[texts]\n"Robot.name" = "What its friends call it."\n', "utf-8")
    later = TODAY + datetime.timedelta(1)
    words = Decisions(take_prose=True)
    pin(load(layout.document), date=later, layout=layout, structure_only=True, decisions=words, on_step=quiet)
    after = locks.read(layout.lock)
    assert (after.date, after.vendor_sha256) == (before.date, before.vendor_sha256)
    assert after.sha256 != before.sha256
    assert "What its friends call it." in (layout.generated / "instantly_client/models/robot.py").read_text("utf-8")


@pytest.mark.parametrize("content", ["<html>", "{}", "", '{"openapi": "3.0.0"}'])
def test_a_document_that_is_not_fit_changes_nothing(layout: Layout, tmp_path: Path, content: str) -> None:
    before = state(layout)
    with pytest.raises(Refused):
        pin(load(write(tmp_path / "broken.json", content)), date=TODAY, layout=layout, on_step=quiet)
    assert state(layout) == before


def test_a_step_that_fails_changes_nothing(layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise Failed("verify", "for the test")

    monkeypatch.setattr("scripts.codegen.pipeline.verify", fail)
    before = state(layout)
    with pytest.raises(Failed, match="for the test"):
        pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    assert state(layout) == before
    assert not list(layout.root.glob(".change*"))


def test_the_command_says_what_came_of_it(
    layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PROJECT", layout)
    assert command.main([str(published), "--date", "2026-06-01"]) == 0
    assert "Robot.colour: added, optional, RobotColour" in capsys.readouterr().out
    assert command.main([str(published)]) == 0
    assert "pinned already" in capsys.readouterr().out
    assert command.main([str(layout.root / "nowhere.json")]) == 2
    assert command.main([str(published), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"pinned": False, "reason": "this document is pinned already"}


# --- What is no change ---


@pytest.mark.parametrize(
    "kind", ["schemas_renumbered", "schemas_titled", "keys_shuffled", "examples_redrawn", "prose_changed"]
)
def test_noise_changes_nothing(layout: Layout, kind: str) -> None:
    before = state(layout)
    with pytest.raises(Unchanged, match="--take-prose"):
        pin_revised(layout, kind)
    assert state(layout) == before


def test_a_byte_order_mark_changes_nothing(layout: Layout, tmp_path: Path) -> None:
    before = state(layout)
    marked = tmp_path / "marked.json"
    marked.write_bytes(with_byte_order_mark(layout.document.read_bytes()))
    with pytest.raises(Unchanged, match="--take-prose"):
        pin(load(marked), date=TODAY, layout=layout, on_step=quiet)
    assert state(layout) == before


def test_words_are_taken_where_they_are_asked_for(layout: Layout) -> None:
    before = state(layout)
    noise = ("prose_changed", "schemas_renumbered", "keys_shuffled", "examples_redrawn")
    _, report = pin_revised(layout, *noise, decisions=Decisions(take_prose=True))
    assert [(change.subject, change.effect) for change in report.changes] == [("client.robots.list", Effect.PROSE)]
    assert report.names == []
    after = state(layout)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} >= {
        "openapi/api_v2.json",
        "openapi/api_v2.lock.toml",
        "generated/instantly_client/resources/robots.py",
    }
    assert after["openapi/names.toml"] == before["openapi/names.toml"]
    assert out_of_date(layout, on_step=quiet) == ([], [])


# --- What is for a person to decide ---


def test_what_is_removed_is_kept_until_it_is_purged(layout: Layout) -> None:
    before = (layout.generated / "instantly_client" / "resources" / "robots.py").read_text("utf-8")
    _, report = pin_revised(layout, "operation_removed", "value_removed")
    assert {(c.subject, c.action) for c in report.changes} == {
        ("client.robots.list", "deprecated"),
        ("RobotStatus.ASLEEP", "deprecated"),
    }
    assert {stone.name for stone in read_tombstones(layout.tombstones)} == {"listRobot", "Robot.status=0"}
    assert out_of_date(layout, on_step=quiet) == ([], [])
    kept = state(layout)

    with pytest.raises(Refused, match=r"there are: Robot\.status=0, listRobot"):
        pin(load(layout.document), date=TODAY, layout=layout, on_step=quiet, decisions=Decisions(purge=("Robot",)))
    assert state(layout) == kept

    burial = Decisions(purge=("listRobot",))
    report = pin(load(layout.document), date=TODAY, layout=layout, on_step=quiet, decisions=burial)
    assert [(c.subject, c.action) for c in report.changes] == [("client.robots.list", "removed")]
    assert {stone.name for stone in read_tombstones(layout.tombstones)} == {"Robot.status=0"}
    after = (layout.generated / "instantly_client" / "resources" / "robots.py").read_text("utf-8")
    assert ("def list(" in before, "def list(" in after) == (True, False)
    assert out_of_date(layout, on_step=quiet) == ([], [])
    assert read_registry(layout.names).operations["listRobot"] == "list"


def test_a_provisional_name_may_change_and_go_and_an_accepted_one_may_not(layout: Layout) -> None:
    document = load(layout.document).document
    answer = {"responses": {"200": {"description": "Done."}}, "tags": ["Robot"]}
    many = {"post": {"operationId": "pauseRobots", **answer}}
    document["paths"]["/api/robots/pause"] = many
    file = layout.root.parent / "next.json"
    pin(load(write(file, document)), date=TODAY, layout=layout, on_step=quiet)
    assert read_registry(layout.names).operations["pauseRobots"] == "pause"

    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    document["paths"]["/api/robots/{id}/pause"] = {
        "post": {"operationId": "pauseRobot", "parameters": [parameter], **answer}
    }
    report = pin(load(write(file, document)), date=TODAY, layout=layout, on_step=quiet)
    names = read_registry(layout.names).operations
    assert (names["pauseRobots"], names["pauseRobot"]) == ("pause_many", "pause")
    assert "client.robots.pause_many <- POST /api/robots/pause (pauseRobots)" in report.names
    assert out_of_date(layout, on_step=quiet) == ([], [])

    accept_names(layout, ["client.robots.pause_many"], on_step=quiet)
    del document["paths"]["/api/robots/{id}/pause"], document["paths"]["/api/robots/pause"]
    pin(load(write(file, document)), date=TODAY, layout=layout, on_step=quiet)
    assert [stone.name for stone in read_tombstones(layout.tombstones)] == ["pauseRobots"]
    assert "pauseRobot" not in read_registry(layout.names).operations


def test_what_breaks_is_pinned_only_if_that_is_accepted(layout: Layout) -> None:
    before = state(layout)
    with pytest.raises(Breaking) as caught:
        pin_revised(layout, "field_retyped", "required_parameter_added")
    assert state(layout) == before
    broken = {change.subject for change in caught.value.report.changes if change.effect is Effect.BREAKING}
    assert broken == {"Robot.id", "client.robots.list(colour=)"}

    _, report = pin_revised(
        layout, "field_retyped", "required_parameter_added", decisions=Decisions(accept=Acceptance(everything=True))
    )
    assert list(report.changes) == list(caught.value.report.changes)
    assert {entry["subject"] for entry in tomllib.loads(layout.accepted.read_text("utf-8"))["accepted"]} == broken
    assert all(f"`{subject}`" in report.markdown() for subject in broken)
    assert out_of_date(layout, on_step=quiet) == ([], [])


def test_what_is_gone_ends_with_a_breaking_change_after_its_days_of_grace(layout: Layout) -> None:
    pin_revised(layout, "value_removed", grace_days=10)
    later = TODAY + datetime.timedelta(10)
    file = write(layout.root.parent / "later.json", REVISIONS["field_added"](load(layout.document).document, first)[0])
    report = pin(load(file), date=later, layout=layout, on_step=quiet, grace_days=10)
    assert [stone.name for stone in report.expired] == ["Robot.status=0"]
    file = write(file, REVISIONS["field_retyped"](load(layout.document).document, first)[0])
    accepted = Decisions(accept=Acceptance(everything=True))
    report = pin(load(file), date=later, layout=layout, on_step=quiet, decisions=accepted, grace_days=10)
    assert "RobotStatus.ASLEEP" in {change.subject for change in report.changes if change.action == "removed"}
    assert read_tombstones(layout.tombstones) == []


# --- The same every time, all of it told ---

REVISED = {
    "operation_added": ("Robot", "diagnoseRobot"),
    "operation_retagged": ("getRobot", "Workshop"),
    "operation_renamed": ("listRobot", "inspectRobot"),
    "parameter_added": ("diagnoseRobot", "Per Page", "values"),
    "parameter_removed": ("inspectRobot:query.limit",),
    "field_added": ("RobotArm", "class", "object"),
    "field_removed": ("patchRobot:body.name",),
    "value_added": ("patchRobot:body.mood", "Brand New"),
    "value_removed": ("Robot.status=-1",),
    "schemas_renumbered": ("by one",),
    "scopes_changed": ("patchRobot", "all:all"),
}
"""Revisions that all happen at once, and where."""
TOLD = {
    *("client.robots.diagnose", "client.workshops.get", "client.robots.list(limit=)", "RobotArm.class_"),
    *(
        "client.robots.list",
        "client.robots.update",
        "client.robots.update(name=)",
        "RobotMood.BRAND_NEW",
        "RobotStatus.BROKEN",
    ),
}
NEW = {"client.workshops", "RobotArmClass", "RobotArmKind", "RobotPerPage"}


def test_two_runs_give_the_same_bytes_and_the_report_lists_all_of_it(
    layout: Layout, original: Layout, tmp_path: Path
) -> None:
    document = small_document()
    for kind, places in REVISED.items():
        document, _ = REVISIONS[kind](document, at(*places))
    file = write(tmp_path / "revised.json", document)
    reports, states = [], []
    for project in (layout, copied(original, tmp_path / "other")):
        reports.append(pin(load(file), date=TODAY, layout=project, on_step=quiet))
        states.append(state(project))
    assert states[0] == states[1]
    assert reports[0] == reports[1]
    inside = ("class", "enumeration", "resource")
    assert {change.subject for change in reports[0].changes if change.kind not in inside} == TOLD
    assert {change.subject for change in reports[0].changes if change.kind in inside} == NEW
    assert out_of_date(layout, on_step=quiet) == ([], [])


# --- All or nothing ---


@pytest.mark.parametrize(
    "step",
    [
        *(
            "scripts.codegen.pipeline.generate",
            "scripts.codegen.pipeline.format_tree",
            "scripts.evolution.pin.check_recordings",
        ),
        *(
            "scripts.evolution.pin.judge",
            "scripts.evolution.pin.with_handwritten",
            "scripts.evolution.pin.with_api_changes",
            "scripts.evolution.pin.Transaction.commit",
        ),
    ],
)
def test_whichever_step_fails_nothing_has_changed(
    layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise Failed(step, "for the test")

    monkeypatch.setattr(step, fail)
    # It takes longest, and its failure has a test of its own.
    monkeypatch.setattr("scripts.codegen.pipeline.verify", lambda *arguments, **options: None)
    before = state(layout)
    with pytest.raises(Failed, match="for the test"):
        pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    assert state(layout) == before
    assert not list(layout.root.glob(".change*"))


# --- Since the last release ---


@pytest.fixture
def released(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The project in a repository of its own, with the release 0.1.0."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("scripts.codegen.pipeline.verify", lambda *arguments, **options: None)
    now = surface(layout, on_step=quiet)
    (layout.root / SURFACE).write_text(to_text(now), "utf-8")
    git("test", layout.root, "init", "--quiet")
    commit(layout)
    git("test", layout.root, "tag", "v0.1.0")
    return layout


GIT = {
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@example.com"),
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
}


def commit(layout: Layout) -> None:
    git("test", layout.root, "add", ".")
    git("test", layout.root, "commit", "--quiet", "--message", "Pin")


def take(layout: Layout, document: Document, day: int, **options: Any) -> Report:
    """Pin a document as published on a day of June, accept what it breaks, and commit that."""
    file = write(layout.root.parent / "next.json", document)
    decisions = Decisions(accept=Acceptance(everything=True), take_prose=True, **options)
    report = pin(load(file), date=TODAY.replace(day=day), layout=layout, on_step=quiet, decisions=decisions)
    commit(layout)
    return report


def test_the_changelog_has_what_changed_since_the_release_and_no_step_between(released: Layout) -> None:
    old = json.loads(released.document.read_text("utf-8"))
    before = released.changelog.read_bytes()
    broken, _ = REVISIONS["field_retyped"](old, first)
    more, _ = REVISIONS["field_added"](broken, at("RobotArm", "class", "object"))

    assert take(released, broken, 2).following == "0.2.0"
    assert "`Robot.id`" in released.changelog.read_text("utf-8")
    assert take(released, more, 3).following == "0.2.0"
    text = released.changelog.read_text("utf-8")
    assert "`Robot.id`" in text
    assert "`RobotArm.class_`" in text
    # The field went again on the way: nobody ever had it, so that nothing has to be kept or accepted.
    file = write(released.root.parent / "next.json", broken)
    pin(load(file), date=TODAY.replace(day=4), layout=released, on_step=quiet, decisions=Decisions(older=True))
    commit(released)
    assert read_tombstones(released.tombstones) == []
    text = released.changelog.read_text("utf-8")
    assert "`Robot.id`" in text
    assert "class_" not in text

    report = take(released, old, 5, older=True)
    assert report.following == ""
    assert report.version == "Nothing of the surface has changed since 0.1.0."
    assert released.changelog.read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "places", "stone"),
    [
        ("operation_removed", ("listRobot",), "listRobot"),
        ("parameter_removed", ("listRobot:query.limit",), "listRobot:query.limit"),
        ("field_removed", ("patchRobot:body.mood",), "patchRobot:body.mood"),
        ("field_removed", ("Robot.owner",), "Robot.owner"),
        ("value_removed", ("Robot.status=-1",), "Robot.status=-1"),
    ],
)
def test_what_was_released_is_kept(released: Layout, kind: str, places: tuple[str, ...], stone: str) -> None:
    document, _ = REVISIONS[kind](json.loads(released.document.read_text("utf-8")), at(*places))
    take(released, document, 2)
    assert [each.name for each in read_tombstones(released.tombstones)] == [stone]


@pytest.mark.parametrize("kind", ["operation_added", "parameter_added", "field_added", "value_added", "schema_added"])
def test_of_what_was_never_released_nothing_is_kept(released: Layout, kind: str) -> None:
    before = released.changelog.read_text("utf-8")
    surface_before = (released.root / SURFACE).read_text("utf-8")
    old = json.loads(released.document.read_text("utf-8"))
    new, _ = REVISIONS[kind](old, first)
    take(released, new, 2)
    take(released, old, 3, older=True)
    assert read_tombstones(released.tombstones) == []
    assert released.changelog.read_text("utf-8") == before
    assert (released.root / SURFACE).read_text("utf-8") == surface_before


def test_only_a_release_changes_the_version(released: Layout) -> None:
    version = (released.root / "core/instantly_core/version.py").read_bytes()
    document, _ = REVISIONS["field_retyped"](json.loads(released.document.read_text("utf-8")), first)
    take(released, document, 2)
    assert (released.root / "core/instantly_core/version.py").read_bytes() == version


def test_before_the_first_release_the_changelog_has_the_whole_api(layout: Layout, published: Path) -> None:
    report = pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    assert report.version == "Nothing is released yet: the first version is for a person to choose."
    assert layout.changelog.read_text("utf-8").endswith(
        f"{MARK}\n\n### Added\n\n- All 3 operations of the API as published on 2026-06-01.\n"
    )


def test_a_release_without_its_tag_is_refused(released: Layout, published: Path) -> None:
    text = released.changelog.read_text("utf-8")
    released.changelog.write_text(f"{text}\n## [0.3.0] - 2026-05-01\n\n### Fixed\n\n- A thing.\n", "utf-8")
    before = state(released)
    with pytest.raises(Refused, match=r"there is no tag v0\.3\.0 here"):
        pin(load(published), date=TODAY, layout=released, on_step=quiet)
    assert state(released) == before


def test_an_older_document_is_refused_unless_it_is_asked_for(released: Layout) -> None:
    old = released.document.read_bytes()
    new, _ = REVISIONS["field_added"](json.loads(old), first)
    file = write(released.root.parent / "new.json", new)
    before = state(released)
    with pytest.raises(Refused, match="the document is of 2026-01-01, and the pinned one of 2026-01-02"):
        pin(load(file), date=datetime.date(2026, 1, 1), layout=released, on_step=quiet)
    assert state(released) == before
    take(released, new, 1)
    file.write_bytes(old)
    with pytest.raises(Refused, match="this document was pinned before, as that of 2026-01-02"):
        pin(load(file), date=TODAY, layout=released, on_step=quiet)
    pin(load(file), date=TODAY, layout=released, on_step=quiet, decisions=Decisions(older=True))
    assert released.document.read_bytes() == old


# --- The command ---


def test_a_date_in_the_future_is_refused(
    layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PROJECT", layout)
    monkeypatch.setattr(command, "_today", lambda: TODAY)
    before = state(layout)
    assert command.main([str(published), "--date", "2026-06-02"]) == 2
    assert "2026-06-02 is in the future" in capsys.readouterr().err
    assert state(layout) == before


@pytest.mark.parametrize(
    ("kind", "options", "status", "pinned"),
    [
        ("field_added", (), 0, True),
        ("prose_changed", (), 0, False),
        ("prose_changed", ("--take-prose",), 0, True),
        ("field_retyped", (), 2, False),
        ("field_retyped", ("--accept-breaking",), 0, True),
        ("field_added", ("--purge", "nothing"), 2, False),
    ],
)
def test_the_exit_status_says_whether_somebody_has_to_look(
    layout: Layout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    options: tuple[str, ...],
    status: int,
    pinned: bool,
) -> None:
    monkeypatch.setattr(command, "PROJECT", layout)
    monkeypatch.setattr("scripts.codegen.pipeline.verify", lambda *arguments, **options: None)
    document, _ = REVISIONS[kind](small_document(), first)
    file, report, body = write(tmp_path / "revised.json", document), tmp_path / "report.md", tmp_path / "body.md"
    before = state(layout)
    assert (
        command.main([str(file), *options, "--date", "2026-06-01", "--report", str(report), "--body", str(body)])
        == status
    )
    assert (layout.document.read_bytes() == file.read_bytes()) == pinned
    assert (state(layout) != before) == pinned
    if kind == "field_retyped":
        assert "`Robot.id`" in report.read_text("utf-8")
        assert body.read_text("utf-8") == report.read_text("utf-8")


def test_the_text_of_a_change_request_fits_and_the_report_is_whole(layout: Layout) -> None:
    _, report = pin_revised(layout, "field_added")
    assert report.body() == report.markdown()
    found = [
        Change("field", "changed", f"Robot{n}.part", "type", f"{n}", "int", Effect.BREAKING, f"Robot{n}")
        for n in range(900)
    ]
    much = replace(report, changes=found)
    whole, body = much.markdown(), much.body()
    assert all(each.subject in whole for each in found)
    assert len(body) <= MAX_BODY < len(whole)
    assert body.endswith(f"\n\n{SHORTENED}\n")
    assert body.partition("\n\n- ")[0] == whole.partition("\n\n- ")[0]


def test_the_command_line_that_is_shown_accepts_what_was_refused(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PROJECT", layout)
    monkeypatch.setattr("scripts.codegen.pipeline.verify", lambda *arguments, **options: None)
    document, _ = REVISIONS["required_parameter_added"](REVISIONS["field_retyped"](small_document(), first)[0], first)
    file = str(write(tmp_path / "revised one.json", document))
    assert command.main([file, "--date", "2026-06-01"]) == 2
    shown = capsys.readouterr().err.splitlines()[-1]
    _, _, arguments = shown.partition(" pin -- ")
    first_id = shlex.split(arguments)[4]
    only = [file, "--date", "2026-06-01", "--accept", first_id, "--because", "One of two."]
    assert command.main(only) == 2
    _, _, arguments = capsys.readouterr().err.splitlines()[-1].partition(" pin -- ")
    assert command.main([argument.replace("...", "Nobody calls it.") for argument in shlex.split(arguments)]) == 0
    reasons = [entry["because"] for entry in tomllib.loads(layout.accepted.read_text("utf-8"))["accepted"]]
    assert sorted(reasons) == ["Nobody calls it.", "One of two."]


def test_a_step_that_fails_gives_its_own_exit_status(
    layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise Failed("format", "for the test")

    monkeypatch.setattr(command, "PROJECT", layout)
    monkeypatch.setattr("scripts.codegen.pipeline.format_tree", fail)
    assert command.main([str(published)]) == 1
    assert "nothing has changed: the document of 2026-01-02" in capsys.readouterr().err


def test_scopes_that_vanish_from_many_operations_at_once_are_refused(layout: Layout, tmp_path: Path) -> None:
    document = small_document()
    for item in [*document["paths"].values()] * 2:
        document["paths"][f"/more{len(document['paths'])}"] = json.loads(json.dumps(item))
    told = [raw for item in document["paths"].values() for raw in item.values()]
    for number, raw in enumerate(told):
        raw |= {"operationId": f"call{number}", "parameters": [], "description": "Needs the scope `robots:paint`."}
    document["paths"] = {path.replace("{id}", "id"): item for path, item in document["paths"].items()}
    pin(load(write(tmp_path / "one.json", document)), date=TODAY, layout=layout, on_step=quiet, decisions=ACCEPTED)
    before = state(layout)
    for raw in told:
        raw["description"] = "Needs what painters have."
    file = write(tmp_path / "two.json", document)
    with pytest.raises(Breaking, match="scopes-vanished"):
        pin(load(file), date=TODAY, layout=layout, on_step=quiet)
    assert state(layout) == before
    accepted = Decisions(accept=Acceptance({"scopes-vanished": "They are painters."}))
    report = pin(load(file), date=TODAY, layout=layout, on_step=quiet, decisions=accepted)
    assert "operations lost them all" in report.body().partition("For code that uses the client")[0]
    assert "scopes-vanished" in {objection["id"] for objection in report.as_json()["to_accept"]}
    assert "They are painters." in layout.accepted.read_text("utf-8")
