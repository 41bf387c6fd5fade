"""The guide to testing says what is so: its tests pass."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from instantly_sandbox import plugin

GUIDE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```python title="([\w.]+)"\n(.*?)^```$', GUIDE, re.MULTILINE | re.DOTALL))


@pytest.mark.slow
def test_the_tests_of_the_guide_pass(tmp_path: Path) -> None:
    for name, code in FILES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "anyio.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert f"{GUIDE.count('def test_')} passed" in done.stdout, done.stdout
    assert len(FILES) == GUIDE.count("```python")


def test_the_guide_names_every_fixture() -> None:
    fixtures = [name for name in vars(plugin) if name.startswith("instantly_")]
    assert len(fixtures) == 3
    assert all(f"| `{name}` |" in GUIDE for name in fixtures)
