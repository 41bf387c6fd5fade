from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from scripts.lib.layout import PROJECT
from scripts.lib.progress import Progress

LINES = re.compile(r"load +\d+\.\d s\nlint +\d+\.\d s\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def run(*, quiet: bool = False) -> None:
    with Progress(quiet=quiet) as progress:
        progress.step("load")
        progress.step("lint")


def test_without_a_terminal_each_step_is_a_plain_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    run()
    out, err = capsys.readouterr()
    assert out == ""
    assert LINES.fullmatch(err)


@pytest.mark.parametrize(
    ("name", "value"),
    [("FORCE_COLOR", "1"), ("TTY_COMPATIBLE", "1"), ("NO_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "20")],
)
def test_without_a_terminal_the_lines_stay_plain_whatever_the_environment(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    run()
    out, err = capsys.readouterr()
    assert out == ""
    assert LINES.fullmatch(err)


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run(quiet=True)
    assert capsys.readouterr() == ("", "")


def test_quiet_says_nothing_on_a_terminal_either(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run(quiet=True)
    assert terminal.getvalue() == ""


def test_a_step_is_told_when_it_is_done_and_not_before(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress.step("load")
        assert capsys.readouterr().err == ""
        progress.step("lint")
        assert capsys.readouterr().err.startswith("load ")
    assert capsys.readouterr().err.startswith("lint ")


def test_a_step_that_fails_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with Progress() as progress:
            progress.step("load")
            progress.step("lint")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("load ")
    assert "lint" not in err


def test_no_steps_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress():
        pass
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_the_cursor_is_given_back_even_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    def fail() -> None:
        with Progress() as progress:
            progress.step("load")
            progress.step("lint")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    text = terminal.getvalue()
    assert re.search(r"load +\d+\.\d s", text)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_in_a_pipe_nothing_is_on_standard_output() -> None:
    code = "from scripts.lib.progress import Progress\nwith Progress() as p: p.step('load'); p.step('lint')"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT.root)}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    assert result.stdout == ""
    assert LINES.fullmatch(result.stderr)
