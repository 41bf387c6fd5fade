"""A client that we did not write finds in the sandbox what it expects of the service."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.figure import Unavailable
from benchmarks.setting import Setting
from instantly_sandbox import Sandbox

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with instantlyai."""
    found = Setting(tmp_path_factory.mktemp("peer"), lambda text: None).peer
    if isinstance(found, Unavailable):
        pytest.skip(f"instantlyai is {found}")
    return found.python


def test_the_campaigns_leads_accounts_webhooks_and_pages_of_instantlyai(peer: Path) -> None:
    sandbox = Sandbox(rate_limits=False)
    with sandbox.serve() as url:
        command = [str(peer), str(HERE / "peer_program.py"), url, sandbox.key]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("ok ") == 19


def requests(
    python: Path, package: str, expressions: list[str], environment: Mapping[str, str] = os.environ
) -> list[str]:
    """What expressions send with a package."""
    sandbox = Sandbox(world="demo", rate_limits=False)
    with sandbox.serve() as url:
        command = [str(python), str(HERE / "peer_calls.py"), package, url, sandbox.key]
        result = subprocess.run(
            command, input=json.dumps(expressions), env=environment, capture_output=True, text=True, check=False
        )
    assert result.returncode == 0, result.stderr
    return [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", line) for line in json.loads(result.stdout)]


def test_the_guide_for_moving_from_instantlyai_names_what_both_have_for_the_same_request(peer: Path) -> None:
    guide = (ROOT / "docs" / "moving.md").read_text("utf-8").partition("## From instantlyai")[2]
    rows = re.findall(r"^\| `([^`]+)`[^|]* \| `([^`]+)`[^|]* \|$", guide, re.MULTILINE)
    assert len(rows) == len(re.findall(r"^\| `", guide, re.MULTILINE)) > 1
    theirs, ours = ([row[side] for row in rows] for side in (0, 1))
    sources = os.pathsep.join(str(ROOT / folder) for folder in ("core", "generated"))
    sent = requests(Path(sys.executable), "instantly_client", ours, {**os.environ, "PYTHONPATH": sources})
    assert dict(zip(theirs, requests(peer, "instantlyai", theirs), strict=True)) == dict(zip(theirs, sent, strict=True))
    assert any(sent)
