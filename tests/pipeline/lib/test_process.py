"""Other programs: what of their output a message has, and what they get from us."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.lib.process import MAX_LINES, end, execute, git, run
from scripts.lib.report import Failed


def python(code: str) -> list[str | Path]:
    return [sys.executable, "-c", code]


def test_a_command_gives_its_output_as_text_whatever_the_bytes() -> None:
    assert run("step", "python", python(r"import sys; sys.stdout.buffer.write(b'caf\xc3\xa9 \xff')")) == "café \ufffd"


def test_a_command_gets_no_input_and_only_its_variables() -> None:
    code = "import os, sys; print(repr(sys.stdin.read()), os.environ.get('HOME'), os.environ['ONE'])"
    assert run("step", "python", python(code), variables={"ONE": "1"}) == "'' None 1\n"


def test_a_command_that_fails_says_its_status_its_output_and_its_errors() -> None:
    with pytest.raises(Failed) as caught:
        run("step", "it", python("import sys; print('out'); print('wrong', file=sys.stderr); sys.exit(7)"))
    assert (caught.value.step, caught.value.message) == ("step", "it, exit status 7\nout\nwrong")


def test_a_message_has_the_end_of_a_long_output() -> None:
    lines = [str(number) for number in range(2 * MAX_LINES)]
    assert end("\n".join(["", *lines, ""])).splitlines() == lines[MAX_LINES:]


def test_errors_can_be_among_the_output_in_their_order() -> None:
    done = execute(python("import sys; print(1, flush=True); print(2, file=sys.stderr); sys.exit(3)"), merged=True)
    assert (done.returncode, done.stdout) == (3, "1\n2\n")


def test_git_that_is_not_installed_is_a_failure_of_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match="step: failed, git cannot be run: "):
        git("step", tmp_path, "status")


def test_git_says_why_it_fails(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"git status, exit status 128\nfatal: not a git repository"):
        git("step", tmp_path, "status")
