"""The password of an index: no program that `publish` starts can read it, in its own start or in one above it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import uv

from instantly_core.version import __version__
from scripts.release.dist import distributions
from tests.release.conftest import ROOT, Repository
from tests.release.publish.servers import PASSWORD, USER, Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show how processes begin"),
]

# Appends what it sees of the password to a log, and where: one line for each process from itself upwards.
SPY = """
import os
def look(step):
    process = os.getpid()
    with open({log!r}, "a") as log:
        while process > 1:
            try:
                begun = b"".join(open(f"/proc/{{process}}/{{part}}", "rb").read() for part in ("environ", "cmdline"))
                parent = open(f"/proc/{{process}}/status").read().partition("PPid:")[2].split()[0]
            except OSError:
                break
            print(step, {password!r}.encode() in begun, file=log)
            process = int(parent)
"""
UV = """
import os, sys, spy
spy.look("uv " + " ".join(argument for argument in sys.argv[1:3] if not argument.startswith("-")))
os.execv({uv!r}, [{uv!r}, *sys.argv[1:]])
"""
SMOKE = """
import sys
sys.path.insert(0, {folder!r})
import spy
spy.look("smoke")
"""

Publish = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "seen.log"


@pytest.fixture
def publish(checkout: Repository, machine: Path, tmp_path: Path, log: Path) -> Publish:
    """Run the command of a copy of the project whose every child looks for the password."""
    shutil.copytree(ROOT / "scripts", checkout.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", checkout.root)
    spies = tmp_path / "spies"
    spies.mkdir()
    (spies / "spy.py").write_text(SPY.format(log=str(log), password=PASSWORD))
    (spies / "uv.py").write_text(UV.format(uv=uv.find_uv_bin()))
    smoke = checkout.root / "scripts" / "release" / "smoke.py"
    head, future, rest = smoke.read_text().partition("from __future__ import annotations\n")
    smoke.write_text(head + future + SMOKE.format(folder=str(spies)) + rest)

    def publish(
        *command: str, variables: dict[str, str] | None = None, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        # The scripts are ours and the tools are those that are installed here.
        environment = {**os.environ, "PYTHONPATH": str(spies), **(variables or {})}
        return subprocess.run(
            command, cwd=checkout.root, env=environment, input=typed, capture_output=True, text=True, check=False
        )

    return publish


def steps(log: Path) -> set[str]:
    """The children that looked; fails if one of them has seen the password."""
    lines = [line.rpartition(" ") for line in log.read_text().splitlines()]
    assert {seen for _, _, seen in lines} == {"False"}
    return {step for step, _, _ in lines}


COMMAND = (sys.executable, "-m", "scripts.publish", "--index")
ALL = {"uv venv", "uv pip install", "smoke"}


def test_no_child_sees_a_password_of_the_environment(publish: Publish, private: Server, log: Path) -> None:
    done = publish(*COMMAND, private.url, variables={"UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": PASSWORD})
    assert done.returncode == 0, done.stderr
    assert steps(log) == ALL
    assert PASSWORD not in done.stdout + done.stderr
    assert private.names() == sorted(path.name for path in distributions(Path(log.parent, "repository", "dist")))


def test_a_script_that_has_the_password_starts_it_with_exec(publish: Publish, private: Server, log: Path) -> None:
    variables = {"UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": PASSWORD}
    script = f"{sys.executable} -m scripts.publish --index {private.url}"
    done = publish("/bin/sh", "-c", f"{script}; exit $?", variables=variables)
    assert (done.returncode, private.names(), log.exists()) == (2, [], False)
    assert "(sh) was started with the password, readable for all that it starts" in done.stderr
    assert "start this with `exec`" in done.stderr
    done = publish("/bin/sh", "-c", f"true; exec {script}", variables=variables)
    assert done.returncode == 0, done.stderr
    assert steps(log) == ALL


def test_a_password_on_standard_input_stays_there(publish: Publish, private: Server, log: Path) -> None:
    arguments = (private.url, "--username", USER, "--password-stdin")
    done = publish(*COMMAND, *arguments, typed="not-it\n")
    assert done.returncode == 1
    assert f"does not let {USER} with the password from standard input in" in done.stderr
    done = publish(*COMMAND, *arguments, typed=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert steps(log) == ALL
    done = publish(*COMMAND, *arguments)
    assert done.returncode == 1
    assert "there is no password on standard input" in done.stderr


def test_what_publishes_needs_little(publish: Publish, checkout: Repository) -> None:
    """What it imports runs in the process that has the password."""
    program = "import sys, scripts.publish; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = publish(sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    assert not {"hatchling", "twine", "cyclonedx", "pytest", "nox", "yaml", "attrs"} & {*done.stdout.split()}
    assert __version__ in (checkout.root / "core" / "instantly_core" / "version.py").read_text()
