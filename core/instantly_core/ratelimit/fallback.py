"""The fallback while a shared limiter is away: a local limiter with a share of the limits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock

from ..log import logger
from .limits import LocalLimiter
from .window import SPACED, Limit

# Between two probes of a limiter that is away.
PROBE_SECONDS = 2.0

# Other processes notice later that it is back. Until all have, each keeps to its share as well.
SETTLE_SECONDS = 2 * PROBE_SECONDS


def part_of(limits: Sequence[Limit], share: float) -> tuple[Limit, ...]:
    """Return a share of limits: fewer requests, or one request in a longer time if a share is less than one."""
    parts = []
    for requests, seconds in limits:
        part = requests * share
        parts.append(Limit(int(part), seconds) if part >= 1 else Limit(1, seconds / part))
    return tuple(parts)


class CircuitBreaker:
    """The state of the shared limiter: closed while it answers, open while it is away and the local one decides."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = tuple(limits)
        self._lock = Lock()
        self._local: LocalLimiter | None = None
        self._share = 1.0
        self._failures = 0
        self._open = False
        self._next_probe = 0.0
        self._settled = 0.0
        self._last_answer = 0.0

    @property
    def failures(self) -> int:
        """The number of times that the shared limiter could not be asked."""
        return self._failures

    @property
    def local(self) -> LocalLimiter | None:
        """The local limiter; None while the shared one decides alone."""
        if self._local is not None and not self._open and time.monotonic() >= self._settled:
            with self._lock:
                if not self._open:
                    self._local = None
        return self._local

    def part(self, limits: Sequence[Limit]) -> tuple[Limit, ...]:
        """Return the local limiter's share of the limits of a bucket."""
        return part_of(limits, self._share)

    def allow_probe(self) -> bool:
        """Return whether to ask the shared limiter: always while it answers, else one request each `PROBE_SECONDS`."""
        if not self._open:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._next_probe:
                return False
            self._next_probe = now + PROBE_SECONDS
            return True

    def trip(self, error: Exception, share: float) -> None:
        """Open: the shared limiter could not be asked, and the local one decides."""
        with self._lock:
            self._failures += 1
            self._next_probe = time.monotonic() + PROBE_SECONDS
            if self._open:
                return
            if self._local is None:
                self._share = share
                self._local = LocalLimiter(part_of(self._limits, share))
                # This process does not know what others have sent until now, perhaps in bunches.
                self._local.rest_until(self._last_answer + SPACED)
            self._open = True
        # Without the error's message, which may contain the address.
        logger.warning(
            "The shared rate limiter cannot be reached (%s); this process keeps to %.0f %% of the limits by itself",
            type(error).__name__, self._share * 100,
        )  # fmt: skip

    def recover(self) -> None:
        """Close: the shared limiter answers."""
        self._last_answer = time.monotonic()
        if self._open:
            with self._lock:
                if not self._open:
                    return
                self._settled = self._last_answer + SETTLE_SECONDS
                self._open = False
            logger.info("The shared rate limiter can be reached again")
