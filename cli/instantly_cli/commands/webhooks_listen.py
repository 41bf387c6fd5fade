"""Command `instantly webhooks listen`: prints what webhooks deliver to a port of this machine."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import click

from instantly_cli.output import Output
from instantly_cli.settings import Settings, output_options
from instantly_client import webhooks
from instantly_core.error_tree import WebhookParseError
from instantly_core.webhooks.body import MAX_BYTES

_HOST = "127.0.0.1"
_PORT = 8000
_FIELDS = ("timestamp", "event_type", "lead_email", "campaign_name")
_SECONDS = 10

_HELP = """Print the deliveries of webhooks to a port of this machine, as they arrive.

It listens on the loopback address only: a tunnel, or a sandbox on this machine, delivers to it. Each delivery is
answered with 200; what is no event is refused, and said on the standard error. Ctrl-C ends it.
"""


def command() -> click.Command:
    """Make the command."""
    own: list[click.Parameter] = [
        click.Option(
            ["--port"],
            metavar="PORT",
            type=click.IntRange(0, 65535),
            default=_PORT,
            help=f"By default {_PORT}; 0 is any.",
        ),
        click.Option(["--count"], metavar="N", type=click.IntRange(1), help="Stop after so many deliveries."),
    ]
    return click.Command("listen", callback=_listen, params=[*own, *output_options()], help=_HELP)


@click.pass_obj
def _listen(settings: Settings, port: int, count: int | None) -> None:
    settings.layout = "jsonl" if settings.layout else "plain"
    if settings.layout == "plain" and not settings.fields:
        settings.fields = _FIELDS
    output = Output(settings)
    try:
        server = _Server(output, port)
    except OSError as error:
        raise click.UsageError(f"cannot listen on {_HOST}:{port}: {error.strerror}") from None
    with server:
        print(f"listening on http://{_HOST}:{server.server_port}", file=sys.stderr, flush=True)
        while count is None or server.delivered < count:
            server.handle_request()


class _Server(HTTPServer):
    """Takes one delivery after the other."""

    def __init__(self, output: Output, port: int) -> None:
        super().__init__((_HOST, port), _Handler)
        self.output = output
        self.delivered = 0


class _Handler(BaseHTTPRequestHandler):
    """Answers one delivery, and prints it."""

    timeout = _SECONDS

    def do_POST(self) -> None:
        """Take a delivery."""
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal():
            return self._answer(411, "it has no length")
        if int(size) > MAX_BYTES:
            return self._answer(413, f"it has {size} bytes")
        try:
            event = webhooks.parse(self.rfile.read(int(size)))
        except WebhookParseError as error:
            return self._answer(400, str(error))
        self._answer(200)
        assert isinstance(self.server, _Server)
        self.server.output.write([event])
        sys.stdout.flush()
        self.server.delivered += 1
        return None

    def _answer(self, status: int, problem: str = "") -> None:
        if problem:
            print(f"instantly: a delivery is refused: {problem}", file=sys.stderr, flush=True)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, http.server's name
        """Log nothing: each delivery is printed."""
