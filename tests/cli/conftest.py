"""A sandbox for all tests of the command line, and the command line in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from instantly_cli.run import run
from instantly_client import Instantly
from instantly_sandbox import Sandbox


class Done(NamedTuple):
    """The end of a command, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


Cli = Callable[..., Done]


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Sandbox, str]]:
    with Sandbox(world="demo", rate_limits=False) as sandbox, sandbox.serve() as url:
        yield sandbox, url


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a key, and an environment without settings."""
    for name in ("INSTANTLY_API_KEY", "INSTANTLY_BASE_URL", "INSTANTLY_DRY_RUN", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def cli(
    home: Path, served: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """The command line, with the sandbox in the place of the service."""
    sandbox, url = served
    monkeypatch.setenv("INSTANTLY_API_KEY", sandbox.key)
    monkeypatch.setenv("INSTANTLY_BASE_URL", url)

    def call(*arguments: str) -> Done:
        status = run(arguments)
        return Done(status, *capsys.readouterr())

    return call


@pytest.fixture
def client(served: tuple[Sandbox, str]) -> Instantly:
    return served[0].client()
