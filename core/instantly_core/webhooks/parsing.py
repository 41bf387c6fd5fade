"""From the body of a delivery to an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..call.observers import Observers
from ..models.decode import Drift
from ..models.drift import DriftEvent, DriftLog
from .body import Body, read_body
from .event import DeliveredEvent
from .events import class_of

_observers = Observers()
_drift_log = DriftLog("delivery")


def parse(body: Body, *, on_drift: Callable[[DriftEvent], Any] | None = None) -> DeliveredEvent:
    """Read the event that a webhook delivered. Its class says what has happened:

        match webhooks.parse(body):
            case webhooks.ReplyReceived() as event:
                print(event.lead_email, event.reply_text, event.lead_data.get("city"))
            case webhooks.LeadStatusChanged() as event:
                print(event.lead_email, event.label)

    A value of another type than its field stays as it is. That is drift, and logged once for each place.

    Args:
        body: The body as it came, in bytes or as text, or the mapping that a framework made of it.
        on_drift: Called for each place where this delivery deviates from what is known of deliveries. Whatever it
            raises is logged and ignored.

    Raises:
        WebhookParseError: The body is no JSON object, has more than 10 MiB, or is nested more than 64 levels deep.
        TypeError: It is of a type that no body has.
    """
    data = read_body(body)
    model = class_of(data.get("event_type"))
    drift = Drift()
    event = model.from_dict(data, drift)
    for report in drift.reports(data) if drift else ():
        if report.violation:
            _drift_log.record(model.__name__, report, None)
            if on_drift is not None:
                _observers.notify("on_drift", on_drift, DriftEvent(model.__name__, *report))
    _observers.settle()
    return event
