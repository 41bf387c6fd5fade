"""The fallback while a shared limiter is away: a local limiter with a share of the limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

from .. import real_time as time
from ..log import logger
from .limits import LocalLimiter
from .window import SPACED, Limit

# Between two probes of a limiter that is away.
PROBE_SECONDS = 2.0

# Other processes notice later that it is back. Until all have, each keeps to its share as well.
SETTLE_SECONDS = 2 * PROBE_SECONDS

# Of how many processes this is taken to be one while their number is not known: unknown is not alone.
ASSUMED_PROCESSES = 10


class Fallback(NamedTuple):
    """What a process does while the shared limiter is away, or that it answers again.

    Attributes:
        active: whether this process decides by itself from now on.
        share: the part of the limits that it keeps to; 1.0 when the shared limiter decides for all.
        processes: the number of processes that share the limits, as far as it is known.
        reason: the kind of error; "" when the shared limiter answers again.
    """

    active: bool
    share: float
    processes: int | None
    reason: str


def part_of(limits: Sequence[Limit], share: float) -> tuple[Limit, ...]:
    """Return a share of limits: fewer requests, or one request in a longer time if a share is less than one."""
    parts = []
    for requests, seconds in limits:
        part = requests * share
        parts.append(Limit(int(part), seconds) if part >= 1 else Limit(1, seconds / part))
    return tuple(parts)


class CircuitBreaker:
    """The state of the shared limiter: closed while it answers, open while it is away and the local one decides."""

    def __init__(self, limits: Sequence[Limit], on_fallback: Callable[[Fallback], object] | None = None) -> None:
        self._limits = tuple(limits)
        self._on_fallback = on_fallback
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

    def trip(self, error: Exception, share: float | None, processes: int | None) -> None:
        """Open: the shared limiter could not be asked, and the local one decides.

        Args:
            error: why it could not be asked.
            share: the share that was given: a fraction up to 1, or a number of processes.
            processes: the number of processes that share the limits, if it is known.
        """
        with self._lock:
            self._failures += 1
            self._next_probe = time.monotonic() + PROBE_SECONDS
            if self._open:
                return
            if self._local is None:
                self._share = 1 / (processes or ASSUMED_PROCESSES) if share is None else min(share, 1 / share)
                self._local = LocalLimiter(part_of(self._limits, self._share))
                # This process does not know what others have sent until now, perhaps in bunches.
                self._local.rest_until(self._last_answer + SPACED)
            self._open = True
        if share is not None:
            why = "as share= says"
        elif processes is not None:
            why = f"it is one of {processes}"
        else:
            why = "how many processes there are is not known, which share= can say"
        # Without the error's message, which may contain the address.
        reason = type(error).__name__
        logger.warning(
            "The shared rate limiter cannot be used (%s); this process keeps to %.0f %% of the limits by itself: %s",
            reason, self._share * 100, why,
        )  # fmt: skip
        self._notify(Fallback(True, self._share, processes, reason))

    def recover(self) -> None:
        """Close: the shared limiter answers."""
        self._last_answer = time.monotonic()
        if self._open:
            with self._lock:
                if not self._open:
                    return
                self._settled = self._last_answer + SETTLE_SECONDS
                self._open = False
            logger.info("The shared rate limiter can be used again")
            self._notify(Fallback(False, 1.0, None, ""))

    def _notify(self, change: Fallback) -> None:
        if self._on_fallback is not None:
            try:
                self._on_fallback(change)
            except Exception as error:
                logger.warning("on_fallback raised an error, which is ignored", exc_info=error)
