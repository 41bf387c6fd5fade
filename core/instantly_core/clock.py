"""The clock of pauses between attempts and between polls."""

from __future__ import annotations

from . import real_time
from .stop import Stop


class Clock:
    """The clock of pauses. Tests replace these three functions, and the sandbox has a clock of its own."""

    def now(self) -> float:
        """Return seconds, from some moment on."""
        return real_time.monotonic()

    def sleep(self, seconds: float, stop: Stop) -> None:
        """Wait in a thread. Raises a ClientClosedError when the client is closed."""
        stop.wait(seconds)

    async def sleep_async(self, seconds: float, stop: Stop) -> None:
        """Wait on an event loop. Raises a ClientClosedError when the client is closed."""
        await stop.wait_async(seconds)


CLOCK = Clock()
