"""Servers of the Model Context Protocol that others wrote, as processes that are asked over their standard input."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROTOCOL = "2024-11-05"


class Tools:
    """The tools of a server."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,  # Some write a log there.
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._asked = 0

    def __enter__(self) -> Self:
        client = {"name": "tests", "version": "1"}
        self._ask("initialize", {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": client})
        self._send({"method": "notifications/initialized"})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def names(self) -> dict[str, dict[str, Any]]:
        """The tools by name, with the schemas of their arguments."""
        return {tool["name"]: tool["inputSchema"] for tool in self._ask("tools/list", {})["tools"]}

    def call(self, name: str, arguments: Mapping[str, Any]) -> tuple[bool, str]:
        """Call a tool; return whether it succeeded, and what it said."""
        result = self._ask("tools/call", {"name": name, "arguments": dict(arguments)})
        said = "\n".join(part.get("text", "") for part in result.get("content", ())) or json.dumps(result)
        return not (result.get("isError") or "code" in result), said

    def _ask(self, method: str, parameters: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": parameters})
        assert self._process.stdout
        for line in self._process.stdout:
            answer = json.loads(line) if line.startswith("{") else {}
            if answer.get("id") == self._asked:
                return answer.get("result", answer.get("error"))
        raise AssertionError(f"the server ended at {method}")

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()
