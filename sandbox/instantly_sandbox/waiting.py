"""A limiter for clients of the sandbox: where others wait, it moves the sandbox's clock on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instantly_core import Limit

    from .service import Service


class ClockLimiter:
    """Keeps a client within the rate limits without waiting in real time."""

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
