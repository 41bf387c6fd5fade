"""When campaigns and subsequences send: they look now and then whether something is due."""

from __future__ import annotations

from ..engine.context import RequestContext

ROUND = "sequence-sends"
SECONDS_TO_START = 60.0
SECONDS_BETWEEN_ROUNDS = 60.0


def wake(context: RequestContext, id: str, wait: float = SECONDS_TO_START) -> None:
    """Have a campaign or a subsequence look after a while at what it has to send; sooner, if it will look sooner."""
    queue, at = context.workspace.queue, context.time + wait
    queued = [event for event in queue if event["action"] == ROUND and event["arguments"]["id"] == id]
    if all(event["at"] > at for event in queued):
        for event in queued:
            queue.remove(event)
        context.schedule(wait, ROUND, id=id)
