"""Requests to a sandbox as they are, without a client that knows better."""

from __future__ import annotations

import json
from typing import Any

from instantly_sandbox import Sandbox
from instantly_sandbox.messages import Answer, Request

ABSENT = "01a00000-0000-7000-8000-000000000000"
WORKSPACE = "/api/v2/workspaces/current"


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
