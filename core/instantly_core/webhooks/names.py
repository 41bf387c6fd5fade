"""Names of events: that which is delivered is not always that which one subscribes to."""

from __future__ import annotations

from types import MappingProxyType

ALL_EVENTS = "all_events"
"""The subscription that brings every event."""

SUBSCRIBED = MappingProxyType(
    {
        "email_sent": "email_sent",
        "email_opened": "email_opened",
        "link_clicked": "email_link_clicked",
        "email_bounced": "email_bounced",
        "reply_received": "reply_received",
        # As a subscription of its own it is refused.
        "auto_reply_received": ALL_EVENTS,
        "lead_unsubscribed": "lead_unsubscribed",
        "lead_neutral": "lead_neutral",
        "lead_interested": "lead_interested",
        "lead_not_interested": "lead_not_interested",
        "lead_meeting_booked": "lead_meeting_booked",
        "lead_meeting_completed": "lead_meeting_completed",
        "lead_closed": "lead_closed",
        "lead_out_of_office": "lead_out_of_office",
        "lead_wrong_person": "lead_wrong_person",
        "lead_no_show": "lead_no_show",
        "account_error": "account_error",
        "campaign_completed": "campaign_completed",
        "supersearch_enrichment_completed": "supersearch_enrichment_completed",
    }
)
"""Name of an event in a delivery -> name to subscribe to it by."""

DELIVERED = MappingProxyType(
    {subscribed: delivered for delivered, subscribed in SUBSCRIBED.items() if subscribed != ALL_EVENTS}
)
"""Name to subscribe to an event by -> its name in a delivery."""
