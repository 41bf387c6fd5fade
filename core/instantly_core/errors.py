"""All errors of the library: catch `InstantlyError`, or what you can do something about."""

from typing import TYPE_CHECKING

from .error_tree import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    DecodeError,
    DriftError,
    EdgeBlockedError,
    InstantlyError,
    NotFoundError,
    OperationFailedError,
    PayloadTooLargeError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StatusError,
    ValidationError,
    WebhookParseError,
    WebhookVerificationError,
)

if TYPE_CHECKING:
    from .helpers.background_jobs import JobFailedError as JobFailedError
    from .helpers.bulk_add import BulkAddError as BulkAddError
    from .helpers.many_verifications import VerifyManyError as VerifyManyError
    from .helpers.polling import WaitTimeoutError as WaitTimeoutError
    from .helpers.row_import import RowImportError as RowImportError
else:
    from .lazy import lazy_exports

    # Loaded with their helpers, which few programs use.
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "BulkAddError": "instantly_core.helpers.bulk_add",
            "JobFailedError": "instantly_core.helpers.background_jobs",
            "RowImportError": "instantly_core.helpers.row_import",
            "VerifyManyError": "instantly_core.helpers.many_verifications",
            "WaitTimeoutError": "instantly_core.helpers.polling",
        },
    )

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AuthenticationError",
    "BulkAddError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "DecodeError",
    "DriftError",
    "EdgeBlockedError",
    "InstantlyError",
    "JobFailedError",
    "NotFoundError",
    "OperationFailedError",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "RateLimitError",
    "RowImportError",
    "ServerError",
    "StatusError",
    "ValidationError",
    "VerifyManyError",
    "WaitTimeoutError",
    "WebhookParseError",
    "WebhookVerificationError",
]
