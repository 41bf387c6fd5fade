"""The queue of a bucket: requests leave in the order in which they came, of threads and event loops alike.

The requests of a loop are a lane, and those of all threads together another. The first request of all is the head, and
the timer of its lane is set for its turn. Then its own thread or task looks whether it can leave: one that was held up
meanwhile leaves late, and so do those after it, but no bunch of requests leaves at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from math import inf
from threading import TIMEOUT_MAX, Lock, RLock
from typing import TYPE_CHECKING

from .. import real_time as time
from .window import Limit, Windows

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle

# A loop that is held up for longer no longer holds up the requests of other loops and of threads.
MAX_LATE = 1.0

# A turn that comes at the very end of the time that a request has is in time.
_SLACK = 0.001


class Waiter:
    """A request in the queue of a bucket."""

    __slots__ = ("came", "end", "lane", "left", "number", "refused")

    def __init__(self, now: float, budget: float) -> None:
        self.came = now
        self.end = now + budget + _SLACK
        self.number = -1
        self.lane: Lane | None = None
        #: When it left; None as long as it has not.
        self.left: float | None = None
        #: The seconds to its turn, if that comes after its end; 0.0 otherwise.
        self.refused = 0.0

    def decided(self) -> bool:
        """Return whether it has left or is refused."""
        return self.left is not None or self.refused > 0

    def wake(self) -> None:
        """Let whoever waits for it go on, or look again."""


class ThreadWaiter(Waiter):
    """A request of a thread."""

    __slots__ = ("signal",)

    def __init__(self, now: float, budget: float) -> None:
        super().__init__(now, budget)
        self.signal = Lock()
        self.signal.acquire()

    def wake(self) -> None:
        with suppress(RuntimeError):  # Somebody else has just done so.
            self.signal.release()

    def sleep(self, seconds: float) -> None:
        """Wait until it is woken, but no longer than so many seconds."""
        self.signal.acquire(timeout=min(max(0.0, seconds), TIMEOUT_MAX))


class TaskWaiter(Waiter):
    """A request of a task."""

    __slots__ = ("future",)

    future: Future[None]

    def wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Lane:
    """The requests of all threads, in the order in which they came. The thread of the first keeps the time."""

    def __init__(self, loop: AbstractEventLoop | None = None) -> None:
        self.loop = loop
        self.waiters: OrderedDict[int, Waiter] = OrderedDict()
        #: When its first request looks at the queue again.
        self.looks_at = inf

    def first(self) -> Waiter:
        return next(iter(self.waiters.values()))

    def add(self, waiter: Waiter) -> None:
        self.waiters[waiter.number] = waiter

    def remove(self, waiter: Waiter) -> None:
        if self.first() is waiter:
            # The next one does not know yet that it is the first.
            self.looks_at = inf
        del self.waiters[waiter.number]

    def next_end(self) -> float:
        """Return when the time of one of its requests ends, of those that do not see to it themselves."""
        return inf

    def set_timer(self, at: float, now: float, here: Waiter | None) -> None:
        """Let the first request look at the queue at a moment. `here` is the request whose thread or task this is."""
        self.looks_at = at
        first = self.first()
        if first is not here:
            first.wake()

    def is_late(self, now: float) -> bool:
        """Return whether its first request should have looked at the queue long ago."""
        return False

    def is_closed(self) -> bool:
        """Return whether it will never look at the queue again."""
        return False


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


class Queue:
    """The queue of a bucket."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._windows = Windows(limits)
        self._lanes: dict[AbstractEventLoop | None, Lane] = {}
        self._numbers = count()
        self._waiting = 0
        # A signal handler, or the end of a coroutine in a garbage collection, may come back here.
        self._lock = RLock()

    def after_fork(self) -> None:
        """Forget whoever waited in the parent."""
        self._lock = RLock()
        self._lanes.clear()
        self._waiting = 0

    def arrive(self, waiter: Waiter) -> float:
        """Let a request leave if it can, or return the seconds to its turn. It is refused if its time ends before."""
        with self._lock:
            now = waiter.came
            if self._waiting:
                self._forget_closed_loops()
            wait = max(0.0, self._windows.turn(now, self._waiting) - now)
            if wait > waiter.end - now:
                waiter.refused = wait
            elif not wait and not self._waiting:
                self._leave(waiter, now, now)
            return wait

    def enter(self, waiter: Waiter, loop: AbstractEventLoop | None) -> None:
        """Add a request to the queue."""
        with self._lock:
            lane = self._lanes.get(loop)
            if lane is None:
                lane = self._lanes[loop] = Lane() if loop is None else LoopLane(self, loop)
            waiter.number = next(self._numbers)
            waiter.lane = lane
            lane.add(waiter)
            self._waiting += 1

    def look(self, waiter: Waiter) -> float | None:
        """Let a request leave if it can; called in its own thread or task.

        Returns:
            The seconds after which to look again, if nobody wakes it before; None when it has left or is refused.
        """
        with self._lock:
            lane = waiter.lane
            if waiter.decided() or lane is None:
                return None
            now = time.monotonic()
            is_first = lane.first() is waiter
            if is_first:
                lane.looks_at = inf
            if is_first or waiter.end < lane.looks_at:
                self._serve(now, waiter)
            if not waiter.decided() and now >= waiter.end:
                self._refuse(waiter, now)
                self._serve(now, waiter)
            if waiter.decided():
                return None
            return (min(lane.looks_at, waiter.end) if is_first else waiter.end) - now

    def ring(self, lane: LoopLane) -> None:
        """Let the first request of an event loop look at the queue; called on that loop."""
        with self._lock:
            now = time.monotonic()
            while (waiter := lane.next_ended(now)) is not None:
                self._refuse(waiter, now)
            if lane.waiters:
                lane.first().wake()
            else:
                self._serve(now, None)

    def withdraw(self, waiter: Waiter) -> None:
        """Give back the place of a request that is not sent, in the queue or among those that left."""
        with self._lock:
            if waiter.left is not None:
                self._windows.cancel(waiter.left)
            elif waiter.lane is not None and waiter.number in waiter.lane.waiters:
                self._remove(waiter)
            self._serve(time.monotonic(), None)

    def cancel(self, seconds: float) -> None:
        """Give back the place of a request that left `seconds` ago and was not sent."""
        with self._lock:
            now = time.monotonic()
            self._windows.cancel(now - seconds)
            self._serve(now, None)

    def end(self, seconds: float, answered: bool) -> None:
        """Count a request that left `seconds` ago from when it has certainly arrived."""
        with self._lock:
            self._windows.end(time.monotonic(), seconds, answered)

    def rest_until(self, moment: float) -> None:
        """Let no request leave before a moment of the monotonic clock."""
        with self._lock:
            self._windows.rest_until(moment)

    def idle(self) -> bool:
        """Return whether past requests no longer affect the next one."""
        with self._lock:
            return not self._waiting and self._windows.idle(time.monotonic())

    def _serve(self, now: float, here: Waiter | None) -> None:
        """Let the request whose thread or task this is leave if it can, and set the timers of the lanes."""
        due = inf
        while (head := self._head(now, here)) is not None:
            waiter = head.first()
            due = max(self._windows.turn(now), waiter.came)
            if due > waiter.end:
                self._refuse(waiter, now)
            elif due <= now and waiter is here:
                self._remove(waiter)
                self._leave(waiter, now, due)
            else:
                break
        for lane in self._lanes.values():
            looks_at = min(due if lane is head else now + MAX_LATE, lane.next_end())
            if looks_at < lane.looks_at:
                lane.set_timer(looks_at, now, here)

    def _head(self, now: float, here: Waiter | None) -> Lane | None:
        """Return the lane of the first request, but for loops that are held up."""
        lanes: Iterable[Lane] = self._lanes.values()
        if len(self._lanes) > 1:
            self._forget_closed_loops()
            mine = None if here is None else here.lane
            lanes = [lane for lane in self._lanes.values() if lane is mine or not lane.is_late(now)]
        return min(lanes, key=_first_number, default=None)

    def _leave(self, waiter: Waiter, now: float, turn: float) -> None:
        self._windows.leave(now, turn)
        waiter.left = now

    def _refuse(self, waiter: Waiter, now: float) -> None:
        self._remove(waiter)
        waiter.refused = max(self._windows.turn(now) - now, _SLACK)
        waiter.wake()

    def _remove(self, waiter: Waiter) -> None:
        lane = waiter.lane
        assert lane is not None
        lane.remove(waiter)
        self._waiting -= 1
        if not lane.waiters:
            del self._lanes[lane.loop]

    def _forget_closed_loops(self) -> None:
        for loop, lane in [*self._lanes.items()]:
            if lane.is_closed():
                self._waiting -= len(lane.waiters)
                lane.waiters.clear()
                del self._lanes[loop]


def _first_number(lane: Lane) -> int:
    return next(iter(lane.waiters))
