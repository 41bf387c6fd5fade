"""The service: what happens between a request and its answer, in this order."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any
from urllib.parse import parse_qs

from ..state.workspaces import Grant, Workspace
from .context import RequestContext
from .document import Limit, Operation
from .faults import EDGE_BLOCK
from .messages import Answer, Refusal, Request, make_answer
from .rate_limits import OAUTH_LIMITS, WORKSPACE_LIMITS, RateLimits
from .refusals import documented, no_route
from .registry import AFTER_REQUEST, HANDLERS
from .resources import answer as answer_by_document
from .resources import is_sampled
from .runtime import Runtime
from .scheduler import run_due
from .validation import check_path, read_body, read_query

ALL_SCOPES = "all:all"
AS_WORKSPACE = "x-as-workspace"
OAUTH = "/api/v2/oauth/"
KEEP_REQUESTS = 10_000
_logger = logging.getLogger("instantly_sandbox")
MAX_BODY = 16 << 20


@dataclass(frozen=True, repr=False)
class Recorded:
    """Recorded request, and its answer."""

    request: Request
    operation: str | None
    answer: Answer

    def __repr__(self) -> str:
        sent, told = len(self.request.body), len(self.answer.body)
        name = self.operation or "no operation"
        return f"<Recorded {self.method} {self.request.target} ({name}) {sent} B -> {self.answer.status} {told} B>"

    @property
    def query(self) -> dict[str, list[str]]:
        """The query parameters, each with its values."""
        return parse_qs(self.request.query, keep_blank_values=True)

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
    """The service: admits and validates a request, runs what has come due, and has a handler answer.

    Args:
        runtime: document, clock, randomness and state.
        rate_limits: refuse requests over the limits with 429.
        keep_requests: the number of requests to keep; all of them with None.
    """

    def __init__(
        self, runtime: Runtime, *, rate_limits: bool = True, keep_requests: int | None = KEEP_REQUESTS
    ) -> None:
        self.runtime = runtime
        self.rate_limits = rate_limits
        self.unpaid = False
        """The workspace lacks the plan that it needs: everything is refused with 402."""
        self.requests: deque[Recorded] = deque(maxlen=keep_requests)
        self.limits = RateLimits()
        self._warned: set[str] = set()

    def handle(self, request: Request) -> Answer:
        """Answer a request. Safe from any number of threads."""
        runtime = self.runtime
        with runtime.lock:
            operation, values, allowed = runtime.document.match(request.method, request.path)
            id = operation.id if operation else None
            answered = runtime.faults.around(request, id, lambda: self._answer(request, operation, values, allowed))
            kept = replace(request, body=b"") if len(request.body) > MAX_BODY else request
            self.requests.append(Recorded(self._without_foreign_key(kept), id, answered))
            return answered

    def reset(self) -> None:
        """Forget everything, and start the random choices again from the seed."""
        self.runtime.reset()
        self.limits = RateLimits()
        self.requests.clear()

    def make_room(self, operation: str) -> None:
        """Move the clock on until one more request is within the limits; "" means all operations."""
        with self.runtime.lock:
            now = self.runtime.clock.time()
            limits = self.runtime.document.operations[operation].limits if operation else WORKSPACE_LIMITS
            buckets = [f"{workspace} {operation}".rstrip() for workspace in self.runtime.state.workspaces]
            self.runtime.clock.advance(max(self.limits.wait(bucket, limits, now) for bucket in buckets))

    def _without_foreign_key(self, request: Request) -> Request:
        # A real key that was sent here by mistake must not show up in a log.
        if "authorization" not in request.headers or self._grant(request):
            return request
        return replace(request, headers={**request.headers, "authorization": "(not a key of this sandbox)"})

    def _answer(
        self, request: Request, operation: Operation | None, values: dict[str, str], allowed: list[str]
    ) -> Answer:
        try:
            if not request.headers.get("user-agent") or request.headers["user-agent"].startswith("Python-urllib"):
                return EDGE_BLOCK
            if len(request.body) > MAX_BODY:
                raise Refusal(413, "Request body is too large", code="FST_ERR_CTP_BODY_TOO_LARGE")
            if operation is None:
                raise no_route(request, allowed)
            workspace = self._admit(request, operation)
            check_path(operation, values)
            query = read_query(operation, request)
            body = read_body(operation, request)
            run_due(self.runtime, workspace)
            context = RequestContext(self.runtime, operation, workspace, values, query, body, request.target)
            value = HANDLERS.get(operation.id, answer_by_document)(context)
            for hook in AFTER_REQUEST:
                hook(context, request, value)
            answer = self._success(operation, value)
            return self._sampled(operation, answer) if is_sampled(operation) else answer
        except Refusal as refusal:
            return (documented(operation, refusal) if operation else refusal).answer()

    def _sampled(self, operation: Operation, answer: Answer) -> Answer:
        if operation.id not in self._warned:
            self._warned.add(operation.id)
            _logger.warning("%s is only sampled: the sandbox keeps no state of it", operation.id)
        return replace(answer, headers={**answer.headers, "x-sandbox": "sampled"})

    def _success(self, operation: Operation, value: Any) -> Answer:
        if isinstance(value, Answer):
            return value
        status, content_type, schema = operation.success
        if schema is None:
            return Answer(status)
        if self.runtime.document.drops_fields:
            value = self.runtime.document.without_removed(schema, value)
        return make_answer(status, value) if "json" in content_type else make_answer(status, value, content_type)

    def _admit(self, request: Request, operation: Operation) -> Workspace:
        grant = self._grant(request)
        if grant is None:
            if operation.open_to_all:
                return next(iter(self.runtime.state.workspaces.values()))
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
        return self.runtime.state.keys.get(request.key or "")

    def _workspace(self, grant: Grant, headers: Mapping[str, str]) -> Workspace:
        home = self.runtime.state.workspaces[grant.workspace]
        wanted = headers.get(AS_WORKSPACE)
        if not wanted or wanted == home.id:
            return home
        run_due(self.runtime, home)
        members = home.of("Workspace Group Member").values()
        reached = {member["sub_workspace_id"] for member in members if member["status"] == "accepted"}
        if wanted not in reached:
            raise Refusal(403, "The API key does not reach this workspace")
        return self.runtime.state.workspaces[wanted]

    def _count(self, grant: Grant, operation: Operation) -> None:
        now, is_oauth = self.runtime.clock.time(), operation.path.startswith(OAUTH)
        own: list[tuple[str, Sequence[Limit]]] = [(f"{grant.workspace} {operation.id}", operation.limits)]
        if is_oauth and operation.limits:
            own.append((f"address {operation.id}", OAUTH_LIMITS))
        buckets = [(grant.workspace, WORKSPACE_LIMITS), *own]
        wait = max(self.limits.wait(bucket, limits, now) for bucket, limits in buckets)
        if is_oauth:
            wait = max(wait, self._blocked(own, now))
        if wait > 0:
            # Only the operations of OAuth say how long to wait.
            headers = {"retry-after": str(ceil(wait))} if is_oauth else {}
            raise Refusal(429, "Rate limit exceeded", headers=headers)
        for bucket, limits in buckets:
            self.limits.count(bucket, limits, now)

    def _blocked(self, buckets: Sequence[tuple[str, Sequence[Limit]]], now: float) -> float:
        """Seconds for which one of these is blocked. Who goes over the limits of OAuth is blocked for longer."""
        blocked = max(self.limits.blocked(bucket, now) for bucket, _ in buckets)
        over = [bucket for bucket, limits in buckets if self.limits.wait(bucket, limits, now) > 0]
        return blocked or max((self.limits.block(bucket, now) for bucket in over), default=0.0)
