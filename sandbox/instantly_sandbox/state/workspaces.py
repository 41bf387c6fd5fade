"""What the sandbox remembers: plain JSON through and through, so that it can be saved and loaded."""

from __future__ import annotations

import copy
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
    """The objects of one workspace, by kind (their title in the document) and id, oldest first."""

    id: str
    owner: str
    collections: dict[str, dict[str, Entity]] = field(default_factory=dict)
    queue: list[QueuedEvent] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Entity]:
        """All objects of a kind."""
        return self.collections.setdefault(kind, {})


@dataclass(frozen=True)
class Grant:
    """What a key opens."""

    workspace: str
    scopes: tuple[str, ...]


@dataclass
class State:
    """The workspaces, and the keys to them."""

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    keys: dict[str, Grant] = field(default_factory=dict)
    stamped: float = 0.0
    """The latest time that was given out as the timestamp of a new object."""

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> State:
        """What `to_json` gave, as it was."""
        value = copy.deepcopy(value)
        return cls(
            {id: Workspace(**workspace) for id, workspace in value["workspaces"].items()},
            {key: Grant(grant["workspace"], tuple(grant["scopes"])) for key, grant in value["keys"].items()},
            value["stamped"],
        )
