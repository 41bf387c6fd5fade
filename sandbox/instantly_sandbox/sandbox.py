"""The sandbox as people use it."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .clock import Clock
from .document import Document, pinned
from .faults import Faults
from .handlers.workspace_group_members import invite
from .handlers.workspaces import found
from .identity import uuid7
from .limiter import ClockLimiter
from .service import ALL_SCOPES, Recorded, Service
from .state import Grant, State, Workspace
from .transport import AsyncSandboxTransport, SandboxTransport

if TYPE_CHECKING:
    from instantly_client import AsyncInstantly, Instantly

    from .server import Server

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
        rate_limits: whether requests over the service's limits are refused with 429. Clients made by `client` and
            `async_client` keep them by moving the sandbox's clock on, so that nobody waits.
        document: another OpenAPI document than the one that the installed client was made from.
    """

    def __init__(
        self,
        *,
        world: str | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        rate_limits: bool = True,
        document: Document | None = None,
    ) -> None:
        self._world = world
        self.clock = clock or Clock()
        self.service = Service(document or pinned(), self.clock, seed, rate_limits=rate_limits)
        self._clients: list[Instantly] = []
        self.reset()

    # The world

    def reset(self) -> None:
        """Forget everything, and begin again with a new workspace and key."""
        from .world import furnish

        with self.service.lock:
            self.service.state = State()
            self.service.requests.clear()
            self.service.faults.clear()
            self.workspace_id = self.add_workspace("Sandbox")
            self.key = self.add_key()
            if self._world is not None:
                furnish(self._world, self.service, self.service.state.workspaces[self.workspace_id])

    def add_workspace(self, name: str, *, under: str | None = None) -> str:
        """Make a workspace and return its id; `under` is the id of the one whose admin keys may act for it."""
        service = self.service
        with service.lock:
            id = uuid7(self.clock.time(), service.random)
            owner = uuid7(self.clock.time(), service.random)
            service.state.workspaces[id] = Workspace(id, owner)
            found(service, service.state.workspaces[id], name)
            if under is not None:
                invite(service.internal(service.state.workspaces[under]), id, "accepted")
            return id

    def add_key(self, *scopes: str, workspace: str | None = None) -> str:
        """Make an API key with these scopes, all of them without any, and return it."""
        with self.service.lock:
            key = f"sandbox-{self.service.random.getrandbits(96):024x}"
            self.service.state.keys[key] = Grant(workspace or self.workspace_id, scopes or (ALL_SCOPES,))
            return key

    def save(self, path: str | Path) -> None:
        """Write the state as JSON."""
        with self.service.lock:
            saved = {
                "format": FORMAT,
                "key": self.key,
                "workspace_id": self.workspace_id,
                "time": self.clock.time(),
                "state": self.service.state.to_json(),
            }
            text = json.dumps(saved, indent=1)
        Path(path).write_text(text, encoding="utf-8")

    def load(self, path: str | Path) -> None:
        """Go back to a saved state. The clock is moved on to the time of saving if it is behind.

        Raises:
            ValueError: the file is none of a sandbox.
        """
        saved = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(saved, dict) or saved.get("format") != FORMAT:
            raise ValueError(f"{path} holds no state of a sandbox of this version")
        with self.service.lock:
            self.service.state = State.from_json(saved["state"])
            self.key, self.workspace_id = saved["key"], saved["workspace_id"]
            self.clock.advance(max(0.0, saved["time"] - self.clock.time()))

    # What happened, and what shall happen

    @property
    def requests(self) -> list[Recorded]:
        """The requests that arrived, oldest first."""
        return self.service.requests

    @property
    def faults(self) -> Faults:
        """Failures on request."""
        return self.service.faults

    def wait_for_deliveries(self, timeout: float = 30) -> None:
        """Wait until all events that are on their way to webhooks have arrived, or have failed to.

        Raises:
            TimeoutError: some are still under way after so many seconds, of real time.
        """
        self.service.deliveries.wait(timeout)

    # Ways in

    def client(self, **options: Any) -> Instantly:
        """A client of the sandbox in this process; it takes what `Instantly` takes, and is closed with the sandbox."""
        from instantly_client import Instantly

        client = Instantly(**self._options(SandboxTransport(self.service.handle), options))
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> AsyncInstantly:
        """The same, asynchronous."""
        from instantly_client import AsyncInstantly

        return AsyncInstantly(**self._options(AsyncSandboxTransport(self.service.handle), options))

    def _options(self, transport: Any, options: dict[str, Any]) -> dict[str, Any]:
        own = {"api_key": self.key, "base_url": URL, "transport": transport, "limiter": ClockLimiter(self.service)}
        return {**own, **options}

    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Server:
        """Serve over HTTP: `with sandbox.serve() as url:`; port 0 is any free one."""
        from .server import Server

        return Server(self, host, port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for client in self._clients:
            client.close()
