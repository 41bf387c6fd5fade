"""The clock of pauses between attempts and between polls."""

from __future__ import annotations

import time

from .stop import Stop


class Clock:
    """The clock of pauses. Tests replace these three functions, and the sandbox has a clock of its own."""

    # Of the class, where tools that stop the clock of a program do not find it: what really waits goes by real time.
    _monotonic = staticmethod(time.monotonic)

    def now(self) -> float:
        """Return seconds, from some moment on."""
        return self._monotonic()

    def sleep(self, seconds: float, stop: Stop) -> None:
        """Wait in a thread. Raises a ClientClosedError when the client is closed."""
        stop.wait(seconds)

    async def sleep_async(self, seconds: float, stop: Stop) -> None:
        """Wait on an event loop. Raises a ClientClosedError when the client is closed."""
        await stop.wait_async(seconds)


CLOCK = Clock()
