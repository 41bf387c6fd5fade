"""`nox -s build`: what is in the archives, that they can be made again, and that a bad build leaves nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement

import instantly_client
from instantly_core.version import __version__
from scripts.lib.layout import Layout
from scripts.lib.report import Failed, Refused
from scripts.release.build import build, source_date_epoch
from scripts.release.dist import artefacts, read_metadata
from scripts.release.environments import install, make_environment, requirements_of, smoke
from scripts.release.resolved import read_lock
from scripts.spec.lock import read
from tests.release.conftest import EPOCH, ROOT, Build

NAME = f"instantly_client-{__version__}"
PACKAGES = {"instantly_cli", "instantly_client", "instantly_contract", "instantly_core", "instantly_sandbox"}
CACHES = shutil.ignore_patterns("__pycache__", "*.pyc")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The parts of the project that a build reads, in another folder and without git."""
    root = tmp_path / "elsewhere" / "project"
    for name in ("core", "generated", "sandbox", "cli", "contract", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=CACHES)
    (root / "openapi").mkdir()
    (root / "requirements").mkdir()
    for file in (
        *("README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", ".gitignore", "openapi/api_v2.lock.toml"),
        *("requirements/dev.txt", "requirements/lowest.txt"),
    ):
        shutil.copy(ROOT / file, root / file)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    return Layout(root)


def metadata(built: Build) -> Metadata:
    with zipfile.ZipFile(built.wheel) as wheel:
        return Metadata.from_email(wheel.read(f"{NAME}.dist-info/METADATA"))


def silent(step: str) -> None:
    """Reports nothing."""


# --- what is built ---


def test_a_build_is_four_files_with_sums_that_fit(built: Build) -> None:
    listed = (built.folder / "SHA256SUMS").read_text("utf-8")
    sums = {name: sha256 for sha256, name in (line.split("  ") for line in listed.splitlines())}
    assert sums.keys() == {f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz", f"{NAME}.cdx.json"}
    for name, sha256 in sums.items():
        assert hashlib.sha256((built.folder / name).read_bytes()).hexdigest() == sha256
    told = {each["file"]: each["size"] for each in built.report["artefacts"]}
    assert told == {path.name: path.stat().st_size for path in built.folder.iterdir()}
    assert told.keys() == {*sums, "SHA256SUMS"}


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on the PATH")
def test_sha256sum_reads_the_sums(built: Build) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=built.folder, check=True)


def test_the_wheel_holds_the_packages_and_nothing_else(built: Build) -> None:
    names = zipfile.ZipFile(built.wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, f"{NAME}.dist-info"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert f"{NAME}.dist-info/licenses/LICENSE" in names
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = ("core/", "generated/", "sandbox/", "cli/", "contract/")
    ours = {name.partition("/")[2] for name in tracked.splitlines() if name.startswith(folders)}
    assert {name for name in names if not name.startswith(NAME)} >= ours


def test_the_source_archive_holds_what_the_packages_are_made_of(built: Build) -> None:
    with tarfile.open(built.archive) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} == {NAME}
    tops = {name.split("/")[1] for name in names}
    assert tops == {
        *("core", "generated", "sandbox", "cli", "contract", "docs"),
        *("README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO", "pyproject.toml", ".gitignore", "sbom.cdx.json"),
    }


def test_the_metadata_says_who_may_use_it_and_how(built: Build) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = metadata(built)
    assert (told.name, str(told.version), told.license_expression) == ("instantly-client", __version__, "MIT")
    assert str(told.requires_python) == project["requires-python"]
    assert "Private :: Do Not Upload" in (told.classifiers or [])
    assert told.project_urls == project["urls"]
    assert set(told.provides_extra or []) == project["optional-dependencies"].keys()
    plain = {str(each) for each in told.requires_dist or [] if not each.marker}
    assert plain == {str(Requirement(each)) for each in project["dependencies"]}


