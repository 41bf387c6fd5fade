"""Polling: the pauses between two polls, and the end of the wait."""

from __future__ import annotations

import math
from typing import Any

from ..clock import Clock
from ..error_tree import InstantlyError


class WaitTimeoutError(InstantlyError, TimeoutError):
    """The wait is over without the result. It may still come: wait again.

    Attributes:
        last: what was polled last, such as the job.
    """

    def __init__(self, message: str, *, last: Any = None) -> None:
        super().__init__(message)
        self.last = last


class PollSchedule:
    """The pauses between polls: the first lasts `poll` seconds, the later ones up to five times as long.

    Raises:
        ValueError: `timeout` is negative or no number, or `poll` is not positive and finite.
    """

    __slots__ = ("_clock", "_deadline", "_max_pause", "_pause")

    GROWTH = 1.25
    MAX_FACTOR = 5

    def __init__(self, clock: Clock, timeout: float, poll: float) -> None:
        if not timeout >= 0:  # NaN is not either.
            raise ValueError(f"timeout must be a number of seconds, not {timeout}")
        if not 0 < poll < math.inf:
            raise ValueError(f"poll must be a positive number of seconds, not {poll}")
        self._pause = poll
        self._max_pause = poll * self.MAX_FACTOR
        self._clock = clock
        self._deadline = clock.now() + timeout

    def pause(self) -> float:
        """Return the seconds until the next poll, never more than are left; 0.0 when the time is over."""
        pause = self._pause
        self._pause = min(pause * self.GROWTH, self._max_pause)
        return max(0.0, min(pause, self._deadline - self._clock.now()))
