"""What can go wrong, as one tree: catch `InstantlyError`, or what you can do something about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .helpers.bulk_add import BulkAddProgress


class InstantlyError(Exception):
    """Everything that this library raises about the service, the connection or its own use."""


class ConfigurationError(InstantlyError, ValueError):
    """The client cannot be made like this: no API key, a URL that is none, a timeout of nothing."""


class ClientClosedError(InstantlyError, RuntimeError):
    """The client was closed; make a new one."""


class APIError(InstantlyError):
    """A call that failed.

    Attributes:
        operation: the name of the operation, "request" for `client.request()`.
        status_code: the status of the answer; None where there was none.
        body: the answer, parsed where it is JSON, else the beginning of its text; None where there was none.
        request_id: what the service calls the request, for its support.
        retry_after: the seconds after which the service says to come back; None where it does not say.
        scopes: the scopes of the operation, any one of which permits it.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status_code: int | None = None,
        body: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        scopes: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.status_code = status_code
        self.body = body
        self.request_id = request_id
        self.retry_after = retry_after
        self.scopes: tuple[str, ...] = tuple(scopes)


class APIConnectionError(APIError):
    """No answer, or half of one: the network failed.

    Attributes:
        sent: whether the request may have reached the service; False when it certainly did not.
    """

    def __init__(self, message: str, *, sent: bool = True, **details: Any) -> None:
        super().__init__(message, **details)
        self.sent = sent


class APITimeoutError(APIConnectionError):
    """No answer within the timeout. A write may still have been carried out: see `sent`."""


class StatusError(APIError):
    """The service answered with a status that is no success; its subclasses are the ones that have a meaning."""


class ValidationError(StatusError):
    """400, 422: the service refuses what was sent."""


class AuthenticationError(StatusError):
    """401: the key is wrong or revoked."""


class PaymentRequiredError(StatusError):
    """402: the workspace lacks the plan or the add-on."""


class PermissionDeniedError(StatusError):
    """403: the key lacks the scope; `scopes` are those that would do."""


class EdgeBlockedError(StatusError):
    """403 from the network in front of the service, which never saw the request (Cloudflare's error 1010 and kin)."""


class NotFoundError(StatusError):
    """404: there is no such thing, or not in this workspace."""


class ConflictError(StatusError):
    """409: it is there already, or being changed."""


class PayloadTooLargeError(StatusError):
    """413: send less at once."""


class RateLimitError(StatusError):
    """429: too many requests; also raised, without a status, when keeping the limits would take too long."""


class ServerError(StatusError):
    """5xx: the service, or the network in front of it, failed. A write may have been carried out."""


class DecodeError(APIError):
    """The service answered with success, but what it sent cannot be read. A write has been carried out."""


class DriftError(DecodeError):
    """The answer is not what the API's description promises; raised by a client with `strict=True` only.

    Attributes:
        pointer: the place in the answer, as a JSON pointer.
        expected: what belongs there.
    """

    def __init__(self, message: str, *, pointer: str = "", expected: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.pointer = pointer
        self.expected = expected


class OperationFailedError(APIError):
    """The service answered 200, and told in the body that the operation failed; `body` has the reason."""


class JobFailedError(InstantlyError):
    """A background job that was waited for has failed or was cancelled.

    Attributes:
        job: the job, whose `status` and `data` tell more.
    """

    def __init__(self, message: str, *, job: Any = None) -> None:
        super().__init__(message)
        self.job = job


class WaitTimeoutError(InstantlyError, TimeoutError):
    """What was waited for has not come in time. It may still: wait again.

    Attributes:
        last: what was seen last of it, such as the job.
    """

    def __init__(self, message: str, *, last: Any = None) -> None:
        super().__init__(message)
        self.last = last


class BulkAddError(InstantlyError):
    """Adding many leads stopped before the last one; the cause (`__cause__`) tells why.

    Attributes:
        progress: how far it came, for the call that goes on from there.
    """

    def __init__(self, message: str, *, progress: BulkAddProgress[Any] | None = None) -> None:
        super().__init__(message)
        # None only while a pickle is read.
        self.progress: BulkAddProgress[Any] = cast("BulkAddProgress[Any]", progress)
