"""The whole way of a release with real parts: from the sources of one team to the environment of another, twice.

The team calls the distribution by a name of its own, and its index has TLS by its own CA and a password. The consumer
needs the client directly and through a library of the team, on a machine where a second index has strangers' packages.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import uv

from scripts.release.environments import smoke
from scripts.release.index.connection import trust
from tests.release.conftest import ROOT, Repository
from tests.release.publish.conftest import STRANGER
from tests.release.publish.servers import PASSWORD, USER, Server, front, impostor, write_wheel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.skipif(os.name == "nt", reason="programs are found as on a POSIX system"),
]

NAME = "acme-instantly-client"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
ADDED = "seen_on_the_road"

SETTINGS = f"""
[tool.publish]
name = "{NAME}"
[tool.publish.indexes.team]
ca = "ca.pem"
[[tool.uv.index]]
name = "team"
url = "{{url}}simple/"
publish-url = "{{url}}"
explicit = true
"""
CONSUMER = f"""
[project]
name = "outreach"
version = "1"
requires-python = ">=3.11"
dependencies = ["team-lib", "{NAME}[sandbox]"]
[[tool.uv.index]]
name = "team"
url = "{{url}}simple/"
explicit = true
[tool.uv.sources]
team-lib = {{{{ index = "team" }}}}
{NAME} = {{{{ index = "team" }}}}
"""
# The checks that take minutes are left out: what they run, .ci/run runs. Of the tests a few are run, for the receipt.
PREFLIGHT = """
import sys
from functools import partial
from scripts import preflight as command
from scripts.release import preflight
results = f"--junit-xml={preflight.RESULTS}"
preflight.try_wheel = partial(preflight.try_wheel, pythons=[sys.argv[1]])
few = preflight.command("tests", "", "-m", "pytest", "-q", "-p", "no:cacheprovider", results, "tests/core/test_find.py")
checks = {name: preflight.CHECKS[name] for name in ("clean", "changelog", "surface", "build", "smoke")}
preflight.CHECKS.clear()
preflight.CHECKS.update(checks, tests=few)
sys.exit(command.main([]))
"""


class Team(Repository):
    """The sources of this project in a repository of the team, which has settings of its own."""

    def run(self, *arguments: str, variables: dict[str, str] | None = None) -> str:
        path = os.pathsep.join(["core", "generated", "sandbox", "cli", "contract"])
        environment = {**os.environ, "PYTHONPATH": path, **(variables or {})}
        return said([sys.executable, *arguments], self.root, environment)

    def verb(self, name: str, *arguments: str, **variables: str) -> str:
        return self.run("-m", f"scripts.{name}", *arguments, variables=variables)

    def release(self, version: str) -> dict[str, Any]:
        """Release, check and publish it; returns the receipt."""
        self.verb("release", version)
        assert "its receipt is in dist/" in self.run("-c", PREFLIGHT, HERE)
        who = {"UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": PASSWORD}
        output = self.verb("publish", "--index", "team", **who)
        assert output.startswith("published: ")
        assert PASSWORD not in output
        receipt: dict[str, Any] = json.loads((self.root / "dist" / "preflight.json").read_text("utf-8"))
        return receipt


def said(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def url(private: Server, tmp_path: Path) -> Iterator[str]:
    """The team's index, with TLS by a CA of the team in ca.pem."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    with front(private.port, context=context) as port:
        yield f"https://localhost:{port}/"


@pytest.fixture
def team(repository: Repository, machine: Path, url: str) -> Team:
    """A repository with all files of this project, at their first commit."""
    team = Team(repository.root)
    shutil.rmtree(team.root)
    for name in said(["git", "ls-files", "-z"], ROOT).split("\0"):
        if name and (ROOT / name).exists():
            (team.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, team.root / name)
    settings = (team.root / "pyproject.toml").read_text("utf-8")
    team.write("pyproject.toml", settings + SETTINGS.format(url=url))
    shutil.copy(team.root.with_name("ca.pem"), team.root)
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "First"]):
        team.git(*arguments)
    return team


