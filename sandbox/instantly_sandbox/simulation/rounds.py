"""When campaigns and subsequences send: they look now and then whether something is due."""

from __future__ import annotations

from ..engine.context import Call

DRAFT, ACTIVE, PAUSED, COMPLETED = 0, 1, 2, 3
"""What the `status` of a campaign or a subsequence can be, as far as it gets here."""

ROUND = "sequence-sends"
SECONDS_TO_START = 60.0
SECONDS_BETWEEN_ROUNDS = 60.0


def wake(call: Call, id: str, wait: float = SECONDS_TO_START) -> None:
    """Have a campaign or a subsequence look after a while at what it has to send; sooner, if it will look sooner."""
    agenda, at = call.workspace.agenda, call.time + wait
    waiting = [due for due in agenda if due["action"] == ROUND and due["arguments"]["id"] == id]
    if all(due["at"] > at for due in waiting):
        for due in waiting:
            agenda.remove(due)
        call.later(wait, ROUND, id=id)
