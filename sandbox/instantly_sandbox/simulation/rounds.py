"""Rounds of sending: when campaigns and subsequences check whether they have something to send."""

from __future__ import annotations

from ..engine.context import RequestContext

ROUND = "sequence-sends"
SECONDS_TO_START = 60.0
SECONDS_BETWEEN_ROUNDS = 60.0


def wake(context: RequestContext, id: str, wait: float = SECONDS_TO_START) -> None:
    """Queue the next round of a campaign or subsequence, unless an earlier one is queued."""
    queue, at = context.workspace.queue, context.time + wait
    queued = [event for event in queue if event["action"] == ROUND and event["arguments"]["id"] == id]
    if all(event["at"] > at for event in queued):
        for event in queued:
            queue.remove(event)
        context.schedule(wait, ROUND, id=id)
