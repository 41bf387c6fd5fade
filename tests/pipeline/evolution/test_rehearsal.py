"""Documents of real size: what a person has to do after a pin, and what a year of pins does to a project: nothing."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
from operator import gt, lt
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import rehearse
from scripts.check_generated import out_of_date
from scripts.codegen.pipeline import Prepared, build, prepare, provenance_of, read_curation
from scripts.compatibility.judge import Effect
from scripts.evolution.acceptance import Acceptance
from scripts.evolution.pin import Breaking, Decisions, Unchanged, pin
from scripts.lib.junit import failures
from scripts.lib.layout import PROJECT, Layout
from scripts.naming.provisional import accept
from scripts.regenerate import regenerate
from scripts.rehearse import main
from scripts.spec import lock as locks
from scripts.spec.document import Document
from scripts.spec.load import load
from scripts.spec.overlay import apply, read_overlay
from scripts.spec.registry import write_registry
from tests.pipeline.evolution.test_upgrade import DAY, assert_names_stay, assert_record_stays, revise_pinned
from tests.pipeline.projects import make_project, quiet
from tests.pipeline.successors import SUCCESSORS, following

DOCUMENTS = PROJECT.root.parent / "shared" / "documents"
PINNED = locks.read(PROJECT.lock).date
OLDER, NEWER = (
    sorted(path for path in DOCUMENTS.glob("20??-??-??.json") if compare(path.stem, PINNED.isoformat()))
    for compare in (lt, gt)
)
"""The documents of the vendor that came before and after the pinned one."""

# Those that depend on the document as a whole.
DEPENDENT = ["tests/contract", "tests/sandbox/test_all_operations.py", "tests/core/test_twins.py"]

long = pytest.mark.long


@long
@pytest.mark.representative
def test_nothing_is_left_to_do_after_all_that_is_made_up_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = [part for path in DEPENDENT for part in ("--tests", path)]
    status = main([write(tmp_path, *SUCCESSORS), "--fast", *tests, "--json"])
    assert status == 0, capsys.readouterr().out


@long
@pytest.mark.parametrize("name", SUCCESSORS)
def test_nothing_is_left_to_do_after_a_made_up_document(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([write(tmp_path, name), "--fast", "--json"]) == 0, capsys.readouterr().out


# The slow tests take minutes, so they run once after all changes and not once after each.
@long
def test_nothing_is_left_to_do_for_the_slow_tests_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write(tmp_path, *SUCCESSORS), "--json"]) == 0, capsys.readouterr().out


@long
@pytest.mark.skipif(not NEWER, reason="no newer documents of the vendor's are beside the checkout")
def test_nothing_is_left_to_do_after_what_the_vendor_has_published_since(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*map(str, NEWER), "--json"]) == 0, capsys.readouterr().out


def write(folder: Path, *names: str) -> str:
    """The file of the document that follows the pinned one with these changes."""
    file = folder / "successor.json"
    file.write_text(json.dumps(following(load(PROJECT.document).document, *names)), "utf-8")
    return str(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "none.json")])
    assert stopped.value.code == 2
    assert "none.json is no file" in capsys.readouterr().err


@pytest.mark.slow
def test_a_document_that_cannot_be_pinned_is_left_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.json").write_text("{}", "utf-8")
    assert main([str(tmp_path / "empty.json"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["done"], told["pinned"], told["failures"]) == (False, [], [])
    assert told["stopped"].startswith("pin empty.json: ")
    assert "nothing has changed" in told["stopped"]


def test_a_failing_test_is_left_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.json").write_text("{}", "utf-8")
    found = rehearse.Rehearsal(["new.json"], failures=["tests/test_a.py::test_b: assert 1 == 2"])
    monkeypatch.setattr(rehearse, "rehearse", lambda *_, **__: found)
    assert main([str(tmp_path / "new.json")]) == 1
    assert capsys.readouterr().out.splitlines() == [*found.failures, "1 failing test after new.json"]


def test_failures_and_errors_are_read_with_the_first_line_of_why(tmp_path: Path) -> None:
    results = tmp_path / "results.xml"
    results.write_text(
        '<testsuites><testsuite><testcase classname="tests.a.test_b" name="test_c">'
        '<failure message="assert 1 == 2&#10;more">trace</failure></testcase>'
        '<testcase classname="tests.a.test_b" name="test_d"/>'
        '<testcase classname="" name="tests.a"><error message="collection failure">trace</error></testcase>'
        "</testsuite></testsuites>",
        "utf-8",
    )
    assert failures(results) == ["tests/a/test_b.py::test_c: assert 1 == 2", "tests.a: collection failure"]


# A year of documents, through the pipeline alone


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


@long
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


@long
@pytest.mark.skipif(not OLDER, reason="no documents of the vendor's are beside the checkout")
def test_each_version_follows_the_one_before(tmp_path: Path) -> None:
    layout = make_project(tmp_path / "project")
    versions = [*OLDER, PROJECT.document]
    days = [*(datetime.date.fromisoformat(path.stem) for path in OLDER), PINNED]
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
        # From here on its names stay.
        registry = accept(read_curation(layout).registry, (), ())
        layout.names.write_text(write_registry(registry), "utf-8")
