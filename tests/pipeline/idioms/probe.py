"""Make the calls of the corpus with a client of it, and print what they send and give.

Run in a process of its own, whose path begins with the folder of the client. It reads pairs of a resource and a call
(see `corpus.Call`) from standard input, and prints a pair of texts for each.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import httpx

import instantly_client
from instantly_client import Instantly, models
from instantly_core import Model

NAMES = {"models": models, "date": date, "datetime": datetime, "UTC": UTC, "UNSET": instantly_client.UNSET}
SENT_ALWAYS = {"accept", "accept-encoding", "authorization", "connection", "content-length", "host", "user-agent"}


def made(resource: str, call: dict[str, Any]) -> tuple[str, str]:
    """The request of a call, and its result."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        text = call["text"] if call["text"] is not None else json.dumps(call["json"])
        content = b"" if call["status"] == 204 else text.encode()
        return httpx.Response(call["status"], content=content, headers={"content-type": call["media_type"]})

    transport = httpx.MockTransport(answer)
    with Instantly(api_key="key", base_url="https://x", transport=transport, limiter=None, strict=True) as client:
        try:
            result = shown(eval(f"client.{resource}.{call['call']}", {**NAMES, "client": client}))
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
    return "".join(map(sent, requests)), result


def sent(request: httpx.Request) -> str:
    """A request as text, without what every request has."""
    lines = [f"{request.method} {request.url.raw_path.decode()}"]
    lines += [f"{name}: {value}" for name, value in sorted(request.headers.items()) if name not in SENT_ALWAYS]
    body = request.content.decode().replace("\r\n", "\n").rstrip("\n")
    text = "".join(f"{line}\n" for line in [*lines, *([body] if body else [])])
    _, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    return text.replace(boundary, "BOUNDARY") if boundary else text


def shown(value: Any) -> str:
    """A value as Python, models with all their fields."""
    if isinstance(value, Model):
        fields = {name: getattr(value, name) for name in value.FIELDS.values()} | value.additional_properties
        there = [f"{name}={shown(inner)}" for name, inner in fields.items() if inner is not instantly_client.UNSET]
        return f"{type(value).__name__}({', '.join(there)})"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | instantly_client.Page):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {shown(inner)}' for key, inner in value.items())}}}"
    return repr(value)


if __name__ == "__main__":
    json.dump([made(*each) for each in json.load(sys.stdin)], sys.stdout)
