"""Requests to a sandbox as they are, without a client that knows better."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.messages import Answer, Request

ABSENT = "01a00000-0000-7000-8000-000000000000"
START = datetime(2026, 5, 1, tzinfo=UTC)


def target_of(id: str, *values: str, query: str = "") -> str:
    """The target of a request of an operation, with these values in its path."""
    path = pinned().operations[id].path
    for value in values:
        path = re.sub(r"\{\w+\}", quote(value), path, count=1)
    return f"{path}?{query}" if query else path


WORKSPACE = target_of("getWorkspace")
CALLS: list[tuple[str, str, Any]] = [
    ("PATCH", target_of("patchWorkspace"), {"name": "New"}),
    ("GET", WORKSPACE, None),
    ("POST", target_of("createWorkspaceMember"), {"email": "ada@example.com", "role": "editor"}),
    ("GET", target_of("listWorkspaceMember"), None),
    ("POST", target_of("createWorkspaceGroupMember"), {"sub_workspace_id": ABSENT}),
    ("GET", target_of("listWorkspaceGroupMember", query="limit=1"), None),
    ("GET", target_of("listCampaign"), None),
    ("GET", target_of("getDailyAccountAnalytics"), None),
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
