"""The errors of clients and their calls, as one tree below `InstantlyError`. `instantly_core.errors` has all errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any


class InstantlyError(Exception):
    """Everything that this library raises about the service, the connection or its own use. One `except` catches all;
    the classes below it are for what a program can do something about."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        # Tracebacks show notes; the text of the error stays as short as it is.
        self.add_note(f"What to do: python -m instantly_client explain {type(self).__name__}")

    if not TYPE_CHECKING:

        @classmethod
        def __get_pydantic_core_schema__(cls, source, handler):
            from pydantic_core import core_schema

            return core_schema.is_instance_schema(cls)


class ConfigurationError(InstantlyError, ValueError):
    """The client cannot be made like this: no API key, an invalid URL, no timeout. Or there is no secret to verify
    deliveries with. The message says which setting, and how to give it. It is a `ValueError` too."""


class ClientClosedError(InstantlyError, RuntimeError):
    """The client was closed, before the call or during it. Keep one client for as long as the program needs it.

    Attributes:
        sent: whether the request may have reached the service before; False when it certainly did not.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class APIError(InstantlyError):
    """A call that failed. Catch this where any failed call means the same.

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
    """No answer, or half of one: the network failed. `sent` says whether the request may have reached the service: if
    not, the call may be made again. The message says what does not heal by itself: a certificate that is not trusted, a
    host that does not exist.

    Attributes:
        sent: whether the request may have reached the service; False when it certainly did not.
    """

    def __init__(self, message: str, *, sent: bool = True, **details: Any) -> None:
        super().__init__(message, **details)
        self.sent = sent


class APITimeoutError(APIConnectionError):
    """No answer came within `timeout` or `deadline`. The service may still be at it; `sent` says whether it may have
    begun. After a write, look before it is sent again."""


class StatusError(APIError):
    """The service answered with a status other than success. The subclasses are statuses with a known meaning; for any
    other, `body` has what the service says."""


class ValidationError(StatusError):
    """400, 422: the service does not accept what was sent. The message says which field and why; the reference has the
    limits of each argument. Some calls answer 400 where an object does not exist."""


class AuthenticationError(StatusError):
    """401: the key is wrong, revoked, or of another product. Look at the environment variable `INSTANTLY_API_KEY` and
    at `api_key=`, and make a new key in the settings of the workspace. Keys of version 1 of the API are not valid
    here."""


class PaymentRequiredError(StatusError):
    """402: the workspace lacks the plan, or the add-on, that the call belongs to. Its owner can order it; trying again
    does not help."""


class PermissionDeniedError(StatusError):
    """403: the key lacks the scope, or may not act for the workspace that `client.for_workspace` chose. `scopes` has
    those of which one is enough; scopes are chosen when a key is made."""


class EdgeBlockedError(StatusError):
    """403 from the network in front of the service, which never saw the request (Cloudflare's error 1010 and kin). It
    blocks some programs by their `User-Agent`, and some addresses: call from another network, or ask the vendor's
    support, with `request_id`."""


class NotFoundError(StatusError):
    """404: the object does not exist, or belongs to another workspace. `client.for_workspace` chooses the workspace."""


class ConflictError(StatusError):
    """409: it exists already, or is being changed by somebody else. Read it again, then decide."""


class PayloadTooLargeError(StatusError):
    """413: the body is too large. Send less at once; `client.leads.add_many` does so by itself."""


class RateLimitError(StatusError):
    """429: too many requests of the workspace; `retry_after` says for how long. It is raised after all attempts, or
    when the wait would end after the `deadline`. Without a status, the client itself has not sent the request, because
    its turn would come after the deadline: give a longer one, or call less often. Other programs with the same key
    count too."""


class ServerError(StatusError):
    """5xx: the service failed, or the network in front of it. A read was repeated before. A write may have been carried
    out: look before it is sent again."""


class DecodeError(APIError):
    """The service answered with success, and with something that cannot be read: no JSON, or more than
    `max_response_bytes`. A write has been carried out."""


class DriftError(DecodeError):
    """The answer is not as the API's description says, at `pointer`. Only a client with `strict=True` raises it;
    without, such an answer is kept as it is, and reported once to `on_drift`.

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
    """A delivery does not have the secret that was registered with the webhook: answer 401, and use nothing of it. If
    all deliveries fail, the secret of the receiver is not that of the webhook: register it again with
    `webhooks.ensure`."""


class WebhookParseError(InstantlyError, ValueError):
    """The body of a delivery is no JSON object, or exceeds the bounds: answer 400. Give `webhooks.parse` the body as it
    came, as bytes or text."""
