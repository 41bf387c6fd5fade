"""What holds for the repository as a whole: pins, locks, what no file may say."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["bootstrap", "cookbook", "dev", "lowest", "mutation", "publish"]
APART = {"cookbook", "mutation", "publish"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is committed, or would be with `git add .`."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(group: str) -> dict[str, str]:
    """The versions that a dependency group names itself, without the groups that it includes."""
    named = [entry for entry in project()["dependency-groups"][group] if isinstance(entry, str)]
    return dict(entry.split("==") for entry in named)


def locked(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))


@cache
def text_of(path: Path) -> str:
    """What a file says; nothing if it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def mentions(pattern: str, among: list[Path] | None = None) -> list[str]:
    """Where a pattern is found, as `file:line`."""
    found = []
    for path in among or files():
        text = text_of(path)
        # None of the patterns goes over the end of a line, and most files have none of them.
        if re.search(pattern, text):
            lines = enumerate(text.splitlines(), 1)
            found += [f"{path.relative_to(ROOT)}:{number}" for number, line in lines if re.search(pattern, line)]
    return found


# --- pins and locks ---


@pytest.mark.parametrize("group", sorted(project()["dependency-groups"]))
def test_every_tool_is_pinned_exactly(group: str) -> None:
    for entry in project()["dependency-groups"][group]:
        if isinstance(entry, str):
            assert re.fullmatch(r"[a-z0-9-]+==\d[\w.]*", entry)


def test_the_group_dev_includes_all_others_but_those_of_environments_of_their_own() -> None:
    groups = project()["dependency-groups"]
    assert {entry["include-group"] for entry in groups["dev"]} == groups.keys() - {"dev", *APART}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    without_comments = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for entry in re.split(r"\n(?=\S)", without_comments):
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry
        assert " --hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", ["dev", "lowest", "mutation"])
def test_the_locks_are_those_of_the_pins(lock: str) -> None:
    """After a change of pyproject.toml: python3 scripts/dev.py nox -s lock"""
    groups = project()["dependency-groups"].keys() - (APART - {lock})
    pinned = {name: version for group in groups for name, version in pins(group).items()}
    held = locked(lock)
    assert pinned == {name: held.get(name) for name in pinned}


def test_mutants_are_tested_with_the_versions_that_everything_else_is() -> None:
    assert locked("dev").items() <= locked("mutation").items()


def test_what_publishes_is_what_is_tested() -> None:
    assert pins("publish").items() <= locked("publish").items() <= locked("dev").items()


def test_the_bootstrap_lock_is_of_its_group_only() -> None:
    assert locked("bootstrap") == pins("bootstrap")


def test_the_lowest_lock_holds_the_lower_bounds() -> None:
    held = locked("lowest")
    for requirement in project()["project"]["dependencies"]:
        name, bound = re.match(r"([a-z-]+)>=([\d.]+)", requirement).groups()  # type: ignore[union-attr]
        assert held[name].startswith(bound)


def test_the_versions_of_the_generator_stand_in_one_place_only() -> None:
    written = [path for path in files() if path.suffix not in {".json", ".lock"} and path.parent.name != "requirements"]
    for version in pins("generator").values():
        having = [path for path in written if version in text_of(path)]
        places = mentions(rf"(?<![\w.]){re.escape(version)}(?![\w.])", having)
        assert [place.partition(":")[0] for place in places] == ["pyproject.toml"], places


# --- what no file may say ---


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(?<![\w.])/(home|Users|root)/[\w.-]+", id="the folder of a user"),
        pytest.param(rf"(?<![\w./-]){re.escape(str(ROOT))}(?![\w-])", id="the place of this checkout"),
        pytest.param(
            r"\b(pypi\.(org|io)|pythonhosted\.org|npmjs\.(org|com)|yarnpkg\.com)\b", id="the host of a package registry"
        ),
    ],
)
def test_no_file_names(pattern: str) -> None:
    assert mentions(pattern) == []


def test_actions_are_pinned_by_commit() -> None:
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        for action in re.findall(r"uses: *(\S+)", workflow.read_text()):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), f"{workflow.name}: {action}"


# --- the package ---


def test_the_classifiers_keep_the_package_private_and_name_the_tested_pythons() -> None:
    classifiers = project()["project"]["classifiers"]
    assert "Private :: Do Not Upload" in classifiers
    versions = [name.rpartition(" ")[2] for name in classifiers if re.search(r":: 3\.\d+$", name)]
    checks = (ROOT / ".github" / "workflows" / "checks.yml").read_text()
    assert sorted({*re.findall(r"^ +(?:python: \")?(3\.\d+)\"?$", checks, re.MULTILINE)}) == versions
