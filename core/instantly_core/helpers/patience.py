"""How long to wait between two looks at something, and when to give up."""

from __future__ import annotations

import math
import time


class Clock:
    """What pauses go by. Tests put other functions in the place of these three, and the sandbox another clock."""

    def now(self) -> float:
        """Return seconds, from some moment on."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait in a thread."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait on an event loop."""
        from asyncio import sleep

        await sleep(seconds)


CLOCK = Clock()


class Patience:
    """The pauses between polls: the first lasts `poll` seconds, the later ones up to five times as long.

    Raises:
        ValueError: `timeout` is negative or no number, or `poll` is not positive and finite.
    """

    __slots__ = ("_clock", "_deadline", "_longest", "_pause")

    GROWTH = 1.25
    MOST = 5

    def __init__(self, clock: Clock, timeout: float, poll: float) -> None:
        if not timeout >= 0:  # NaN is not either.
            raise ValueError(f"timeout must be a number of seconds, not {timeout}")
        if not 0 < poll < math.inf:
            raise ValueError(f"poll must be a positive number of seconds, not {poll}")
        self._pause = poll
        self._longest = poll * self.MOST
        self._clock = clock
        self._deadline = clock.now() + timeout

    def pause(self) -> float:
        """Return the seconds until the next poll, never more than are left; 0.0 when the time is over."""
        pause = self._pause
        self._pause = min(pause * self.GROWTH, self._longest)
        return max(0.0, min(pause, self._deadline - self._clock.now()))
