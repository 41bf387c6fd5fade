"""The lane of an event loop in a queue. Only a program that has an event loop imports it."""

from __future__ import annotations

from contextlib import suppress
from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING

from .queue import MAX_LATE, Lane, Queue, Waiter

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle


class LoopLane(Lane):
    """The requests of the tasks of an event loop, in the order in which they came."""

    def __init__(self, queue: Queue, loop: AbstractEventLoop) -> None:
        super().__init__(loop)
        self._queue = queue
        self._loop = loop
        self._timer: TimerHandle | None = None
        self._ends: list[tuple[float, int]] = []

    def add(self, waiter: Waiter) -> None:
        super().add(waiter)
        heappush(self._ends, (waiter.end, waiter.number))

    def next_end(self) -> float:
        ends = self._ends
        while ends and ends[0][1] not in self.waiters:
            heappop(ends)
        return ends[0][0] if ends else inf

    def next_ended(self, now: float) -> Waiter | None:
        """Return a request whose time is over."""
        return self.waiters[self._ends[0][1]] if self.next_end() <= now else None

    def set_timer(self, at: float, now: float, here: Waiter | None) -> None:
        self.looks_at = at
        if here is not None and here.lane is self:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_later(max(0.0, at - now), self._ring)
        else:
            with suppress(RuntimeError):  # The loop is being closed.
                self._loop.call_soon_threadsafe(self._ring)

    def is_late(self, now: float) -> bool:
        return now > self.looks_at + MAX_LATE

    def is_closed(self) -> bool:
        return self._loop.is_closed()

    def _ring(self) -> None:
        self._queue.ring(self)
