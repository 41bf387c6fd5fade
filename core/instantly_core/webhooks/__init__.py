"""Deliveries of webhooks: `verify` where one comes from, `parse` it into an event."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .disabled import DisabledWebhook as DisabledWebhook
    from .event import DeliveredEvent as DeliveredEvent
    from .events import AccountError as AccountError
    from .events import AutoReplyReceived as AutoReplyReceived
    from .events import CampaignCompleted as CampaignCompleted
    from .events import CustomLabel as CustomLabel
    from .events import EmailBounced as EmailBounced
    from .events import EmailOpened as EmailOpened
    from .events import EmailSent as EmailSent
    from .events import LeadEvent as LeadEvent
    from .events import LeadStatusChanged as LeadStatusChanged
    from .events import LeadUnsubscribed as LeadUnsubscribed
    from .events import LinkClicked as LinkClicked
    from .events import ReplyReceived as ReplyReceived
    from .events import SupersearchEnrichmentCompleted as SupersearchEnrichmentCompleted
    from .events import UnknownEvent as UnknownEvent
    from .parsing import parse as parse
    from .repeats import Repeats as Repeats
    from .verification import verify as verify
else:
    from ..lazy import lazy_exports

    # The client itself needs no more than the names of events.
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "AccountError": ".events",
            "AutoReplyReceived": ".events",
            "CampaignCompleted": ".events",
            "CustomLabel": ".events",
            "DeliveredEvent": ".event",
            "DisabledWebhook": ".disabled",
            "EmailBounced": ".events",
            "EmailOpened": ".events",
            "EmailSent": ".events",
            "LeadEvent": ".events",
            "LeadStatusChanged": ".events",
            "LeadUnsubscribed": ".events",
            "LinkClicked": ".events",
            "Repeats": ".repeats",
            "ReplyReceived": ".events",
            "SupersearchEnrichmentCompleted": ".events",
            "UnknownEvent": ".events",
            "parse": ".parsing",
            "verify": ".verification",
        },
    )

__all__ = [
    "AccountError",
    "AutoReplyReceived",
    "CampaignCompleted",
    "CustomLabel",
    "DeliveredEvent",
    "DisabledWebhook",
    "EmailBounced",
    "EmailOpened",
    "EmailSent",
    "LeadEvent",
    "LeadStatusChanged",
    "LeadUnsubscribed",
    "LinkClicked",
    "Repeats",
    "ReplyReceived",
    "SupersearchEnrichmentCompleted",
    "UnknownEvent",
    "parse",
    "verify",
]
