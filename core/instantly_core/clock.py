"""The clock of pauses between attempts and between polls."""

from __future__ import annotations

import time


class Clock:
    """The clock of pauses. Tests replace these three functions, and the sandbox has a clock of its own."""

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
