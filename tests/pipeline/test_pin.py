"""Pinning takes a new document with all that follows from it, or changes nothing at all."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from scripts import lock as locks
from scripts import pin as command
from scripts.drift import drift
from scripts.load import load
from scripts.openapi import Document
from scripts.pin import Unchanged, pin
from scripts.pipeline import Layout
from scripts.regenerate import regenerate
from scripts.registry import read_registry
from scripts.report import Failed, Refused
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet

TODAY = datetime.date(2026, 6, 1)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A project in step with its document."""
    layout = make_project(tmp_path / "project")
    regenerate(layout, tell=quiet, record_names=True)
    return layout


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
    folders = (layout.document.parent, layout.generated)
    return {str(p): p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_document_lock_names_and_client_change_together(layout: Layout, published: Path) -> None:
    report = pin(load(published), date=TODAY, layout=layout, tell=quiet)
    assert [change.subject for change in report.changes] == ["Robot.colour", "RobotColour"]
    assert layout.document.read_bytes() == published.read_bytes()
    lock = locks.read(layout.lock)
    assert (lock.date, lock.source_url, lock.bytes) == (TODAY, "https://x", len(published.read_bytes()))
    assert read_registry(layout.names).classes["Robot.colour"] == "RobotColour"
    assert (layout.generated / "instantly_client" / "models" / "robot_colour.py").exists()
    assert drift(layout, tell=quiet) == ([], [])
    assert not list(layout.root.glob(".change*"))


def test_names_on_record_stay_as_they_are(layout: Layout, published: Path) -> None:
    before = read_registry(layout.names)
    pin(load(published), date=TODAY, layout=layout, tell=quiet)
    after = read_registry(layout.names)
    assert after.operations == before.operations
    assert before.classes.items() <= after.classes.items()


def test_the_same_document_again_changes_nothing(layout: Layout, published: Path) -> None:
    pin(load(published), date=TODAY, layout=layout, tell=quiet)
    before = state(layout)
    with pytest.raises(Unchanged, match="pinned already"):
        pin(load(published), date=TODAY + datetime.timedelta(1), layout=layout, tell=quiet)
    assert state(layout) == before


@pytest.mark.parametrize("content", ["<html>", "{}", "", '{"openapi": "3.0.0"}'])
def test_a_document_that_is_not_fit_changes_nothing(layout: Layout, tmp_path: Path, content: str) -> None:
    before = state(layout)
    with pytest.raises(Refused):
        pin(load(write(tmp_path / "broken.json", content)), date=TODAY, layout=layout, tell=quiet)
    assert state(layout) == before


def test_a_step_that_fails_changes_nothing(layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise Failed("verify", "for the test")

    monkeypatch.setattr("scripts.pipeline.verify", fail)
    before = state(layout)
    with pytest.raises(Failed, match="for the test"):
        pin(load(published), date=TODAY, layout=layout, tell=quiet)
    assert state(layout) == before
    assert not list(layout.root.glob(".change*"))


def test_the_command_says_what_came_of_it(
    layout: Layout, published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PROJECT", layout)
    assert command.main([str(published), "--date", "2026-06-01"]) == 0
    assert "Robot.colour: added, optional, RobotColour | str" in capsys.readouterr().out
    assert command.main([str(published)]) == 0
    assert "pinned already" in capsys.readouterr().out
    assert command.main([str(layout.root / "nowhere.json")]) == 2
    assert command.main([str(published), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"pinned": False, "reason": "this document is pinned already"}
