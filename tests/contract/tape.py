"""What goes over the wire, kept on its way."""

from __future__ import annotations

import httpx

from tests.contract.cassettes import Exchange

HOST = "https://api.instantly.ai"
KEPT_HEADERS = ("accept", "content-type", "x-as-workspace", "retry-after", "allow")


class Tape(httpx.BaseTransport):
    """Sends requests on, and keeps what went over the wire."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one on."""
        response = self._real.handle_request(request)
        body = response.read()
        self.exchanges.append(
            Exchange(
                request.method,
                HOST + request.url.raw_path.decode(),
                _kept(request.headers),
                request.content,
                response.status_code,
                _kept(response.headers),
                body,
            )
        )
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    def take(self) -> list[Exchange]:
        """What was kept since the last time."""
        taken, self.exchanges = self.exchanges, []
        return taken

    def close(self) -> None:
        """Close the connections."""
        self._real.close()


def _kept(headers: httpx.Headers) -> dict[str, str]:
    # Neither the key, nor what is different each time.
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}
