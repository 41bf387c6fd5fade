"""Polling: the pauses between two polls, and the end of the wait."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from ..call.observers import Observers
from ..clock import Clock
from ..error_tree import InstantlyError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Gets(Protocol[T_co]):
    """A resource that fetches one object."""

    _client: Any

    def get(self, id: str, /) -> T_co: ...


class AsyncGets(Protocol[T_co]):
    """A resource that fetches one object."""

    _client: Any

    async def get(self, id: str, /) -> T_co: ...


class WaitTimeoutError(InstantlyError, TimeoutError):
    """The job or the verification has not ended in time; `last` is what was seen last. It goes on: wait again.

    Attributes:
        last: what was polled last, such as the job.
    """

    def __init__(self, message: str, *, last: Any = None) -> None:
        super().__init__(message)
        self.last = last


def check_times(timeout: float, poll: float) -> None:
    """Refuse times of a wait that cannot be.

    Raises:
        ValueError: `timeout` is negative or no number, or `poll` is not positive and finite.
    """
    if not timeout >= 0:  # NaN is not either.
        raise ValueError(f"timeout must be a number of seconds, not {timeout}")
    if not 0 < poll < math.inf:
        raise ValueError(f"poll must be a positive number of seconds, not {poll}")


class Polling(Generic[T]):
    """State of one wait. The helpers fetch and sleep; this decides.

    The first pause lasts `poll` seconds, the later ones up to five times as long. `has_ended` says whether what was
    polled is the result, and raises if none will come; `describe` says what was polled, for a WaitTimeoutError.

    Raises:
        ValueError: `timeout` is negative or no number, or `poll` is not positive and finite.
    """

    __slots__ = (
        "_clock",
        "_deadline",
        "_describe",
        "_has_ended",
        "_max_pause",
        "_observers",
        "_on_progress",
        "_pause",
        "_timeout",
    )

    GROWTH = 1.25
    MAX_FACTOR = 5

    def __init__(
        self,
        client: Any,
        timeout: float,
        poll: float,
        on_progress: Callable[[T], None] | None,
        has_ended: Callable[[T], bool],
        describe: Callable[[T], str],
    ) -> None:
        check_times(timeout, poll)
        self._timeout = timeout
        self._pause = poll
        self._max_pause = poll * self.MAX_FACTOR
        self._on_progress = on_progress
        self._has_ended = has_ended
        self._describe = describe
        self._clock: Clock = client._clock
        self._observers: Observers = client._observers
        self._deadline = self._clock.now() + timeout

    def pause_after(self, polled: T) -> float:
        """Return the seconds until the next poll, never more than are left; 0.0 if this was the result.

        Raises:
            WaitTimeoutError: the time is over.
        """
        if self._on_progress is not None:
            self._observers.notify("on_progress", self._on_progress, polled)
        if self._has_ended(polled):
            return 0.0
        pause: float = min(self._pause, self._deadline - self._clock.now())
        if pause <= 0:
            raise WaitTimeoutError(f"{self._describe(polled)} after {self._timeout:g} s", last=polled)
        self._pause = min(self._pause * self.GROWTH, self._max_pause)
        return pause
