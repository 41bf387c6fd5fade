"""Deliveries of webhooks: `verify` their origin, `parse` them into events."""

from .event import DeliveredEvent
from .events import (
    AccountError,
    AutoReplyReceived,
    CampaignCompleted,
    CustomLabel,
    EmailBounced,
    EmailOpened,
    EmailSent,
    LeadEvent,
    LeadStatusChanged,
    LeadUnsubscribed,
    LinkClicked,
    ReplyReceived,
    SupersearchEnrichmentCompleted,
    UnknownEvent,
)
from .parsing import parse
from .verification import verify

__all__ = [
    "AccountError",
    "AutoReplyReceived",
    "CampaignCompleted",
    "CustomLabel",
    "DeliveredEvent",
    "EmailBounced",
    "EmailOpened",
    "EmailSent",
    "LeadEvent",
    "LeadStatusChanged",
    "LeadUnsubscribed",
    "LinkClicked",
    "ReplyReceived",
    "SupersearchEnrichmentCompleted",
    "UnknownEvent",
    "parse",
    "verify",
]
