"""Wait until the verification of an e-mail address has a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..call.arguments import explained, in_methods
from .polling import AsyncGets, Gets, Polling

T = TypeVar("T")


class EmailVerificationHelpers:
    """Helpers of the resource `email_verifications`."""

    __slots__ = ()

    def wait(
        self: Gets[T],
        email: str,
        /,
        *,
        timeout: float = 600,
        poll: float = 2,
        on_progress: Callable[[T], None] | None = None,
    ) -> T:
        """Wait until the verification of an email address has a result.

        For a verification that `create` left `pending`. It is fetched at once, and then again and again until its
        `verification_status` is any other than `pending`. Whatever ends the waiting, the verification itself goes on.

        Args:
            email: The email address, as it was given to `create`.
            timeout: Seconds to wait for; 0 looks once, `math.inf` waits for ever. A request that is under way when
                they are over is not cut short.
            poll: Seconds between the first two looks at the verification. The pauses grow to five times that.
            on_progress: Called with the verification each time that it was fetched, the last time included.

        Returns:
            The verification as it was fetched last. An address that turned out to be invalid is a result too.

        Raises:
            WaitTimeoutError: There is no result in time; `last` is the verification as it was fetched last.
            APIError: The verification could not be fetched.
            ValueError: `timeout` or `poll` cannot be.
        """
        client = self._client
        polling: Polling[T] = Polling(client, timeout, poll, on_progress, _has_result, _still)
        while pause := polling.pause_after(verification := self.get(email)):
            client._pause(pause)
        client._observers.settle()
        return verification


class AsyncEmailVerificationHelpers:
    """Helpers of the resource `email_verifications`."""

    __slots__ = ()

    async def wait(
        self: AsyncGets[T],
        email: str,
        /,
        *,
        timeout: float = 600,
        poll: float = 2,
        on_progress: Callable[[T], None] | None = None,
    ) -> T:
        """Wait until the verification of an email address has a result.

        For a verification that `create` left `pending`. It is fetched at once, and then again and again until its
        `verification_status` is any other than `pending`. Whatever ends the waiting, the verification itself goes on.

        Args:
            email: The email address, as it was given to `create`.
            timeout: Seconds to wait for; 0 looks once, `math.inf` waits for ever. A request that is under way when
                they are over is not cut short.
            poll: Seconds between the first two looks at the verification. The pauses grow to five times that.
            on_progress: Called with the verification each time that it was fetched, the last time included.

        Returns:
            The verification as it was fetched last. An address that turned out to be invalid is a result too.

        Raises:
            WaitTimeoutError: There is no result in time; `last` is the verification as it was fetched last.
            APIError: The verification could not be fetched.
            ValueError: `timeout` or `poll` cannot be.
        """
        client = self._client
        polling: Polling[T] = Polling(client, timeout, poll, on_progress, _has_result, _still)
        while pause := polling.pause_after(verification := await self.get(email)):
            await client._pause(pause)
        await client._observers.settle_async()
        return verification


def _has_result(verification: Any) -> bool:
    status = getattr(verification, "verification_status", None)
    return isinstance(status, str) and status != "pending"  # A missing status is not a result.


def _still(_: object) -> str:
    return "Email verification: still pending"  # Without the address: messages end up in logs.


in_methods(EmailVerificationHelpers, explained)
in_methods(AsyncEmailVerificationHelpers, explained)
