"""Events of a workspace: announced to listeners, such as the deliveries to webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.context import RequestContext

Listener = Callable[[RequestContext, str, dict[str, Any]], None]

LISTENERS: list[Listener] = []


def announce(context: RequestContext, event_type: str, **payload: Any) -> None:
    """Announce an event to all listeners.

    Args:
        context: the workspace and the time of the event.
        event_type: the type that webhooks subscribe to, such as `email_sent`, or the text of a custom label that a lead
            got. An automatic reply is `auto_reply_received`.
        payload: the objects of the event, as far as it has them: `lead`, `campaign` and `email` as they are stored,
            `step`, counted from 1, and `variant`, counted from 0, the address of an `account`, and `more` fields.
    """
    for listener in LISTENERS:
        listener(context, event_type, payload)
