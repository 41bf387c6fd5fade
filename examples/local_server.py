"""A small server on this machine that answers for one campaign as the service does.

As a program it runs a command against itself, and tells what arrived and what was answered:

    python -m examples.local_server python examples/quickstart.py
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.contract.cassettes import RECORDINGS, read

RECORDING = RECORDINGS / "campaigns" / "pause.documented.yaml"
STATUS_AFTER = {"activate": 1, "pause": 2}
API_KEY = "key-of-the-local-server"


class LocalServer:
    """Serves on a free port while its `with` block runs; `requests` holds the request lines that arrived."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.campaign: dict[str, Any] = read(RECORDING).exchanges[0].json()
        self.requests: list[str] = []
        self._verbose = verbose
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        """The status and the body that a request gets."""
        if authorization != f"Bearer {API_KEY}":
            return 401, {"statusCode": 401, "error": "Unauthorized", "message": "Invalid API key"}
        path, _, query = path.partition("?")
        match = re.fullmatch(r"/api/v2/campaigns(?:/([^/]+)(?:/(activate|pause))?)?", path)
        campaign_id, action = match.groups() if match else (None, None)
        if match and campaign_id and campaign_id != self.campaign["id"]:
            return 404, {"statusCode": 404, "error": "Not Found", "message": "Campaign not found"}
        if match and method == "GET" and not campaign_id:
            first = "starting_after=" not in query
            return 200, {"items": [self.campaign], "next_starting_after": self.campaign["id"]} if first else {
                "items": []
            }
        if match and method == "POST" and action:
            return 200, self.campaign | {"status": STATUS_AFTER[action]}
        if match and (method, bool(campaign_id)) in {("POST", False), ("PATCH", True), ("GET", True)} and not action:
            return 200, self.campaign
        return 404, {"statusCode": 404, "error": "Not Found", "message": f"Route {method}:{path} not found"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                status, body = server.answer(self.command, self.path, self.headers.get("authorization", ""))
                server.tell(self.requestline, status)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json; charset=utf-8")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the names are http.server's

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
                """Say nothing: `tell` does."""

        return Handler

    def tell(self, request_line: str, status: int) -> None:
        self.requests.append(request_line)
        if self._verbose:
            print(f"  server   received {request_line}\n  server   answered {status}", flush=True)


def main(command: Sequence[str]) -> int:
    if not command:
        print(f"{__doc__}", file=sys.stderr)
        return 2
    with LocalServer(verbose=True) as server:
        print(f"A server for the demonstration listens on {server.url}\n", flush=True)
        variables = os.environ | {"INSTANTLY_API_KEY": API_KEY, "INSTANTLY_BASE_URL": server.url}
        status = subprocess.call([*command, server.campaign["id"]], env=variables)
        print(f"\n{len(server.requests)} requests arrived; the command ended with exit status {status}", flush=True)
    return status or (0 if server.requests else 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
