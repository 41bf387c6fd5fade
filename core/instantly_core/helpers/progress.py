"""A bar of progress on the terminal, for `on_progress=` of the helpers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress_bar(description: str, *, total: float | None = None) -> Generator[Callable[[Any], None], None, None]:
    """Show a bar while the block runs; give what it returns as `on_progress=`.

    It is on the standard error, and only where that is a terminal and rich is installed (the extra `progress`).

        with progress_bar("Importing") as on_progress:
            client.leads.import_rows(rows, campaign_id=id, on_progress=on_progress)

    Args:
        description: What is going on.
        total: How much there is to do, where `on_progress` does not say it: how many leads or addresses.
    """
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        yield _ignore
        return
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield _ignore
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(description, total=total)

        def show(state: Any) -> None:
            done, of = _figures(state)
            if done is None:
                progress.advance(task)
            else:
                progress.update(task, completed=done, total=of or total)

        yield show


def _ignore(_: Any) -> None:
    """Show nothing."""


def _figures(state: Any) -> tuple[float | None, float | None]:
    """How much is done, and of how much, by what a helper gives to its hook: a report, a progress or a job."""
    for done, of in (("done", "total"), ("confirmed", None), ("progress", 100)):
        value = getattr(state, done, None)
        if isinstance(value, int | float):
            return value, getattr(state, of, None) if isinstance(of, str) else of
    return None, None
