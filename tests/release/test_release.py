"""`nox -s release`, in a repository of its own."""

from __future__ import annotations

import datetime
import importlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nox.registry
import pytest
import yaml

from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed, Refused
from scripts.release.__main__ import main
from scripts.release.tagging import AUTO, Release, release
from scripts.spec.registry import Registry, read_registry, write_registry
from tests.release.conftest import CHANGELOG, ROOT, Repository

DAY = datetime.date(2026, 11, 23)


def make(repository: Repository, version: str) -> Release:
    return release(repository, version, date=DAY, on_step=lambda step: None)


def state(repository: Repository) -> dict[str, str]:
    """All that a release could change."""
    return {
        "commit": repository.git("rev-parse", "HEAD"),
        "branch": repository.git("branch", "--show-current"),
        "tags": repository.git("tag", "--list"),
        "status": repository.git("status", "--porcelain"),
        "changelog": (repository.root / "CHANGELOG.md").read_text("utf-8"),
        "version": (repository.root / "core/instantly_core/version.py").read_text("utf-8"),
    }


# --- what it does ---


def test_a_release_is_a_version_a_changelog_a_commit_and_a_tag(repository: Repository) -> None:
    before = repository.git("rev-parse", "HEAD")
    made = make(repository, "0.2.0")
    assert (made.tag, made.before, made.previous, made.because) == ("v0.2.0", before, "", "")
    assert repository.git("log", "--format=%s") == "Release 0.2.0\nFirst"
    assert repository.git("diff", "--name-only", "HEAD~1") == "CHANGELOG.md\ncore/instantly_core/version.py"
    assert repository.git("cat-file", "-t", "v0.2.0") == "tag"
    assert repository.git("rev-parse", "v0.2.0^{commit}") == repository.git("rev-parse", "HEAD") == made.commit
    assert state(repository)["version"] == '"""The version."""\n\n__version__ = "0.2.0"\n'
    assert "## [Unreleased]\n\n## [0.2.0] - 2026-11-23\n\n### Added\n" in state(repository)["changelog"]
    assert state(repository)["status"] == ""


def test_the_names_that_are_released_are_provisional_no_longer(repository: Repository) -> None:
    file = repository.root / "openapi/names.toml"
    file.parent.mkdir(exist_ok=True)
    names = Registry(operations={"getRobot": "get"})
    file.write_text(write_registry(replace(names, review={"operations.getRobot": "2026-11-20"})), "utf-8")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "Pin")
    make(repository, "0.2.0")
    assert read_registry(file) == names
    assert "openapi/names.toml" in repository.git("diff", "--name-only", "HEAD~1")
    assert state(repository)["status"] == ""


def test_the_first_release_may_have_the_version_that_is_there(repository: Repository) -> None:
    make(repository, "0.1.0")
    assert repository.git("diff", "--name-only", "HEAD~1") == "CHANGELOG.md"
    assert repository.git("tag", "--list") == "v0.1.0"


def test_what_was_prepared_by_hand_is_only_tagged(repository: Repository) -> None:
    repository.write("CHANGELOG.md", CHANGELOG.replace("## [Unreleased]", f"## [Unreleased]\n\n## [0.1.0] - {DAY}"))
    repository.git("commit", "--quiet", "--all", "--message", "Prepare")
    made = make(repository, "0.1.0")
    assert made.before == made.commit == repository.git("rev-parse", "v0.1.0^{commit}")


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen on the PATH")
def test_who_has_a_key_signs_commit_and_tag(repository: Repository, tmp_path: Path) -> None:
    key, signers = tmp_path / "key", tmp_path / "signers"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test@example.com", "-f", str(key)]
    subprocess.run(command, check=True)
    signers.write_text(f"test@example.com {key.with_suffix('.pub').read_text()}")
    settings = {"user.signingkey": str(key), "gpg.format": "ssh", "gpg.ssh.allowedSignersFile": str(signers)}
    for name, value in settings.items():
        repository.git("config", name, value)
    make(repository, "0.2.0")
    repository.git("verify-tag", "v0.2.0")
    repository.git("verify-commit", "HEAD")


