"""A client that we did not write finds in the sandbox what it expects of the service."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.figure import Unavailable
from benchmarks.setting import Setting
from instantly_sandbox import Sandbox

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("peer_program.py")


def test_the_campaigns_leads_accounts_webhooks_and_pages_of_instantlyai(tmp_path: Path) -> None:
    peer = Setting(tmp_path, lambda text: None).peer
    if isinstance(peer, Unavailable):
        pytest.skip(f"instantlyai is {peer}")
    sandbox = Sandbox(rate_limits=False)
    with sandbox.serve() as url:
        command = [str(peer.python), str(PROGRAM), url, sandbox.key]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("ok ") == 19
