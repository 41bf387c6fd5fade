"""The fixtures for pytest, in a pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TESTS = """
import pytest


def test_the_client_is_of_the_sandbox(instantly_sandbox, instantly_client):
    assert instantly_client.workspace.get_current().name == "Sandbox"
    assert len(instantly_sandbox.requests) == 1


def test_each_test_has_its_own(instantly_sandbox):
    assert instantly_sandbox.requests == []


@pytest.mark.instantly_sandbox(seed=7, rate_limits=False)
def test_the_marker_has_the_arguments(instantly_sandbox):
    assert instantly_sandbox.runtime.seed == 7
    assert not instantly_sandbox.service.rate_limits


@pytest.mark.instantly_sandbox(world="flat")
def test_a_wrong_marker_is_told(instantly_sandbox):
    raise AssertionError


@pytest.mark.instantly_sandbox("demo")
def test_nothing_of_the_marker_is_dropped(instantly_sandbox):
    raise AssertionError
"""


def run(folder: Path, *options: str) -> str:
    (folder / "test_it.py").write_text(TESTS)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "--strict-markers", "-Werror", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_fixtures_work_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["instantly_sandbox.plugin"]\n')
    said = run(tmp_path)
    assert "3 passed, 2 errors" in said, said
    assert "there is no world 'flat'" in said


def test_the_fixtures_are_not_there_unasked(tmp_path: Path) -> None:
    assert "not found in `markers`" in run(tmp_path)
    assert "3 passed, 2 errors" in run(tmp_path, "-p", "instantly_sandbox.plugin")
