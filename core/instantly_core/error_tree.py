"""The errors of clients and their calls, as one tree below `InstantlyError`. `instantly_core.errors` has all errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class InstantlyError(Exception):
    """Everything that this library raises about the service, the connection or its own use."""


class ConfigurationError(InstantlyError, ValueError):
    """The client cannot be made like this: no API key, an invalid URL, no timeout. Or there is no secret to verify
    deliveries with."""


class ClientClosedError(InstantlyError, RuntimeError):
    """The client was closed; make a new one.

    Attributes:
        sent: whether the request may have reached the service before; False when it certainly did not.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class APIError(InstantlyError):
    """A call that failed.

    Attributes:
        operation: the name of the operation, "request" for `client.request()`.
        status_code: the status of the answer; None without an answer.
        body: the answer, parsed if it is JSON, else the beginning of its text; None without an answer.
        request_id: the service's id of the request, for its support.
        retry_after: the seconds that the service asks to wait; None if it does not say.
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
    """The service answered with a status other than success. The subclasses are statuses with a known meaning."""


class ValidationError(StatusError):
    """400, 422: the service refuses what was sent."""


class AuthenticationError(StatusError):
    """401: the key is wrong or revoked."""


class PaymentRequiredError(StatusError):
    """402: the workspace lacks the plan or the add-on."""


class PermissionDeniedError(StatusError):
    """403: the key lacks the scope; one of `scopes` would be enough."""


class EdgeBlockedError(StatusError):
    """403 from the network in front of the service, which never saw the request (Cloudflare's error 1010 and kin)."""


class NotFoundError(StatusError):
    """404: it does not exist, or not in this workspace."""


class ConflictError(StatusError):
    """409: it exists already, or is being changed."""


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
    """The service answered 200 with a body that reports a failure; `body` has the reason."""


class WebhookVerificationError(InstantlyError):
    """A delivery does not have the secret that was registered with the webhook: answer 401, and use nothing of it."""


class WebhookParseError(InstantlyError, ValueError):
    """The body of a delivery is no JSON object, or exceeds the bounds: answer 400."""
