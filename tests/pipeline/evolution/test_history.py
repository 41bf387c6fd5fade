"""The API by date, as git has it: what each pin changed, and when a part of the client came and went."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import pytest

from scripts import history as command
from scripts.codegen.client_model import Argument, Class, ClientModel, Enumeration, Field, Member, Operation, Resource
from scripts.compatibility.surface import FILE as SURFACE
from scripts.compatibility.surface import to_text
from scripts.evolution.history import periods, pins
from scripts.lib.layout import Layout
from scripts.lib.process import git
from scripts.spec import lock as locks
from scripts.spec.load import load

FIELDS = {"id": Field("id", "str", "id", promised=True), "name": Field("name", "str", "name", "UNSET")}


def client(*methods: str, fields: str = "id", colours: str = "RED") -> ClientModel:
    arguments = (
        Argument("id", "str", "positional", place="path", json_name="id"),
        Argument("arm", "str", default="UNSET"),
    )
    operations = tuple(
        Operation(method, arguments, "Robot", id=f"{method}Robot", http_method="GET", path=f"/{method}")
        for method in methods
    )
    robot = Class("Robot", tuple(FIELDS[name] for name in fields.split()), bases=("Model",))
    members = tuple(Member(name, repr(name)) for name in colours.split())
    return ClientModel(
        resources={"robots": Resource("robots", "Robots", operations)},
        classes={"Robot": robot},
        enumerations={"Colour": Enumeration("Colour", "str", members)},
    )


class Project(Layout):
    """A project of which nothing is there but what its history is made of."""

    def git(self, *arguments: str) -> str:
        return git("test", self.root, *arguments)

    def commit(self) -> None:
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")

    def record(self, surface: ClientModel | str) -> None:
        path = self.root / SURFACE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(surface if isinstance(surface, str) else to_text(surface), "utf-8")

    def pin(self, day: str, surface: ClientModel | str) -> None:
        self.document.parent.mkdir(parents=True, exist_ok=True)
        self.document.write_text(json.dumps({"info": {"version": day}}), "utf-8")
        date = datetime.date.fromisoformat(day)
        locks.write(self.lock, locks.describe(load(self.document), source_url="https://x", date=date, note="A test."))
        self.record(surface)
        self.commit()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name, value in {
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@example.com"),
        **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    }.items():
        monkeypatch.setenv(name, value)
    project = Project(tmp_path / "project")
    project.root.mkdir()
    project.git("init", "--quiet")
    monkeypatch.setattr(command, "PROJECT", project)
    return project


@pytest.fixture
def pinned(project: Project) -> Project:
    """Three pins: a method comes with the second, which is released, and a field goes with the third."""
    project.pin("2026-01-02", client("list", fields="id name"))
    project.pin("2026-02-03", client("list", "find", fields="id name"))
    # The name is reviewed after the pin.
    project.record(client("list", "search", fields="id name"))
    project.commit()
    project.git("tag", "v0.2.0")
    project.git("tag", "v0.10.0")
    project.pin("2026-03-04", client("list", "search", colours="RED GREEN"))
    return project


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert command.main(list(arguments)) == 0
    return capsys.readouterr().out.splitlines()


def test_each_pin_has_what_changed_with_it(pinned: Project, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, three = (pin.commit[:12] for pin in pins(pinned))
    assert shown(capsys) == [
        f"2026-01-02  0 operations  commit {one}  since 0.2.0",
        f"2026-02-03  0 operations  commit {two}  since 0.2.0",
        "  additive   client.robots.search: added, GET /search",
        f"2026-03-04  0 operations  commit {three}  in no release",
        "  breaking   Robot.name: removed",
        "  additive   Colour.GREEN: added, 'GREEN'",
    ]
    assert [line for line in shown(capsys, "--since", "2026-03-01") if line.startswith("2026")] == [
        f"2026-03-04  0 operations  commit {three}  in no release"
    ]


def test_programs_read_json(pinned: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["notes"] == []
    assert [each["date"] for each in found["history"]] == ["2026-01-02", "2026-02-03", "2026-03-04"]
    assert [each["release"] for each in found["history"]] == ["0.2.0", "0.2.0", ""]
    assert [change["subject"] for change in found["history"][1]["changes"]] == ["client.robots.search"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("robots.list", ["2026-01-02 added"]),
        ("client.robots", ["2026-01-02 added", "2026-02-03 changed"]),
        ("robots.search", ["2026-02-03 added"]),
        ("robots.search(arm)", ["2026-02-03 added"]),
        ("robots.search(id)", ["2026-02-03 added"]),
        ("Robot.name", ["2026-01-02 added", "2026-03-04 removed"]),
        ("Colour", ["2026-01-02 added", "2026-03-04 changed"]),
        ("Colour.GREEN", ["2026-03-04 added"]),
    ],
)
def test_a_part_has_the_days_on_which_it_came_changed_and_went(
    pinned: Project, capsys: pytest.CaptureFixture[str], name: str, expected: list[str]
) -> None:
    dated = [line for line in shown(capsys, name) if line.startswith("2026")]
    assert [f"{line[:10]} {line.rpartition(' ')[2]}" for line in dated] == expected


def test_what_the_client_never_had_is_refused_with_what_is_like_it(
    pinned: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["robots.lst"]) == 2
    assert "the client never had 'robots.lst' (did you mean client.robots.list" in capsys.readouterr().err
    assert command.main(["robots.find"]) == 2


def test_a_surface_that_cannot_be_read_is_said_to_be_so(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.pin("2026-01-02", "an older form")
    project.pin("2026-02-03", client("list"))
    lines = shown(capsys)
    assert lines[1] == "  no surface is on record that can be read"
    assert len(lines) == 3


def test_a_clone_without_history_or_tags_says_what_it_lacks(
    pinned: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{pinned.root}", str(tmp_path / "clone"))
    monkeypatch.setattr(command, "PROJECT", Layout(tmp_path / "clone"))
    assert command.main([]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("2026-03-04  0 operations")
    assert "this clone is shallow" in captured.err
    assert "this clone has no tag of a release" in captured.err


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PROJECT", Layout(tmp_path))
    assert pins(Layout(tmp_path)) == []
    assert command.main([]) == 2


def test_the_same_document_is_pinned_once(pinned: Project) -> None:
    lock = pinned.lock.read_text("utf-8")
    pinned.lock.write_text(lock.replace("A test.", "Another note."), "utf-8")
    pinned.commit()
    assert [str(period.pin.date) for period in periods(pinned)] == ["2026-01-02", "2026-02-03", "2026-03-04"]
