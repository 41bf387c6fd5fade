"""The clock of pauses between attempts and between polls."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import Future


class Stop:
    """Ends the pauses of a client when it is closed, in all its threads and event loops."""

    __slots__ = ("_event", "_futures")

    def __init__(self) -> None:
        self._event = threading.Event()
        self._futures: set[Future[None]] = set()

    def set(self) -> None:
        """End all pauses."""
        self._event.set()
        for future in list(self._futures):
            with suppress(RuntimeError):  # Its loop is closed.
                future.get_loop().call_soon_threadsafe(future.cancel)

    def wait(self, seconds: float) -> None:
        """Wait in a thread."""
        self._event.wait(min(seconds, threading.TIMEOUT_MAX))

    async def wait_async(self, seconds: float) -> None:
        """Wait on an event loop."""
        import asyncio

        future = asyncio.get_running_loop().create_future()
        self._futures.add(future)
        try:
            if not self._event.is_set():
                await asyncio.wait((future,), timeout=seconds)
        finally:
            self._futures.discard(future)


class Clock:
    """The clock of pauses. Tests replace these three functions, and the sandbox has a clock of its own."""

    # Of the class, where tools that stop the clock of a program do not find it: what really waits goes by real time.
    _monotonic = staticmethod(time.monotonic)

    def now(self) -> float:
        """Return seconds, from some moment on."""
        return self._monotonic()

    def sleep(self, seconds: float, stop: Stop) -> None:
        """Wait in a thread, until `stop` at the latest."""
        stop.wait(seconds)

    async def sleep_async(self, seconds: float, stop: Stop) -> None:
        """Wait on an event loop, until `stop` at the latest."""
        await stop.wait_async(seconds)


CLOCK = Clock()
