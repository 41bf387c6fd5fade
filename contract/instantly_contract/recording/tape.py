"""A transport that keeps what goes over the wire, cleaned before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable

from instantly_core.http import library as httpx
from instantly_sandbox.recording.exchange import Exchange

# As a transport has read it: no longer true of the body.
_ON_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


class Tape(httpx.BaseTransport):
    """Sends requests on, and keeps each with its answer.

    Args:
        clean: what is kept of an exchange; the exchange itself is forgotten.
    """

    def __init__(self, clean: Callable[[Exchange], Exchange]) -> None:
        self._clean = clean
        self._exchanges: list[Exchange] = []
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one on."""
        response = self._real.handle_request(request)
        body = response.read()
        headers = {name: value for name, value in response.headers.items() if name not in _ON_THE_WIRE}
        sent = (request.method, str(request.url), dict(request.headers), request.content)
        self._exchanges.append(self._clean(Exchange(*sent, response.status_code, headers, body)))
        return httpx.Response(response.status_code, headers=headers, content=body)

    def take(self) -> list[Exchange]:
        """The exchanges since the last time."""
        taken, self._exchanges = self._exchanges, []
        return taken

    def close(self) -> None:
        """Close the connections."""
        self._real.close()
