"""The quickstart, which the demo runs, goes through its whole story, in colours on a terminal only."""

from __future__ import annotations

import sys

import pytest

from examples import quickstart

STORY = ["created", "leads added", "activated", "after day", "webhook", "reply came", "answered", "paused", "listed"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("terminal", "no_color", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_a_campaign_sends_and_a_reply_is_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    quickstart.main()
    lines = capsys.readouterr().out.splitlines()
    told = [next((part for part in STORY if part in line[:30]), None) for line in lines]
    assert [part for part in dict.fromkeys(told) if part] == STORY
    assert any("\x1b[" in line for line in lines) is coloured
    (answered,) = [line for line in lines if "answered" in line]
    assert answered.endswith("reader7@spring.example.com: 'Re: Hello Robin'")
