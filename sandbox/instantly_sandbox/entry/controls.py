"""Controls of a sandbox: `Sandbox` offers them in Python, and `admin` over HTTP."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.faults import Faults
from ..engine.runtime import Runtime
from ..engine.service import ALL_SCOPES, Recorded, Service
from ..handlers.workspace_group_members import invite
from ..handlers.workspaces import found
from ..simulation.seed_data import fill
from ..state.arguments import check_known, check_type
from ..state.clock import CENTURY, Clock
from ..state.identity import uuid7
from ..state.workspaces import Grant, State, Workspace

FORMAT = 2
"""Version of the saved state. Format 1 had another name for the queue of a workspace."""


class Controls:
    """Workspaces, keys, faults and state of a sandbox.

    Args:
        runtime: document, clock, randomness and state.
        service: answers the requests.
        seed_data: the name of the data that the first workspace begins with; it is empty without it.

    Attributes:
        clock: the time of the sandbox.
        key: an API key of the first workspace, with all scopes.
        workspace_id: the id of the first workspace.
    """

    # A misspelt attribute raises AttributeError instead of being kept without effect.
    __slots__ = ("_seed_data", "clock", "key", "runtime", "service", "workspace_id")

    def __init__(self, runtime: Runtime, service: Service, seed_data: str | None) -> None:
        self.runtime = runtime
        self.service = service
        self.clock: Clock = runtime.clock
        self._seed_data = seed_data
        self.reset()

    # Workspaces and keys

    def reset(self) -> None:
        """Forget everything, and begin again with a new workspace and the same key."""
        with self.runtime.lock:
            self.service.reset()
            self.workspace_id = self.add_workspace("Sandbox")
            self.key = self.add_key()
            if self._seed_data is not None:
                fill(self._seed_data, self.runtime, self.runtime.state.workspaces[self.workspace_id])

    def add_workspace(self, name: str, *, under: str | None = None) -> str:
        """Make a workspace and return its id; keys of the workspace `under` may act for it.

        Raises:
            TypeError: the name is not text.
            ValueError: there is no workspace `under`.
        """
        check_type("name", name, str)
        check_type("under", under, str, type(None))
        runtime = self.runtime
        workspaces = runtime.state.workspaces
        with runtime.lock:
            if under is not None:
                check_known("workspace", under, workspaces)
            id = uuid7(self.clock.time(), runtime.random)
            owner = uuid7(self.clock.time(), runtime.random)
            workspaces[id] = Workspace(id, owner)
            found(runtime, workspaces[id], name)
            if under is not None:
                invite(RequestContext.internal(runtime, workspaces[under]), id, "accepted")
            return id

    def add_key(self, *scopes: str, workspace: str | None = None) -> str:
        """Make an API key with these scopes, or with all scopes, and return it.

        Raises:
            TypeError: a scope is not text.
            ValueError: there is no such scope or workspace.
        """
        runtime = self.runtime
        for scope in scopes:
            check_type("a scope", scope, str)
            check_known("scope", scope, runtime.document.scopes)
        check_type("workspace", workspace, str, type(None))
        with runtime.lock:
            home = self.workspace_id if workspace is None else workspace
            check_known("workspace", home, runtime.state.workspaces)
            # Of the seed alone, so that a guide can show the first one.
            number = len(runtime.state.keys)
            while (key := _key(runtime.seed, number)) in runtime.state.keys:
                number += 1
            runtime.state.keys[key] = Grant(home, scopes or (ALL_SCOPES,))
            return key

    # State

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON. A sandbox that restores it goes on exactly as this one."""
        runtime = self.runtime
        with runtime.lock:
            chance = runtime.random.getrandbits(64)
            runtime.random.seed(chance)
            return {
                "format": FORMAT,
                "key": self.key,
                "workspace_id": self.workspace_id,
                "time": self.clock.time(),
                "frozen": self.clock.frozen,
                "seed": runtime.seed,
                "chance": chance,
                "state": runtime.state.to_json(),
            }

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot.

        The clock moves on to the time of the snapshot if it is behind, and is frozen if it was frozen then. Rate limits
        are counted anew.

        Raises:
            ValueError: it is not a snapshot, or its format is another.
        """
        if not isinstance(snapshot, dict) or "format" not in snapshot:
            raise ValueError("this is not the state of a sandbox")
        if snapshot["format"] != FORMAT:
            raise ValueError(
                f"this state has format {snapshot['format']!r}, but this version of the sandbox reads format {FORMAT}: "
                "begin without it, and save a new one"
            )
        try:
            state = State.from_json(snapshot["state"])
            key, workspace_id = snapshot["key"], snapshot["workspace_id"]
            home, seed, chance = state.keys[key].workspace, snapshot["seed"], int(snapshot["chance"])
            time, frozen = float(snapshot["time"]), bool(snapshot.get("frozen"))
            if not {home, workspace_id} <= state.workspaces.keys():
                raise ValueError("a workspace is missing")
            if not time - self.clock.time() < CENTURY:
                raise ValueError(f"its time cannot be {time}")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"the state is damaged: {reason}") from None
        with self.runtime.lock:
            self.clock.catch_up(time, frozen=frozen)
            self.service.reset()
            self.runtime.state, self.runtime.seed = state, seed
            self.runtime.random.seed(chance)
            self.key, self.workspace_id = key, workspace_id

    def save(self, path: str | Path) -> None:
        """Write a snapshot to a file. If that fails, the file stays as it was.

        Raises:
            OSError: the file cannot be written.
        """
        path = Path(path)
        new = path.with_name(f"{path.name}.new")
        try:
            new.write_text(json.dumps(self.snapshot(), indent=1), encoding="utf-8")
            new.replace(path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            # The error names the file that was asked for, not the temporary one.
            raise type(error)(error.errno, error.strerror, str(path)) from None

    def load(self, path: str | Path) -> None:
        """Go back to the snapshot in a file.

        Raises:
            OSError: the file cannot be read.
            ValueError: the file holds no snapshot, or one of another format.
        """
        try:
            try:
                snapshot = json.loads(Path(path).read_bytes())
            except (ValueError, RecursionError):
                raise ValueError("this is not JSON, so it is not the state of a sandbox") from None
            self.restore(snapshot)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    # Requests and faults

    @property
    def requests(self) -> list[Recorded]:
        """The requests that arrived, oldest first; see `keep_requests`."""
        with self.runtime.lock:
            return list(self.service.requests)

    @property
    def faults(self) -> Faults:
        """Failures that the next requests meet."""
        return self.runtime.faults

    @property
    def unpaid(self) -> bool:
        """Whether the workspace lacks the plan that it needs: everything is refused with 402."""
        return self.service.unpaid

    @unpaid.setter
    def unpaid(self, value: bool) -> None:
        self.service.unpaid = value

    def wait_for_deliveries(self, timeout: float = 30) -> None:
        """Wait until every event on its way to a webhook has arrived or failed.

        Raises:
            TimeoutError: some are still on their way after so many seconds of real time.
        """
        self.runtime.deliveries.wait(timeout)


def _key(seed: int, number: int) -> str:
    return f"sandbox-{Random(f'key {number} {seed}').getrandbits(96):024x}"
