"""Receivers of webhooks. The sandbox contacts only receivers on this machine."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from ..engine.messages import phrase

SECONDS_TO_ANSWER = 2.0
OWN_HEADERS = {"User-Agent": "axios/1.8.4", "Content-Type": "application/json"}


class Outcome(NamedTuple):
    """Outcome of a delivery: the receiver's status and the time it took, or the error."""

    contacted: bool
    status: int | None = None
    error: str | None = None
    milliseconds: int | None = None

    @property
    def success(self) -> bool:
        """Whether the receiver accepted it."""
        return self.status is not None and 200 <= self.status < 300


def post(url: str, headers: Mapping[str, str], payload: Mapping[str, Any], allowed: Collection[str] = ()) -> Outcome:
    """Post JSON to a receiver on this machine, or to an allowed host, following no redirect and no proxy."""
    found = _allowed(url, allowed)
    if found is None:
        return Outcome(False, error="The sandbox delivers to loopback addresses only, and to hosts that are allowed")
    began = time.perf_counter()
    try:
        status = _status(*found, {**OWN_HEADERS, **headers}, json.dumps(payload).encode())
    except (OSError, HTTPException, ValueError) as error:
        return Outcome(True, error=f"No answer: {str(error) or type(error).__name__}", milliseconds=_since(began))
    failed = None if 200 <= status < 300 else f"HTTP {status}: {phrase(status)}"
    return Outcome(True, status, failed, _since(began))


def _allowed(url: str, allowed: Collection[str]) -> tuple[SplitResult, str] | None:
    # Other names are not looked up: a name server could point them anywhere.
    try:
        target = urlsplit(url)
        host = target.hostname or ""
        if host in allowed:
            return target, host
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return None
    return (target, str(address)) if address.is_loopback else None


def _status(target: SplitResult, address: str, headers: Mapping[str, str], body: bytes) -> int:
    kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = kind(address, target.port, timeout=SECONDS_TO_ANSWER)
    path = f"{target.path or '/'}{'?' if target.query else ''}{target.query}"
    try:
        connection.connect()
        with _time_limit(SECONDS_TO_ANSWER, connection.sock):
            connection.request("POST", path, body, dict(headers))
            return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def _time_limit(seconds: float, connected: socket.socket) -> Generator[None]:
    # The timeout of a socket limits each read, and an answer may trickle in for ever.
    def hang_up() -> None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _since(began: float) -> int:
    return int((time.perf_counter() - began) * 1000)
