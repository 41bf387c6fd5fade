"""What docs/installing.md says, done: with a stranger's package of our name, and of a higher version, in public."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import uv

from instantly_core.version import __version__
from scripts.release.environments import smoke
from tests.release.conftest import ROOT, Build
from tests.release.publish.conftest import STRANGER
from tests.release.publish.servers import PASSWORD, USER, Server, pypiserver, tool_of

GUIDE = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
POETRY = "poetry==2.5.1"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the guide's commands are for a POSIX shell")


@pytest.fixture(scope="session")
def team(built: Build, public: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The team's index: has our package, hands on what it has not, and lets nobody in without the password."""
    folder = tmp_path_factory.mktemp("team") / "packages"
    folder.mkdir()
    for path in (built.wheel, built.archive):
        shutil.copy(path, folder)
    with pypiserver(folder, "--fallback-url", public.simple, password=True) as server:
        yield server


@pytest.fixture(scope="session")
def poetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Poetry in an environment of its own."""
    return tool_of(tmp_path_factory.mktemp("poetry") / "environment", POETRY)


class Project:
    """A consumer's project: an empty folder with an environment, where the blocks of the guide are followed."""

    def __init__(self, folder: Path, team: Server) -> None:
        self.folder = folder
        self.team = team
        self.python = folder / ".venv" / "bin" / "python"

    def follow(self, heading: str) -> None:
        """Write the files and run the commands of a section, in their order."""
        for language, text in blocks(heading):
            here = text.replace("https://packages.example/simple/", self.team.simple)
            here = here.replace("packages.example", "127.0.0.1").replace("login ann", f"login {USER}")
            here = here.replace("PASSWORD", PASSWORD)
            if language == "console":
                for command in re.findall(r"^\$ (.*)$", here, re.MULTILINE):
                    self.run(command)
            elif language != "python":
                name = here.partition("\n")[0].removeprefix("# ")
                path = self.folder / Path(name).expanduser()
                path.write_text(here, encoding="utf-8")
                path.chmod(0o600)

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def use(self) -> None:
        """Pause a campaign in the sandbox, with what is installed and nothing else."""
        assert "paused a campaign" in smoke(self.python, "--version", __version__)


def blocks(heading: str) -> list[tuple[str, str]]:
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found


@pytest.fixture
def project(machine: Path, team: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on a machine with pip and uv, which has the password where the guide says."""
    programs = tmp_path / "bin"
    folder = tmp_path / "project"
    folder.mkdir()
    # Not `python -m uv`, which installs into the environment of that Python.
    commands = {"uv": uv.find_uv_bin(), "pip": f"{sys.executable} -m pip --python .venv", "python": ".venv/bin/python"}
    for name, command in commands.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        program.chmod(0o700)
    for variable, value in {
        "PATH": f"{programs}{os.pathsep}{os.defpath}",
        "PIP_CACHE_DIR": str(tmp_path / "pip-cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",
        "PIP_NO_INPUT": "1",
        "PIP_QUIET": "1",
    }.items():
        monkeypatch.setenv(variable, value)
    project = Project(folder, team)
    project.run(f"uv venv --quiet --python {sys.executable}")
    (folder / "ca.pem").write_text("")
    project.follow("The password")
    return project


def test_pip_with_a_second_index_installs_the_stranger(project: Project) -> None:
    ((_, block),) = blocks("Not like this")
    command = block.removeprefix("$ ").strip().replace("https://packages.example/simple/", project.team.simple)
    report = json.loads(project.run(f"{command} --dry-run --report -"))
    assert [entry["metadata"]["version"] for entry in report["install"]] == [STRANGER]


def test_uv_with_the_best_match_of_two_indexes_installs_the_stranger(project: Project) -> None:
    ask = f"uv pip install --dry-run --index {project.team.simple} instantly-client 2>&1"
    assert f"instantly-client=={STRANGER}" in project.run(f"UV_INDEX_STRATEGY=unsafe-best-match {ask}")
    assert f"instantly-client=={__version__}" in project.run(ask)


@pytest.mark.parametrize("heading", ["pip", "uv", "uv pip", "Hashes"])
def test_what_the_guide_says_installs_ours(heading: str, project: Project) -> None:
    project.follow(heading)
    project.use()


@pytest.fixture
def poetry_project(project: Project, poetry: Path, public: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with Poetry, which has no setting for another public index than a source of the project."""
    for name, value in {
        "POETRY_HTTP_BASIC_TEAM_USERNAME": USER,
        "POETRY_HTTP_BASIC_TEAM_PASSWORD": PASSWORD,
        "POETRY_CACHE_DIR": str(project.folder / "poetry-cache"),
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
    }.items():
        monkeypatch.setenv(name, value)
    program = project.folder.parent / "bin" / "poetry"
    default = f'[[tool.poetry.source]]\nname = "default"\nurl = "{public.simple}"\n'
    program.write_text(f"#!/bin/sh\necho '{default}' >> pyproject.toml\nexec {poetry} \"$@\"\n", encoding="utf-8")
    program.chmod(0o700)
    return project


def test_what_the_guide_says_for_poetry_installs_ours(poetry_project: Project) -> None:
    poetry_project.follow("Poetry")
    poetry_project.use()


def test_poetry_without_the_source_of_a_dependency_locks_the_stranger(poetry_project: Project) -> None:
    ((_, block), _) = blocks("Poetry")
    careless = block.replace('source = "team"', 'version = "*"').replace(
        "https://packages.example/simple/", poetry_project.team.simple
    )
    (poetry_project.folder / "pyproject.toml").write_text(careless, encoding="utf-8")
    poetry_project.run("poetry lock")
    lock = tomllib.loads((poetry_project.folder / "poetry.lock").read_text(encoding="utf-8"))
    assert {package["name"]: package["version"] for package in lock["package"]}["instantly-client"] == STRANGER


def test_what_came_is_checked(project: Project, built: Build) -> None:
    shutil.copy(built.folder / "SHA256SUMS", project.folder)
    project.follow("pip")
    project.follow("Check what came")
    (wheel,) = project.folder.glob("*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"?")
    with pytest.raises(AssertionError, match="FAILED"):
        project.run("sha256sum --check --ignore-missing SHA256SUMS")


def test_the_document_is_the_one_of_the_lock(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = (text for language, text in blocks("Check what came") if language == "python")
    exec(compile(code, "installing.md", "exec"), {})
    assert capsys.readouterr().out.strip() in (ROOT / "openapi" / "api_v2.lock.toml").read_text(encoding="utf-8")
