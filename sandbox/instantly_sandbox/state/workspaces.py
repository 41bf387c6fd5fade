"""State of a sandbox: workspaces with their objects, and keys. All of it is plain JSON, to be saved and loaded."""

from __future__ import annotations

import pickle
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

Entity = dict[str, Any]


class QueuedEvent(TypedDict):
    """Queued event: the name of an action (see `scheduler`), its arguments, and when it runs."""

    at: float
    action: str
    arguments: dict[str, Any]


@dataclass
class Workspace:
    """Workspace: its objects by kind (their title in the document) and id, oldest first, and its queued events."""

    id: str
    owner: str
    collections: dict[str, dict[str, Entity]] = field(default_factory=dict)
    queue: list[QueuedEvent] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Entity]:
        """All objects of a kind."""
        return self.collections.setdefault(kind, {})


@dataclass(frozen=True)
class Grant:
    """Rights of a key: a workspace, and scopes in it."""

    workspace: str
    scopes: tuple[str, ...]


@dataclass
class State:
    """State of a sandbox."""

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    keys: dict[str, Grant] = field(default_factory=dict)
    stamped: float = 0.0
    """The latest time that became the timestamp of a new object."""

    def to_json(self) -> dict[str, Any]:
        """The state as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> State:
        """The state from the JSON of `to_json`."""
        value = pickle.loads(pickle.dumps(value))  # a copy, many times faster than `deepcopy`
        return cls(
            {id: Workspace(**workspace) for id, workspace in value["workspaces"].items()},
            {key: Grant(grant["workspace"], tuple(grant["scopes"])) for key, grant in value["keys"].items()},
            value["stamped"],
        )
