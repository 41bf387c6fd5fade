"""A project of its own in a temporary folder, so that no test touches the real document or tree."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

from scripts.compatibility.surface import FILE as SURFACE
from scripts.lib.layout import PROJECT, Layout
from scripts.spec import lock as locks
from scripts.spec.load import load
from tests.pipeline.documents import small_document

OVERLAY = """\
overlay: 1.0.0
info: {title: No corrections, version: "1"}
actions: [{target: $.info, description: It has no effect., update: {}}]
"""


def make_project(root: Path) -> Layout:
    """A project with the small document as the pinned one; its templates are the real ones, its engine is a copy."""
    layout = Layout(root)
    layout.document.parent.mkdir(parents=True)
    layout.reference.parent.mkdir()
    for name in ("templates", "generator-config.yaml"):
        (root / name).symlink_to(PROJECT.root / name)
    shutil.copytree(PROJECT.root / "core", root / "core", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text('[tool.pin]\nhosts = ["robots.example"]\ngrace_days = 90\n', "utf-8")
    (root / SURFACE).parent.mkdir(parents=True)
    layout.changelog.write_text("# Changelog\n\n## [Unreleased]\n", "utf-8")
    layout.overlay.write_text(OVERLAY, "utf-8")
    write_document(layout, small_document())
    return layout


def write_document(layout: Layout, document: dict[str, Any]) -> None:
    """Make `document` the pinned one, with its lock."""
    layout.document.write_text(json.dumps(document), "utf-8")
    date = datetime.date(2026, 1, 2)
    locks.write(layout.lock, locks.describe(load(layout.document), source_url="https://x", date=date, note="A test."))


def quiet(step: str) -> None:
    """Where a run says its steps to nobody."""