def test_the_description_has_no_link_that_leads_nowhere_on_an_index_page(built: Build) -> None:
    text = metadata(built).description or ""
    headings = {
        re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    for link in links:
        assert link.startswith("https://") or link.removeprefix("#") in headings, link
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = [line for line in readme.partition("## Work on it")[0].splitlines() if line and "](" not in line]
    assert [line for line in shown if line not in text.splitlines()] == []
    assert "nox --list" not in text


def test_the_bill_of_materials_lists_what_the_package_is_made_of(built: Build) -> None:
    bill = json.loads((built.folder / f"{NAME}.cdx.json").read_text("utf-8"))
    package = bill["metadata"]["component"]
    assert (package["purl"], package["licenses"]) == (
        f"pkg:pypi/instantly-client@{__version__}",
        [{"expression": "MIT"}],
    )
    parts = {part["name"]: part["hashes"][0]["content"] for part in package["components"]}
    assert parts == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (built.wheel, built.archive)}
    assert bill["metadata"]["timestamp"] == "2026-09-21T14:13:20+00:00"

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    libraries = {part["name"]: part for part in bill["components"] if part["type"] == "library"}
    required = {Requirement(each).name for each in project["dependencies"]}
    for name in required:
        assert libraries[name]["scope"] == "required"
    for extra, requirements in project["optional-dependencies"].items():
        for requirement in map(Requirement, requirements):
            values = properties(libraries[requirement.name])
            assert (extra in values["extra"], str(requirement) in values["requirement"]) == (True, True)

    # A scanner compares name and version with a list of what is vulnerable.
    newest, lowest = (read_lock(ROOT / "requirements" / f"{name}.txt") for name in ("dev", "lowest"))
    for name, part in libraries.items():
        assert part["purl"] == f"pkg:pypi/{name}@{newest[name][0]}"
        assert {each["content"] for each in part["hashes"]} == {*newest[name][1]}
        assert part["licenses"], name
        assert properties(part)["oldest"] == [lowest[name][0]]
    needs = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    assert libraries["httpcore"]["purl"] in needs[libraries["httpx"]["purl"]]
    assert libraries["certifi"]["scope"] == "required"
    assert libraries["jsonschema-rs"]["scope"] == "optional"
    assert libraries["httpx"]["purl"] in needs[package["bom-ref"]]

    (document,) = (part for part in bill["components"] if part["type"] == "data")
    assert document["hashes"] == [{"alg": "SHA-256", "content": instantly_client.SPEC_SHA256}]
    assert document["version"] == instantly_client.API_VERSION


def test_the_wheel_has_the_bill_of_materials_without_sums_of_its_own(built: Build) -> None:
    beside = json.loads((built.folder / f"{NAME}.cdx.json").read_text("utf-8"))
    with zipfile.ZipFile(built.wheel) as wheel:
        inside = json.loads(wheel.read(f"{NAME}.dist-info/sboms/sbom.cdx.json"))
    assert inside["components"] == beside["components"]
    assert "components" not in inside["metadata"]["component"]


