"""The end of a client: whatever its calls wait for, they end with a ClientClosedError at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from .error_tree import ClientClosedError

if TYPE_CHECKING:
    from asyncio import Task


def closed_error(*, sent: bool = False) -> ClientClosedError:
    """Return the error for the use of a closed client."""
    if sent:
        return ClientClosedError("This client was closed during the call, which may have been carried out", sent=True)
    return ClientClosedError("This client is closed: make a new one, or keep this one open while it is used")


class Stop:
    """Ends the waits of a client when it is closed, in all its threads and event loops."""

    __slots__ = ("_event", "_wakes")

    def __init__(self) -> None:
        self._event = threading.Event()
        self._wakes: set[Callable[[], object]] = set()

    def set(self) -> None:
        """End all waits."""
        self._event.set()
        for wake in list(self._wakes):
            wake()

    def is_set(self) -> bool:
        """Return whether the client was closed."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise a ClientClosedError if the client was closed."""
        if self._event.is_set():
            raise closed_error()

    def wait(self, seconds: float) -> None:
        """Wait in a thread. Raises a ClientClosedError when the client is closed."""
        self._event.wait(min(seconds, threading.TIMEOUT_MAX))
        self.check()

    async def wait_async(self, seconds: float) -> None:
        """Wait on an event loop. Raises a ClientClosedError when the client is closed."""
        from asyncio import sleep

        with EndOfTask(self):
            await sleep(seconds)

    @contextmanager
    def waking(self, wake: Callable[[], object]) -> Generator[None, None, None]:
        """Return a block during which a function is called when the client is closed.

        Raises:
            ClientClosedError: the client was closed before.
        """
        self._wakes.add(wake)
        try:
            self.check()
            yield
        finally:
            self._wakes.discard(wake)


class _OfThread(threading.local):
    stop: Stop = Stop()


_of_thread = _OfThread()


def stop_of_thread() -> Stop:
    """Return what ends the waits of the call that this thread makes. It gets to limiters within limiters."""
    return _of_thread.stop


class EndOfThread:
    """A block of a thread whose waits end when the client is closed, also those in limiters."""

    __slots__ = ("_before", "_stop")

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        self._before = _of_thread.stop
        _of_thread.stop = self._stop

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _of_thread.stop = self._before


class EndOfTask:
    """A block of a task that ends with a ClientClosedError when the client is closed, whatever it awaits.

    It cancels the task, as `asyncio.timeout` does after some time.
    """

    __slots__ = ("_cancelled", "_requests", "_stop", "_task")

    _task: Task[object] | None

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        from asyncio import current_task

        try:
            task = current_task()
        except RuntimeError:  # There is no event loop, or one of another library.
            task = None
        if task is None:
            raise RuntimeError("an async client is used in tasks of asyncio only, not of trio")
        self._task = task
        self._requests = task.cancelling()
        self._cancelled = False
        self._stop._wakes.add(self._end)
        try:
            self._stop.check()
        except BaseException:
            self._stop._wakes.discard(self._end)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop._wakes.discard(self._end)
        task, self._task = self._task, None
        if self._cancelled and task is not None and task.uncancel() <= self._requests and kind is not None:
            from asyncio import CancelledError

            if issubclass(kind, CancelledError):
                raise closed_error() from None

    def _end(self) -> None:
        task = self._task
        if task is not None:
            with suppress(RuntimeError):  # Its loop is closed.
                task.get_loop().call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._cancelled = True
            self._task.cancel()
