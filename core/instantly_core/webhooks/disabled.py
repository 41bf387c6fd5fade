"""Webhooks that the service has disabled because deliveries failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

W = TypeVar("W")


class DisabledWebhook(NamedTuple, Generic[W]):
    """A webhook that brings nothing until `client.webhooks.resume(webhook.id)`.

    Attributes:
        webhook: the webhook.
        since: when it was disabled; None if the service does not say.
        reason: why its last delivery failed: the status of the receiver's answer, or what kept it from answering.
    """

    webhook: W
    since: datetime | None
    reason: str


def disabled(webhook: W, failures: Sequence[Any]) -> DisabledWebhook[W]:
    """A disabled webhook, with the reason of the last of the deliveries to its URL that failed."""
    since = getattr(webhook, "timestamp_error", None)
    last = max(failures, key=_moment, default=None)
    return DisabledWebhook(webhook, since if isinstance(since, datetime) else None, _reason(last))


def _moment(failure: Any) -> datetime:
    moment = failure.timestamp_created
    return moment if isinstance(moment, datetime) else datetime.min.replace(tzinfo=UTC)


def _reason(failure: Any) -> str:
    if failure is None:
        return "no failed delivery is on record"
    said = failure.error_message or "the delivery failed"
    return f"{said} (status {failure.status_code})" if failure.status_code else str(said)
