"""Connections of a client. They are made when they are needed, shared by its threads and views, and closed once.

Each has a transport of its own with at most one connection, and belongs to one attempt at a time. Whatever ends the
attempt before the last byte of the answer closes the sockets at once, so that a cancelled call leaves nothing behind.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..real_time import monotonic
from ..stop import closed_error
from .exchange import Exchange
from .library import KEEPALIVE_SECONDS, Request

if TYPE_CHECKING:
    from .sockets import Sockets

# At half a second an answer as many as the service allows.
MAX_CONNECTIONS = 50

# The transport of a client that leaves its connections to aiohttp.
AIOHTTP: Final = "aiohttp"


class Connection:
    """What sends by at most one connection, and its sockets; or by a transport or client of the caller, without."""

    __slots__ = ("_sending", "idle_since", "sockets")

    def __init__(self, sending: Callable[[Request], Any], sockets: Sockets | None) -> None:
        self._sending = sending
        self.sockets = sockets
        self.idle_since = 0.0

    def begin(self, exchange: Exchange) -> None:
        """Start an attempt."""
        exchange.sent = self.sockets is None
        if self.sockets is not None:
            self.sockets.begin(exchange.deadline)

    def send(self, exchange: Exchange) -> Any:
        """Send a request and return the answer, whose body has not been read; to be awaited on an event loop."""
        return self._sending(exchange.request)

    def hasten(self, exchange: Exchange) -> None:
        """Take over a deadline that has become an earlier one."""
        if self.sockets is not None:
            self.sockets.deadline = exchange.deadline

    def end(self, exchange: Exchange) -> None:
        """Note how far an attempt has come."""
        if self.sockets is not None:
            exchange.sent = self.sockets.sent
            exchange.cut(self.sockets.head)

    def close(self) -> None:
        """Close the sockets of our own connections."""
        if self.sockets is not None:
            self.sockets.close()


class Connections:
    """Our own connections of a client, or of an event loop: idle ones for the next attempts, and busy ones."""

    __slots__ = ("_busy", "_idle", "_lock", "closed")

    def __init__(self) -> None:
        self._idle: deque[Connection] = deque()
        self._busy: set[Connection] = set()
        self._lock = threading.Lock()
        self.closed = False

    def take(self) -> Connection | None:
        """Return the connection that was used last; None if all are busy."""
        oldest = monotonic() - KEEPALIVE_SECONDS
        with self._lock:
            while self._idle and self._idle[0].idle_since < oldest:
                self._idle.popleft().close()
            if not self._idle:
                return None
            found = self._idle.pop()
            self._busy.add(found)
        return found

    def add(self, new: Connection) -> None:
        """Note a new connection, which is busy."""
        with self._lock:
            if self.closed:
                raise closed_error()
            self._busy.add(new)

    def give(self, used: Connection, whole: bool) -> None:
        """Take a connection back after an attempt: to use it again after a whole answer, else to close it."""
        with self._lock:
            self._busy.discard(used)
            if whole and not self.closed:
                used.idle_since = monotonic()
                self._idle.append(used)
                return
        used.close()

    def close(self, *, dead: bool = False) -> None:
        """Close what is idle, and end what is busy: whoever uses that closes it, unless his event loop is dead."""
        with self._lock:
            self.closed = True
            while self._idle:
                self._idle.pop().close()
            for busy in self._busy:
                if dead:
                    busy.close()
                elif busy.sockets is not None:
                    busy.sockets.shut_down()

    def after_fork(self) -> None:
        """Close what the parent process goes on using, in this process only."""
        self._lock = threading.Lock()
        self.close(dead=True)
