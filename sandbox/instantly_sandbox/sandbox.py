"""The sandbox: a double of the service in this process, with clients and a server."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .engine.document import Document, pinned
from .engine.messages import Answer, Request
from .engine.runtime import Runtime
from .engine.service import KEEP_REQUESTS, Service
from .entry.admin import PATH, Admin
from .entry.controls import Controls
from .entry.waiting import ClockLimiter, ClockPauses
from .state.arguments import check_type
from .state.clock import Clock

if TYPE_CHECKING:
    from instantly_client import AsyncInstantly, Instantly

    from .entry.server import Log, Server

URL = "https://sandbox.invalid"


class Sandbox(Controls):
    """A double of the Instantly API that sends no mail, costs nothing and forgets everything.

        with Sandbox() as sandbox:
            client = sandbox.client()

    Args:
        world: "demo" for a workspace with campaigns, accounts and leads; an empty workspace without it.
        seed: decides every random choice: the same seed and the same requests give the same answers.
        clock: the time of the sandbox; real time without it.
        rate_limits: refuse requests over the service's limits with 429.
        keep_requests: the number of last requests that `requests` holds; all requests with None.
        document: another OpenAPI document than the one that the installed client was made from.

    Raises:
        TypeError, ValueError: an argument is not valid.
    """

    __slots__ = ("__weakref__", "_admin", "_clients")

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
        runtime = Runtime(document or pinned(), clock or Clock(), seed)
        super().__init__(runtime, Service(runtime, rate_limits=rate_limits, keep_requests=keep_requests), world)
        self._admin = Admin(self)
        self._clients: list[Instantly] = []

    def __repr__(self) -> str:
        return f"<Sandbox workspace_id={self.workspace_id!r} clock={self.clock!r} faults={self.faults!r}>"

    def handle(self, request: Request) -> Answer:
        """Answer a request, also one to the sandbox's own API. Safe from any number of threads."""
        if request.path == PATH or request.path.startswith(f"{PATH}/"):
            return self._admin.handle(request)
        return self.service.handle(request)

    def client(self, **options: Any) -> Instantly:
        """A client of the sandbox in this process. It takes the arguments of `Instantly`, and closes with the sandbox.

        It never waits in real time: before a retry, between two polls of a job, and to keep the rate limits, it moves
        the sandbox's clock on.
        """
        from instantly_client import Instantly

        from .entry.transport import SandboxTransport

        client = Instantly(**self._options(SandboxTransport(self.handle), options))
        client._clock = ClockPauses(self.clock)
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> AsyncInstantly:
        """Asynchronous twin of `client`. Close it yourself."""
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
            port: the port to listen on; 0 is any free one.
            host: the address to listen on. Anybody who reaches the port can do anything in the sandbox.
            log: called with each request, its answer, and the seconds between them.
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
