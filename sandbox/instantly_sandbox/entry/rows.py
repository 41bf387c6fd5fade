"""Check of the rows and queued events of a state that somebody brings, before handlers meet them."""

from __future__ import annotations

from ..engine.document import Document
from ..engine.scheduler import ACTIONS
from ..state.arguments import check_known
from ..state.workspaces import State


def check_rows(document: Document, state: State) -> None:
    """Check that the rows of documented kinds have values of the types that their handlers take.

    A field that is missing is no fault: the document may have got it since.

    Raises:
        ValueError: a value has another type; the message has its place.
    """
    for workspace in state.workspaces.values():
        for kind, rows in workspace.collections.items():
            fields = document.component(kind).get("properties")
            takes = document.validators.of_fields(fields) if fields else None
            for key, row in rows.items():
                for error in takes.iter_errors(dict(row)) if takes else ():
                    place = "/".join(map(str, error.instance_path))
                    raise ValueError(f"{kind} {key}: {place}: {error.message}")
                if takes and key not in row.values():
                    raise ValueError(f"{kind} {key}: no field has what it is known by")


def check_queues(state: State) -> None:
    """Check that queued events are such as this version of the sandbox has.

    Raises:
        ValueError: one is not; the message has its place.
    """
    for workspace in state.workspaces.values():
        for number, event in enumerate(workspace.queue, 1):
            match event:
                case {"at": int() | float(), "action": str(action), "arguments": dict()}:
                    check_known(f"action of queued event {number}", action, ACTIONS)
                case _:
                    raise ValueError(f"queued event {number} lacks a time, an action or arguments")
