"""A service in a process of its own that allows so many requests in any second, counted as they arrive.

As a program it prints its port, and after a line on its standard input what it saw, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from typing import ClassVar, NamedTuple

LIMIT = 100


class Seen(NamedTuple):
    requests: int
    refused: int
    most: int
    seconds: float

    @property
    def share(self) -> float:
        """The share of the limit that was used, between the first request and the last."""
        return (self.requests - 1) / self.seconds / LIMIT


class Counter(asyncio.Protocol):
    arrivals: ClassVar[deque[float]] = deque()
    first = last = 0.0
    requests = refused = most = 0
    _transport: asyncio.Transport
    _received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for _ in requests:
            self._transport.write(answer())


def answer() -> bytes:
    """Count a request that has no body."""
    now = time.monotonic()
    arrivals = Counter.arrivals
    while arrivals and arrivals[0] <= now - 1:
        arrivals.popleft()
    arrivals.append(now)
    refused = len(arrivals) > LIMIT
    Counter.first = Counter.first or now
    Counter.last = now
    Counter.requests += 1
    Counter.refused += refused
    Counter.most = max(Counter.most, len(arrivals))
    status = b"429 Too Many Requests" if refused else b"200 OK"
    return b"HTTP/1.1 " + status + b"\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Counter, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    print(json.dumps(Seen(Counter.requests, Counter.refused, Counter.most, Counter.last - Counter.first)))


if __name__ == "__main__":
    asyncio.run(main())
