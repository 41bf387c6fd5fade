"""One build of the project for all tests that look at one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
EPOCH = 1_790_000_000


class Build(NamedTuple):
    """What `nox -s build` made, and what it said of that."""

    folder: Path
    report: dict[str, Any]

    @property
    def wheel(self) -> Path:
        (wheel,) = self.folder.glob("*.whl")
        return wheel

    @property
    def archive(self) -> Path:
        (archive,) = self.folder.glob("*.tar.gz")
        return archive


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("build") / "dist"
    command = [sys.executable, "-m", "scripts.build", "--json", "--output", str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Build(folder, json.loads(done.stdout))
