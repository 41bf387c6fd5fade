"""One call as the handlers see it: past all checks, with the workspace that it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from ..state.clock import timestamp
from ..state.identity import object_id, uuid7
from ..state.workspaces import Entity, Workspace
from .messages import Answer, Refusal, Request
from .samples import Sampler
from .validation import MISSING

if TYPE_CHECKING:
    from .document import Operation
    from .service import Service


class Call:
    """A call that was found in order.

    Attributes:
        service: what holds everything together.
        operation: of the document.
        workspace: whose objects it is about.
        path: the values in the path.
        query: the query parameters that were given, typed.
        body: the JSON body; an empty object where there is none.
        time: when it is carried out, in seconds since 1970.
    """

    def __init__(
        self,
        service: Service,
        operation: Operation,
        workspace: Workspace,
        path: dict[str, str],
        query: dict[str, Any],
        body: Any,
        target: str,
        at: float | None = None,
    ) -> None:
        self.service = service
        self.operation = operation
        self.workspace = workspace
        self.path = path
        self.query = query
        self.body: Any = {} if body is MISSING or body is None else body
        self.time = service.clock.time() if at is None else at
        self._of_the_past = at is not None
        self._target = target

    @cached_property
    def now(self) -> str:
        """The time as a timestamp of the service."""
        return timestamp(datetime.fromtimestamp(self.time, UTC))

    def stamp(self) -> str:
        """The time as a timestamp for a new object: one that no other has, unless it is of the past."""
        return self.now if self._of_the_past else self.service.stamp()

    @property
    def random(self) -> Random:
        """The sandbox's source of chance."""
        return self.service.random

    def new_id(self) -> str:
        """A new UUID."""
        return uuid7(self.time, self.service.random)

    def new_job_id(self) -> str:
        """A new id of 24 hexadecimal digits."""
        return object_id(self.time, self.service.random)

    def of(self, kind: str) -> dict[str, Entity]:
        """The objects of a kind in this workspace, by id, oldest first."""
        return self.workspace.of(kind)

    def find(self, kind: str, id: str) -> Entity:
        """The object with this id.

        Raises:
            Refusal: there is none.
        """
        found = self.of(kind).get(id)
        if found is None:
            raise self.not_found(kind)
        return found

    def not_found(self, kind: str) -> Refusal:
        """The refusal for an id that nothing has."""
        return Refusal(404, f"{kind} not found")

    def later(self, seconds: float, action: str, **arguments: Any) -> None:
        """Put an action (see `agenda`) on the workspace's agenda; the arguments are JSON."""
        self.workspace.agenda.append({"at": self.time + seconds, "action": action, "arguments": arguments})

    def sampler(self) -> Sampler:
        """Draws values for this call; the same target draws the same."""
        random = Random(f"{self.service.seed} {self.operation.id} {self._target}")
        return Sampler(self.service.document, random, self.service.clock.now())

    def sample(self) -> Any:
        """A successful answer drawn from the document."""
        schema = self.operation.success[2]
        drawn: Any = None if schema is None else self.sampler().draw(schema)
        if self.operation.cursor:
            drawn.pop("next_starting_after", None)  # It would lead to the same page again, for ever.
        return drawn


Handler = Callable[[Call], Any]
H = TypeVar("H", bound=Handler)

HANDLERS: dict[str, Handler] = {}
"""By operationId. What a handler returns is the JSON of a success, or an `Answer`."""


WITNESSES: list[Callable[[Call, Request, Any], None]] = []
"""Told of each request that was carried out, with what the handler returned."""


def handles(*operations: str) -> Callable[[H], H]:
    """Mark a function as what answers these operations."""

    def register(handler: H) -> H:
        for operation in operations:
            assert operation not in HANDLERS, operation
            HANDLERS[operation] = handler
        return handler

    return register


__all__ = ["HANDLERS", "Answer", "Call", "Entity", "Handler", "Refusal", "handles"]
