"""Documents of real size, through the whole pipeline: what a year of changes does to a project."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.check_generated import out_of_date
from scripts.codegen.pipeline import Prepared, build, prepare, provenance_of, read_curation
from scripts.compatibility.judge import Effect
from scripts.evolution.acceptance import Acceptance
from scripts.evolution.pin import Breaking, Decisions, Unchanged, pin
from scripts.lib.layout import PROJECT, Layout
from scripts.regenerate import regenerate
from scripts.spec import lock as locks
from scripts.spec.document import Document
from scripts.spec.load import load
from scripts.spec.overlay import apply, read_overlay
from tests.pipeline.evolution.test_upgrade import DAY, assert_names_stay, assert_record_stays, revise_pinned
from tests.pipeline.projects import make_project, quiet

DOCUMENTS = PROJECT.root.parent / "shared" / "documents"
PINNED = locks.read(PROJECT.lock).date
VERSIONS = sorted(path for path in DOCUMENTS.glob("20??-??-??.json") if path.stem < PINNED.isoformat())
"""The documents of the vendor that came before the pinned one."""

pytestmark = pytest.mark.long


def write_overlay(layout: Layout, documents: list[Document]) -> None:
    """Our corrections, as far as all of the documents have the places for them."""
    raw: dict[str, Any] = yaml.safe_load(PROJECT.overlay.read_text("utf-8"))
    fitting = [
        action
        for action in raw["actions"]
        if not any(apply(document, read_overlay({**raw, "actions": [action]}))[1] for document in documents)
    ]
    assert len(fitting) > 10
    layout.overlay.write_text(yaml.safe_dump({**raw, "actions": fitting}), "utf-8")


def import_all(layout: Layout) -> None:
    """Import the whole client in a process of its own, in which any warning is an error."""
    code = "from instantly_client import Instantly, models; [getattr(models, n) for n in dir(models)]; Instantly"
    path = os.pathsep.join(map(str, (layout.root / "core", layout.generated)))
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})


def prepared(layout: Layout) -> Prepared:
    return prepare(load(layout.document).document, read_curation(layout), pinned=True, on_step=quiet)


@pytest.mark.parametrize("seed", range(3))
def test_all_kinds_of_change_at_once_make_a_client_of_the_pinned_document(tmp_path: Path, seed: int) -> None:
    new, done = revise_pinned(seed)
    file = tmp_path / "new.json"
    file.write_text(json.dumps(new), "utf-8")
    source = load(file)
    lock = locks.describe(source, source_url="https://x", date=DAY, note="A test.")
    # It is verified at the end: everything is there, and all of it can be imported.
    build(
        source, provenance_of(lock), tmp_path / "generated", layout=PROJECT, pinned=True, on_step=quiet,
        curation=done.curation,
    )  # fmt: skip


@pytest.mark.skipif(not VERSIONS, reason="no documents of the vendor's are beside the checkout")
def test_each_version_follows_the_one_before(tmp_path: Path) -> None:
    layout = make_project(tmp_path / "project")
    versions = [*VERSIONS, PROJECT.document]
    days = [*(datetime.date.fromisoformat(path.stem) for path in VERSIONS), PINNED]
    write_overlay(layout, [load(path).document for path in versions])
    shutil.copy(versions[0], layout.document)
    lock = locks.describe(load(layout.document), source_url="https://x", date=days[0], note="A test.")
    locks.write(layout.lock, lock)
    regenerate(layout, on_step=quiet, record_names=True)
    for path, day in zip(versions[1:], days[1:], strict=True):
        source, before, record = load(path), prepared(layout), read_curation(layout).registry
        with pytest.raises(Breaking) as caught:
            pin(source, date=day, layout=layout, on_step=quiet, grace_days=999)
        accepted = Decisions(accept=Acceptance(everything=True))
        report = pin(source, date=day, layout=layout, on_step=quiet, decisions=accepted, grace_days=999)
        assert report.changes == caught.value.report.changes
        assert {change.effect for change in report.changes} == {*Effect}
        assert_names_stay(before, prepared(layout))
        assert_record_stays(record, read_curation(layout).registry)
        import_all(layout)
        assert out_of_date(layout, on_step=quiet) == ([], [])
        with pytest.raises(Unchanged):
            pin(source, date=day, layout=layout, on_step=quiet)
