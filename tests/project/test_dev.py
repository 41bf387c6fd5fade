"""scripts/dev.py, as far as it goes without a network."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scripts import dev
from scripts.release.dist import sha256
from tests.release.publish.servers import write_wheel


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, dev.__file__, *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def locks(tmp_path: Path) -> tuple[Path, Path]:
    paths = (tmp_path / "bootstrap.txt", tmp_path / "dev.txt")
    for path in paths:
        path.write_text(f"{path.stem}==1\n")
    return paths


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `prepare` does, noted instead of done."""
    done: list[str] = []

    def create(environment: Path) -> None:
        done.append("create")
        python = dev.python_of(environment)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        (environment / "pyvenv.cfg").touch()

    monkeypatch.setattr(dev, "create", create)
    monkeypatch.setattr(dev, "install", lambda environment, locks: done.append("install"))
    monkeypatch.setattr(dev, "check", lambda environment: done.append("check"))
    return done


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_goes_to_standard_output(flag: str) -> None:
    result = call(flag)
    assert result.returncode == 0
    assert result.stdout == dev.HELP
    assert result.stderr == ""


@pytest.mark.parametrize("verb", dev.VERBS)
def test_help_names_every_verb(verb: str) -> None:
    assert f"\n  {verb} " in dev.HELP


