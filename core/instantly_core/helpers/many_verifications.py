"""The verification of many addresses: each is paid for once, and each has an outcome."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, Generic, NamedTuple, TypeVar, cast

from ..call.dry_run import DryRun
from ..call.guards import Paid, check_paid
from ..error_tree import (
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    InstantlyError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
)
from .addresses import is_address, normal
from .bulk_add import may_have_arrived
from .polling import WaitTimeoutError, check_times

T = TypeVar("T")

# What would happen to every other address as well.
_ENDS_ALL = (
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    DryRun,
    PaymentRequiredError,
    PermissionDeniedError,
)

_TO_SUBMIT = frozenset({"not sent", "failed", "in doubt"})


class VerifiedAddress(NamedTuple, Generic[T]):
    """An address, and what its verification says.

    Attributes:
        email: the address, as it was given first.
        status: the result, such as "verified" or "invalid"; "pending" before there is one, "in doubt" if the
            verification was asked for without an answer, "failed" if it was refused, "not sent", and "malformed", which
            nobody has to pay for.
        verification: the verification, as the service answered it last.
        error: why there is no result.
    """

    email: str
    status: str = "not sent"
    verification: T | None = None
    error: InstantlyError | None = None

    @property
    def is_verified(self) -> bool:
        """Whether the address can receive mail."""
        return self.status == "verified"

    def __repr__(self) -> str:
        return f"<VerifiedAddress {self.status}>"


class VerifyManyError(InstantlyError):
    """The verification of many addresses stopped before the last one; `__cause__` says why.

    Attributes:
        results: what is known of each address, for the call that goes on from there.
    """

    def __init__(self, message: str, *, results: list[VerifiedAddress[Any]] | None = None) -> None:
        super().__init__(message)
        # None only while a pickle is read.
        self.results: list[VerifiedAddress[Any]] = cast("list[VerifiedAddress[Any]]", results)


class _Verifications(Generic[T]):
    """State of one call of `verify_many`. The subclasses send; this decides."""

    def __init__(
        self,
        resource: Any,
        addresses: Iterable[str],
        results: Iterable[VerifiedAddress[T]],
        confirm: bool,
        at_once: int,
        timeout: float,
        poll: float,
        on_progress: Callable[[VerifiedAddress[T]], Any] | None,
    ) -> None:
        if isinstance(addresses, str):
            raise TypeError("addresses must be an iterable of addresses, not one str")
        if at_once < 1:
            raise ValueError(f"at_once must be at least 1, not {at_once}")
        check_times(timeout, poll)
        self.resource = resource
        self.poll = poll
        self._clock = resource._client._clock
        self._observers = resource._client._observers
        self._on_progress = on_progress
        self._timeout = timeout
        self._deadline = 0.0
        self._stopped: Exception | None = None
        earlier = {normal(result.email): result for result in results}
        self._results: dict[str, VerifiedAddress[T]] = {}
        for address in addresses:
            if key := normal(address):
                status = "not sent" if is_address(key) else "malformed"
                self._results.setdefault(key, earlier.get(key, VerifiedAddress(address.strip(), status)))
        if paid := self.to_submit():
            check_paid(Paid(f"verify {len(paid)} addresses"), {}, confirm, {})

    def to_submit(self) -> list[str]:
        """The addresses without a verification."""
        return [key for key, result in self._results.items() if result.status in _TO_SUBMIT]

    def pending(self) -> list[str]:
        """The addresses to wait for; their time begins."""
        self._deadline = self._clock.now() + self._timeout
        return [key for key, result in self._results.items() if result.status == "pending"]

    def address(self, key: str) -> str:
        return self._results[key].email

    def is_in_doubt(self, key: str) -> bool:
        return self._results[key].status == "in doubt"

    def has_stopped(self) -> bool:
        return self._stopped is not None

    def time_left(self) -> float:
        left: float = self._deadline - self._clock.now()
        return max(left, 0.0)

    @contextmanager
    def noting(self, key: str) -> Generator[Callable[[T], None], None, None]:
        """Return what notes an answer for an address, and note what exceptions say about it."""
        found: list[T] = []
        result = self._results[key]
        try:
            yield found.append
        except WaitTimeoutError as error:
            result = result._replace(verification=error.last)
        except (InstantlyError, DryRun) as error:
            if isinstance(error, _ENDS_ALL):
                self._stopped = error
            elif result.status == "pending":
                result = result._replace(error=error)
            else:
                result = result._replace(status="in doubt" if may_have_arrived(error) else "failed", error=error)
        else:
            status = getattr(found[0], "verification_status", None)
            result = VerifiedAddress(result.email, str(status) if isinstance(status, str) else "pending", found[0])
        self._results[key] = result
        if self._on_progress is not None and self._stopped is None:
            self._observers.notify("on_progress", self._on_progress, result)

    def finish(self) -> list[VerifiedAddress[T]]:
        """Return the results.

        Raises:
            VerifyManyError: no further call can succeed.
        """
        results = list(self._results.values())
        error = self._stopped
        if error is None:
            return results
        if isinstance(error, DryRun):
            raise error
        raise VerifyManyError(
            f"Stopped with {len(self.to_submit())} addresses left: {error}", results=results
        ) from error


class Verifications(_Verifications[T]):
    """The verifications of one call, one after the other in each thread."""

    def submit(self, key: str) -> None:
        """Ask for the verification of an address."""
        if not self.has_stopped():
            with self.noting(key) as note:
                note(self._submitted(key))

    def _submitted(self, key: str) -> Any:
        address = self.address(key)
        if self.is_in_doubt(key):
            with suppress(NotFoundError):
                return self.resource.get(address)
        return self.resource.create(email=address)

    def wait(self, key: str) -> None:
        """Wait for the result of a verification."""
        if not self.has_stopped():
            with self.noting(key) as note:
                note(self.resource.wait(self.address(key), timeout=self.time_left(), poll=self.poll))


class AsyncVerifications(_Verifications[T]):
    """The verifications of one call, one after the other in each task."""

    async def submit(self, key: str) -> None:
        """Ask for the verification of an address."""
        if not self.has_stopped():
            with self.noting(key) as note:
                note(await self._submitted(key))

    async def _submitted(self, key: str) -> Any:
        address = self.address(key)
        if self.is_in_doubt(key):
            with suppress(NotFoundError):
                return await self.resource.get(address)
        return await self.resource.create(email=address)

    async def wait(self, key: str) -> None:
        """Wait for the result of a verification."""
        if not self.has_stopped():
            with self.noting(key) as note:
                note(await self.resource.wait(self.address(key), timeout=self.time_left(), poll=self.poll))
