"""Rate limits of the service, counted by the sandbox's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .document import Limit

WORKSPACE_LIMITS = (Limit(100, 1), Limit(6000, 60))


class RateLimits:
    """Sliding windows of requests, for each bucket and limit."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, Limit], deque[float]] = {}

    def wait(self, bucket: str, limits: Iterable[Limit], now: float) -> float:
        """Seconds until one more request is within the limits; 0.0 if it is now."""
        waits = [window[0] + limit.seconds - now for limit, window in self._full(bucket, limits, now)]
        return max(waits, default=0.0)

    def count(self, bucket: str, limits: Iterable[Limit], now: float) -> None:
        """Count a request."""
        for limit in limits:
            self._windows.setdefault((bucket, limit), deque()).append(now)

    def _full(self, bucket: str, limits: Iterable[Limit], now: float) -> Iterable[tuple[Limit, deque[float]]]:
        for limit in limits:
            window = self._windows.setdefault((bucket, limit), deque())
            while window and window[0] + limit.seconds <= now:
                window.popleft()
            if len(window) >= limit.count:
                yield limit, window
