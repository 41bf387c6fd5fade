"""Indexes that the tests share, and a machine without the settings of its user."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from instantly_core.version import __version__
from scripts.release.preflight import RESULTS, Verdict, write_receipt
from tests.release.conftest import Build, Repository
from tests.release.publish.servers import Server, impostor, pypiserver

STRANGER = "99.0"


@pytest.fixture(scope="session")
def dist(built: Build) -> Path:
    """The folder of that build."""
    return built.folder


@pytest.fixture(scope="session")
def public(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Where everybody's packages are: what ours needs, and a stranger's of our name, one of them in our version."""
    folder = tmp_path_factory.mktemp("indexes") / "public"
    shutil.copytree(wheels, folder)
    for version in (__version__, STRANGER):
        impostor(folder, version)
    with pypiserver(folder) as server:
        yield server


@pytest.fixture(scope="session")
def private_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pypiserver(tmp_path_factory.mktemp("indexes") / "private", password=True) as server:
        yield server


@pytest.fixture
def private(private_server: Server) -> Server:
    """The team's index, which lets nobody in without the password; empty."""
    for path in private_server.folder.iterdir():
        path.unlink()
    return private_server


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def machine(tmp_path: Path, public: Server, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with git, whose only setting is the public index; returns the user's home."""
    settings = ("UV_", "PIP_", "TWINE_", "POETRY_", "PYTHON", "SSL_", "REQUESTS_", "NETRC", "XDG_", "VIRTUAL_ENV")
    for name in list(os.environ):
        if name.startswith(settings) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    (programs / "git").symlink_to(shutil.which("git") or "git")
    for name, value in {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PATH": str(programs),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": public.simple,
        "UV_CACHE_DIR": str(cache),
        "UV_DEFAULT_INDEX": public.simple,
        "UV_HTTP_RETRIES": "0",
    }.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def checkout(repository: Repository, dist: Path) -> Repository:
    """A repository at the commit of a release, with the build that a preflight has passed on."""
    repository.git("tag", f"v{__version__}")
    shutil.copytree(dist, repository.root / "dist")
    give_receipt(repository)
    return repository


def give_receipt(repository: Repository) -> None:
    """Leave the receipt of a preflight on what is in dist/."""
    results = repository.root / RESULTS
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(JUNIT, "utf-8")
    write_receipt(repository, [Verdict("tests", True, 1, "3 passed")])


JUNIT = "<testsuites><testsuite><testcase name='a'><skipped message='no vendor'/></testcase></testsuite></testsuites>"
