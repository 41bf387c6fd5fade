"""What goes to receivers of webhooks, one after the other and beside the service, which waits for none of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

MOST = 1000

Delivery = Callable[[], None]


class Deliveries:
    """A queue with a thread that works it off, and that lives only as long as there is something in it."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._working = False
        self._changed = Condition()

    def add(self, delivery: Delivery) -> bool:
        """Put a delivery at the end of the queue; false if that is full."""
        with self._changed:
            if len(self._waiting) >= MOST:
                return False
            self._waiting.append(delivery)
            if not self._working:
                self._working = True
                Thread(target=self._work, name="sandbox-deliveries", daemon=True).start()
            return True

    def wait(self, timeout: float) -> None:
        """Wait until the queue is empty.

        Raises:
            TimeoutError: it is not, after so many seconds.
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
