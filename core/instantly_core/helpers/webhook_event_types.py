"""Help with the types of events: their names in deliveries."""

from __future__ import annotations

from typing import Self

from ..models.enumeration import StrEnumeration
from ..webhooks.names import ALL_EVENTS, DELIVERED, SUBSCRIBED


class WebhookEventTypeHelpers(StrEnumeration):
    """An enumeration of types that one subscribes to. Some events have another name when they are delivered."""

    @classmethod
    def for_delivered(cls, name: str) -> Self:
        """Return the type to subscribe to for an event that is delivered by this name.

        It is `all_events` for what has no subscription of its own, such as `auto_reply_received` and custom labels.
        """
        return cls(SUBSCRIBED.get(name, name if name in cls else ALL_EVENTS))

    @property
    def delivered(self) -> str | None:
        """The name by which its events are delivered; None for `all_events`, which has many."""
        return None if self == ALL_EVENTS else DELIVERED.get(self.value, self.value)