@pytest.mark.parametrize(
    ("arguments", "problem"), [(["tests"], "dev.py: unknown verb 'tests'"), ([], "dev.py: which verb?")]
)
def test_what_is_no_verb_is_told_with_the_help(arguments: list[str], problem: str) -> None:
    result = call(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == f"{problem}\n\n{dev.HELP}"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_what_to_do(version: tuple[int, int, int]) -> None:
    message = dev.too_old(version)
    assert f"this is Python {version[0]}.{version[1]} (" in message
    assert "needs 3.11 or newer" in message
    assert "python3.11 scripts/dev.py test" in message


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1), (4, 0, 0)])
def test_a_python_that_is_new_enough_is_told_nothing(version: tuple[int, int, int]) -> None:
    assert dev.too_old(version) == ""


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(Path(dev.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(
    ("verb", "rest", "expected"),
    [
        ("test", [], ["--session", "test"]),
        ("test", ["-k", "retries"], ["--session", "test", "--", "-k", "retries"]),
        ("nox", ["-s", "lint"], ["-s", "lint"]),
    ],
)
def test_arguments_reach_nox(verb: str, rest: list[str], expected: list[str]) -> None:
    assert dev.nox_arguments(verb, rest) == expected


def test_the_environment_is_made_once(tmp_path: Path, locks: tuple[Path, Path], steps: list[str]) -> None:
    dev.prepare(tmp_path / "env", locks)
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check"]


@pytest.mark.parametrize("changed", [0, 1])
def test_a_changed_lock_refreshes_the_environment(
    tmp_path: Path, locks: tuple[Path, Path], steps: list[str], changed: int
) -> None:
    dev.prepare(tmp_path / "env", locks)
    locks[changed].write_text("another==2\n")
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check", "install", "check"]


def test_another_python_makes_the_environment_anew(
    tmp_path: Path, locks: tuple[Path, Path], steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dev.prepare(tmp_path / "env", locks)
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check", "create", "install", "check"]


def test_an_environment_that_was_left_half_made_is_made_anew(
    tmp_path: Path, locks: tuple[Path, Path], steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(environment: Path, locks: tuple[Path, Path]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dev, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            dev.prepare(tmp_path / "env", locks)
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "create", "install", "check"]


def test_an_environment_without_nox_is_not_ready(
    tmp_path: Path, locks: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As settings of pip leave it that put packages elsewhere."""
    monkeypatch.setattr(dev, "create", lambda environment: None)
    monkeypatch.setattr(dev, "install", lambda environment, locks: None)
    environment = tmp_path / "environment"
    python = dev.python_of(environment)
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "No module named nox"\nexit 1\n')
    python.chmod(0o700)
    with pytest.raises(dev.DevError, match=r"looking for nox in the environment failed(.|\n)*No module named nox"):
        dev.prepare(environment, locks)
    assert not (environment / "locked-state").exists()


ELSEWHERE = [
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_CONSTRAINT", "PIP_NO_DEPS"),
    *("PIP_REQUIREMENT", "PIP_NO_BINARY", "PIP_PLATFORM", "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_OVERRIDE"),
    *("UV_PROJECT_ENVIRONMENT", "UV_NO_VERIFY_HASHES", "UV_EXCLUDE_NEWER", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"),
]
FROM = [
    *(
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
        "PIP_NO_INDEX",
        "PIP_CERT",
        "PIP_PROXY",
        "PIP_CACHE_DIR",
    ),
    *("PIP_CONFIG_FILE", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "UV_DEFAULT_INDEX", "UV_INDEX_TEAM_PASSWORD"),
    *("UV_CACHE_DIR", "UV_OFFLINE", "UV_CONFIG_FILE", "UV_HTTP_TIMEOUT", "UV_SYSTEM_CERTS", "SSL_CERT_FILE"),
]


def test_variables_that_say_where_to_do_not_reach_the_installers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ELSEWHERE, *FROM):
        monkeypatch.setenv(name, "somewhere")
    found = dev.variables(installing=True).keys()
    assert [name for name in ELSEWHERE if name in found] == []
    assert [name for name in FROM if name not in found] == []
    # What runs in the environment is spared only another Python's library.
    assert {*ELSEWHERE, *FROM} - dev.variables().keys() == {"PYTHONHOME"}


@pytest.mark.parametrize("stamp", [b"", b"python", b"\xff\xfe"])
def test_an_environment_with_half_a_stamp_is_made_anew(
    stamp: bytes, tmp_path: Path, locks: tuple[Path, Path], steps: list[str]
) -> None:
    for _ in range(2):
        dev.prepare(tmp_path / "env", locks)
        (tmp_path / "env" / dev.STAMP).write_bytes(stamp)
    assert steps == ["create", "install", "check"] * 2


@pytest.mark.parametrize("part", ["pyvenv.cfg", "bin/python", dev.STAMP])
def test_an_environment_that_lacks_a_part_is_made_anew(
    part: str, tmp_path: Path, locks: tuple[Path, Path], steps: list[str]
) -> None:
    dev.prepare(tmp_path / "env", locks)
    (dev.python_of(tmp_path / "env") if part == "bin/python" else tmp_path / "env" / part).unlink()
    dev.prepare(tmp_path / "env", locks)
    assert steps == ["create", "install", "check"] * 2


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_a_folder_that_cannot_be_written_is_named(
    error: OSError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(environment: Path, locks: tuple[Path, Path]) -> None:
        raise error

    monkeypatch.setattr(dev, "prepare", prepare)
    assert dev.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"dev.py: [Errno {error.errno}] {error.strerror}\n  What to do: see that ")


@pytest.mark.slow
def test_without_a_network_the_connection_is_named(
    tmp_path: Path, locks: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for lock in locks:
        lock.write_text(f"no-such-package==1 --hash=sha256:{'0' * 64}\n")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    settings = {"INDEX_URL": "http://127.0.0.1:9/", "RETRIES": "0", "NO_CACHE_DIR": "1", "CONFIG_FILE": os.devnull}
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    with pytest.raises(
        dev.DevError, match=r"installing uv with pip failed(.|\n)*What to do: look at the network"
    ) as failed:
        dev.install(Path(sys.prefix), locks)
    assert "No matching distribution found for no-such-package==1" in str(failed.value)


def test_an_old_python_gets_the_message_and_a_status() -> None:
    program = (
        f"import sys; sys.version_info = (3, 10, 13); exec(compile(open({dev.__file__!r}).read(), 'dev.py', 'exec'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == dev.too_old((3, 10, 13)) + "\n"


@pytest.mark.skipif(os.name == "nt", reason="there is no lock of a folder")
def test_a_second_run_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    waiting = threading.Event()
    monkeypatch.setattr(dev, "say", lambda message: waiting.set())

    def second() -> None:
        with dev.alone(tmp_path / "env"):
            ended.append("second")

    thread = threading.Thread(target=second)
    with dev.alone(tmp_path / "env"):
        thread.start()
        assert waiting.wait(60)
        ended.append("first")
    thread.join()
    assert ended == ["first", "second"]


# --- the whole of it, with tools that are small ---

UV = """
import os, signal, time
if os.environ.get("KILL"):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1)  # It goes on, as an installer does whose caller was killed.
raise SystemExit("not this time")
"""
NOX = "import sys; print('nox', *sys.argv[1:])"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in a folder with an unusual name, whose locked tools are in its folder wheels."""
    folder = tmp_path / "pläne 计划 %d"
    for name in ("scripts", "requirements", "wheels"):
        (folder / name).mkdir(parents=True)
    shutil.copy(dev.__file__, folder / "scripts")
    for name, lock, program in (("uv", "bootstrap", UV), ("nox", "dev", NOX)):
        information = f"{name}-1.dist-info"
        wheel = folder / "wheels" / f"{name}-1-py3-none-any.whl"
        content = {
            f"{name}/__init__.py": b"",
            f"{name}/__main__.py": program.encode(),
            f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n".encode(),
            f"{information}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        write_wheel(wheel, content, information)
        (folder / "requirements" / f"{lock}.txt").write_text(f"{name}==1 --hash=sha256:{sha256(wheel)}\n")
    return folder


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL, and no lock of a folder")
def test_two_runs_after_one_that_was_killed_make_one_environment(clone: Path, tmp_path: Path) -> None:
    """On a machine whose variables lead elsewhere, that has no home, and whose terminal shows ASCII only."""
    command = [sys.executable, str(clone / "scripts" / "dev.py"), "nox", "--list"]
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(("PATH", "LD_", "TMP"))},
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (clone / "wheels").as_uri(),
        "PYTHONIOENCODING": "ascii",
        "PIP_TARGET": str(tmp_path / "target"),
        "PIP_CONSTRAINT": "/not/there",
        "PYTHONPATH": str(tmp_path),
    }
    killed = subprocess.run(command, env={**environment, "KILL": "1"}, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert all(output.endswith("nox --list\n") for output in said)
    assert sum(".venv is ready" in output for output in said) == 1
    assert all("waiting for it" in output for output in said)
    assert not (tmp_path / "target").exists()


def test_a_missing_lock_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "gone.txt"
    with pytest.raises(dev.DevError, match=r"gone\.txt is missing\n  What to do: "):
        dev.prepare(tmp_path / "env", (missing, missing))


def test_a_python_without_ensurepip_is_told_which_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(dev.DevError, match=rf"apt-get install python3\.{sys.version_info[1]}-venv"):
        dev.create(tmp_path / "env")


def test_a_failed_step_shows_the_end_of_what_it_printed() -> None:
    code = "import sys; [print('line', n) for n in range(100)]; sys.exit(7)"
    with pytest.raises(dev.DevError) as caught:
        dev.run([sys.executable, "-c", code], "counting", "count less")
    message = str(caught.value)
    assert message.startswith("counting failed, exit status 7\n")
    assert "line 99" in message
    assert "line 80\n" not in message
    assert message.endswith("\n  What to do: count less")


def test_pip_is_tried_when_uv_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def run(command: list[str], doing: str, hint: str) -> None:
        tried.append(doing)
        if "uv" in command:
            raise dev.DevError("no certificate")

    monkeypatch.setattr(dev, "run", run)
    dev.install(tmp_path, (tmp_path / "bootstrap.txt", tmp_path / "dev.txt"))
    assert tried == ["installing uv with pip", "installing with uv", "installing with pip"]
    assert capsys.readouterr().out == "dev.py: no certificate\n  Trying pip instead\n"