def test_what_to_do_next_is_told(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    before = repository.git("rev-parse", "HEAD")
    repository.git("config", "branch.main.remote", "upstream")
    assert main(["0.2.0"], layout=repository) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].endswith(" on main, tag v0.2.0")
    assert told[1:4] == [
        "Nothing is pushed. What to do next:",
        "  python3 scripts/dev.py nox -s preflight",
        "  git push --atomic upstream main v0.2.0",
    ]
    assert told[4] == f"Or take it back: git tag --delete v0.2.0 && git reset --hard {before[:12]}"


def test_programs_read_json(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "0.2.0"], layout=repository) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["version"], made["tag"], made["remote"]) == ("0.2.0", "v0.2.0", "origin")
    assert main(["--json", "0.2.0"], layout=repository) == 2
    assert json.loads(capsys.readouterr().err)["findings"][0]["what"] == "the tag v0.2.0 exists"


# --- auto ---


@pytest.fixture
def released(repository: Repository) -> Repository:
    """A repository with the package and its surface, released as 0.1.0, and with something new in its changelog."""
    for name in ("core", "generated", "openapi", "templates"):
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "version.py")
        shutil.copytree(ROOT / name, repository.root / name, ignore=ignore, dirs_exist_ok=True)
    shutil.copy(ROOT / "generator-config.yaml", repository.root)
    shutil.copy(ROOT / "tests" / "release" / "surface.txt", repository.root / "tests" / "release")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "The package")
    make(repository, "0.1.0")
    text = state(repository)["changelog"].replace("## [Unreleased]\n", "## [Unreleased]\n\n### Fixed\n\n- A fault.\n")
    repository.write("CHANGELOG.md", text)
    repository.git("commit", "--quiet", "--all", "--message", "Mend")
    return repository


@pytest.mark.slow
def test_the_version_follows_from_the_surface(released: Repository) -> None:
    made = make(released, AUTO)
    assert (made.version, made.previous) == ("0.1.1", "v0.1.0")
    assert made.because == "0 changes of the surface since v0.1.0: patch"

    errors = released.root / "core" / "instantly_core" / "error_tree.py"
    text = errors.read_text("utf-8")
    assert "class ConflictError(" in text
    errors.write_text(text.replace("ConflictError", "CollisionError"), "utf-8")
    changelog = state(released)["changelog"].replace("[Unreleased]\n", "[Unreleased]\n\n### Removed\n\n- A name.\n")
    released.write("CHANGELOG.md", changelog)
    released.git("commit", "--quiet", "--all", "--message", "Break")
    made = make(released, AUTO)
    # The surface on record at v0.1.1 still has the name.
    assert (made.version, made.previous) == ("0.2.0", "v0.1.1")
    assert made.because.endswith("of the surface since v0.1.1: major")


def test_without_a_release_no_version_follows(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    before = state(repository)
    assert main([AUTO], layout=repository) == 2
    told = capsys.readouterr().err
    assert "there is no release to compare with, so no version follows" in told
    assert "`nox -s release -- 0.1.0`" in told
    assert state(repository) == before


# --- what it refuses ---


@pytest.mark.parametrize("file", ["new.txt", "CHANGELOG.md"])
def test_what_is_not_committed_is_refused(repository: Repository, file: str) -> None:
    repository.write(file, "changed")
    before = state(repository)
    with pytest.raises(Refused, match=f"1 file not committed: {file}"):
        make(repository, "0.2.0")
    assert state(repository) == before


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0.3.0", r"the tag v0\.3\.0 exists"),
        ("0.2.9", r"0\.2\.9 is not higher than v0\.3\.0"),
        ("0.3", r"'0\.3' is no version of a release"),
        ("v0.4.0", r"'v0\.4\.0' is no version of a release"),
    ],
)
def test_a_version_that_does_not_rise_is_refused(repository: Repository, version: str, told: str) -> None:
    make(repository, "0.3.0")
    repository.git("tag", "v0.1.0", "HEAD~1")
    repository.git("tag", "vacation")
    before = state(repository)
    with pytest.raises(Refused, match=told):
        make(repository, version)
    assert state(repository) == before


