"""Pythons of this machine: those of pyenv, wherever it is, and never its shims."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.lib.pythons import find_python


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o700)
    return path


@pytest.fixture
def pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pyenv in a place that no variable names, whose shims are on the PATH before other programs."""
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = tmp_path / "opt" / "pyenv"
    (root / "versions").mkdir(parents=True)
    program(root / "shims" / "python3.12")
    monkeypatch.setenv("PATH", os.pathsep.join([str(root / "shims"), str(tmp_path / "bin")]))
    return root


def test_a_shim_is_no_python(pyenv: Path, tmp_path: Path) -> None:
    assert find_python("3.12") is None
    other = program(tmp_path / "bin" / "python3.12")
    assert find_python("3.12") == str(other)


def test_the_newest_of_pyenv_is_taken(pyenv: Path) -> None:
    program(pyenv / "versions" / "3.12.9" / "bin" / "python3.12")
    newest = program(pyenv / "versions" / "3.12.10" / "bin" / "python3.12")
    assert find_python("3.12") == str(newest)
