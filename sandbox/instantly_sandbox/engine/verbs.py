"""Verbs: what an operation such as `POST /things/{id}/close` changes in the object that its path names."""

from __future__ import annotations

from typing import Any

from ..state.workspaces import Entity
from .context import RequestContext
from .document import Schema

STATES = {
    "pause": ("paused",),
    "resume": ("active", "running", "in_progress"),
    "activate": ("active",),
    "start": ("running", "active", "in_progress", "started"),
    "stop": ("stopped", "paused"),
    "cancel": ("cancelled", "canceled"),
}
"""States of verbs that are not their participles."""


def changes(context: RequestContext, schema: Schema, verb: str) -> Entity:
    """The fields of an object of a schema that a verb changes, with their values: states, moments and switches."""
    done = f"{verb}d" if verb.endswith("e") else f"{verb}ed"
    states = (*STATES.get(verb, ()), done)
    found: Entity = {}
    for name, field in context.runtime.document.fields(schema).items():
        state = next((state for state in states if state in field.get("enum", ())), None)
        if state is not None:
            found[name] = state
        elif name in (f"{done}_at", f"timestamp_{done}"):
            found[name] = context.now
        elif name in (f"is_{done}", done) and field.get("type") == "boolean":
            found[name] = True
    return found


def initial(field: Schema) -> Any:
    """The value that a new object has in a field that nobody gave: its default, or of codes the usual 1; else None."""
    return field["default"] if "default" in field else 1 if 1 in field.get("enum", ()) else None
