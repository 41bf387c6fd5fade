"""Show where a long run is: a spinner on a terminal, plain lines elsewhere, all on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status


class Progress:
    """Shows the steps of a run as they begin, and how long each took."""

    OnStep = Callable[[str], None]

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._status: Status | None = None
        self._step = ""
        self._began = 0.0

    def __enter__(self) -> Self:
        # Not `is_terminal` of the console: FORCE_COLOR makes that true for a file too.
        if sys.stderr.isatty() and self._console.is_terminal and not self._console.quiet:
            self._status = self._console.status("")
            self._status.start()
        return self

    def step(self, name: str) -> None:
        """Say that the step `name` begins, and that the one before it is done."""
        self._done()
        self._step, self._began = name, time.monotonic()
        if self._status:
            self._status.update(name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._done()
        if self._status:
            self._status.stop()
        sys.stderr.flush()

    def _done(self) -> None:
        if self._step:
            self._console.print(f"{self._step:<10} {time.monotonic() - self._began:5.1f} s")
            self._step = ""
