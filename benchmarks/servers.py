"""Servers in processes of their own, on this machine, for as long as a `with` block runs."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figure import Unavailable
from benchmarks.probes.counting import Seen

COUNTING = Path(__file__).parent / "probes" / "counting.py"


class CountingServer:
    """Allows a hundred requests in any second, counted as they arrive, and answers others with 429."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(COUNTING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def close(self) -> Seen:
        """End it, and return what it saw."""
        out, _ = self._process.communicate("\n", timeout=10)
        return Seen(*json.loads(out))


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class RedisServer:
    """A Redis that keeps nothing, on a port that stays its own when it is killed and started again.

    Args:
        options: further options of redis-server, before its own.
        tls: whether the port is one for TLS; the options name the certificate.
    """

    def __init__(self, *options: str, tls: bool = False) -> None:
        if shutil.which("redis-server") is None:
            raise Unavailable("redis-server is not installed")
        self.port = free_port()
        self.url = f"redis{'s' * tls}://:guessed@127.0.0.1:{self.port}/0"
        port = ["--port", "0", "--tls-port", str(self.port)] if tls else ["--port", str(self.port)]
        self._options = [*options, *port, "--bind", "127.0.0.1"]
        self.start()

    def start(self) -> None:
        options = [*self._options, "--requirepass", "guessed", "--save", "", "--appendonly", "no"]
        if "--sentinel" in options:
            options = self._options
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("redis-server does not answer")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    try:
        yield server
    finally:
        server.kill()
