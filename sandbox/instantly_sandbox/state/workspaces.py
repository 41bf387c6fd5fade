"""State of a sandbox: workspaces with their objects, and keys. All of it is plain JSON, to be saved and loaded."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from .rows import Collection, Queue

Entity = dict[str, Any]


class QueuedEvent(TypedDict):
    """Queued event: the name of an action (see `scheduler`), its arguments, and when it runs."""

    at: float
    action: str
    arguments: dict[str, Any]


class Workspace:
    """Workspace: its objects by kind (their title in the document) and id, oldest first, and its queued events.

    Args:
        id: of the workspace.
        owner: the id of the user who owns it.
        collections: the objects to begin with.
        queue: the events to begin with.
    """

    def __init__(
        self,
        id: str,
        owner: str,
        collections: Mapping[str, Mapping[str, Entity]] | None = None,
        queue: list[QueuedEvent] | None = None,
    ) -> None:
        self.id = id
        self.owner = owner
        self.changes = Changes()
        self.collections = {kind: self._collection(kind, rows) for kind, rows in (collections or {}).items()}
        self.queue: list[QueuedEvent] = Queue(queue or (), self.changes.queue_changed)

    def of(self, kind: str) -> Collection:
        """All objects of a kind."""
        found = self.collections.get(kind)
        if found is None:
            found = self.collections[kind] = self._collection(kind, {})
        return found

    def _collection(self, kind: str, rows: Mapping[str, Entity]) -> Collection:
        return Collection(rows, self.changes.of(kind))

    def to_json(self) -> dict[str, Any]:
        """The workspace as JSON. It shares its rows: copy them before they change."""
        collections = {kind: rows for kind, rows in self.collections.items() if rows}
        return {"id": self.id, "owner": self.owner, "collections": collections, "queue": self.queue}


class Changes:
    """Changes of a workspace since they were taken last: rows by kind and key, and whether its queue is another."""

    def __init__(self) -> None:
        self.noted = False
        """Whether they are noted: they are where the state is saved as it changes."""
        self._rows: dict[tuple[str, str], Entity | None] = {}
        self._queue = False

    def of(self, kind: str) -> Callable[[str, Entity | None], None]:
        """A function that notes a row of this kind, or None for a row that left."""

        def changed(key: str, row: Entity | None) -> None:
            if self.noted:
                self._rows[kind, key] = row

        return changed

    def queue_changed(self) -> None:
        """Note that the queue changed."""
        self._queue = self.noted

    def take(self) -> tuple[dict[tuple[str, str], Entity | None], bool]:
        """The changes, which are forgotten then."""
        taken = self._rows, self._queue
        self._rows, self._queue = {}, False
        return taken


@dataclass(frozen=True)
class Grant:
    """Rights of a key: a workspace, and scopes in it."""

    workspace: str
    scopes: tuple[str, ...]


@dataclass
class State:
    """State of a sandbox.

    Attributes:
        workspaces: by id.
        keys: the rights of API keys.
        stamped: the latest time that became the timestamp of a new object.
        last_id: the time and the counter in the last UUID.
        last_job: the counter in the last id of a job.
    """

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    keys: dict[str, Grant] = field(default_factory=dict)
    stamped: float = 0.0
    last_id: int = 0
    last_job: int = 0

    def to_json(self) -> dict[str, Any]:
        """The state as JSON."""
        state = {
            "workspaces": {id: workspace.to_json() for id, workspace in self.workspaces.items()},
            "keys": {key: asdict(grant) for key, grant in self.keys.items()},
            **self.counters(),
        }
        copied: dict[str, Any] = pickle.loads(pickle.dumps(state))  # many times faster than `deepcopy`
        return copied

    def counters(self) -> dict[str, float]:
        """What new objects are counted and stamped with."""
        return {"stamped": self.stamped, "last_id": self.last_id, "last_job": self.last_job}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> State:
        """The state from the JSON of `to_json`."""
        value = pickle.loads(pickle.dumps(value))
        return cls(
            {id: Workspace(**workspace) for id, workspace in value["workspaces"].items()},
            {key: Grant(grant["workspace"], tuple(grant["scopes"])) for key, grant in value["keys"].items()},
            value["stamped"],
            value.get("last_id", 0),
            value.get("last_job", 0),
        )