def properties(component: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in component.get("properties", []):
        found.setdefault(each["name"].removeprefix("instantly-client:"), []).append(each["value"])
    return found


# --- under a name of one's own ---


@pytest.mark.slow
def test_a_build_may_have_a_name_that_nobody_else_can_register(
    copy: Layout, tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copy.root / "pyproject.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[tool.publish]\nname = "acme-instantly-client"\n', "utf-8")
    folder = tmp_path / "dist"
    build(copy, folder, on_step=silent)
    wheel = next(folder.glob("*.whl"))
    assert wheel.name == f"acme_instantly_client-{__version__}-py3-none-any.whl"
    told = read_metadata(wheel)
    assert (told.name, str(told.version)) == ("acme-instantly-client", __version__)
    assert 'pip install "acme-instantly-client[sandbox]" --index-url' in (told.description or "")
    bill = json.loads(next(folder.glob("*.cdx.json")).read_text("utf-8"))
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/acme-instantly-client@{__version__}"
    with zipfile.ZipFile(wheel) as opened:
        assert {name.partition("/")[0] for name in opened.namelist()} >= PACKAGES
        for name in opened.namelist():
            assert not re.search(rb"install [\"']?instantly-client", opened.read(name)), name
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    python = make_environment(tmp_path / "environment", sys.executable)
    install(python, requirements_of(wheel, "sandbox"))
    assert smoke(python, "--version", __version__).startswith(f"acme-instantly-client {__version__}, ")


@pytest.mark.parametrize("name", ["", "Acme", "acme_client", "-acme", "acme client", "acme/client"])
def test_a_name_that_no_index_takes_is_refused(name: str, copy: Layout, tmp_path: Path) -> None:
    settings = copy.root / "pyproject.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[tool.publish]\nname = "{name}"\n', "utf-8")
    with pytest.raises(Refused, match="is no name of a distribution"):
        build(copy, tmp_path / "dist", on_step=silent)
    with pytest.raises(Refused, match="is no name of a distribution"):
        build(copy, tmp_path / "dist", name=name, on_step=silent)


@pytest.mark.parametrize("name", ["httpx", "http-x", "instantly", "instantly-ai", "python-dateutil"])
def test_a_name_that_is_one_of_others_is_refused(name: str, copy: Layout, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is too near to"):
        build(copy, tmp_path / "dist", name=name, on_step=silent)


# --- that it can be made again ---


def test_another_folder_and_machine_build_the_same_bytes(
    built: Build, copy: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in copy.root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    monkeypatch.setenv("TZ", "America/St_Johns")
    umask = os.umask(0o002)
    try:
        again = build(copy, tmp_path / "dist", on_step=silent)
    finally:
        os.umask(umask)
    assert again == artefacts(built.folder)


def test_the_moment_of_a_build_is_that_of_the_last_commit(copy: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    day = datetime.combine(read(copy.lock).date, time(), UTC)  # of the document: there is no git
    assert source_date_epoch(copy) == day.timestamp()
    when = {"GIT_AUTHOR_DATE": "1790000001 +0200", "GIT_COMMITTER_DATE": "1790000001 +0200"}
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for command in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "--message", "First"]):
        subprocess.run([*git, *command], cwd=copy.root, env={**os.environ, **when}, check=True)
    assert source_date_epoch(copy) == 1790000001
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000002")
    assert source_date_epoch(copy) == 1790000002


def test_a_moment_that_is_none_is_refused(copy: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(Refused, match="SOURCE_DATE_EPOCH is 'yesterday', not a number of seconds"):
        build(copy, tmp_path / "dist", on_step=silent)


# --- that a bad build leaves nothing ---


@pytest.mark.slow
def test_all_that_is_wrong_is_told_and_nothing_is_left(copy: Layout, tmp_path: Path) -> None:
    settings = copy.root / "pyproject.toml"
    text = settings.read_text("utf-8").replace('"Private :: Do Not Upload",', "")
    text = text.replace('"/docs/sandbox.md",', '"/docs/sandbox.md", "/hook.py",')
    text += '\n[tool.hatch.build.targets.wheel.hooks.custom]\npath = "hook.py"\n'
    settings.write_text(text, "utf-8")
    (copy.root / "hook.py").write_text(HOOK, "utf-8")
    (copy.root / "core" / "instantly_core" / "py.typed").unlink()
    output = tmp_path / "dist"
    output.mkdir()
    (output / f"{NAME}.tar.gz").write_text("an earlier build")
    with pytest.raises(Refused) as caught:
        build(copy, output, on_step=silent)
    told = str(caught.value)
    assert f"{NAME}-py3-none-any.whl: another build, from the source archive, has other bytes" in told
    assert "instantly_core/py.typed is missing" in told
    assert "the classifier `Private :: Do Not Upload` is missing" in told
    assert "hook.py does not belong into it" in told
    assert "that is what check_wheel_contents says" in told
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


HOOK = """
import pathlib, secrets
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        path = pathlib.Path(self.directory, "stray.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_hex())
        build_data["force_include"][str(path)] = "stray.txt"
"""


@pytest.mark.slow
def test_a_build_that_fails_says_why_and_leaves_nothing(copy: Layout, tmp_path: Path) -> None:
    (copy.root / "README.md").unlink()
    output = tmp_path / "dist"
    with pytest.raises(Failed, match=r"build: failed, hatchling, exit status 1\n(.|\n)*README\.md"):
        build(copy, output, on_step=silent)
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


def test_a_folder_with_something_else_is_not_replaced(copy: Layout, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "notes.txt").write_text("mine")
    with pytest.raises(Refused, match=r"is no folder of a build: it has notes\.txt, project"):
        build(copy, tmp_path / "elsewhere", on_step=silent)
    assert (tmp_path / "elsewhere" / "notes.txt").read_text() == "mine"
