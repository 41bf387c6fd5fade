"""Requests to a sandbox as they are, without a client that knows better."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.messages import Answer, Request

ABSENT = "01a00000-0000-7000-8000-000000000000"
WORKSPACE = "/api/v2/workspaces/current"
START = datetime(2026, 5, 1, tzinfo=UTC)
CALLS: list[tuple[str, str, Any]] = [
    ("PATCH", "/api/v2/workspaces/current", {"name": "New"}),
    ("GET", "/api/v2/workspaces/current", None),
    ("POST", "/api/v2/workspace-members", {"email": "ada@example.com", "role": "editor"}),
    ("GET", "/api/v2/workspace-members", None),
    ("POST", "/api/v2/workspace-group-members", {"sub_workspace_id": ABSENT}),
    ("GET", "/api/v2/workspace-group-members?limit=1", None),
    ("GET", "/api/v2/campaigns", None),
    ("GET", "/api/v2/accounts/analytics/daily", None),
    ("GET", "/api/v2/nowhere", None),
]
"""Some of each kind: they read, they write, they are answered with samples, they fail."""


def send(
    sandbox: Sandbox,
    method: str,
    target: str,
    body: Any = None,
    *,
    content: bytes = b"",
    key: str | None = None,
    **headers: str | None,
) -> Answer:
    """The answer to a request with the sandbox's key; headers by name, underscores for hyphens, None to leave out."""
    given: dict[str, str | None] = {"user-agent": "test", "authorization": f"Bearer {key or sandbox.key}"}
    if body is not None:
        content = json.dumps(body).encode()
        given["content-type"] = "application/json"
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in given.items() if value is not None}
    return sandbox.handle(Request(method, target, sent, content))


def frozen() -> Clock:
    return Clock(START, frozen=True)


def answers(sandbox: Sandbox, calls: list[tuple[str, str, Any]]) -> list[Answer]:
    return [send(sandbox, method, target, body) for method, target, body in calls]
