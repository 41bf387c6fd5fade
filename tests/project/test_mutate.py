"""The tool that looks for missing tests: which modules it changes, how it tests them, what it reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import mutate
from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed, Refused
from scripts.mutate import CORE, Mutant, copy_project, find_modules, pytest_of, read_mutants

LIMITS = CORE / "ratelimit" / "limits.py"


@pytest.mark.parametrize("name", ["ratelimit/limits", "ratelimit/limits.py", "core/instantly_core/ratelimit/limits.py"])
def test_a_module_has_the_name_of_its_file(name: str) -> None:
    assert find_modules([name], PROJECT.root) == [LIMITS]


def test_a_folder_is_all_its_modules_and_none_is_taken_twice() -> None:
    found = find_modules(["ratelimit/limits", "ratelimit/"], PROJECT.root)
    assert found[0] == LIMITS
    assert sorted(found) == sorted(
        path.relative_to(PROJECT.root) for path in (PROJECT.root / LIMITS).parent.glob("*.py")
    )


def test_every_unknown_module_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.main(["ratelimit/limits", "limits", "../conftest"]) == 2
    told = capsys.readouterr().err
    assert "has no module limits (MODULE is a module or a folder of core" in told
    assert "has no module ../conftest" in told


def test_what_is_no_module_of_core_is_refused() -> None:
    with pytest.raises(Refused):
        find_modules(["../../scripts/mutate"], PROJECT.root)


@pytest.mark.slow
def test_the_copy_has_what_is_committed_or_would_be(tmp_path: Path) -> None:
    copy_project(PROJECT.root, tmp_path / "copy")
    assert (tmp_path / "copy" / LIMITS).read_bytes() == (PROJECT.root / LIMITS).read_bytes()
    assert not (tmp_path / "copy" / ".venv").exists()


def test_tests_that_speak_of_the_module_come_first(tmp_path: Path) -> None:
    folder = tmp_path / mutate.TESTS
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text("limitsless")
    (folder / "test_b.py").write_text("limits.limits")
    *command, first, second = pytest_of(LIMITS, tmp_path, [])
    assert (first, second) == ("tests/core/test_b.py", "tests/core/test_a.py")
    assert command[-2:] == ["-m", "not slow"]


def test_tests_that_are_named_run_alone(tmp_path: Path) -> None:
    command = pytest_of(LIMITS, tmp_path, ["tests/core/test_redis_limiter.py"])
    assert command[-1] == "tests/core/test_redis_limiter.py"
    assert "-m" not in command[3:]


def line(result: dict[str, Any] | None) -> str:
    item = {"mutations": [{"module_path": LIMITS.as_posix(), "start_pos": [16, 5]}]}
    return json.dumps([item, result])


def outcome(**values: Any) -> dict[str, Any]:
    diff = "--- mutation diff ---\n--- a.py\n+++ b.py\n@@ -1 +1 @@\n before\n-    wait(1)\n+    wait(2)\n after"
    return {"worker_outcome": "normal", "test_outcome": "killed", "diff": diff, "output": "", **values}


def test_a_mutant_is_told_by_its_place_and_its_change() -> None:
    dump = [
        line(outcome(test_outcome="survived")),
        line(outcome()),
        line(outcome(worker_outcome="skipped")),
        line(None),
    ]
    place = f"{LIMITS.as_posix()}:16"
    assert list(read_mutants("\n".join(dump))) == [
        Mutant(place, "wait(1)", "wait(2)", survived=True),
        Mutant(place, "wait(1)", "wait(2)", survived=False),
    ]


def test_a_mutant_that_could_not_be_tested_is_no_success() -> None:
    with pytest.raises(Failed, match="a mutant could not be tested: no such file"):
        list(read_mutants(line(outcome(worker_outcome="exception", output="no such file"))))


def test_without_the_tool_the_error_says_how_it_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(Failed, match="there is no cosmic-ray in this environment: run `nox -s mutate -- MODULE`"):
        mutate.mutate(LIMITS, tmp_path / "copy", ["true"], max_seconds=1)
