"""What the tests of a release share: one build of the project, and a repository to try things in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement

from scripts.lib.layout import Layout
from tests.release.publish.servers import wheels_of

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
    command = [sys.executable, "-m", "scripts.release.build", "--json", "--output", str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Build(folder, json.loads(done.stdout))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels of all that ours needs, made of what is installed here: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheels")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wheels_of([Requirement(each).name for group in groups for each in group], folder)
    return folder


class Repository(Layout):
    """A project in a git repository of its own, with no more than a release changes."""

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


CHANGELOG = """\
# Changelog

## [Unreleased]

### Added

- Walks over lists.
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name, value in {
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@example.com"),
        **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    }.items():
        monkeypatch.setenv(name, value)
    repository = Repository(tmp_path / "repository")
    repository.write("core/instantly_core/version.py", '"""The version."""\n\n__version__ = "0.1.0"\n')
    repository.write("CHANGELOG.md", CHANGELOG)
    repository.write(".gitignore", "/dist/\n")
    repository.write("tests/release/surface.txt", "service\n")
    repository.write("openapi/api_v2.lock.toml", (ROOT / "openapi" / "api_v2.lock.toml").read_text("utf-8"))
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "First")
    return repository
