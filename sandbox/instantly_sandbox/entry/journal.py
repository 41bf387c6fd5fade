"""Journal of a sandbox: its state in a file, and next to it each change since, so that a crash loses none.

The journal is written after each request and before its answer. Its first line names the state that it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from ..engine.runtime import Runtime
from ..state.clock import Clock
from .locks import open_alone

MAX_BYTES = 64 << 20
"""The size from which on the whole state is saved anew, and the journal begins again."""


class Controls(Protocol):
    """Controls of a sandbox, as far as a journal needs them."""

    runtime: Runtime
    clock: Clock

    def save(self, path: str | Path) -> None:
        """Write the whole state."""


class Journal:
    """Journal of the changes of a sandbox and its tenants.

    Args:
        controls: of the sandbox.
        tenants: gives the controls of its tenants, by name.
        path: the file of the state; the journal is next to it.

    Raises:
        OSError: the state cannot be saved, or another process keeps its state in this file.
    """

    def __init__(self, controls: Controls, tenants: Callable[[], Mapping[str, Controls]], path: Path) -> None:
        self._controls = controls
        self._given = tenants
        self._path = path
        self._file = open_alone(_beside(path), path)
        try:
            self._begin()
        except BaseException:
            self._file.close()
            raise

    def note(self) -> None:
        """Write what changed since the last call."""
        tenants = self._given()
        if tenants.keys() != self._tenants.keys() or self._file.tell() > MAX_BYTES:
            self._begin()
            return
        followed = {id(self._own): self._controls, **{id(each): tenants[name] for name, each in self._tenants.items()}}
        if any(not each.is_of(followed[id(each)]) for each in (self._own, *self._tenants.values())):
            self._begin()
            return
        line = self._own.changes()
        changed = {name: found for name, each in self._tenants.items() if (found := each.changes())}
        if changed:
            line["tenants"] = changed
        if line:
            self._write(line)

    def close(self) -> None:
        """Save the whole state, and remove the journal."""
        try:
            self._controls.save(self._path)
            self._file.truncate(0)
            with suppress(PermissionError):  # Windows removes no file that is open.
                _beside(self._path).unlink()
        finally:
            self._file.close()

    def _begin(self) -> None:
        self._controls.save(self._path)
        self._own = _Followed(self._controls)
        self._tenants = {name: _Followed(each) for name, each in self._given().items()}
        self._file.seek(0)
        self._file.truncate()
        self._write({"chance": json.loads(self._path.read_bytes())["chance"]})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()


class _Followed:
    """Sandbox whose state is in the file, and whose changes are followed from now on."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._state = state = controls.runtime.state
        self._ahead = controls.clock.ahead
        self._known = set(state.workspaces)
        self._owners = {id: workspace.owner for id, workspace in state.workspaces.items()}
        self._keys = dict(state.keys)
        for workspace in state.workspaces.values():
            workspace.changes.noted = True
            workspace.changes.take()

    def is_of(self, controls: Controls) -> bool:
        """Whether it follows these controls, and their state is still the same."""
        return self._controls is controls and controls.runtime.state is self._state

    def changes(self) -> dict[str, Any]:
        """The changes since the last call; empty without any."""
        with self._controls.runtime.lock:
            return self._changes()

    def _changes(self) -> dict[str, Any]:
        state, clock = self._state, self._controls.clock
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
        if line or clock.ahead != self._ahead:
            self._ahead = clock.ahead
            line |= {"counters": state.counters(), "time": clock.time(), "frozen": clock.frozen}
        return line


def with_journal(path: Path, snapshot: dict[str, Any]) -> dict[str, Any]:
    """A saved state with what its journal has since; a line that a crash cut off is left out.

    Raises:
        ValueError: a line of the journal is damaged.
    """
    try:
        lines = _beside(path).read_bytes().split(b"\n")[:-1]
    except OSError:
        return snapshot
    applied = 0
    try:
        if lines and json.loads(lines[0]) == {"chance": snapshot.get("chance")}:
            for applied, line in enumerate(lines[1:], 1):  # noqa: B007 - the message needs it
                _apply(snapshot, json.loads(line))
            for each in (snapshot, *snapshot.get("tenants", {}).values()):
                each["chance"] += len(lines)  # Random choices that were made are not made again.
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        place = f"line {applied + 1} of {_beside(path).name}"
        raise ValueError(f"{place} is damaged: remove it and all lines after it; what they say is lost") from None
    return snapshot


def _apply(snapshot: dict[str, Any], line: dict[str, Any]) -> None:
    for name, inner in line.get("tenants", {}).items():
        _apply(snapshot["tenants"][name], inner)
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
    state |= line.get("counters", {})
    snapshot |= {name: line[name] for name in ("time", "frozen") if name in line}


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")
