"""A service in a process of its own that answers every request alike: `python answering.py FILE` prints its port.

It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path


class Answering(asyncio.Protocol):
    """One connection of requests without a body."""

    answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        self._transport.write(self.answer * len(requests))


async def main() -> None:
    content = Path(sys.argv[1]).read_bytes()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    Answering.answer = head.encode() + content
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
