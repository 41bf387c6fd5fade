"""Verify e-mail addresses, and wait until the verifications have results."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..call.arguments import explained, in_methods
from .many_verifications import AsyncVerifications, Verifications, VerifiedAddress
from .polling import AsyncGets, Gets, Polling
from .together import each, each_async

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

    def verify_many(
        self: Gets[T],
        addresses: Iterable[str],
        /,
        *,
        confirm: bool = False,
        results: Iterable[VerifiedAddress[T]] = (),
        at_once: int = 5,
        timeout: float = 600,
        poll: float = 2,
        on_progress: Callable[[VerifiedAddress[T]], Any] | None = None,
    ) -> list[VerifiedAddress[T]]:
        """Verify many email addresses, each once, and wait for the results.

        Addresses that differ in case alone are one. A verification costs credits: pass `confirm=True`. Some take
        longer; these are waited for together at the end. A failure of one address is its result, with `error`. What
        would stop all of them (no credits, a key without the scope) raises, and the same call with
        `results=error.results` goes on from there: what is verified is not paid for again.

            results = client.email_verifications.verify_many(addresses, confirm=True)
            good = [result.email for result in results if result.is_verified]

        Args:
            addresses: The addresses.
            confirm: True, to say that the verifications are meant and may cost money.
            results: Those of an earlier call: what has a result is kept, what is pending is waited for, and what is
                in doubt is looked up before it is paid for again.
            at_once: How many calls are under way at once; the sync client makes threads for them.
            timeout: Seconds to wait for the results that are pending, all together; 0 looks once.
            poll: Seconds between the first two looks at a verification. The pauses grow to five times that.
            on_progress: Called with each result. Whatever it raises is logged and ignored. The async client awaits it
                if it is `async def`.

        Returns:
            A result for each address, in their order. One that is still "pending" had no result in time.

        Raises:
            VerifyManyError: No further call can succeed; `__cause__` says why. `results` says how far it came.
            DryRun: The client has `dry_run=True`: nothing was sent.
            ValueError: Nobody says `confirm=True`, or `timeout`, `poll` or `at_once` cannot be.
        """
        run = Verifications(self, addresses, results, confirm, at_once, timeout, poll, on_progress)
        each(run.submit, run.to_submit(), at_once)
        each(run.wait, run.pending(), at_once)
        self._client._observers.settle()
        return run.finish()


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

    async def verify_many(
        self: AsyncGets[T],
        addresses: Iterable[str],
        /,
        *,
        confirm: bool = False,
        results: Iterable[VerifiedAddress[T]] = (),
        at_once: int = 5,
        timeout: float = 600,
        poll: float = 2,
        on_progress: Callable[[VerifiedAddress[T]], Any] | None = None,
    ) -> list[VerifiedAddress[T]]:
        """Verify many email addresses, each once, and wait for the results.

        Addresses that differ in case alone are one. A verification costs credits: pass `confirm=True`. Some take
        longer; these are waited for together at the end. A failure of one address is its result, with `error`. What
        would stop all of them (no credits, a key without the scope) raises, and the same call with
        `results=error.results` goes on from there: what is verified is not paid for again.

            results = await client.email_verifications.verify_many(addresses, confirm=True)
            good = [result.email for result in results if result.is_verified]

        Args:
            addresses: The addresses.
            confirm: True, to say that the verifications are meant and may cost money.
            results: Those of an earlier call: what has a result is kept, what is pending is waited for, and what is
                in doubt is looked up before it is paid for again.
            at_once: How many calls are under way at once; the sync client makes threads for them.
            timeout: Seconds to wait for the results that are pending, all together; 0 looks once.
            poll: Seconds between the first two looks at a verification. The pauses grow to five times that.
            on_progress: Called with each result. Whatever it raises is logged and ignored. The async client awaits it
                if it is `async def`.

        Returns:
            A result for each address, in their order. One that is still "pending" had no result in time.

        Raises:
            VerifyManyError: No further call can succeed; `__cause__` says why. `results` says how far it came.
            DryRun: The client has `dry_run=True`: nothing was sent.
            ValueError: Nobody says `confirm=True`, or `timeout`, `poll` or `at_once` cannot be.
        """
        run = AsyncVerifications(self, addresses, results, confirm, at_once, timeout, poll, on_progress)
        await each_async(run.submit, run.to_submit(), at_once)
        await each_async(run.wait, run.pending(), at_once)
        await self._client._observers.settle_async()
        return run.finish()


def _has_result(verification: Any) -> bool:
    status = getattr(verification, "verification_status", None)
    return isinstance(status, str) and status != "pending"  # A missing status is not a result.


def _still(_: object) -> str:
    return "Email verification: still pending"  # Without the address: messages end up in logs.


in_methods(EmailVerificationHelpers, explained)
in_methods(AsyncEmailVerificationHelpers, explained)
