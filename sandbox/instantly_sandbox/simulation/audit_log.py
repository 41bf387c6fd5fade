"""Audit log of a workspace: entries about what was done."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records

LOGS = Records("Audit Log")
WEBHOOK_ERROR = 20


def log(context: RequestContext, activity: int, **about: Any) -> None:
    """Add an entry."""
    made = {"timestamp": context.now, "activity_type": activity, "ip_address": "127.0.0.1", "from_api": True}
    LOGS.make(context, {**made, **about})
