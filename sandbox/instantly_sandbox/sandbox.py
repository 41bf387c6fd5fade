"""The sandbox as people use it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .engine.document import Document, pinned
from .engine.faults import Faults
from .engine.messages import Answer, Request
from .engine.service import ALL_SCOPES, KEEP_REQUESTS, Recorded, Service
from .entry.admin import PATH, Admin
from .entry.waiting import ClockLimiter, ClockPauses
from .handlers.workspace_group_members import invite
from .handlers.workspaces import found
from .state.arguments import check_known, check_type
from .state.clock import CENTURY, Clock
from .state.identity import uuid7
from .state.workspaces import Grant, State, Workspace

if TYPE_CHECKING:
    from instantly_client import AsyncInstantly, Instantly

    from .entry.server import Log, Server

URL = "https://sandbox.invalid"
FORMAT = 1


class Sandbox:
    """A double of the Instantly API that sends no mail, costs nothing and forgets everything.

        with Sandbox() as sandbox:
            client = sandbox.client()

    Args:
        world: "demo" for a workspace with campaigns, accounts and leads in it; empty without it.
        seed: of everything that is left to chance: the same seed and the same requests give the same answers.
        clock: its time; the real one without it.
        rate_limits: whether requests over the service's limits are refused with 429.
        keep_requests: how many of the last requests `requests` has; all of them with None.
        document: another OpenAPI document than the one that the installed client was made from.

    Raises:
        TypeError, ValueError: an argument cannot be.
    """

    # What is set on it by mistake shall not be lost in silence.
    __slots__ = ("__weakref__", "_admin", "_clients", "_world", "clock", "key", "service", "workspace_id")

    def __init__(
        self,
        *,
        world: str | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        rate_limits: bool = True,
        keep_requests: int | None = KEEP_REQUESTS,
        document: Document | None = None,
    ) -> None:
        check_type("world", world, str, type(None))
        check_type("seed", seed, int)
        check_type("clock", clock, Clock, type(None))
        check_type("rate_limits", rate_limits, bool)
        check_type("keep_requests", keep_requests, int, type(None))
        check_type("document", document, Document, type(None))
        if keep_requests is not None and keep_requests < 0:
            raise ValueError(f"keep_requests is {keep_requests}: it is at least 0, or None for all")
        self._world = world
        self.clock = clock or Clock()
        self.service = Service(
            document or pinned(), self.clock, seed, rate_limits=rate_limits, keep_requests=keep_requests
        )
        self._admin = Admin(self)
        self._clients: list[Instantly] = []
        self.reset()

    def __repr__(self) -> str:
        return f"<Sandbox workspace_id={self.workspace_id!r} clock={self.clock!r} faults={self.faults!r}>"

    # The world

    def reset(self) -> None:
        """Forget everything, and begin again with a new workspace; the key is the one of the beginning."""
        from .simulation.seed_data import furnish

        with self.service.lock:
            self.service.reset()
            self.workspace_id = self.add_workspace("Sandbox")
            self.key = self.add_key()
            if self._world is not None:
                furnish(self._world, self.service, self.service.state.workspaces[self.workspace_id])

    def add_workspace(self, name: str, *, under: str | None = None) -> str:
        """Make a workspace and return its id; `under` is the id of the one whose admin keys may act for it.

        Raises:
            TypeError, ValueError: the name is no text, or there is no workspace `under`.
        """
        check_type("name", name, str)
        check_type("under", under, str, type(None))
        service = self.service
        with service.lock:
            if under is not None:
                check_known("workspace", under, service.state.workspaces)
            id = uuid7(self.clock.time(), service.random)
            owner = uuid7(self.clock.time(), service.random)
            service.state.workspaces[id] = Workspace(id, owner)
            found(service, service.state.workspaces[id], name)
            if under is not None:
                invite(service.internal(service.state.workspaces[under]), id, "accepted")
            return id

    def add_key(self, *scopes: str, workspace: str | None = None) -> str:
        """Make an API key with these scopes, all of them without any, and return it.

        Raises:
            TypeError, ValueError: a scope is no text, or there is no such scope or workspace.
        """
        service = self.service
        for scope in scopes:
            check_type("a scope", scope, str)
            check_known("scope", scope, service.document.scopes)
        check_type("workspace", workspace, str, type(None))
        with service.lock:
            home = self.workspace_id if workspace is None else workspace
            check_known("workspace", home, service.state.workspaces)
            key = f"sandbox-{service.random.getrandbits(96):024x}"
            service.state.keys[key] = Grant(home, scopes or (ALL_SCOPES,))
            return key

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON. What comes after it is the same here and in a sandbox that goes back to it."""
        service = self.service
        with service.lock:
            chance = service.random.getrandbits(64)
            service.random.seed(chance)
            return {
                "format": FORMAT,
                "key": self.key,
                "workspace_id": self.workspace_id,
                "time": self.clock.time(),
                "frozen": self.clock.frozen,
                "seed": service.seed,
                "chance": chance,
                "state": service.state.to_json(),
            }

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot.

        The clock is moved on to its time if it is behind, and stands still if it did then. Limits are counted anew.

        Raises:
            ValueError: it is no snapshot, or one of another version.
        """
        if not isinstance(snapshot, dict) or snapshot.get("format") != FORMAT:
            raise ValueError("this is no state of a sandbox of this version")
        service = self.service
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
        with service.lock:
            self.clock.catch_up(time, frozen=frozen)
            service.reset()
            service.state, service.seed = state, seed
            service.random.seed(chance)
            self.key, self.workspace_id = key, workspace_id

    def save(self, path: str | Path) -> None:
        """Write a snapshot to a file: all of it or, if that fails, nothing.

        Raises:
            OSError: it cannot be written.
        """
        path = Path(path)
        new = path.with_name(f"{path.name}.new")
        try:
            new.write_text(json.dumps(self.snapshot(), indent=1), encoding="utf-8")
            new.replace(path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            # The other file is nobody's business.
            raise type(error)(error.errno, error.strerror, str(path)) from None

    def load(self, path: str | Path) -> None:
        """Go back to the snapshot of a file.

        Raises:
            OSError: it cannot be read.
            ValueError: it holds none, or one of another version.
        """
        try:
            try:
                snapshot = json.loads(Path(path).read_bytes())
            except (ValueError, RecursionError):
                raise ValueError("this is no JSON, as the state of a sandbox is") from None
            self.restore(snapshot)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    # What happened, and what shall happen

    @property
    def requests(self) -> list[Recorded]:
        """The requests that arrived, oldest first; see `keep_requests`."""
        with self.service.lock:
            return list(self.service.requests)

    @property
    def faults(self) -> Faults:
        """Failures on request."""
        return self.service.faults

    @property
    def unpaid(self) -> bool:
        """Whether the workspace lacks the plan that it needs: everything is refused with 402."""
        return self.service.unpaid

    @unpaid.setter
    def unpaid(self, value: bool) -> None:
        self.service.unpaid = value

    def wait_for_deliveries(self, timeout: float = 30) -> None:
        """Wait until all events that are on their way to webhooks have arrived, or have failed to.

        Raises:
            TimeoutError: some are still under way after so many seconds, of real time.
        """
        self.service.deliveries.wait(timeout)

    # Ways in

    def handle(self, request: Request) -> Answer:
        """Answer a request, whichever way it came. Safe from any number of threads."""
        if request.path == PATH or request.path.startswith(f"{PATH}/"):
            return self._admin.handle(request)
        return self.service.handle(request)

    def client(self, **options: Any) -> Instantly:
        """A client of the sandbox in this process; it takes what `Instantly` takes, and is closed with the sandbox.

        Nobody waits for it: before another attempt, between two looks at a job, and to keep the rate limits, it moves
        the sandbox's clock on.
        """
        from instantly_client import Instantly

        from .entry.transport import SandboxTransport

        client = Instantly(**self._options(SandboxTransport(self.handle), options))
        client._clock = ClockPauses(self.clock)
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> AsyncInstantly:
        """The same, asynchronous."""
        from instantly_client import AsyncInstantly

        from .entry.transport import AsyncSandboxTransport

        client = AsyncInstantly(**self._options(AsyncSandboxTransport(self.handle), options))
        client._clock = ClockPauses(self.clock)
        return client

    def _options(self, transport: Any, options: dict[str, Any]) -> dict[str, Any]:
        own = {"api_key": self.key, "base_url": URL, "transport": transport, "limiter": ClockLimiter(self.service)}
        return {**own, **options}

    def serve(self, port: int = 0, host: str = "127.0.0.1", *, log: Log | None = None) -> Server:
        """Serve over HTTP: `with sandbox.serve() as url:`.

        Args:
            port: where; 0 is any free one.
            host: the address to listen on. Beyond this machine, anybody who reaches the port can do anything there.
            log: told of each request, its answer, and the seconds between.
        """
        from .entry.server import Server

        return Server(self.handle, host, port, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for client in self._clients:
            client.close()
