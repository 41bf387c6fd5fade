"""The workflows of the forge, and the scripts that are all that they run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted(path.name for path in (ROOT / ".ci").iterdir())
# What runs where there is no clone, so that it can be no script of ours.
APART = {"tar --extract --gzip --file publisher.tar.gz", 'gh release create "$TAG"'}

posix = pytest.mark.skipif(os.name == "nt", reason="the scripts are for a POSIX shell")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_step_is_one_call_of_a_script_that_is_there(workflow: Path) -> None:
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
    for command in (step["run"] for job in jobs for step in job["steps"] if "run" in step):
        assert not re.search(r"\n.|[;|&`]|\$\(|\$\{\{", command), command
        script = re.match(r"(?:exec )?(?:bash (\.ci/\w+)|python3? (scripts/\w+\.py))( |$)", command)
        if script:
            assert (ROOT / (script[1] or script[2])).is_file(), command
        else:
            assert any(command.startswith(each) for each in APART), command


@posix
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_read_and_stops_at_the_first_failure(name: str) -> None:
    script = ROOT / ".ci" / name
    assert os.access(script, os.X_OK)
    assert "\nset -euo pipefail\n" in script.read_text("utf-8")
    done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder of all programs of a machine: each that is put there says how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "dirname", "env", "sed"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def put(folder: Path, *names: str, end: str = "") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*"\n{end}\n')
        path.chmod(0o700)


def call(script: Path, programs: Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit status of a script on that machine, and how it called which programs."""
    done = subprocess.run(
        ["/bin/bash", script, *arguments], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()


INSTALL = ["apt-get update", "apt-get install --yes --no-install-recommends redis-server"]


@posix
@pytest.mark.parametrize("user", ["0", "1000"])
def test_a_machine_gets_a_redis_if_it_has_none(user: str, programs: Path) -> None:
    script = ROOT / ".ci" / "machine"
    put(programs, "apt-get")
    put(programs, "sudo", end='exec "$@"')
    (programs / "id").write_text(f"#!/bin/sh\necho {user}\n")
    (programs / "id").chmod(0o700)
    status, called = call(script, programs)
    assert (status, [line for line in called if line.startswith("apt-get")]) == (0, INSTALL)
    assert sum(line.startswith("sudo ") for line in called) == (0 if user == "0" else 2)
    put(programs, "apt-get", end="exit 100")
    assert call(script, programs)[0] == 100
    put(programs, "redis-server")
    assert call(script, programs) == (0, [])


@posix
def test_a_night_runs_in_the_environment_of_the_project(programs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    put(folder, ".venv/bin/python")
    (folder / ".ci").mkdir()
    script = Path(shutil.copy(ROOT / ".ci" / "nightly", folder / ".ci"))
    put(programs, "python3")
    called = ["python3 scripts/dev.py setup", ".venv/bin/python -m scripts.nightly /a b"]
    assert call(script, programs, "/a b") == (0, called)
    put(programs, "python3", end="exit 1")
    assert call(script, programs, "/a b") == (1, called[:1])


@posix
@pytest.mark.parametrize(
    ("argument", "called"),
    [
        ("fuzz", "nox -s fuzz"),
        ("long", "nox -s long"),
        ("pythons", "nox -t pythons -- -m not slow tests/core tests/sandbox tests/contract"),
    ],
)
def test_what_takes_long_is_a_verb_of_the_noxfile(argument: str, called: str, programs: Path) -> None:
    put(programs, "python3")
    assert call(ROOT / ".ci" / "long", programs, argument) == (0, [f"python3 scripts/dev.py {called}"])
