"""The way in over a socket."""

from __future__ import annotations

import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING

from .messages import Answer, Request

if TYPE_CHECKING:
    from .sandbox import Sandbox


class Server:
    """Serves a sandbox over HTTP while its `with` block runs, which is given the URL."""

    def __init__(self, sandbox: Sandbox, host: str, port: int) -> None:
        self.sandbox = sandbox
        self._server = _Listener((host, port), _handler(sandbox))
        self.url = f"http://{host}:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return self.url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without it the second packet of an answer waits for the acknowledgement of the first.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = sandbox.service.handle(Request(self.command, self.path, headers, body))
            time.sleep(told.delay)
            if told.dropped:
                _break(self.connection)
                self.close_connection = True
            else:
                self._send(told)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _serve  # noqa: N815

        def _send(self, told: Answer) -> None:
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            if told.status != 204:
                self.send_header("content-length", str(len(told.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told.body[: told.cut])
            if told.cut is not None:
                self.wfile.flush()
                _break(self.connection)
                self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is http.server's
            """Say nothing."""

    return Handler


def _break(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
