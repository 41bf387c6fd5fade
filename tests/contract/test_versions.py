"""A client of one version of the document meets the service of another: it neither fails nor loses anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.pipeline import PROJECT
from scripts.regenerate import regenerate_foreign

OLDER, NEWER, PINNED = "2025-06-18", "2025-12-18", "pinned"
DOCUMENTS = PROJECT.root.parent / "shared" / "documents"
PAIRS = [(client, service) for client in (OLDER, NEWER, PINNED) for service in (OLDER, NEWER, PINNED)]


@cache
def document(version: str) -> Path:
    path = PROJECT.document if version == PINNED else DOCUMENTS / f"{version}.json"
    if not path.exists():
        pytest.skip(f"the vendor's document of {version} is not part of the project, and not at {path}")
    return path


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Version -> the folder with its client, generated when it is first asked for."""

    @cache
    def client(version: str) -> Path:
        if version == PINNED:
            return PROJECT.generated
        folder = tmp_path_factory.mktemp("clients") / version
        regenerate_foreign(document(version), folder, tell=lambda step: None)
        return folder

    return client


@pytest.mark.parametrize(("client", "service"), [pair for pair in PAIRS if len({*pair}) == 2])
def test_another_version_of_the_service_loses_nothing(clients: Any, client: str, service: str) -> None:
    root = PROJECT.root
    paths = [clients(client), root / "core", root / "sandbox", root]
    described = document(service)
    result = subprocess.run(
        [sys.executable, "-m", "tests.contract.foreign_program", described],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    found = json.loads(result.stdout)
    assert found["client"] == str(clients(client) / "instantly_client")
    assert found["problems"] == {}
    assert found["operations"] > 90
    assert found["answers"] >= found["operations"]
