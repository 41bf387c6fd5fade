"""Queue of deliveries to webhooks. A thread of its own works it off, and the service does not wait for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

MAX_WAITING = 1000

Delivery = Callable[[], None]


class Deliveries:
    """Queue of deliveries. Its thread lives only as long as the queue holds something."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._working = False
        self._changed = Condition()

    def add(self, delivery: Delivery) -> bool:
        """Queue a delivery; false if the queue is full."""
        with self._changed:
            if len(self._waiting) >= MAX_WAITING:
                return False
            self._waiting.append(delivery)
            if not self._working:
                self._working = True
                Thread(target=self._work, name="sandbox-deliveries", daemon=True).start()
            return True

    def wait(self, timeout: float) -> None:
        """Wait until the queue is empty.

        Raises:
            TimeoutError: it is not empty after so many seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not self._working, timeout):
                raise TimeoutError(f"{len(self._waiting) + 1} deliveries are under way after {timeout:g} s")

    def _work(self) -> None:
        while delivery := self._next():
            delivery()

    def _next(self) -> Delivery | None:
        with self._changed:
            if self._waiting:
                return self._waiting.popleft()
            self._working = False
            self._changed.notify_all()
            return None
