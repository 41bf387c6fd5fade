"""Who decides while a shared limiter cannot be asked: a local one with a fair share of the limits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock

from .limits import Limit, LocalLimiter
from .log import logger
from .windows import SPACED

# Between two attempts to reach what is gone.
CHECK_SECONDS = 2.0

# Others notice later that it is back. Until all have, each keeps to its share beside asking.
SETTLE_SECONDS = 2 * CHECK_SECONDS


def part_of(limits: Sequence[Limit], share: float) -> tuple[Limit, ...]:
    """Return a share of limits: fewer requests, or where that would be less than one, one in a longer time."""
    parts = []
    for requests, seconds in limits:
        part = requests * share
        parts.append(Limit(int(part), seconds) if part >= 1 else Limit(1, seconds / part))
    return tuple(parts)


class Standby:
    """Whether the shared limiter is to be asked, and the local one as long as it has a say."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = tuple(limits)
        self._lock = Lock()
        self._local: LocalLimiter | None = None
        self._share = 1.0
        self._losses = 0
        self._gone = False
        self._next_check = 0.0
        self._settled = 0.0
        self._last_answer = 0.0

    @property
    def losses(self) -> int:
        """How often the shared limiter could not be asked."""
        return self._losses

    @property
    def local(self) -> LocalLimiter | None:
        """The local limiter; None as long as the shared one decides alone."""
        if self._local is not None and not self._gone and time.monotonic() >= self._settled:
            with self._lock:
                if not self._gone:
                    self._local = None
        return self._local

    def part(self, limits: Sequence[Limit]) -> tuple[Limit, ...]:
        """Return what the local limiter may use of the limits of a bucket."""
        return part_of(limits, self._share)

    def may_ask(self) -> bool:
        """Tell whether to ask the shared limiter: always while it is there, and one request at times otherwise."""
        if not self._gone:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._next_check:
                return False
            self._next_check = now + CHECK_SECONDS
            return True

    def lost(self, error: Exception, share: float) -> None:
        """Take over: the shared limiter could not be asked."""
        with self._lock:
            self._losses += 1
            self._next_check = time.monotonic() + CHECK_SECONDS
            if self._gone:
                return
            if self._local is None:
                self._share = share
                self._local = LocalLimiter(part_of(self._limits, share))
                # What all have sent until now, in bunches perhaps, is not this process's to know.
                self._local.rest_until(self._last_answer + SPACED)
            self._gone = True
        # Not what the error says: that may hold the address.
        logger.warning(
            "The shared rate limiter cannot be reached (%s); this process keeps to %.0f %% of the limits by itself",
            type(error).__name__, self._share * 100,
        )  # fmt: skip

    def answered(self) -> None:
        """Step back: the shared limiter answers."""
        self._last_answer = time.monotonic()
        if self._gone:
            with self._lock:
                if not self._gone:
                    return
                self._settled = self._last_answer + SETTLE_SECONDS
                self._gone = False
            logger.info("The shared rate limiter can be reached again")
