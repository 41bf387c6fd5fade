"""`.ci/publisher`: what publishes in a job that has neither a clone nor a tool of the build."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from instantly_core.version import __version__
from scripts.release.dist import distributions
from tests.release.conftest import ROOT, Repository
from tests.release.publish.servers import PASSWORD, USER, Server

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the script is for a POSIX shell")


def publisher(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/bash", ".ci/publisher", *arguments]
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}{os.pathsep}{os.defpath}", **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def packed(repository: Repository, tmp_path: Path) -> Path:
    """The folder of the unpacked archive, without what it installs."""
    for name in (".ci", "scripts", "requirements"):
        shutil.copytree(ROOT / name, repository.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", repository.root)
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "The project")
    done = publisher(repository.root, "pack", str(tmp_path / "publisher.tar.gz"))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "unpacked"
    with tarfile.open(tmp_path / "publisher.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_the_archive_has_the_program_and_its_requirements_alone(packed: Path) -> None:
    assert {path.name for path in packed.iterdir()} == {".ci", "scripts", "requirements", "pyproject.toml"}
    assert [path.name for path in (packed / "requirements").iterdir()] == ["publish.txt"]
    done = publisher(packed, "unknown")
    assert done.returncode == 2
    assert ".ci/publisher install" in done.stderr


@pytest.mark.slow
@pytest.mark.long
def test_what_was_packed_publishes_with_nothing_else_installed(
    packed: Path, checkout: Repository, machine: Path, private: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(checkout.root / "dist", packed / "dist")
    # pip installs what is locked from the index of this machine, whichever it is.
    for name in ("PIP_CONFIG_FILE", "PIP_INDEX_URL"):
        monkeypatch.delenv(name)
    done = publisher(packed, "install")
    assert done.returncode == 0, done.stderr
    where = {"INDEX": private.url, "COMMIT": checkout.git("rev-parse", "HEAD"), "TAG": f"v{__version__}"}
    who = {"UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": PASSWORD}
    done = publisher(packed, "publish", **where, **who)
    assert done.returncode == 0, done.stderr
    assert private.names() == sorted(path.name for path in distributions(packed / "dist"))
