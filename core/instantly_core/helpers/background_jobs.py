"""Wait until a background job has ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from ..call.arguments import explained, in_methods
from ..error_tree import InstantlyError
from .polling import AsyncGets, Gets, Polling

T = TypeVar("T")

# Any other status has not ended: pending, in-progress, draining, paused, and those yet to be invented.
_SUCCEEDED = frozenset({"success"})
_FAILED = frozenset({"failed", "cancelled"})


class JobFailedError(InstantlyError):
    """A background job failed or was cancelled during a wait for it; `job` says why. Waiting again does not help.

    Attributes:
        job: the job; see its `status` and `data`.
    """

    def __init__(self, message: str, *, job: Any = None) -> None:
        super().__init__(message)
        self.job = job


class BackgroundJobHelpers:
    """Helpers of the resource `background_jobs`."""

    __slots__ = ()

    def wait(
        self: Gets[T],
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
        client = self._client
        polling: Polling[T] = Polling(
            client, timeout, poll, on_progress, partial(_has_succeeded, id), partial(_still, id)
        )
        while pause := polling.pause_after(job := self.get(id)):
            client._pause(pause)
        client._observers.settle()
        return job


class AsyncBackgroundJobHelpers:
    """Helpers of the resource `background_jobs`."""

    __slots__ = ()

    async def wait(
        self: AsyncGets[T],
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
        client = self._client
        polling: Polling[T] = Polling(
            client, timeout, poll, on_progress, partial(_has_succeeded, id), partial(_still, id)
        )
        while pause := polling.pause_after(job := await self.get(id)):
            await client._pause(pause)
        await client._observers.settle_async()
        return job


def _has_succeeded(id: str, job: object) -> bool:
    status = _status(job)
    if status in _FAILED:
        raise JobFailedError(f"Background job {id}: {status}", job=job)
    return status in _SUCCEEDED


def _still(id: str, job: object) -> str:
    return f"Background job {id}: still {_status(job) or 'without a status'}"


def _status(job: Any) -> str:
    status = getattr(job, "status", None)
    return str(status) if isinstance(status, str) else ""


in_methods(BackgroundJobHelpers, explained)
in_methods(AsyncBackgroundJobHelpers, explained)
