"""Events of a call. The `on_event` hook of a client receives them."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["request", "response", "failure", "wait"]


class Event(NamedTuple):
    """One event of a call. It carries no values of the caller: no ids, bodies or headers.

    Attributes:
        kind: "request" before each attempt; "response" and "failure" after it; "wait" before each wait.
        operation: the name of the operation.
        method: of HTTP.
        path: the template of the path.
        attempt: 1 for the first.
        status_code: of a response.
        seconds: how long the attempt took; of a wait, how long it will last.
        request_id: the service's id of the request.
        reason: of a wait "limit" (the client keeps the rate limits) or "retry"; of a failure the kind of error.
    """

    kind: Kind
    operation: str
    method: str
    path: str
    attempt: int
    status_code: int | None = None
    seconds: float | None = None
    request_id: str | None = None
    reason: str | None = None
