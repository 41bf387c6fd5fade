"""Scheduler of a workspace: runs its queued events when they come due."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..state.workspaces import Workspace
from .context import RequestContext
from .runtime import Runtime

Action = Callable[..., None]
A = TypeVar("A", bound=Action)

ACTIONS: dict[str, Action] = {}
"""By name: queued events are part of the state, which is JSON."""


def action(name: str) -> Callable[[A], A]:
    """Register a function as an action. It gets a `RequestContext` of the workspace, and the event's arguments."""

    def register(function: A) -> A:
        assert name not in ACTIONS, name
        ACTIONS[name] = function
        return function

    return register


def run_due(runtime: Runtime, workspace: Workspace) -> None:
    """Run the events that have come due, oldest first, each as of its time."""
    now = runtime.clock.time()
    while due := min(
        (event for event in workspace.queue if event["at"] <= now), key=lambda event: event["at"], default=None
    ):
        workspace.queue.remove(due)
        context = RequestContext.internal(runtime, workspace, at=due["at"])
        ACTIONS[due["action"]](context, **due["arguments"])
