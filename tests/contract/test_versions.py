"""A client of one version of the document meets the service of another: it neither fails nor loses anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lib.layout import PROJECT
from scripts.regenerate import regenerate_foreign

pytestmark = pytest.mark.slow

PINNED = "pinned"
VERSIONS = ("2025-06-18", "2025-12-18", PINNED)
DOCUMENTS = PROJECT.root.parent / "shared" / "documents"


@pytest.mark.parametrize(
    "version", [PINNED, *(pytest.param(version, marks=pytest.mark.long) for version in VERSIONS if version != PINNED)]
)
def test_other_versions_of_the_service_lose_nothing(tmp_path: Path, version: str) -> None:
    own = document(version)
    others = [document(other) for other in VERSIONS if other != version]
    folder = PROJECT.generated if version == PINNED else tmp_path / "client"
    if version != PINNED:
        regenerate_foreign(own, folder, on_step=lambda step: None)
    for other in others:
        check(folder, other)


def document(version: str) -> Path:
    path = PROJECT.document if version == PINNED else DOCUMENTS / f"{version}.json"
    if not path.exists():
        pytest.skip(f"the vendor's document of {version} is no part of the project, and not at {path}")
    return path


def check(client: Path, service: Path) -> None:
    # In a process of its own, since every client is the package instantly_client.
    root = PROJECT.root
    path = os.pathsep.join(map(str, [client, root / "core", root / "sandbox", root / "contract", root]))
    result = subprocess.run(
        [sys.executable, "-m", "tests.contract.foreign_program", service],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    found = json.loads(result.stdout)
    assert found["client"] == str(client / "instantly_client")
    assert found["problems"] == {}
    assert found["operations"] > 90
    assert found["answers"] >= found["operations"] - 2  # Some have no answer, and some answers tell of a failure.
    assert found["fast"] > found["answers"] / 2