def test_a_version_below_that_of_the_package_is_refused(repository: Repository) -> None:
    with pytest.raises(Refused, match=r"0\.0\.9 is not higher than 0\.1\.0, which core/instantly_core/version\.py has"):
        make(repository, "0.0.9")


def test_a_release_that_changes_nothing_is_refused(repository: Repository) -> None:
    make(repository, "0.1.0")
    before = state(repository)
    with pytest.raises(Refused, match=r"there is nothing to release as 0\.1\.1"):
        make(repository, "0.1.1")
    assert state(repository) == before


def test_without_a_branch_it_is_refused(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--detach")
    with pytest.raises(Refused, match="no branch is checked out"):
        make(repository, "0.2.0")


def test_a_shallow_clone_is_refused(repository: Repository, tmp_path: Path) -> None:
    """It has no tags, and would make a version that was released."""
    make(repository, "0.1.0")
    shallow = Repository(tmp_path / "shallow")
    command = ["git", "clone", "--quiet", "--depth=1", "--no-tags", repository.root.as_uri(), str(shallow.root)]
    subprocess.run(command, check=True)
    with pytest.raises(Refused, match="the clone is shallow: it does not know what was released"):
        make(shallow, "0.1.0")
    assert shallow.git("tag") == ""


# --- what fails on the way ---


def hook(repository: Repository, name: str, script: str) -> None:
    path = repository.root / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the hooks are shell scripts")
@pytest.mark.parametrize(
    ("name", "script", "step"),
    [
        ("pre-commit", "echo the hook says no >&2; exit 1", "commit"),
        ("reference-transaction", "grep -q refs/tags/ && echo the hook says no >&2 && exit 1; exit 0", "tag"),
    ],
)
def test_a_step_that_fails_leaves_everything_as_it_was(
    repository: Repository, name: str, script: str, step: str
) -> None:
    hook(repository, name, script)
    before = state(repository)
    with pytest.raises(Failed) as caught:
        make(repository, "0.2.0")
    assert f"git {step}, exit status " in caught.value.message
    assert "the hook says no" in caught.value.message
    assert caught.value.message.endswith("\nEverything is as it was.")
    assert state(repository) == before
    (repository.root / ".git" / "hooks" / name).unlink()
    assert make(repository, "0.2.0").tag == "v0.2.0"


def test_an_interruption_leaves_everything_as_it_was(repository: Repository) -> None:
    def interrupt(step: str) -> None:
        if step == "tag":
            assert repository.git("log", "-1", "--format=%s") == "Release 0.2.0"
            raise KeyboardInterrupt

    before = state(repository)
    with pytest.raises(KeyboardInterrupt):
        release(repository, "0.2.0", date=DAY, on_step=interrupt)
    assert state(repository) == before


# --- what the project says of releases ---


def test_the_workflow_publishes_what_passed_with_as_few_rights_as_can_be() -> None:
    importlib.import_module("noxfile")
    assert "release" in nox.registry.get()
    path = PROJECT.root / ".github" / "workflows" / "release.yml"
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads `on` as true
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert [name for name, job in jobs.items() if "secrets." in json.dumps(job)] == ["publish"]
    writing = {name for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert writing == {"attest", "page"}
    for name in ("build", "publisher"):
        assert jobs[name]["permissions"] == {"contents": "read"}
    assert any(step.get("run", "").endswith("nox -s preflight") for step in jobs["build"]["steps"])
    # Neither what has a secret nor what may write has a clone, or runs a tool of the build.
    for name in ("publish", *writing):
        steps = jobs[name]["steps"]
        assert not any("checkout" in step.get("uses", "") or "dev.py" in step.get("run", "") for step in steps)
    publish = jobs["publish"]
    assert publish["environment"]
    assert set(publish["needs"]) == {"build", "publisher"}
    (last,) = (step for step in publish["steps"] if "secrets." in json.dumps(step))
    assert last is publish["steps"][-1]
    assert last["run"].startswith("exec ")