@pytest.fixture
def consumer(machine: Path, private: Server, url: str) -> Path:
    """A consumer's project, on a machine that adds an index with packages of strangers to all that uv asks."""
    library = "team_lib-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: team-lib\nVersion: 1.0\nRequires-Dist: {NAME}\n"
    content = {
        "team_lib.py": b"from instantly_client import Instantly\n",
        f"{library}/METADATA": metadata.encode(),
        f"{library}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    write_wheel(private.folder / "team_lib-1.0-py3-none-any.whl", content, library)
    folder = machine.parent / "consumer"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(CONSUMER.format(url=url))
    (machine / ".netrc").write_text(f"machine localhost login {USER} password {PASSWORD}\n")
    (machine / ".netrc").chmod(0o600)
    return folder


def python(consumer: Path, *arguments: str) -> str:
    return said([str(consumer / ".venv" / "bin" / "python"), "-I", *arguments], consumer)


def test_from_the_sources_to_a_consumer_and_on_to_the_next_version(
    team: Team, consumer: Path, private: Server, public: Server, url: str
) -> None:
    assert any(STRANGER in name for name in public.names())
    impostor(public.folder, "98.0", NAME)
    receipt = team.release("0.1.0")
    assert receipt["tags"] == ["v0.1.0"]
    assert receipt["commit"] == team.git("rev-parse", "v0.1.0^{commit}")
    published = f"{NAME.replace('-', '_')}-0.1.0-py3-none-any.whl"
    assert published in private.names()

    doctor = ("-m", "instantly_client.doctor")
    with trust(team.root / "ca.pem"), pytest.MonkeyPatch.context() as machine:
        machine.setenv("UV_INDEX", public.simple)
        machine.setenv("UV_PYTHON", sys.executable)
        said([uv.find_uv_bin(), "sync", "--quiet"], consumer)
        python(consumer, "-c", "import team_lib")
        smoke(consumer / ".venv" / "bin" / "python", "--version", "0.1.0", "--document", receipt["document"])
        found = python(consumer, *doctor, "--index", f"{url}simple/")
        assert f"ok    uv            {NAME} comes from localhost:" in found
        assert "0.1.0, the newest of localhost:" in found
        sums = ("--sums", str(team.root / "dist" / "SHA256SUMS"), "--wheel", str(team.root / "dist" / published))
        assert f"what is installed is {published}, as SHA256SUMS has it" in python(consumer, *doctor, "--verify", *sums)

    pin_another_document(team)
    team.git("add", ".")
    team.git("commit", "--quiet", "--message", "Pin what was published")
    team.release("auto")
    (version,) = (tag.removeprefix("v") for tag in team.git("tag", "--points-at", "HEAD").split())
    assert version != "0.1.0"
    # What the upgrade changes is in the report and in the changelog, by the name that code uses.
    assert ADDED in team.verb("surface", "--against", "v0.1.0")
    assert ADDED in team.root.joinpath("CHANGELOG.md").read_text("utf-8").partition("## [0.1.0]")[0]

    with trust(team.root / "ca.pem"), pytest.MonkeyPatch.context() as machine:
        machine.setenv("UV_INDEX", public.simple)
        machine.setenv("UV_PYTHON", sys.executable)
        assert f"0.1.0 is installed, {version} is there" in python(consumer, *doctor, "--index", f"{url}simple/")
        said([uv.find_uv_bin(), "lock", "--quiet", "--upgrade-package", NAME], consumer)
        said([uv.find_uv_bin(), "sync", "--quiet"], consumer)
        smoke(consumer / ".venv" / "bin" / "python", "--version", version)
        python(consumer, *doctor, "--verify")
        assert f"{version}, the newest of localhost:" in python(consumer, *doctor, "--index", f"{url}simple/")


def pin_another_document(team: Team) -> None:
    """Pin the document with one more property in the first of its objects that answers have."""
    document = json.loads((team.root / "openapi" / "api_v2.json").read_text("utf-8"))
    schemas = document["components"]["schemas"].values()
    first = next(each for each in schemas if each.get("type") == "object" and each.get("properties"))
    first["properties"][ADDED] = {"type": "string", "description": "Whether it came all the way."}
    file = team.root.with_name("published.json")
    file.write_text(json.dumps(document), "utf-8")
    team.verb("pin", str(file))
