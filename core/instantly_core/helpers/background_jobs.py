"""Wait until a background job has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ..call.arguments import check_in
from ..error_tree import InstantlyError
from .polling import PollSchedule, WaitTimeoutError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# Any other status has not ended: pending, in-progress, draining, paused, and those yet to be invented.
_SUCCEEDED = frozenset({"success"})
_FAILED = frozenset({"failed", "cancelled"})


class JobFailedError(InstantlyError):
    """A background job failed or was cancelled during a wait for it.

    Attributes:
        job: the job; see its `status` and `data`.
    """

    def __init__(self, message: str, *, job: Any = None) -> None:
        super().__init__(message)
        self.job = job


class _Gets(Protocol[T_co]):
    _client: Any

    def get(self, id: str, /) -> T_co: ...


class _AsyncGets(Protocol[T_co]):
    _client: Any

    async def get(self, id: str, /) -> T_co: ...


class BackgroundJobHelpers:
    """Helpers of the resource `background_jobs`."""

    __slots__ = ()

    def wait(
        self: _Gets[T],
        id: str,
        /,
        *,
        timeout: float = 600,
        poll: float = 2,
        on_progress: Callable[[T], None] | None = None,
    ) -> T:
        """Wait until a background job has succeeded.

        The job is fetched at once, and then again and again until its status is `success`, `failed` or
        `cancelled`. A job that is `paused` or `draining`, or has a status that is not known here, has not ended.
        Whatever ends the waiting, the job itself goes on.

        Args:
            id: Id of the job.
            timeout: Seconds to wait for; 0 looks once, `math.inf` waits for ever. A request that is under way when
                they are over is not cut short.
            poll: Seconds between the first two looks at the job. The pauses grow to five times that.
            on_progress: Called with the job each time that it was fetched, the last time included.

        Returns:
            The job as it was fetched last.

        Raises:
            JobFailedError: The job has failed or was cancelled; `job` is the job.
            WaitTimeoutError: The job has not ended in time; `last` is the job as it was fetched last.
            APIError: The job could not be fetched.
            ValueError: `timeout` or `poll` cannot be.
        """
        clock = self._client._clock
        schedule = PollSchedule(clock, timeout, poll)
        while True:
            job = self.get(id)
            if on_progress is not None:
                on_progress(job)
            if _has_succeeded(job, id):
                return job
            pause = schedule.pause()
            if not pause:
                raise _too_slow(job, id, timeout)
            clock.sleep(pause)


class AsyncBackgroundJobHelpers:
    """Helpers of the resource `background_jobs`."""

    __slots__ = ()

    async def wait(
        self: _AsyncGets[T],
        id: str,
        /,
        *,
        timeout: float = 600,
        poll: float = 2,
        on_progress: Callable[[T], None] | None = None,
    ) -> T:
        """Wait until a background job has succeeded.

        The job is fetched at once, and then again and again until its status is `success`, `failed` or
        `cancelled`. A job that is `paused` or `draining`, or has a status that is not known here, has not ended.
        Whatever ends the waiting, the job itself goes on.

        Args:
            id: Id of the job.
            timeout: Seconds to wait for; 0 looks once, `math.inf` waits for ever. A request that is under way when
                they are over is not cut short.
            poll: Seconds between the first two looks at the job. The pauses grow to five times that.
            on_progress: Called with the job each time that it was fetched, the last time included.

        Returns:
            The job as it was fetched last.

        Raises:
            JobFailedError: The job has failed or was cancelled; `job` is the job.
            WaitTimeoutError: The job has not ended in time; `last` is the job as it was fetched last.
            APIError: The job could not be fetched.
            ValueError: `timeout` or `poll` cannot be.
        """
        clock = self._client._clock
        schedule = PollSchedule(clock, timeout, poll)
        while True:
            job = await self.get(id)
            if on_progress is not None:
                on_progress(job)
            if _has_succeeded(job, id):
                return job
            pause = schedule.pause()
            if not pause:
                raise _too_slow(job, id, timeout)
            await clock.sleep_async(pause)


def _has_succeeded(job: object, id: str) -> bool:
    status = _status(job)
    if status in _FAILED:
        raise JobFailedError(f"Background job {id}: {status}", job=job)
    return status in _SUCCEEDED


def _too_slow(job: object, id: str, timeout: float) -> WaitTimeoutError:
    return WaitTimeoutError(
        f"Background job {id}: still {_status(job) or 'without a status'} after {timeout:g} s", last=job
    )


def _status(job: Any) -> str:
    status = getattr(job, "status", None)
    return str(status) if isinstance(status, str) else ""


check_in(BackgroundJobHelpers)
check_in(AsyncBackgroundJobHelpers)
