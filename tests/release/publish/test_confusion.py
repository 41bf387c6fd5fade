"""A stranger's 99.0 in public against each installer, each way to need the client, and each setting of a machine.

What docs/installing.md recommends installs ours or refuses. What it calls unsafe is tried as well, and whatever took
the stranger's, the doctor has called unsafe before. Each installer only resolves: it would install what it locks.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uv
from _pytest.mark import ParameterSet

from instantly_core.doctor.project import Project
from instantly_core.doctor.sources import check_sources
from instantly_core.version import __version__
from tests.release.conftest import Build
from tests.release.publish.conftest import STRANGER
from tests.release.publish.servers import Server, pypiserver, tool_of, write_wheel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.skipif(os.name == "nt", reason="the guide's commands are for a POSIX shell"),
]

TOPOLOGIES = ("direct", "transitive", "extra", "group")
SETTINGS = ("clean", "PIP_EXTRA_INDEX_URL", "pip.conf", "UV_INDEX", "uv.toml")
REPRESENTATIVES = {
    ("requirements.txt", "transitive", "PIP_EXTRA_INDEX_URL"),
    ("uv, named", "transitive", "UV_INDEX"),
    ("uv, not named", "transitive", "clean"),
}


@pytest.fixture(scope="session")
def team(built: Build, public: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The team's index, which passes on what it has not, with a package of the team that needs the client."""
    folder = tmp_path_factory.mktemp("team") / "packages"
    folder.mkdir()
    shutil.copy(built.wheel, folder)
    information = "team_lib-1.0.dist-info"
    needs = 'Requires-Dist: instantly-client\nProvides-Extra: all\nRequires-Dist: instantly-client ; extra == "all"\n'
    metadata = f"Metadata-Version: 2.1\nName: team-lib\nVersion: 1.0\n{needs}"
    content = {
        "team_lib.py": b"",
        f"{information}/METADATA": metadata.encode(),
        f"{information}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    write_wheel(folder / "team_lib-1.0-py3-none-any.whl", content, information)
    with pypiserver(folder, "--fallback-url", public.simple) as server:
        yield server


@pytest.fixture(scope="session")
def pip_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tool_of(tmp_path_factory.mktemp("pip-tools") / "environment", "pip-tools").with_name("pip-compile")


@pytest.fixture(scope="session")
def poetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tool_of(tmp_path_factory.mktemp("poetry") / "environment", "poetry==2.5.1")


@pytest.fixture(scope="session")
def pdm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # It does not say that it does not work with a newer hishel.
    return tool_of(tmp_path_factory.mktemp("pdm") / "environment", "pdm==2.29.4", "hishel<2")


class Consumer:
    """A project on a machine, and what an installer would take there."""

    def __init__(self, folder: Path, home: Path, team: Server, public: Server, topology: str) -> None:
        self.folder, self.home, self.team, self.public, self.topology = folder, home, team, public, topology

    @property
    def need(self) -> str:
        return {"direct": "instantly-client", "extra": "team-lib[all]"}.get(self.topology, "team-lib")

    def apply(self, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the machine have a second index."""
        match setting:
            case "PIP_EXTRA_INDEX_URL" | "UV_INDEX":
                monkeypatch.setenv(setting, self.public.simple)
            case "pip.conf":
                monkeypatch.delenv("PIP_CONFIG_FILE")
                self.write(self.home / ".pip" / "pip.conf", f"[global]\nextra-index-url = {self.public.simple}\n")
            case "uv.toml":
                self.write(self.home / ".config" / "uv" / "uv.toml", f'[[index]]\nurl = "{self.public.simple}"\n')

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def requirements(self, head: str) -> None:
        """The file of what is needed, which a group puts into another file."""
        name = "requirements-dev" if self.topology == "group" else "requirements"
        self.write(self.folder / f"{name}.in", f"{head}{self.need}\n")
        if self.topology == "group":
            self.write(self.folder / "requirements.in", f"{head}-r requirements-dev.in\n")

    def pyproject(self, tool: str, *, named: bool) -> None:
        """A project that needs it, by a dependency, an extra or a group; `named` puts the client into it as well."""
        dependencies = ["instantly-client"] if named or self.topology == "direct" else []
        extras, groups = "", ""
        if self.topology == "transitive":
            dependencies.append("team-lib")
        elif self.topology == "extra":
            extras = '[project.optional-dependencies]\nreach = ["team-lib"]\n'
        elif self.topology == "group":
            groups = '[dependency-groups]\ndev = ["team-lib"]\n'
        project = f'[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = {dependencies}\n'
        self.write(self.folder / "pyproject.toml", project + extras + groups + tool)

    def run(self, *command: str | Path) -> str:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False)
        return done.stdout if done.returncode == 0 else f"refused: {done.stdout}{done.stderr}"

    def judge(self, *subjects: str) -> set[str]:
        """The levels at which the doctor reports, before anything is locked."""
        found = check_sources(Project(self.folder, "instantly-client", os.environ))
        return {each.level for each in found if not subjects or each.subject in subjects}


def version_in(text: str) -> str:
    """The version that an installer took, "" if it refused."""
    found = re.search(r"instantly-client==(\S+)", text)
    return found[1] if found else ""


def locked(file: Path) -> str:
    packages = tomllib.loads(file.read_text("utf-8"))["package"] if file.exists() else []
    return next((str(each["version"]) for each in packages if each["name"] == "instantly-client"), "")


UV = """
[[tool.uv.index]]
name = "team"
url = "{team}"
explicit = true
[tool.uv.sources]
team-lib = {{ index = "team" }}
instantly-client = {{ index = "team" }}
"""
POETRY = """
[tool.poetry]
package-mode = false
[[tool.poetry.source]]
name = "team"
url = "{team}"
priority = "explicit"
[[tool.poetry.source]]
name = "others"
url = "{public}"
[tool.poetry.dependencies]
python = ">=3.11"
{bound} = {{ source = "team" }}
"""
PDM = """
[[tool.pdm.source]]
name = "{name}"
url = "{team}"
"""
PDM_BOUND = """
[[tool.pdm.source]]
name = "team"
url = "{team}"
include_packages = ["instantly-client", "team-lib"]
"""
UNSET = ("env", *(part for name in ("INDEX", "EXTRA_INDEX_URL", "INDEX_STRATEGY") for part in ("-u", f"UV_{name}")))


def pip(consumer: Consumer, *options: str) -> str:
    report = consumer.run(sys.executable, "-m", "pip", "install", *options, "--dry-run", "--ignore-installed", *REPORT)
    if report.startswith("refused"):
        return ""
    taken = {each["metadata"]["name"]: each["metadata"]["version"] for each in json.loads(report)["install"]}
    return str(taken.get("instantly-client", ""))


REPORT = ("--quiet", "--report", "-")


def of_requirements(consumer: Consumer, request: pytest.FixtureRequest) -> tuple[set[str], str]:
    consumer.requirements(f"--index-url {consumer.team.simple}\n")
    return consumer.judge("requirements.in"), pip(consumer, "--requirement", "requirements.in")


def of_pip_alone(consumer: Consumer, request: pytest.FixtureRequest) -> tuple[set[str], str]:
    """The command line alone, as on a machine whose index is set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_INDEX_URL", consumer.team.simple)
        return consumer.judge("pip"), pip(consumer, "--index-url", consumer.team.simple, consumer.need)


def of_pip_isolated(consumer: Consumer, request: pytest.FixtureRequest) -> tuple[set[str], str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        return {"ok"}, pip(consumer, "--isolated", "--index-url", consumer.team.simple, consumer.need)


def of_pip_tools(consumer: Consumer, request: pytest.FixtureRequest) -> tuple[set[str], str]:
    consumer.requirements(f"--index-url {consumer.team.simple}\n")
    levels, lock = consumer.judge("requirements.in"), consumer.folder / "requirements.txt"
    consumer.run(request.getfixturevalue("pip_tools"), "--output-file", lock, "requirements.in")
    return levels, version_in(lock.read_text("utf-8") if lock.exists() else "")


def of_uv_pip(consumer: Consumer, request: pytest.FixtureRequest) -> tuple[set[str], str]:
    consumer.requirements("")
    options = ("--no-config", "--default-index", consumer.team.simple)
    return {"ok"}, version_in(consumer.run(*UNSET, uv.find_uv_bin(), "pip", "compile", *options, "requirements.in"))


def of_uv_pip_alone(consumer: Consumer, request: pytest.FixtureRequest) -> tuple[set[str], str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_DEFAULT_INDEX", consumer.team.simple)
        levels = consumer.judge("uv pip")
    consumer.requirements("")
    options = ("--default-index", consumer.team.simple)
    return levels, version_in(consumer.run(uv.find_uv_bin(), "pip", "compile", *options, "requirements.in"))


def of_uv(consumer: Consumer, *, named: bool) -> tuple[set[str], str]:
    consumer.pyproject(UV.format(team=consumer.team.simple), named=named)
    levels = consumer.judge("uv")
    consumer.run(uv.find_uv_bin(), "lock")
    return levels, locked(consumer.folder / "uv.lock")


def of_poetry(consumer: Consumer, request: pytest.FixtureRequest, *, named: bool) -> tuple[set[str], str]:
    bound = "instantly-client" if named or consumer.topology == "direct" else "team-lib"
    tool = POETRY.format(team=consumer.team.simple, public=consumer.public.simple, bound=bound)
    if consumer.topology == "transitive" and named:
        tool += 'team-lib = { source = "team" }\n'
    elif consumer.topology in ("extra", "group"):
        group = '[tool.poetry.group.dev.dependencies]\nteam-lib = { version = "*", source = "team" }\n'
        tool = tool.replace(f'{bound} = {{ source = "team" }}\n', "") if not named else tool
        tool += group
    consumer.pyproject(tool, named=named)
    levels = consumer.judge("poetry")
    consumer.run(request.getfixturevalue("poetry"), "lock")
    return levels, locked(consumer.folder / "poetry.lock")


def of_pdm(consumer: Consumer, request: pytest.FixtureRequest, tool: str) -> tuple[set[str], str]:
    consumer.pyproject(tool.format(name="pypi", team=consumer.team.simple), named=False)
    levels = consumer.judge("pdm")
    with pytest.MonkeyPatch.context() as patch:
        # The public index of this machine, and nothing that is kept from another cell.
        for name, value in {
            "PYPI_URL": consumer.public.simple,
            "CACHE_DIR": str(consumer.folder / "cache"),
            "CHECK_UPDATE": "0",
        }.items():
            patch.setenv(f"PDM_{name}", value)
        patch.setenv("PDM_PYTHON", sys.executable)
        consumer.run(request.getfixturevalue("pdm"), "lock", "--group", ":all")
    return levels, locked(consumer.folder / "pdm.lock")


Configuration = Callable[[Consumer, pytest.FixtureRequest], tuple[set[str], str]]

RECOMMENDED: dict[str, Configuration] = {
    "requirements.txt": of_requirements,
    "pip, isolated": of_pip_isolated,
    "pip-tools": of_pip_tools,
    "uv pip, no settings": of_uv_pip,
    "uv, named": lambda consumer, _: of_uv(consumer, named=True),
    "poetry, named": lambda consumer, request: of_poetry(consumer, request, named=True),
    "pdm, one source": lambda consumer, request: of_pdm(consumer, request, PDM),
    "pdm, bound": lambda consumer, request: of_pdm(consumer, request, PDM_BOUND),
}
OTHERS: dict[str, Configuration] = {
    "pip, with settings": of_pip_alone,
    "uv pip, with settings": of_uv_pip_alone,
    "uv, not named": lambda consumer, _: of_uv(consumer, named=False),
    "poetry, not named": lambda consumer, request: of_poetry(consumer, request, named=False),
    "pdm, with the public one": lambda consumer, request: of_pdm(consumer, request, PDM.replace("{name}", "team")),
}
UNSAFE = {
    *(("pip, with settings", topology, setting) for topology in TOPOLOGIES for setting in SETTINGS[1:3]),
    *(("uv pip, with settings", topology, setting) for topology in TOPOLOGIES for setting in SETTINGS[3:]),
    *(("pdm, with the public one", topology, setting) for topology in TOPOLOGIES for setting in SETTINGS),
    *(
        (f"{tool}, not named", topology, each)
        for tool in ("uv", "poetry")
        for topology in TOPOLOGIES[1:]
        for each in SETTINGS
    ),
}
"""What the guide calls unsafe: these take the stranger's."""


def cells(configurations: dict[str, Configuration]) -> list[ParameterSet]:
    found = []
    for cell in ((name, topology, each) for name in configurations for topology in TOPOLOGIES for each in SETTINGS):
        marks = [pytest.mark.representative] if cell in REPRESENTATIVES else []
        found.append(pytest.param(*cell, marks=marks))
    return found


@pytest.fixture
def consumer(
    request: pytest.FixtureRequest,
    machine: Path,
    team: Server,
    public: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, str], Consumer]:
    monkeypatch.setenv("PATH", f"{machine.parent / 'bin'}{os.pathsep}{os.defpath}")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "poetry-cache"))
    monkeypatch.setenv("UV_PYTHON", sys.executable)

    def consumer(topology: str, setting: str) -> Consumer:
        made = Consumer(tmp_path / "project", machine, team, public, topology)
        made.folder.mkdir()
        made.apply(setting, monkeypatch)
        return made

    return consumer


@pytest.mark.parametrize(("configuration", "topology", "setting"), cells(RECOMMENDED))
def test_what_the_guide_recommends_takes_ours_or_refuses(
    configuration: str,
    topology: str,
    setting: str,
    consumer: Callable[[str, str], Consumer],
    request: pytest.FixtureRequest,
) -> None:
    levels, version = RECOMMENDED[configuration](consumer(topology, setting), request)
    assert version == __version__
    assert levels == {"ok"}


@pytest.mark.parametrize(("configuration", "topology", "setting"), cells(OTHERS))
def test_what_takes_the_strangers_is_called_unsafe(
    configuration: str,
    topology: str,
    setting: str,
    consumer: Callable[[str, str], Consumer],
    request: pytest.FixtureRequest,
) -> None:
    levels, version = OTHERS[configuration](consumer(topology, setting), request)
    unsafe = (configuration, topology, setting) in UNSAFE
    assert version == (STRANGER if unsafe else __version__)
    assert ("problem" in levels) == unsafe
