"""scripts/dev.py, as far as it goes without a network."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import dev


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, dev.__file__, *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def locks(tmp_path: Path) -> tuple[Path, Path]:
    paths = (tmp_path / "bootstrap.txt", tmp_path / "dev.txt")
    for path in paths:
        path.write_text(f"{path.stem}==1\n")
    return paths


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `prepare` does, noted instead of done."""
    done: list[str] = []

    def create(environment: Path) -> None:
        done.append("create")
        python = dev.python_of(environment)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(dev, "create", create)
    monkeypatch.setattr(dev, "install", lambda environment, locks: done.append("install"))
    monkeypatch.setattr(dev, "check", lambda environment: done.append("check"))
    return done


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_goes_to_standard_output(flag: str) -> None:
    result = call(flag)
    assert result.returncode == 0
    assert result.stdout == dev.HELP
    assert result.stderr == ""


@pytest.mark.parametrize("verb", dev.VERBS)
def test_help_names_every_verb(verb: str) -> None:
    assert f"\n  {verb} " in dev.HELP


@pytest.mark.parametrize(
    ("arguments", "problem"), [(["tests"], "dev.py: unknown verb 'tests'"), ([], "dev.py: which verb?")]
)
def test_what_is_no_verb_is_told_with_the_help(arguments: list[str], problem: str) -> None:
    result = call(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == f"{problem}\n\n{dev.HELP}"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_what_to_do(version: tuple[int, int, int]) -> None:
    message = dev.too_old(version)
    assert f"this is Python {version[0]}.{version[1]} (" in message
    assert "needs 3.11 or newer" in message
    assert "python3.11 scripts/dev.py test" in message


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1), (4, 0, 0)])
def test_a_python_that_is_new_enough_is_told_nothing(version: tuple[int, int, int]) -> None:
    assert dev.too_old(version) == ""


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(Path(dev.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(
    ("verb", "rest", "expected"),
    [
        ("test", [], ["--session", "test"]),
        ("test", ["-k", "retries"], ["--session", "test", "--", "-k", "retries"]),
        ("nox", ["-s", "lint"], ["-s", "lint"]),
    ],
)
def test_arguments_reach_nox(verb: str, rest: list[str], expected: list[str]) -> None:
    assert dev.nox_arguments(verb, rest) == expected


def test_the_environment_is_made_once(tmp_path: Path, locks: tuple[Path, Path], steps: list[str]) -> None:
    dev.prepare(tmp_path / "env", locks)
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check"]


@pytest.mark.parametrize("changed", [0, 1])
def test_a_changed_lock_refreshes_the_environment(
    tmp_path: Path, locks: tuple[Path, Path], steps: list[str], changed: int
) -> None:
    dev.prepare(tmp_path / "env", locks)
    locks[changed].write_text("another==2\n")
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check", "install", "check"]


def test_another_python_makes_the_environment_anew(
    tmp_path: Path, locks: tuple[Path, Path], steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dev.prepare(tmp_path / "env", locks)
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check", "create", "install", "check"]


def test_an_environment_that_was_left_half_made_is_made_anew(
    tmp_path: Path, locks: tuple[Path, Path], steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(environment: Path, locks: tuple[Path, Path]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dev, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            dev.prepare(tmp_path / "env", locks)
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "create", "install", "check"]


def test_an_environment_without_nox_is_not_ready(
    tmp_path: Path, locks: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As settings of pip leave it that put packages elsewhere."""
    monkeypatch.setattr(dev, "create", lambda environment: None)
    monkeypatch.setattr(dev, "install", lambda environment, locks: None)
    environment = tmp_path / "environment"
    python = dev.python_of(environment)
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "No module named nox"\nexit 1\n')
    python.chmod(0o700)
    with pytest.raises(dev.DevError, match=r"looking for nox in the environment failed(.|\n)*No module named nox"):
        dev.prepare(environment, locks)
    assert not (environment / "locked-state").exists()


def test_variables_that_say_where_to_do_not_reach_the_installers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in dev.PLACES:
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple/")
    code = "import os, sys; print(*sorted(os.environ)); sys.exit(1)"
    with pytest.raises(dev.DevError) as failed:
        dev.run([sys.executable, "-c", code], "asking", "look")
    shown = str(failed.value).split()
    assert dev.PLACES.isdisjoint(shown)
    assert {"PIP_INDEX_URL", "UV_SYSTEM_CERTS"} <= set(shown)


def test_a_missing_lock_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "gone.txt"
    with pytest.raises(dev.DevError, match=r"gone\.txt is missing\n  What to do: "):
        dev.prepare(tmp_path / "env", (missing, missing))


def test_a_python_without_ensurepip_is_told_which_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(dev.DevError, match=rf"apt-get install python3\.{sys.version_info[1]}-venv"):
        dev.create(tmp_path / "env")


def test_a_failed_step_shows_the_end_of_what_it_printed() -> None:
    code = "import sys; [print('line', n) for n in range(100)]; sys.exit(7)"
    with pytest.raises(dev.DevError) as caught:
        dev.run([sys.executable, "-c", code], "counting", "count less")
    message = str(caught.value)
    assert message.startswith("counting failed, exit status 7\n")
    assert "line 99" in message
    assert "line 80\n" not in message
    assert message.endswith("\n  What to do: count less")


def test_pip_is_tried_when_uv_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def run(command: list[str], doing: str, hint: str) -> None:
        tried.append(doing)
        if "uv" in command:
            raise dev.DevError("no certificate")

    monkeypatch.setattr(dev, "run", run)
    dev.install(tmp_path, (tmp_path / "bootstrap.txt", tmp_path / "dev.txt"))
    assert tried == ["installing uv with pip", "installing with uv", "installing with pip"]
    assert capsys.readouterr().out == "dev.py: no certificate\n  Trying pip instead\n"
