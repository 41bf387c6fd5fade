"""Controls of a sandbox. Each is a method in Python, and most are a request of the sandbox's own API too."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Unpack

from ..engine.context import RequestContext
from ..engine.faults import Faults
from ..engine.runtime import Runtime
from ..engine.service import ALL_SCOPES, Recorded, Service
from ..handlers.workspace_group_members import invite
from ..handlers.workspaces import found
from ..simulation import seed_data, worlds
from ..state.arguments import NUMBER, check_known, check_type
from ..state.clock import CENTURY, Clock
from ..state.identity import uuid7
from ..state.workspaces import Grant, State, Workspace
from .happen import Happen
from .journal import with_journal
from .routes import route
from .rows import check_queues, check_rows
from .verification import Arrived, Select, arrived

DEMO = "demo"
MAX_WAIT = 300
FORMAT = 2
"""Version of the saved state. Format 1 had another name for the queue of a workspace."""


class Controls:
    """Workspaces, keys, faults and state of a sandbox.

    Args:
        runtime: document, clock, randomness and state.
        service: answers the requests.
        world: what the first workspace begins with: "demo" or a TOML file (see `worlds`); nothing without it.

    Attributes:
        clock: the time of the sandbox.
        key: an API key of the first workspace, with all scopes.
        workspace_id: the id of the first workspace.
    """

    # A misspelt attribute raises AttributeError instead of being kept without effect.
    __slots__ = ("_world", "clock", "key", "runtime", "service", "workspace_id")

    def __init__(self, runtime: Runtime, service: Service, world: str | Path | None) -> None:
        self.runtime = runtime
        self.service = service
        self.clock: Clock = runtime.clock
        if world is not None and world != DEMO and not str(world).endswith(".toml"):
            raise ValueError(f"there is no world {str(world)!r}: it is {DEMO!r}, or a file that ends in .toml")
        self._world = world
        self.reset()

    # Overview and switches

    @route("GET", "")
    def overview(self) -> dict[str, Any]:
        """Show key, workspace, time and switches."""
        return {
            "key": self.key,
            "workspace_id": self.workspace_id,
            "time": self.clock.now().isoformat(),
            "frozen": self.clock.frozen,
            "rate_limits": self.service.rate_limits,
            "unpaid": self.service.unpaid,
        }

    @route("PATCH", "")
    def switch(self, *, rate_limits: bool | None = None, unpaid: bool | None = None) -> dict[str, Any]:
        """Throw switches: whether requests over the limits, and all requests, are refused; and show all."""
        check_type("rate_limits", rate_limits, bool, type(None))
        check_type("unpaid", unpaid, bool, type(None))
        for name, value in (("rate_limits", rate_limits), ("unpaid", unpaid)):
            if value is not None:
                setattr(self.service, name, value)
        return self.overview()

    @route("GET", "/health")
    def health(self) -> dict[str, Any]:
        """Say that it is up."""
        return {"status": "ok"}

    @route("GET", "/document")
    def document(self) -> dict[str, Any]:
        """Give the OpenAPI document that it answers by."""
        return dict(self.runtime.document.raw)

    @route("POST", "/clock")
    def move_clock(
        self, *, advance: float | None = None, to: str | None = None, freeze: bool | None = None
    ) -> dict[str, Any]:
        """Move the clock: freeze it or let it run, then by so many seconds or to a moment; and show all."""
        check_type("to", to, str, type(None))
        check_type("freeze", freeze, bool, type(None))
        if advance is not None and to is not None:
            raise ValueError("give either advance or to")
        moment = None if to is None else _moment(to)
        if freeze is not None:
            (self.clock.freeze if freeze else self.clock.run)()
        if moment is not None:
            self.clock.move_to(moment)
        elif advance is not None:
            self.clock.advance(advance)
        return self.overview()

    @property
    def happen(self) -> Happen:
        """Events on demand."""
        return Happen(self.runtime, lambda: self.workspace_id)

    # Workspaces and keys

    @route("POST", "/reset", gives=lambda controls, result: controls.overview())
    def reset(self) -> None:
        """Forget everything, and begin again with a new workspace and the same key."""
        with self.runtime.lock:
            self.service.reset()
            self.workspace_id = self.add_workspace("Sandbox")
            self.key = self.add_key()
            workspace = self.runtime.state.workspaces[self.workspace_id]
            if self._world == DEMO:
                seed_data.fill(self.runtime, workspace)
            elif self._world is not None:
                worlds.fill(Path(self._world), self.runtime, workspace)

    @route("POST", "/workspaces", gives=lambda controls, result: {"workspace_id": result})
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

    @route("POST", "/keys", gives=lambda controls, result: {"key": result})
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

    @route("GET", "/state")
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

    @route("PUT", "/state", gives=lambda controls, result: controls.overview())
    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot.

        The clock moves on to the time of the snapshot if it is behind, and is frozen if it was frozen then. Rate limits
        are counted anew.

        Raises:
            ValueError: it is not a snapshot, or its format is another.
        """
        _check_format(snapshot)
        try:
            state = State.from_json(snapshot["state"])
            check_rows(self.runtime.document, state)
            check_queues(state)
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
            _check_format(snapshot)
            self.restore(with_journal(Path(path), snapshot))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from None

    # Requests and faults

    @property
    def requests(self) -> list[Recorded]:
        """The requests that arrived, oldest first; see `keep_requests`."""
        with self.runtime.lock:
            return list(self.service.requests)

    @route("POST", "/requests/count")
    def arrived(self, *, at_least: int | None = None, times: int | None = None, **select: Unpack[Select]) -> Arrived:
        """Count the requests that have what is wanted of them, and show those that nearly have.

        Args:
            at_least: the number that must have arrived.
            times: the number that must have arrived, no more and no fewer.
            select: what the requests have, of `operation`, `method`, `path`, `query`, `body`, `key` and `status`.

        Raises:
            ValueError: a condition is not valid, or no operation has that name.
        """
        with self.runtime.lock:
            return arrived(self.runtime.document, self.service.requests, at_least, times, select)

    @route("DELETE", "/requests", gives=lambda controls, result: [])
    def forget_requests(self) -> None:
        """Forget the requests that arrived."""
        with self.runtime.lock:
            self.service.requests.clear()

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

    @route("POST", "/deliveries/wait", gives=lambda controls, result: {"status": "ok"})
    def wait_for_deliveries(self, timeout: float = 30) -> None:
        """Wait until every event on its way to a webhook has arrived or failed.

        Raises:
            TimeoutError: some are still on their way after so many seconds of real time.
        """
        check_type("timeout", timeout, *NUMBER)
        if not 0 <= timeout <= MAX_WAIT:
            raise ValueError(f"timeout is {timeout}: it lies between 0 and {MAX_WAIT} seconds")
        self.runtime.deliveries.wait(timeout)


def _check_format(snapshot: Any) -> None:
    if not isinstance(snapshot, dict) or "format" not in snapshot:
        raise ValueError("this is not the state of a sandbox")
    if snapshot["format"] != FORMAT:
        raise ValueError(
            f"this state has format {snapshot['format']!r}, but this version of the sandbox reads format {FORMAT}: "
            "begin without it, and save a new one, or take the version that saved it"
        )


def _key(seed: int, number: int) -> str:
    return f"sandbox-{Random(f'key {number} {seed}').getrandbits(96):024x}"


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no moment such as 2026-05-01T09:00:00Z") from None
