"""Progress is shown where a terminal is, and nowhere else."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from instantly_client import BulkAddProgress, ImportReport, progress_bar
from instantly_core.helpers.row_import import ImportedRow


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    # In the test itself: pytest puts its own in the place of what a fixture puts there.
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for name in ("NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return terminal


@pytest.mark.parametrize(
    ("states", "total", "shown"),
    [
        ([ImportReport([ImportedRow(1, "", "added"), ImportedRow(2, "")])], None, "1/2"),
        ([BulkAddProgress[Any](confirmed=7)], 10, "7/10"),
        ([SimpleNamespace(progress=40)], None, "40/100"),
        (["a result"] * 3, 5, "3/5"),
    ],
)
def test_what_a_helper_reports_is_shown(
    monkeypatch: pytest.MonkeyPatch, states: list[Any], total: int | None, shown: str
) -> None:
    terminal = on_a_terminal(monkeypatch)
    with progress_bar("Importing", total=total) as on_progress:
        for state in states:
            on_progress(state)
    assert "Importing" in terminal.getvalue()
    assert shown in terminal.getvalue()


def test_nothing_is_shown_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with progress_bar("Importing") as on_progress:
        on_progress(BulkAddProgress())
    assert file.getvalue() == ""


def test_nothing_is_shown_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    with progress_bar("Importing") as on_progress:
        on_progress(BulkAddProgress())
    assert terminal.getvalue() == ""
