"""Journal of a sandbox: its state in a file, and next to it each change since, so that a crash loses none.

The journal is written after each request and before its answer. Its first line names the state that it belongs to.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TextIO

from ..engine.runtime import Runtime
from ..state.clock import Clock
from ..state.workspaces import Grant, State

MAX_BYTES = 64 << 20
"""The size from which on the whole state is saved anew, and the journal begins again."""


class Controls(Protocol):
    """Controls of a sandbox, as far as a journal needs them."""

    runtime: Runtime
    clock: Clock

    def save(self, path: str | Path) -> None:
        """Write the whole state."""


class Journal:
    """Journal of the changes of a sandbox.

    Args:
        controls: of the sandbox.
        path: the file of the state; the journal is next to it.

    Raises:
        OSError: the state cannot be saved.
    """

    def __init__(self, controls: Controls, path: Path) -> None:
        self._controls = controls
        self._path = path
        self._state: State
        self._file: TextIO
        self._keys: dict[str, Grant]
        self._begin()

    def note(self) -> None:
        """Write what changed since the last call."""
        controls = self._controls
        state = controls.runtime.state
        if state is not self._state or self._file.tell() > MAX_BYTES:
            self._file.close()
            self._begin()
            return
        line: dict[str, Any] = {}
        for id, workspace in state.workspaces.items():
            if id not in self._known:
                workspace.changes.noted = True
                self._known.add(id)
                line.setdefault("new", {})[id] = workspace.to_json()
                continue
            rows, queue = workspace.changes.take()
            if rows or queue:
                changed: dict[str, Any] = {"rows": [[kind, key, row] for (kind, key), row in rows.items()]}
                line.setdefault("changed", {})[id] = changed | ({"queue": workspace.queue} if queue else {})
            if workspace.owner != self._owners.get(id, workspace.owner):
                line.setdefault("owners", {})[id] = workspace.owner
            self._owners[id] = workspace.owner
        if state.keys != self._keys:
            self._keys = dict(state.keys)
            line["keys"] = {key: asdict(grant) for key, grant in state.keys.items()}
        if line:
            line |= {"counters": state.counters(), "time": controls.clock.time(), "frozen": controls.clock.frozen}
            self._write(line)

    def close(self) -> None:
        """Save the whole state, and remove the journal."""
        self._file.close()
        self._controls.save(self._path)
        _beside(self._path).unlink()

    def _begin(self) -> None:
        controls = self._controls
        controls.save(self._path)
        self._state = controls.runtime.state
        self._known = set(self._state.workspaces)
        self._owners = {id: workspace.owner for id, workspace in self._state.workspaces.items()}
        self._keys = dict(self._state.keys)
        for workspace in self._state.workspaces.values():
            workspace.changes.noted = True
            workspace.changes.take()
        self._file = _beside(self._path).open("w", encoding="utf-8")
        self._write({"chance": json.loads(self._path.read_bytes())["chance"]})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()


def with_journal(path: Path, snapshot: dict[str, Any]) -> dict[str, Any]:
    """A saved state with what its journal has since; a line that a crash cut off is left out."""
    with suppress(OSError):
        lines = _beside(path).read_text("utf-8").split("\n")[:-1]
        if lines and json.loads(lines[0]) == {"chance": snapshot.get("chance")}:
            for line in lines[1:]:
                _apply(snapshot, json.loads(line))
            snapshot["chance"] += len(lines)  # Random choices that were made are not made again.
    return snapshot


def _apply(snapshot: dict[str, Any], line: dict[str, Any]) -> None:
    state = snapshot["state"]
    state["workspaces"] |= line.get("new", {})
    for id, changed in line.get("changed", {}).items():
        workspace = state["workspaces"][id]
        for kind, key, row in changed["rows"]:
            rows = workspace["collections"].setdefault(kind, {})
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        workspace["queue"] = changed.get("queue", workspace["queue"])
    for id, owner in line.get("owners", {}).items():
        state["workspaces"][id]["owner"] = owner
    state["keys"] = line.get("keys", state["keys"])
    state |= line["counters"]
    snapshot |= {"time": line["time"], "frozen": line["frozen"]}


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")
