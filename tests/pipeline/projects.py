"""A project of its own in a temporary folder, so that no test touches the real document or tree."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from scripts import lock as locks
from scripts.load import load
from scripts.pipeline import PROJECT, Layout
from tests.pipeline.documents import small_document

OVERLAY = """\
overlay: 1.0.0
info: {title: No corrections, version: "1"}
actions: [{target: $.info, description: It has no effect., update: {}}]
"""


def make_project(root: Path) -> Layout:
    """A project with the small document as the pinned one; its templates and engine are the real ones."""
    layout = Layout(root)
    layout.document.parent.mkdir(parents=True)
    for name in ("core", "templates", "generator-config.yaml"):
        (root / name).symlink_to(PROJECT.root / name)
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
