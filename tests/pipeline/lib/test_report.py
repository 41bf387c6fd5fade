from __future__ import annotations

import io
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lib.report import CONTROL, Failed, Finding, Refused, child, show_error, show_findings, visible
from tests.pipeline.settings import STEADY

HOSTILE = Finding("/paths/~1a\x1b[2J", "bad [red]markup[/red]\r\nand \u202etxt", "it\x00 matters")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "200")


def shown(stream: io.StringIO, **options: Any) -> str:
    show_findings([HOSTILE, Finding("", "second", "too")], stream=stream, **options)
    return stream.getvalue()


def test_without_a_terminal_a_finding_is_a_line_with_its_control_characters_escaped() -> None:
    assert shown(io.StringIO()).splitlines() == [
        r"/paths/~1a\x1b[2J: bad [red]markup[/red]\r\nand \u202etxt (it\x00 matters)",
        "second (too)",
    ]


def test_on_a_terminal_findings_are_a_table_in_which_nothing_is_markup() -> None:
    text = shown(Terminal())
    assert "why it matters" in text
    assert "\x1b[36m" in text
    assert r"\x1b[2J" in text
    assert "\x1b[2J" not in text
    assert "[red]markup[/red]" in text


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown(Terminal())
    assert "second" in text
    assert "\x1b[3" not in text


def test_as_json_the_findings_are_an_array_even_on_a_terminal() -> None:
    for stream in (io.StringIO(), Terminal()):
        assert json.loads(shown(stream, as_json=True)) == [
            {"pointer": HOSTILE.pointer, "what": HOSTILE.what, "why": HOSTILE.why},
            {"pointer": "", "what": "second", "why": "too"},
        ]


def test_a_stream_that_cannot_write_a_character_gets_its_escape() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    show_findings([Finding("/é", "x", "y")], stream=stream)
    stream.flush()
    assert raw.getvalue() == b"/\\xe9: x (y)\n"


def test_a_refusal_is_shown_with_its_findings_and_exit_status_2() -> None:
    stream = io.StringIO()
    assert show_error(Refused("lint", [HOSTILE]), stream=stream) == 2
    assert stream.getvalue().splitlines()[0] == "lint: refused, 1 finding"
    assert len(stream.getvalue().splitlines()) == 2


def test_a_failure_is_shown_with_its_message_and_exit_status_1() -> None:
    stream = io.StringIO()
    assert show_error(Failed("format", "ruff\x1b says:\nno"), stream=stream) == 1
    assert stream.getvalue() == "format: failed, ruff\\x1b says:\nno\n"


def test_on_a_terminal_an_error_has_a_headline() -> None:
    stream = Terminal()
    show_error(Refused("lint", [HOSTILE, HOSTILE]), stream=stream)
    assert "lint: refused, 2 findings" in stream.getvalue()


@pytest.mark.parametrize("error", [Refused("lint", [HOSTILE]), Failed("format", "no")])
def test_as_json_an_error_is_one_object(error: Refused | Failed) -> None:
    stream = io.StringIO()
    show_error(error, stream=stream, as_json=True)
    record = json.loads(stream.getvalue())
    assert record["step"] == error.step
    assert record["status"] == type(error).__name__.lower()
    assert len(record["findings"]) == (1 if isinstance(error, Refused) else 0)


def test_by_default_findings_go_to_standard_output_and_errors_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_findings([Finding("/a", "b", "c")])
    show_error(Failed("swap", "d"))
    assert capsys.readouterr() == ("/a: b (c)\n", "swap: failed, d\n")


def test_errors_survive_pickling_and_say_everything_as_text() -> None:
    refused = pickle.loads(pickle.dumps(Refused("lint", [HOSTILE])))
    assert refused.findings == (HOSTILE,)
    assert str(refused) == f"lint: refused, 1 finding\n  {HOSTILE}"
    assert str(pickle.loads(pickle.dumps(Failed("format", "no")))) == "format: failed, no"


def test_pointers_are_escaped() -> None:
    assert child("/paths", "/a~b/{c}", 0, "") == "/paths/~1a~0b~1{c}/0/"


@STEADY
@given(st.text(st.characters(), max_size=30))
def test_what_is_visible_has_nothing_that_acts(text: str) -> None:
    assert not CONTROL.search(visible(text))
    assert visible(text, keep=text) == text
