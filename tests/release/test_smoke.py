"""The smoke test, in environments that have nothing but the wheel, and what makes them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import instantly_client
from instantly_core.version import __version__
from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed, Refused
from scripts.release import environments
from scripts.release.environments import (
    Trial,
    built_wheel,
    install,
    make_environment,
    passed,
    requirements_of,
    show_trials,
    smoke,
    try_wheel,
)
from scripts.release.smoke import SECRET
from tests.release.conftest import Build

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(scope="module", autouse=True)
def offline(wheels: Path) -> Iterator[None]:
    """Install only what the development environment was made of, wherever that came from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_NO_INDEX", "1")
        patch.setenv("UV_FIND_LINKS", str(wheels))
        yield


@pytest.fixture(scope="module")
def bare(built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel, without its extras."""
    python = make_environment(tmp_path_factory.mktemp("bare") / "environment", sys.executable)
    install(python, requirements_of(built.wheel))
    return python


@pytest.fixture(scope="module")
def whole(built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and its sandbox."""
    python = make_environment(tmp_path_factory.mktemp("whole") / "environment", sys.executable)
    install(python, requirements_of(built.wheel, "sandbox"))
    return python


def test_the_installed_package_works_whatever_lies_around(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "httpx.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    said = smoke(whole, "--version", __version__, "--document", instantly_client.SPEC_SHA256)
    assert said.startswith(f"instantly-client {__version__}, attrs ")
    assert re.search(r"paused a campaign and listed 120 leads over \d pages, sync and async$", said)
    assert "\n" not in said


def test_without_the_extra_the_package_is_only_imported(bare: Path) -> None:
    assert re.search(
        r"imported \d{3} names \(document [0-9a-f]{12} of \d{4}-\d\d-\d\d\)$", smoke(bare, "--import-only")
    )
    with pytest.raises(Failed, match=r"importing the sandbox: ModuleNotFoundError: .*instantly-client\[sandbox\]"):
        smoke(bare)


def test_an_extra_that_cannot_be_used_fails(whole: Path) -> None:
    with pytest.raises(Failed, match=r"making what the extras bring: (ImportError|ModuleNotFoundError): "):
        smoke(whole, "--all-extras")


def contract(python: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What the command of the contract checker says in an environment, far from any clone."""
    command = [python.with_name("instantly-contract"), *arguments]
    return subprocess.run(command, cwd=python.parent, capture_output=True, text=True, check=False)


def test_the_contract_checker_works_without_a_clone(
    built: Build, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    python = make_environment(tmp_path_factory.mktemp("checker") / "environment", sys.executable)
    install(python, requirements_of(built.wheel, "contract"))
    shutil.copy(PROJECT.recordings / "campaigns" / "pause.documented.yaml", tmp_path)
    done = contract(python, "--recordings", tmp_path)
    assert (done.returncode, done.stdout) == (
        0,
        f"1 recording checked against instantly-client {__version__}: no findings\n",
    ), done.stderr
    (tmp_path / "answer.json").write_text('{"operationId": "pauseCampaign", "status": 404, "headers": {}, "body": {}}')
    done = contract(python, "--recordings", tmp_path)
    assert done.returncode == 1
    assert "answer.json: pauseCampaign" in done.stdout


def test_without_its_extra_the_contract_checker_says_what_to_install(bare: Path) -> None:
    done = contract(bare, "--recordings", ".")
    assert done.returncode == 1
    assert done.stderr.endswith("pip install 'instantly-client[contract]'\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--version", "9.9.9"], f"smoke: failed: __version__: '{__version__}' instead of '9.9.9'"),
        (["--document", "0" * 64], f"smoke: failed: SPEC_SHA256: '{instantly_client.SPEC_SHA256}' instead of '0000"),
    ],
)
def test_another_package_than_the_expected_one_fails(bare: Path, arguments: list[str], told: str) -> None:
    with pytest.raises(Failed, match=re.escape(told)):
        smoke(bare, "--import-only", *arguments)


def test_the_doctor_finds_what_was_changed_after_the_installation(bare: Path) -> None:
    command = [str(bare), "-I", "-W", "error", "-m", "instantly_client.doctor", "--verify"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = bare.parent.parent.glob("lib/python*/site-packages/instantly_client/py.typed")
    try:
        rewrite(path, b"changed")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        rewrite(path, b"")
    assert done.returncode == 1
    assert "1 files are not as they were installed: instantly_client/py.typed" in done.stdout


@pytest.mark.parametrize(
    ("file", "addition", "told"),
    [
        (
            "instantly_client/__init__.py",
            "import warnings; warnings.warn('old')",
            "importing the package: UserWarning: old",
        ),
        ("instantly_client/models/__init__.py", "__all__ += ['Ghost']", "importing the package: AttributeError: "),
        ("instantly_client/__init__.py", "__version__ = '0.0.1'", "__version__: '0.0.1' instead of "),
        (
            "instantly_core/call/base_client.py",
            f"BaseClient.__repr__ = lambda self: {SECRET!r}",
            "the repr of a client shows its key",
        ),
    ],
)
def test_a_package_that_is_not_as_it_should_be_fails(bare: Path, file: str, addition: str, told: str) -> None:
    (path,) = bare.parent.parent.glob(f"lib/python*/site-packages/{file}")
    content = path.read_bytes()
    try:
        rewrite(path, content + f"\n{addition}\n".encode())
        with pytest.raises(Failed, match=re.escape(told)):
            smoke(bare, "--import-only")
    finally:
        rewrite(path, content)


def rewrite(path: Path, content: bytes) -> None:
    path.unlink()  # uv may have linked it to the copy that it keeps
    path.write_bytes(content)


@pytest.mark.long
def test_a_wheel_is_tried_with_the_oldest_and_the_newest_dependencies(
    built: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = try_wheel(built.wheel, pythons=[HERE, "3.99"], on_step=lambda step: None)
    assert [(trial.python, trial.dependencies, trial.status) for trial in trials] == [
        (HERE, "lowest", "passed"),
        (HERE, "newest", "passed"),
        ("3.99", "lowest", "skipped"),
        ("3.99", "newest", "skipped"),
    ]
    show_trials(trials)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Python", "dependencies", "took", "said"]
    assert "sync and async; asked 3 commands for their help" in lines[1]
    assert lines[3].endswith("no Python 3.99 on the PATH or under pyenv")


def test_a_wheel_that_does_not_work_fails_with_what_was_said(
    built: Build, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environments, "SMOKE", tmp_path / "smoke.py")
    (tmp_path / "smoke.py").write_text("import sys; sys.exit('smoke: failed: it is broken')")
    trials = try_wheel(built.wheel, pythons=[HERE, "3.99"], on_step=lambda step: None)
    broken, missing = "smoke: failed, smoke: failed: it is broken", "no Python 3.99 on the PATH or under pyenv"
    assert [(trial.python, trial.dependencies, trial.status, trial.said) for trial in trials] == [
        (HERE, "lowest", "failed", broken),
        (HERE, "newest", "failed", broken),
        ("3.99", "lowest", "skipped", missing),
        ("3.99", "newest", "skipped", missing),
    ]


@pytest.mark.parametrize(
    ("statuses", "well"),
    [
        (["passed", "passed"], True),
        (["passed", "skipped"], True),
        (["passed", "failed"], False),
        (["skipped", "skipped"], False),
    ],
)
def test_all_that_can_be_tried_must_pass(statuses: list[str], well: bool) -> None:
    assert passed([Trial("3.11", "newest", status, 1, "") for status in statuses]) is well  # type: ignore[arg-type]


def test_what_an_extra_brings_is_required_directly(built: Build) -> None:
    wheel, *dependencies = requirements_of(built.wheel, "sandbox")
    assert wheel == f"instantly-client[sandbox] @ {built.wheel.as_uri()}"
    assert {re.split("[<>]", each)[0] for each in dependencies} == {
        *("attrs", "httpx", "python-dateutil"),
        *("h11", "jsonschema-rs"),
    }
    wheel, *dependencies = requirements_of(built.wheel)
    assert wheel == f"instantly-client @ {built.wheel.as_uri()}"
    assert len(dependencies) == 3


def test_without_a_build_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"has 0 wheels \(run `nox -s build` first\)"):
        built_wheel(tmp_path)
