"""The fixtures for pytest, in a pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TESTS = """
import asyncio
import os
import subprocess
import sys
import time

import httpx
import pytest

from instantly_client import AsyncInstantly, Instantly, errors

EARLIER = Instantly(api_key="real")


def test_the_client_is_of_the_sandbox(instantly_sandbox, instantly_client):
    assert instantly_client.workspace.get_current().name == "Sandbox"
    assert len(instantly_sandbox.requests) == 1


def test_the_async_client_is_of_the_same_sandbox(instantly_sandbox, instantly_client, instantly_async_client):
    instantly_client.workspace.update(name="Spring")

    async def name():
        return (await instantly_async_client.workspace.get_current()).name

    assert asyncio.run(name()) == "Spring"
    assert [request.method for request in instantly_sandbox.requests] == ["PATCH", "GET"]


def test_each_test_has_its_own(instantly_sandbox):
    assert instantly_sandbox.requests == []


def test_a_client_of_the_program_reaches_the_sandbox(instantly_sandbox):
    with Instantly() as client:
        client.campaigns.list(limit=7)

    async def rename():
        async with AsyncInstantly() as client:
            await client.workspace.update(name="Summer")

    asyncio.run(rename())
    listed, renamed = instantly_sandbox.requests
    assert listed.query == {"limit": ["7"]}
    assert renamed.json == {"name": "Summer"}
    assert len(repr(listed)) < 100


@pytest.mark.instantly_sandbox(rate_limits=True)
def test_a_client_of_the_program_waits_in_the_time_of_the_sandbox(instantly_sandbox):
    began, then = time.monotonic(), instantly_sandbox.clock.time()
    with Instantly() as client:
        for _ in range(25):
            client.emails.list()
    assert instantly_sandbox.clock.time() - then > 30 > time.monotonic() - began


def test_no_client_leaves_the_machine(instantly_sandbox):
    real = "https://api.instantly.ai"
    for client in (EARLIER, Instantly(base_url=real), Instantly(base_url=real, http_client=httpx.Client())):
        for call in (client.workspace.get_current, client.campaigns.list, lambda: client.request("GET", "/")):
            with pytest.raises(errors.ConfigurationError, match="a client would send to https://api.instantly.ai"):
                call()


def test_doubles_of_the_test_s_own_are_left_alone(instantly_sandbox):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"name": "Mine"}))
    with Instantly(transport=transport) as client, httpx.Client(transport=transport) as http:
        assert client.workspace.get_current().name == "Mine"
        assert Instantly(http_client=http).workspace.get_current().name == "Mine"
    assert instantly_sandbox.requests == []


def test_writes_are_sent_whatever_the_shell_says(instantly_sandbox):
    assert "INSTANTLY_DRY_RUN" not in os.environ
    with Instantly() as client:
        assert client.workspace.update(name="Autumn").name == "Autumn"


def test_another_process_reaches_it_too(instantly_sandbox):
    program = "from instantly_client import Instantly; print(Instantly().workspace.get_current().name)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "Sandbox\\n", run.stderr


def test_afterwards_all_is_as_before():
    assert "INSTANTLY_API_KEY" not in os.environ
    assert "INSTANTLY_BASE_URL" not in os.environ
    assert "api.instantly.ai" in repr(Instantly(api_key="real"))


@pytest.mark.instantly_sandbox(seed=7, rate_limits=False)
def test_the_marker_has_the_arguments(instantly_sandbox):
    assert instantly_sandbox.runtime.seed == 7
    assert not instantly_sandbox.service.rate_limits


@pytest.mark.instantly_sandbox(world="flat")
def test_a_wrong_marker_is_told(instantly_sandbox):
    raise AssertionError


@pytest.mark.instantly_sandbox("demo")
def test_nothing_of_the_marker_is_dropped(instantly_sandbox):
    raise AssertionError
"""
PASS = TESTS.count("def test_") - 2


def run(folder: Path, *options: str) -> str:
    (folder / "test_it.py").write_text(TESTS)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "INSTANTLY_DRY_RUN": "1",
    }
    command = [sys.executable, "-m", "pytest", "--strict-markers", "-Werror", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_fixtures_work_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["instantly_sandbox.plugin"]\n')
    said = run(tmp_path)
    assert f"{PASS} passed, 2 errors" in said, said
    assert "there is no world 'flat'" in said


def test_the_fixtures_are_not_there_unasked(tmp_path: Path) -> None:
    assert "not found in `markers`" in run(tmp_path)


def test_the_fixtures_work_in_several_processes(tmp_path: Path) -> None:
    said = run(tmp_path, "-p", "xdist", "-p", "instantly_sandbox.plugin", "-n", "2")
    assert f"{PASS} passed, 2 errors" in said, said
