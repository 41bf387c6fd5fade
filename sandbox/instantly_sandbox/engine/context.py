"""Request context of a handler: a request that passed all checks, and the workspace that it acts on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any, Self

from ..state.clock import timestamp
from ..state.rows import Collection, Row
from ..state.workspaces import Workspace
from .document import Document, Operation
from .messages import Refusal
from .runtime import Runtime
from .samples import Sampler
from .validation import MISSING

INTERNAL = "sandbox"
"""The operation of a context that belongs to no request."""


COUNTS = {"offset": 0, "skip": 0, "page": 1, "page_number": 1}
"""Arguments that count items or pages, with their value for the first page."""

NEXT_CURSORS = {"next_starting_after", "next_cursor", "next_page_token", "next_token"}


class RequestContext:
    """Request context: what was asked, of which workspace, and when.

    Attributes:
        runtime: document, clock, randomness and state of the sandbox.
        operation: the operation of the document.
        workspace: holds the objects that the request acts on.
        path: the values in the path.
        query: the query parameters that were given, typed.
        body: the JSON body; an empty object without one.
        time: when the request is carried out, in seconds since 1970.
    """

    def __init__(
        self,
        runtime: Runtime,
        operation: Operation,
        workspace: Workspace,
        path: dict[str, str],
        query: dict[str, Any],
        body: Any,
        target: str,
        at: float | None = None,
    ) -> None:
        self.runtime = runtime
        self.operation = operation
        self.workspace = workspace
        self.path = path
        self.query = query
        self.body: Any = {} if body is MISSING or body is None else body
        self.time = runtime.clock.time() if at is None else at
        self._in_the_past = at is not None
        self._target = target

    @classmethod
    def internal(
        cls,
        runtime: Runtime,
        workspace: Workspace,
        operation: str = INTERNAL,
        values: Sequence[str] = (),
        *,
        body: Any = MISSING,
        at: float | None = None,
    ) -> Self:
        """A context without a request: for queued events, and for operations that the sandbox itself carries out.

        Args:
            runtime: of the sandbox.
            workspace: the workspace to act on.
            operation: an operationId.
            values: the values in the path.
            body: the JSON body.
            at: when it happens; now without it.
        """
        known = runtime.document.operations.get(operation) or _dropped(runtime.document, operation, len(values))
        path = dict(zip(known.pattern.groupindex, values, strict=True))
        return cls(runtime, known, workspace, path, {}, body, f"{operation} {values}", at)

    @cached_property
    def moment(self) -> datetime:
        """The time, in UTC."""
        return datetime.fromtimestamp(self.time, UTC)

    @cached_property
    def now(self) -> str:
        """The time as a timestamp of the service."""
        return timestamp(self.moment)

    def stamp(self) -> str:
        """The time as the timestamp of a new object; no other object has it, unless the time is in the past."""
        return self.now if self._in_the_past else self.runtime.stamp()

    @property
    def random(self) -> Random:
        """The random choices of the sandbox."""
        return self.runtime.random

    def new_id(self) -> str:
        """A new UUID."""
        return self.runtime.new_id(self.time)

    def new_job_id(self) -> str:
        """A new id of 24 hexadecimal digits."""
        return self.runtime.new_job_id(self.time)

    def of(self, kind: str) -> Collection:
        """The objects of a kind in this workspace, by id, oldest first."""
        return self.workspace.of(kind)

    def find(self, kind: str, id: str) -> Row:
        """The object with this id.

        Raises:
            Refusal: 404, if there is no such object.
        """
        found = self.of(kind).get(id)
        if found is None:
            raise self.not_found(kind)
        return found

    def not_found(self, kind: str) -> Refusal:
        """The refusal of an id that no object of the kind has."""
        return Refusal(404, f"{kind} not found")

    def schedule(self, seconds: float, action: str, **arguments: Any) -> None:
        """Queue an event of the workspace: the action (see `scheduler`) runs then; the arguments are JSON."""
        self.workspace.queue.append({"at": self.time + seconds, "action": action, "arguments": arguments})

    def sampler(self) -> Sampler:
        """A sampler for this request. The same target gives the same values."""
        random = Random(f"{self.runtime.seed} {self.operation.id} {self._target}")
        return Sampler(self.runtime.document, random, self.runtime.clock.now())

    def sample(self) -> Any:
        """A successful answer, drawn from the document; of a list that goes on for ever otherwise, the only page."""
        schema = self.operation.success[2]
        sampler = self.sampler()
        drawn: Any = None if schema is None else sampler.fitting(schema)
        items = self.runtime.document.fields(schema).get("items")
        if items and isinstance(drawn, dict) and "items" not in drawn:
            drawn = {"items": sampler.draw(items), **drawn}  # Pages always have them.
        asked = {**self.query, **(self.body if isinstance(self.body, dict) else {})}
        beyond = any(isinstance(asked.get(name), int | float) and asked[name] > COUNTS[name] for name in COUNTS)
        return _only_page(drawn, beyond=beyond)


def _dropped(document: Document, id: str, values: int) -> Operation:
    """An operation that the document has no more: what the sandbox itself does with it goes on."""
    path = "".join(f"/{{value{number}}}" for number in range(values))
    return Operation(document, "POST", path, {"operationId": id, "responses": {"204": {}}}, ())


def _only_page(answer: Any, *, beyond: bool) -> Any:
    """A page that leads to no other; without items if it is beyond the only one."""
    if isinstance(answer, list):
        return [] if beyond else answer
    if not isinstance(answer, dict):
        return answer
    return {
        name: _only_page(value, beyond=beyond) if isinstance(value, list | dict) else value
        for name, value in answer.items()
        if name not in NEXT_CURSORS
    }
