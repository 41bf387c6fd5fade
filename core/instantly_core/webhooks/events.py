"""The classes of delivered events, one for each type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from attrs import define

from .event import DeliveredEvent
from .names import DELIVERED, SUBSCRIBED


@define(kw_only=True)
class LeadEvent(DeliveredEvent):
    """An event about a lead of a campaign."""

    lead_email: str
    """Address of the lead."""
    campaign_id: str
    """UUID of the campaign."""
    campaign_name: str
    """Name of the campaign."""


@define(kw_only=True)
class EmailSent(LeadEvent):
    """A campaign sent an email to a lead: `email_sent`."""

    email_account: str
    """Address of the account that sent it."""
    email_id: str
    """UUID of the email."""


@define(kw_only=True)
class EmailOpened(LeadEvent):
    """A lead, or a program that looks at the lead's mail, opened an email: `email_opened`."""


@define(kw_only=True)
class LinkClicked(LeadEvent):
    """A link of an email was followed: `link_clicked`, which one subscribes to as `email_link_clicked`."""


@define(kw_only=True)
class EmailBounced(LeadEvent):
    """An email could not be delivered: `email_bounced`."""


@define(kw_only=True)
class ReplyReceived(LeadEvent):
    """A lead replied: `reply_received`."""

    email_account: str
    """Address of the account that received it."""
    email_id: str
    """UUID of the reply."""


@define(kw_only=True)
class AutoReplyReceived(LeadEvent):
    """A program replied for a lead: `auto_reply_received`, which only a subscription to `all_events` brings."""

    email_account: str
    """Address of the account that received it."""
    email_id: str
    """UUID of the reply."""


@define(kw_only=True)
class LeadUnsubscribed(LeadEvent):
    """A lead wants no more emails: `lead_unsubscribed`."""


@define(kw_only=True)
class LeadStatusChanged(LeadEvent):
    """The interest of a lead changed: `lead_interested`, `lead_meeting_booked`, ..., or a custom label."""

    @property
    def label(self) -> str:
        """The new state of the lead: `interested`, `meeting_booked`, ..., or the text of a custom label."""
        return self.event_type.removeprefix("lead_")


@define(kw_only=True)
class CustomLabel(LeadStatusChanged):
    """A lead got a custom label, whose text is the type of the event."""

    @property
    def label(self) -> str:
        """The text of the label."""
        return self.event_type


@define(kw_only=True)
class AccountError(DeliveredEvent):
    """An email account stopped working: `account_error`."""

    email_account: str
    """Address of the account."""


@define(kw_only=True)
class CampaignCompleted(DeliveredEvent):
    """A campaign has sent all of its emails: `campaign_completed`."""

    campaign_id: str
    """UUID of the campaign."""
    campaign_name: str
    """Name of the campaign."""


@define(kw_only=True)
class SupersearchEnrichmentCompleted(DeliveredEvent):
    """An enrichment of leads has ended: `supersearch_enrichment_completed`."""


@define(kw_only=True)
class UnknownEvent(DeliveredEvent):
    """An event of a type that this version of the package does not know, or of none."""

    _REPEATED: ClassVar[tuple[str, ...]] = ()


CLASSES: Mapping[str, type[DeliveredEvent]] = MappingProxyType(
    {
        "email_sent": EmailSent,
        "email_opened": EmailOpened,
        "link_clicked": LinkClicked,
        "email_bounced": EmailBounced,
        "reply_received": ReplyReceived,
        "auto_reply_received": AutoReplyReceived,
        "lead_unsubscribed": LeadUnsubscribed,
        "account_error": AccountError,
        "campaign_completed": CampaignCompleted,
        "supersearch_enrichment_completed": SupersearchEnrichmentCompleted,
    }
)
"""Name of an event in a delivery -> its class, for those that have a class of their own."""

_OF_THE_SERVICE = re.compile(r"[a-z]+(_[a-z]+)+")


def class_of(event_type: object) -> type[DeliveredEvent]:
    """The class of an event by its name.

    A name that is not known is the text of a label, unless it looks like a name of the service, which may be a new one.
    """
    if not isinstance(event_type, str) or not event_type.strip():
        return UnknownEvent
    # Should they be delivered as they are subscribed to one day, they are still known.
    name = event_type if event_type in SUBSCRIBED else DELIVERED.get(event_type, event_type)
    if name in SUBSCRIBED:
        return CLASSES.get(name, LeadStatusChanged)
    return UnknownEvent if _OF_THE_SERVICE.fullmatch(name) else CustomLabel
