"""A rehearsal in a copy of the project says what a person has to do after a pin: nothing, whatever the vendor does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import rehearse
from scripts.lib.layout import PROJECT
from scripts.rehearse import failures, main
from scripts.spec import lock as locks
from scripts.spec.load import load
from tests.pipeline.successors import SUCCESSORS, following

DOCUMENTS = PROJECT.root.parent / "shared" / "documents"
NEWER = sorted(
    path for path in DOCUMENTS.glob("20??-??-??.json") if path.stem > locks.read(PROJECT.lock).date.isoformat()
)

# Those that depend on the document as a whole.
DEPENDENT = ["tests/contract", "tests/sandbox/test_all_operations.py", "tests/core/test_twins.py"]

long = pytest.mark.long


@long
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
    assert main([write(tmp_path, name), "--json"]) == 0, capsys.readouterr().out


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
