"""The service: a request goes in, an answer comes out, and everything that happens between stands here in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from threading import RLock
from typing import Any

from . import handlers  # noqa: F401 - registers them
from .agenda import ACTIONS
from .calls import HANDLERS, WITNESSES, Call
from .clock import Clock, timestamp
from .deliveries import Deliveries
from .document import Document, Operation
from .faults import Faults
from .limits import WORKSPACE_LIMITS, RateLimits
from .messages import Answer, Refusal, Request, answer
from .state import Grant, State, Workspace
from .validation import MISSING, check_path, read_body, read_query, validator

ALL_SCOPES = "all:all"
AS_WORKSPACE = "x-as-workspace"


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
    """

    def __init__(self, document: Document, clock: Clock, seed: int, *, rate_limits: bool = True) -> None:
        self.document = document
        self.clock = clock
        self.seed = seed
        self.rate_limits = rate_limits
        self.unpaid = False
        """Whether the workspace lacks the plan that it needs: everything is refused with 402."""
        self.random = Random(seed)
        self.faults = Faults(Random(f"faults {seed}"))
        self.limits = RateLimits()
        self.state = State()
        self.requests: list[Recorded] = []
        self.deliveries = Deliveries()
        self.lock = RLock()
        self._stamped = 0.0

    def handle(self, request: Request) -> Answer:
        """Answer a request. Safe from any number of threads."""
        with self.lock:
            operation, values, allowed = self.document.match(request.method, request.path)
            fault = self.faults.strike(operation.id if operation else None)
            if fault and fault.instead:
                told = fault.instead
            else:
                told = self._answer(request, operation, values, allowed)
                if fault and fault.after:
                    told = fault.after(told)
            self.requests.append(Recorded(request, operation.id if operation else None, told))
            return told

    def stamp(self) -> str:
        """The time as a timestamp that no other object has: lists that are sorted by it keep their order."""
        self._stamped = max(self.clock.time(), self._stamped + 0.001)
        return timestamp(datetime.fromtimestamp(self._stamped, UTC))

    def perform(
        self,
        workspace: Workspace,
        operation: str,
        *values: str,
        query: dict[str, Any] | None = None,
        body: Any = MISSING,
    ) -> Any:
        """Carry out an operation from inside, past all checks; return what its handler does."""
        with self.lock:
            call = self._call(workspace, operation, values, query, body)
            return HANDLERS[operation](call)

    def internal(self, workspace: Workspace) -> Call:
        """A call that nobody made, for what happens by itself."""
        return self._call(workspace, "getWorkspace")

    def make_room(self, operation: str) -> None:
        """Move the clock on until one more request is within the limits; of an operation's own, if one is named."""
        with self.lock:
            now = self.clock.time()
            limits = self.document.operations[operation].limits if operation else WORKSPACE_LIMITS
            buckets = [f"{workspace} {operation}".rstrip() for workspace in self.state.workspaces]
            self.clock.advance(max(self.limits.wait(bucket, limits, now) for bucket in buckets))

    def _run_due(self, workspace: Workspace) -> None:
        now = self.clock.time()
        while due := min(
            (due for due in workspace.agenda if due["at"] <= now), key=lambda due: due["at"], default=None
        ):
            workspace.agenda.remove(due)
            ACTIONS[due["action"]](self.internal(workspace), **due["arguments"])

    def _call(
        self,
        workspace: Workspace,
        operation: str,
        values: Sequence[str] = (),
        query: dict[str, Any] | None = None,
        body: Any = MISSING,
    ) -> Call:
        known = self.document.operations[operation]
        path = dict(zip(known.pattern.groupindex, values, strict=True))
        return Call(self, known, workspace, path, query or {}, body, f"{operation} {values}")

    def _answer(
        self, request: Request, operation: Operation | None, values: dict[str, str], allowed: list[str]
    ) -> Answer:
        try:
            if not request.headers.get("user-agent") or request.headers["user-agent"].startswith("Python-urllib"):
                return answer(403, "error code: 1010", "text/plain; charset=UTF-8")
            if operation is None:
                raise _no_route(request, allowed)
            workspace = self._admit(request, operation)
            check_path(operation, values)
            query = read_query(operation, request)
            body = read_body(operation, request)
            self._run_due(workspace)
            call = Call(self, operation, workspace, values, query, body, request.target)
            value = HANDLERS.get(operation.id, Call.sample)(call)
            for tell in WITNESSES:
                tell(call, request, value)
            return self._success(operation, value)
        except Refusal as refusal:
            return _documented(self.document, operation, refusal).answer()

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
        self._run_due(home)
        members = home.of("Workspace Group Member").values()
        reached = {member["sub_workspace_id"] for member in members if member["status"] == "accepted"}
        if wanted not in reached:
            raise Refusal(403, "The API key does not reach this workspace")
        return self.state.workspaces[wanted]

    def _count(self, grant: Grant, operation: Operation) -> None:
        now = self.clock.time()
        buckets = [(grant.workspace, WORKSPACE_LIMITS), (f"{grant.workspace} {operation.id}", operation.limits)]
        if any(self.limits.wait(bucket, limits, now) > 0 for bucket, limits in buckets):
            raise Refusal(429, "Rate limit exceeded")
        for bucket, limits in buckets:
            self.limits.count(bucket, limits, now)


def _no_route(request: Request, allowed: list[str]) -> Refusal:
    message = f"Route {request.method}:{request.path} not found"
    return Refusal(405, message, headers={"allow": ", ".join(allowed)}) if allowed else Refusal(404, message)


def _documented(document: Document, operation: Operation | None, refusal: Refusal) -> Refusal:
    """The refusal in the shape that the document has for it: some statuses have bodies of their own."""
    if operation is None or not refusal.body:
        return refusal
    told = json.loads(json.dumps(refusal.body))
    schema = operation.refusals.get(refusal.status)
    if refusal.status == 404 and _fits(document, operation.refusals.get(400), told):
        # Some operations say with 400 that something is not there, and with 404 that it is 404.
        return Refusal(400, refusal.message, body=told)
    if schema is None or _fits(document, schema, told):
        return refusal
    fixed = {name: field["enum"][0] for name, field in schema.get("properties", {}).items() if field.get("enum")}
    return Refusal(refusal.status, refusal.message, body={**told, **fixed}, headers=refusal.headers)


def _fits(document: Document, schema: Any, value: Any) -> bool:
    return bool(schema) and "enum" in json.dumps(schema) and validator(document, schema).is_valid(value)
