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
        call_id: the same for all events of one call, and for no others.
        workspace: the sub-workspace that the client acts for; None for that of the key.
        bucket: of a wait for the limiter, its bucket: the operation with a limit of its own, or "" for the workspace.
        base_url: the URL that the path comes after.
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
    call_id: str = ""
    workspace: str | None = None
    bucket: str | None = None
    base_url: str = ""


class CallEnd(NamedTuple):
    """The end of a call, for hooks that have a method `ended`. Only calls with events have one.

    Attributes:
        call_id: that of its events.
        reason: the kind of error that it raises; None if it does not.
    """

    call_id: str
    reason: str | None
