"""What to subscribe a receiver to, compared with the webhooks that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from ..models.unset import UNSET
from .names import ALL_EVENTS, SUBSCRIBED

T = TypeVar("T")


class Subscription(NamedTuple):
    """A webhook as it should be: one type of event, or one custom label, for one receiver."""

    target_hook_url: str
    event_type: str | None
    custom_interest_value: int | None
    campaign: str | None

    def fields(self) -> dict[str, Any]:
        """The arguments of `create`."""
        return {name: value for name, value in self._asdict().items() if value is not None}

    def find(self, webhooks: Sequence[T]) -> T | None:
        """The webhook that is this one already, rather one that works than one that is disabled."""
        found = [
            each for each in webhooks if all(_given(each, name) == value for name, value in self._asdict().items())
        ]
        return min(found, key=is_disabled, default=None)


def subscriptions(url: str, events: str | int | Sequence[str | int], campaign: Any) -> list[Subscription]:
    """The webhooks that bring events to a receiver.

    Raises:
        ValueError: there are no events, or one that has no subscription of its own.
    """
    several = [events] if isinstance(events, str | int) else [*events]
    if not several:
        raise ValueError("no events are given; pass one or more types, or 'all_events'")
    return [Subscription(url, *_narrowed(each), campaign or None) for each in dict.fromkeys(several)]


def changes(webhook: object, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an update has to change, of those that are given."""
    given = {name: value for name, value in wanted.items() if value is not UNSET}
    return {name: value for name, value in given.items() if (value or None) != _given(webhook, name)}


def is_disabled(webhook: Any) -> bool:
    """Whether the service has disabled a webhook."""
    return isinstance(webhook.status, int) and webhook.status < 0


def _given(webhook: object, name: str) -> Any:
    """The value of a field, None for an empty one. 0 is the number of a label."""
    value = getattr(webhook, name)
    return None if value is UNSET or value in ("", {}) else value


def _narrowed(event: str | int) -> tuple[str | None, int | None]:
    if not isinstance(event, str):
        return None, event
    name = SUBSCRIBED.get(event, event)
    if name == ALL_EVENTS != event:
        raise ValueError(f"{str(event)!r} has no subscription of its own; subscribe to {ALL_EVENTS!r}, which brings it")
    return str(name), None
