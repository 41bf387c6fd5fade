"""What happens by itself as time goes on: jobs finish, campaigns send."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Action = Callable[..., None]
A = TypeVar("A", bound=Action)

ACTIONS: dict[str, Action] = {}
"""By name, since the agenda is part of the state, which is JSON."""


def action(name: str) -> Callable[[A], A]:
    """Mark a function as an action: it is given a `Call` of the workspace, and the arguments from the agenda."""

    def register(function: A) -> A:
        assert name not in ACTIONS, name
        ACTIONS[name] = function
        return function

    return register
