"""What happens in a workspace is announced here, to whoever wants to know: webhooks do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.context import RequestContext

Listener = Callable[[RequestContext, str, dict[str, Any]], None]

LISTENERS: list[Listener] = []


def announce(context: RequestContext, event_type: str, **payload: Any) -> None:
    """Tell all listeners of an event.

    Args:
        call: in whose workspace, and when (`call.now`).
        event_type: what webhooks subscribe to, such as `email_sent`; the label's text where a lead got a custom label.
            `auto_reply_received` tells of an automatic reply.
        payload: the objects that it is about, each where there is one: `lead`, `campaign` and `email` as they are
            stored, `step`, counted from 1, and `variant`, counted from 0.
    """
    for listener in LISTENERS:
        listener(context, event_type, payload)
