"""Waiting of the sandbox's own clients: they move the sandbox's clock on instead of waiting in real time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from instantly_core.clock import Clock as Pauses
from instantly_core.stop import Stop

from ..engine.service import Service
from ..state.clock import Clock

if TYPE_CHECKING:
    from instantly_core import Limit


class ClockLimiter:
    """Limiter that moves the clock on until a request is within the rate limits."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def acquire(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Move the clock on until the request is within the limits."""
        self._service.make_room(bucket)
        return 0.0

    async def acquire_async(
        self, bucket: str, limits: Sequence[Limit], budget: float, on_wait: Callable[[float], None], /
    ) -> float:
        """Move the clock on until the request is within the limits."""
        self._service.make_room(bucket)
        return 0.0


class ClockPauses(Pauses):
    """Clock of a client's pauses: between attempts, and between polls of a job."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """The seconds of the sandbox's clock."""
        return self._clock.time()

    def sleep(self, seconds: float, stop: Stop) -> None:
        """Move the clock on."""
        self._clock.advance(seconds)

    async def sleep_async(self, seconds: float, stop: Stop) -> None:
        """Move the clock on, and let other tasks run."""
        from asyncio import sleep

        self._clock.advance(seconds)
        await sleep(0)
