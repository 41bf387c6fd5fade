"""The guide to the sandbox says what is so: its code runs, its options, faults and routes exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from instantly_sandbox import Sandbox, cli
from instantly_sandbox.engine.document import Document, pinned
from instantly_sandbox.engine.resources import is_sampled
from instantly_sandbox.entry.admin import EVENTS, FAULTS, PATH
from tests.sandbox.raw import send

GUIDE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", [code for code in blocks("python") if "def test_" not in code])
def test_the_examples_run(code: str) -> None:
    exec(compile(code, "example", "exec"), {"__name__": "__main__"})


@pytest.mark.slow
@pytest.mark.parametrize("code", [code for code in blocks("python") if "def test_" in code])
def test_the_tests_pass(code: str, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["instantly_sandbox.plugin"]\n')
    (tmp_path / "test_it.py").write_text(code)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl") or os.name != "posix", reason="needs curl and a shell")
def test_the_requests_are_answered(tmp_path: Path) -> None:
    lines = [line for block in blocks("console") for line in block.splitlines() if line.startswith("$ curl")]
    sandbox = Sandbox(world="demo")
    client = sandbox.client()
    client.leads.create(campaign=next(iter(client.campaigns.list(status=1))).id, email="ada@customer.example.org")
    with sandbox.serve() as url:
        for line in lines:
            command = line.removeprefix("$ ").replace("http://127.0.0.1:8080", url)
            command = command.replace("curl", "curl --silent --show-error --fail --noproxy '*'", 1)
            subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    called = {found[1] for line in lines if (found := re.search(r"8080(\S+)", line))}
    named = set(re.findall(rf"({PATH}[a-z/]*)`", "".join(re.findall(r"^\| `.*$", GUIDE, re.MULTILINE))))
    assert called - {f"{PATH}/tenants/worker-1/clock"} == named == {f"{PATH}{path}" for path in sandbox._admin.paths}


def test_the_key_that_is_shown_is_the_one_that_is_printed() -> None:
    assert re.findall(r"^key +(\S+)$", GUIDE, re.MULTILINE) == [Sandbox().key]


def test_every_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help", "--version"}
    assert options == set(re.findall(r"--[a-z][a-z-]+", "".join(re.findall(r"^\| `--.*$", GUIDE, re.MULTILINE))))


@pytest.mark.parametrize(("what", "methods"), [("faults", FAULTS), ("happen", EVENTS)])
def test_every_fault_and_every_event_is_named(what: str, methods: dict[str, object]) -> None:
    rows = GUIDE.partition(f"| `sandbox.{what}.`")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)\(", rows)) == set(methods)


def test_the_world_of_the_guide_is_one(tmp_path: Path) -> None:
    (world,) = blocks("toml")
    (tmp_path / "team.toml").write_text(world)
    client = Sandbox(world=str(tmp_path / "team.toml")).client()
    assert {account.email: account.status for account in client.accounts.list()} == {
        "mara@sender.example.com": 1,
        "nils@sender.example.com": -1,
    }
    assert [campaign.status for campaign in client.campaigns.list()] == [1]
    assert len(list(client.leads.list(in_campaign=True))) == 40


def test_what_is_only_sampled_is_listed() -> None:
    listed = re.findall(r"`(\w+)`", GUIDE.partition("## What is only sampled")[2])
    assert listed == [operation.id for operation in pinned() if is_sampled(operation)]


def test_a_sampled_answer_says_so_and_the_log_warns_once(caplog: pytest.LogCaptureFixture) -> None:
    answer = {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    sandbox = Sandbox(
        document=Document({"paths": {"/weather": {"get": {"operationId": "weather", "responses": answer}}}})
    )
    for _ in range(2):
        assert send(sandbox, "GET", "/weather").headers["x-sandbox"] == "sampled"
    assert [record.message.split()[0] for record in caplog.records] == ["weather"]
