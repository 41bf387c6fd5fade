"""The documents at the top say what is so: their examples run, their commands and links exist."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import nox.registry
import pytest

import instantly_client
from instantly_contract.cli import main as contract
from instantly_sandbox import Sandbox

ROOT = Path(__file__).parents[2]
CAMPAIGN = "019cc043-aee6-7ae9-a545-d7de53430e37"
"""The one that the documents speak of."""

# The code of these is run by the tests of what they are about.
ELSEWHERE = {"arguments.md", "objects.md", "sandbox.md", "testing.md", "webhooks.md"}
GUIDES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(guide for guide in GUIDES if guide.name not in ELSEWHERE),
]
PAGES = list(dict.fromkeys([*DOCUMENTS, *GUIDES, *(ROOT / "docs" / "cookbook").glob("*.md")]))


def blocks(document: Path, language: str) -> list[Any]:
    """The code blocks of a language, each named by its line."""
    text = document.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [
        pytest.param(match[1], id=f"{document.name}:{text.count(chr(10), 0, match.start()) + 1}") for match in found
    ]


@cache
def sessions() -> set[str]:
    importlib.import_module("noxfile")
    return set(nox.registry.get())


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, str, dict[str, Any]]]:
    """A sandbox on a port, and its state at the beginning."""
    sandbox = Sandbox(world="demo")
    campaigns = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Campaign")
    campaigns[CAMPAIGN] = {**next(iter(campaigns.values())), "id": CAMPAIGN}
    with sandbox.serve() as url:
        yield sandbox, url, sandbox.snapshot()


@pytest.fixture
def sandbox(served: tuple[Sandbox, str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that the clients of the documents reach without knowing it."""
    sandbox, url, beginning = served
    sandbox.restore(beginning)
    monkeypatch.setenv("INSTANTLY_API_KEY", sandbox.key)
    for name in ("Instantly", "AsyncInstantly"):
        client = partial(getattr(instantly_client, name), base_url=url)
        monkeypatch.setattr(instantly_client, name, client)
    return sandbox


@pytest.mark.parametrize("code", [block for document in DOCUMENTS for block in blocks(document, "python")])
def test_the_examples_run(code: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # Some write files.
    exec(compile(code, "example", "exec"), {"__name__": "__main__"})
    refused = "except TypeError" in code
    assert sandbox.requests or refused or "Sandbox(" in code or "with " not in code or "api_key=" in code


SHOWN = re.compile(r"^```python\n((?:(?!```).*\n)*)```\n\n```text\n((?:(?!```).*\n)*)```$", re.MULTILINE)
"""An example with what it prints."""


@pytest.mark.parametrize(
    ("code", "printed"), [each for document in DOCUMENTS for each in SHOWN.findall(document.read_text("utf-8"))]
)
def test_the_examples_print_what_is_shown(
    code: str, printed: str, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code, "example", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed


@pytest.mark.slow
def test_a_type_checker_has_nothing_against_the_examples(tmp_path: Path) -> None:
    for number, block in enumerate(block for document in DOCUMENTS for block in blocks(document, "python")):
        (tmp_path / f"example_{number}.py").write_text(block.values[0], encoding="utf-8")
    # With the settings and the cache of `nox -s types`.
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_example_of_a_captured_answer_is_checked_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (captured,) = blocks(ROOT / "CONTRIBUTING.md", "json")
    (shown,) = blocks(ROOT / "CONTRIBUTING.md", "console")
    text = captured.values[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "captured").mkdir()
    (tmp_path / "captured" / f"{json.loads(text)['operationId']}.json").write_text(text, encoding="utf-8")
    printed = ""
    for command in re.findall(r"^\$ (.*)$", shown.values[0], re.MULTILINE):
        contract(shlex.split(command.partition(" -- ")[2]))
        printed += f"$ {command}\n{capsys.readouterr().out}"
    # The release that the document shows may be an earlier one.
    shown_now = re.sub(r"(?<=instantly-client )\d+\.\d+\.\d+", instantly_client.__version__, shown.values[0])
    assert printed == shown_now


def test_the_readme_has_a_sync_and_an_async_example() -> None:
    code = "".join(block.values[0] for block in blocks(ROOT / "README.md", "python"))
    assert "with Instantly(" in code
    assert "async with AsyncInstantly(" in code


def test_the_readme_says_what_each_extra_adds() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \|", readme.partition("| extra | adds |")[2].partition("\n\n")[0], re.MULTILINE)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert sorted(re.findall(r"`([\w-]+)`", " ".join(rows))) == sorted(extras)


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_the_commands_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"nox -s ([a-z][\w.-]*)", text)) | set(re.findall(r"dev\.py (demo|test)\b", text))
    assert named <= sessions()
    assert set(re.findall(r"dev\.py ([a-z]+)", text)) <= {"demo", "test", "nox", "setup"}


def test_ci_runs_both_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("python3 scripts/dev.py demo", "python3 scripts/dev.py test"):
        assert command in readme
        assert command in ci


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_the_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        name, _, heading = target.partition("#")
        page = document.parent / name if name else document
        assert page.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in headings}, target


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_the_files_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:openapi|templates|core|scripts|tests|requirements|examples|\.ci)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name


def test_the_map_of_the_project_shows_every_folder() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {name.partition("/")[0] for name in listing.splitlines() if "/" in name}
    map_ = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## How the parts fit")[2]
    assert [folder for folder in sorted(folders) if not folder.startswith(".") and f"\n{folder}/" not in map_] == []


def test_the_map_of_scripts_names_every_room_once() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| room | holds |")[2].partition("\n\n")[0]
    rooms = {path.parent.name for path in (ROOT / "scripts").glob("*/__init__.py")}
    assert sorted(re.findall(r"^\| `scripts/(\w+)/`", table, re.MULTILINE)) == sorted(rooms)
