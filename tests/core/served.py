"""The real clients, sync and async behind one face, of a sandbox that serves on a port."""

from __future__ import annotations

from typing import Any

from instantly_client import AsyncInstantly, Instantly
from instantly_sandbox import Recorded, Sandbox
from tests.core.engine import Engine


class Served(Engine):
    """A sandbox on a port, and its clients."""

    def __init__(self, kind: str, sandbox: Sandbox, url: str) -> None:
        super().__init__(kind)
        self.sandbox = sandbox
        self.url = url

    def connect(self, **options: Any) -> Any:
        """Make a client; without a limiter unless one is given."""
        make = Instantly if self.kind == "sync" else AsyncInstantly
        client: Any = make(**{"api_key": self.sandbox.key, "base_url": self.url, "limiter": None, **options})
        self._clients.append(client)
        return client

    def arrived(self, operation: str) -> list[Recorded]:
        """The requests of an operation, oldest first."""
        return [recorded for recorded in self.sandbox.requests if recorded.operation == operation]

    def stored(self, kind: str) -> int:
        """How many objects of a kind the workspace has."""
        return len(self.sandbox.runtime.state.workspaces[self.sandbox.workspace_id].of(kind))
