"""The sandbox: a double of the service in this process, with clients and a server."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from .engine.document import Document, pinned
from .engine.messages import Answer, Request
from .engine.runtime import Runtime
from .engine.service import KEEP_REQUESTS, Service
from .entry.admin import PATH, Admin
from .entry.controls import Controls
from .entry.journal import Journal
from .entry.routes import route
from .entry.waiting import ClockLimiter, ClockPauses
from .state.arguments import check_type
from .state.clock import Clock

if TYPE_CHECKING:
    from instantly_client import AsyncInstantly, Instantly

    from .entry.server import Log, Server

URL = "https://sandbox.invalid"
TENANTS = f"{PATH}/tenants"
_TENANT = re.compile(r"\w[\w.-]*", re.ASCII)


class Sandbox(Controls):
    """A double of the Instantly API that sends no mail, costs nothing and forgets everything.

        with Sandbox() as sandbox:
            client = sandbox.client()

    Args:
        world: "demo" for a workspace with campaigns, accounts and leads, or the path of a TOML file that says what it
            has; an empty workspace without it.
        seed: decides every random choice: the same seed and the same requests give the same answers.
        clock: the time of the sandbox; real time without it.
        rate_limits: refuse requests over the service's limits with 429.
        keep_requests: the number of last requests that `requests` holds; all requests with None.
        deliver_to: the names of hosts that webhook events go to, apart from loopback addresses.
        document: another OpenAPI document than the one that the installed client was made from.

    Raises:
        TypeError, ValueError: an argument is not valid.
    """

    __slots__ = ("__weakref__", "_admin", "_clients", "_journal", "_tenants")

    def __init__(
        self,
        *,
        world: str | Path | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        rate_limits: bool = True,
        keep_requests: int | None = KEEP_REQUESTS,
        deliver_to: Collection[str] = (),
        document: Document | None = None,
    ) -> None:
        check_type("world", world, str, Path, type(None))
        check_type("seed", seed, int)
        check_type("clock", clock, Clock, type(None))
        check_type("rate_limits", rate_limits, bool)
        check_type("keep_requests", keep_requests, int, type(None))
        check_type("document", document, Document, type(None))
        if keep_requests is not None and keep_requests < 0:
            raise ValueError(f"keep_requests is {keep_requests}: it is at least 0, or None for all")
        for host in deliver_to:
            check_type("a host in deliver_to", host, str)
        runtime = Runtime(document or pinned(), clock or Clock(), seed)
        runtime.deliver_to = frozenset(host.lower() for host in deliver_to)
        self._tenants: dict[str, Sandbox] = {}
        self._journal: Journal | None = None
        super().__init__(runtime, Service(runtime, rate_limits=rate_limits, keep_requests=keep_requests), world)
        self._admin = Admin(self)
        self._clients: list[Instantly] = []

    def __repr__(self) -> str:
        return f"<Sandbox workspace_id={self.workspace_id!r} clock={self.clock!r} faults={self.faults!r}>"

    def handle(self, request: Request) -> Answer:
        """Answer a request, also one to the sandbox's own API. Safe from any number of threads."""
        below, _, rest = request.target.removeprefix(f"{TENANTS}/").partition("/")
        tenant = self._tenants.get(below) if request.target.startswith(f"{TENANTS}/") else None
        if tenant is not None:
            return self._noted(tenant.handle(replace(request, target=f"{PATH}/{rest}".rstrip("/"))))
        if request.path == PATH or request.path.startswith(f"{PATH}/"):
            return self._noted(self._admin.handle(request))
        tenants = list(self._tenants.values())  # Others may be made meanwhile.
        owner = next((each for each in tenants if request.key in each.runtime.state.keys), self)
        return self._noted(owner.service.handle(request))

    def _noted(self, answer: Answer) -> Answer:
        if self._journal is not None:
            with self.runtime.lock:
                self._journal.note()
        return answer

    def keep_in(self, path: str | Path) -> None:
        """Save the state to a file, and from now on each change before the answer to its request, until `close`.

        What a test does in Python without a request is saved with the next request.

        Raises:
            OSError: the file cannot be written, or another process keeps a state in it.
        """
        with self.runtime.lock:
            self._journal = Journal(self, lambda: self._tenants, Path(path))

    def close(self) -> None:
        """Close the clients, and the file of `keep_in` with the whole state in it.

        Raises:
            OSError: the file cannot be written.
        """
        for client in self._clients:
            client.close()
        if self._journal is not None:
            with self.runtime.lock:
                journal, self._journal = self._journal, None
                journal.close()

    @route("POST", "/tenants", gives=lambda sandbox, tenant: tenant.overview())
    def tenant(self, name: str, *, world: str | Path | None = None, seed: int | None = None) -> Sandbox:
        """The tenant of this name, made at first: a sandbox of its own behind the same port, found by its keys.

        It has its own state, clock and faults, such as for one of several parallel workers of a test run.

        Raises:
            OSError: the file of the world cannot be read.
            ValueError: the name has other characters than letters, digits and `._-`, or the seed is another tenant's.
        """
        check_type("name", name, str)
        if not _TENANT.fullmatch(name):
            raise ValueError(
                f"{name!r} is no name of a tenant: it begins with a letter or digit, and has these and ._- only"
            )
        with self.runtime.lock:
            if name not in self._tenants:
                own = crc32(name.encode()) + self.runtime.seed if seed is None else seed
                made = self._made(world, own)
                if any(made.key in each.runtime.state.keys for each in (self, *self._tenants.values())):
                    raise ValueError(f"another tenant has the seed {own}")
                self._tenants[name] = made
            return self._tenants[name]

    def _made(self, world: str | Path | None = None, seed: int = 0) -> Sandbox:
        """A sandbox with the clock and the switches of this one."""
        return Sandbox(
            world=world,
            seed=seed,
            clock=Clock(self.clock.now(), frozen=self.clock.frozen),
            rate_limits=self.service.rate_limits,
            keep_requests=self.service.requests.maxlen,
            deliver_to=self.runtime.deliver_to,
            document=self.runtime.document,
        )

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON, with that of the tenants. A sandbox that restores it goes on exactly as this one."""
        with self.runtime.lock:
            tenants = {name: tenant.snapshot() for name, tenant in self._tenants.items()}
            return {**super().snapshot(), **({"tenants": tenants} if tenants else {})}

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot; a tenant that it has not is forgotten.

        The clock moves on to the time of the snapshot if it is behind, and is frozen if it was frozen then. Rate limits
        are counted anew.

        Raises:
            ValueError: it is not a snapshot, or its format is another.
        """
        tenants = snapshot.get("tenants", {}) if isinstance(snapshot, dict) else {}
        if not isinstance(tenants, dict) or not all(map(_TENANT.fullmatch, tenants)):
            raise ValueError("the state is damaged: its tenants have no names")
        with self.runtime.lock:
            made = {name: self._made() for name in tenants}
            for name, tenant in made.items():  # A tenant that is damaged is found before anything changes.
                tenant.restore(tenants[name])
            super().restore(snapshot)
            for name in made.keys() & self._tenants.keys():
                self._tenants[name].restore(tenants[name])
                made[name] = self._tenants[name]
            self._tenants = made

    @route("GET", "/tenants")
    def tenants(self) -> list[str]:
        """The names of the tenants."""
        return list(self._tenants)

    @route("DELETE", "/tenants", gives=lambda sandbox, result: [])
    def forget_tenants(self) -> None:
        """Forget all tenants."""
        with self.runtime.lock:
            self._tenants = {}

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

    def serve(
        self, port: int = 0, host: str = "127.0.0.1", *, log: Log | None = None, allow_hosts: Collection[str] = ()
    ) -> Server:
        """Serve over HTTP: `with sandbox.serve() as url:`.

        Args:
            port: the port to listen on; 0 is any free one.
            host: the address to listen on. Anybody who reaches the port can do anything in the sandbox.
            log: called with each request, its answer, and the seconds between them.
            allow_hosts: names that requests may call the sandbox by, apart from addresses and localhost.
        """
        from .entry.server import Server

        return Server(self.handle, host, port, log, allow_hosts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
