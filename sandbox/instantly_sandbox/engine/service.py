"""The service: a request goes in, an answer comes out, and everything that happens between stands here in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from random import Random
from threading import RLock
from typing import Any

from .. import handlers  # noqa: F401 - registers them
from ..state.clock import Clock, timestamp
from ..state.workspaces import Grant, State, Workspace
from .context import HANDLERS, WITNESSES, Call
from .deliveries import Deliveries
from .document import Document, Operation
from .faults import EDGE_BLOCK, Faults
from .messages import Answer, Refusal, Request, answer
from .rate_limits import WORKSPACE_LIMITS, RateLimits
from .refusals import documented, no_route
from .scheduler import ACTIONS
from .validation import MISSING, check_path, read_body, read_query

ALL_SCOPES = "all:all"
AS_WORKSPACE = "x-as-workspace"
OAUTH = "/api/v2/oauth/"
KEEP_REQUESTS = 10_000


@dataclass(frozen=True)
class Recorded:
    """A request that arrived, and what was answered."""

    request: Request
    operation: str | None
    answer: Answer

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path, percent-encoded."""
        return self.request.path

    @property
    def json(self) -> Any:
        """The JSON body; None without one."""
        return self.request.json()


class Service:
    """The service, without a way in: see `sandbox` for those.

    Args:
        document: what it answers by.
        clock: its time.
        seed: of everything that is left to chance.
        rate_limits: whether it refuses what goes over them.
        keep_requests: how many of the last requests it keeps for looking at.
    """

    def __init__(
        self,
        document: Document,
        clock: Clock,
        seed: int,
        *,
        rate_limits: bool = True,
        keep_requests: int | None = KEEP_REQUESTS,
    ) -> None:
        self.document = document
        self.clock = clock
        self.seed = seed
        self.rate_limits = rate_limits
        self.unpaid = False
        """Whether the workspace lacks the plan that it needs: everything is refused with 402."""
        self.random = Random()
        self.faults = Faults(Random(), document.operations)
        self.requests: deque[Recorded] = deque(maxlen=keep_requests)
        self.deliveries = Deliveries()
        self.lock = RLock()
        self.reset()

    def handle(self, request: Request) -> Answer:
        """Answer a request. Safe from any number of threads."""
        with self.lock:
            operation, values, allowed = self.document.match(request.method, request.path)
            id = operation.id if operation else None
            told = self.faults.around(id, lambda: self._answer(request, operation, values, allowed))
            self.requests.append(Recorded(self._without_foreign_key(request), id, told))
            return told

    def reset(self) -> None:
        """Forget everything, and leave to chance what was left to it at first."""
        self.random.seed(self.seed)
        self.faults.clear()
        self.faults.random.seed(f"faults {self.seed}")
        self.limits = RateLimits()
        self.state = State()
        self.requests.clear()

    def stamp(self) -> str:
        """The time as a timestamp that no other object has: lists that are sorted by it keep their order."""
        self.state.stamped = max(self.clock.time(), self.state.stamped + 0.001)
        return timestamp(datetime.fromtimestamp(self.state.stamped, UTC))

    def perform(
        self,
        workspace: Workspace,
        operation: str,
        *values: str,
        query: dict[str, Any] | None = None,
        body: Any = MISSING,
        at: float | None = None,
    ) -> Any:
        """Carry out an operation from inside, past all checks, as of a time; return what its handler does."""
        with self.lock:
            call = self._call(workspace, operation, values, query, body, at)
            return HANDLERS[operation](call)

    def internal(self, workspace: Workspace, at: float | None = None) -> Call:
        """A call that nobody made, for what happens by itself, as of a time."""
        return self._call(workspace, "getWorkspace", at=at)

    def make_room(self, operation: str) -> None:
        """Move the clock on until one more request is within the limits; of an operation's own, if one is named."""
        with self.lock:
            now = self.clock.time()
            limits = self.document.operations[operation].limits if operation else WORKSPACE_LIMITS
            buckets = [f"{workspace} {operation}".rstrip() for workspace in self.state.workspaces]
            self.clock.advance(max(self.limits.wait(bucket, limits, now) for bucket in buckets))

    def _without_foreign_key(self, request: Request) -> Request:
        # Whoever sends a real key here by mistake shall not find it in a log.
        if "authorization" not in request.headers or self._grant(request):
            return request
        return replace(request, headers={**request.headers, "authorization": "(not a key of this sandbox)"})

    def run_due(self, workspace: Workspace) -> None:
        """Carry out what has come due, each as of its time, as if the clock had stopped there."""
        now = self.clock.time()
        while due := min(
            (due for due in workspace.agenda if due["at"] <= now), key=lambda due: due["at"], default=None
        ):
            workspace.agenda.remove(due)
            ACTIONS[due["action"]](self.internal(workspace, due["at"]), **due["arguments"])

    def _call(
        self,
        workspace: Workspace,
        operation: str,
        values: Sequence[str] = (),
        query: dict[str, Any] | None = None,
        body: Any = MISSING,
        at: float | None = None,
    ) -> Call:
        known = self.document.operations[operation]
        path = dict(zip(known.pattern.groupindex, values, strict=True))
        return Call(self, known, workspace, path, query or {}, body, f"{operation} {values}", at)

    def _answer(
        self, request: Request, operation: Operation | None, values: dict[str, str], allowed: list[str]
    ) -> Answer:
        try:
            if not request.headers.get("user-agent") or request.headers["user-agent"].startswith("Python-urllib"):
                return EDGE_BLOCK
            if operation is None:
                raise no_route(request, allowed)
            workspace = self._admit(request, operation)
            check_path(operation, values)
            query = read_query(operation, request)
            body = read_body(operation, request)
            self.run_due(workspace)
            call = Call(self, operation, workspace, values, query, body, request.target)
            value = HANDLERS.get(operation.id, Call.sample)(call)
            for tell in WITNESSES:
                tell(call, request, value)
            return self._success(operation, value)
        except Refusal as refusal:
            return (documented(operation, refusal) if operation else refusal).answer()

    def _success(self, operation: Operation, value: Any) -> Answer:
        if isinstance(value, Answer):
            return value
        status, content_type, schema = operation.success
        if schema is None:
            return Answer(status)
        return answer(status, value) if "json" in content_type else answer(status, value, content_type)

    def _admit(self, request: Request, operation: Operation) -> Workspace:
        grant = self._grant(request)
        if grant is None:
            if operation.open_to_all:
                return next(iter(self.state.workspaces.values()))
            raise Refusal(401, "Invalid API key")
        workspace = self._workspace(grant, request.headers)
        if self.rate_limits:
            self._count(grant, operation)
        if self.unpaid:
            raise Refusal(402, "This operation needs an active plan")
        if operation.scopes and ALL_SCOPES not in grant.scopes and not operation.scopes.intersection(grant.scopes):
            raise Refusal(403, f"The API key needs one of the scopes {', '.join(sorted(operation.scopes))}")
        return workspace

    def _grant(self, request: Request) -> Grant | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return self.state.keys.get(key.strip()) if scheme.lower() == "bearer" else None

    def _workspace(self, grant: Grant, headers: Mapping[str, str]) -> Workspace:
        home = self.state.workspaces[grant.workspace]
        wanted = headers.get(AS_WORKSPACE)
        if not wanted or wanted == home.id:
            return home
        self.run_due(home)
        members = home.of("Workspace Group Member").values()
        reached = {member["sub_workspace_id"] for member in members if member["status"] == "accepted"}
        if wanted not in reached:
            raise Refusal(403, "The API key does not reach this workspace")
        return self.state.workspaces[wanted]

    def _count(self, grant: Grant, operation: Operation) -> None:
        now = self.clock.time()
        buckets = [(grant.workspace, WORKSPACE_LIMITS), (f"{grant.workspace} {operation.id}", operation.limits)]
        wait = max(self.limits.wait(bucket, limits, now) for bucket, limits in buckets)
        if wait > 0:
            # Only the calls of OAuth say for how long.
            headers = {"retry-after": str(ceil(wait))} if operation.path.startswith(OAUTH) else {}
            raise Refusal(429, "Rate limit exceeded", headers=headers)
        for bucket, limits in buckets:
            self.limits.count(bucket, limits, now)
