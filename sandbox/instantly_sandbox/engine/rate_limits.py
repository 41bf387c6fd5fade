"""Rate limits of the service, counted by the sandbox's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from .document import Limit

WORKSPACE_LIMITS = (Limit(100, 1), Limit(6000, 60))
OAUTH_LIMITS = (Limit(150, 60),)
"""Limits of an address that begins OAuth sessions, for whatever workspaces. All requests come from one address."""

SECONDS_BLOCKED = 30 * 60.0
MAX_SECONDS_BLOCKED = 24 * 3600.0


class RateLimits:
    """Sliding windows of requests, for each bucket and limit."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, Limit], deque[float]] = {}
        self._blocks: dict[str, tuple[float, float]] = {}

    def wait(self, bucket: str, limits: Iterable[Limit], now: float) -> float:
        """Seconds until one more request is within the limits; 0.0 if it is now."""
        waits = [window[0] + limit.seconds - now for limit, window in self._full(bucket, limits, now)]
        return max(waits, default=0.0)

    def count(self, bucket: str, limits: Iterable[Limit], now: float) -> None:
        """Count a request."""
        for limit in limits:
            self._windows.setdefault((bucket, limit), deque()).append(now)

    def block(self, bucket: str, now: float) -> float:
        """Block a bucket that went over its limits, each time twice as long as before. Returns the seconds."""
        before = self._blocks.get(bucket, (0.0, SECONDS_BLOCKED / 2))[1]
        seconds = min(before * 2, MAX_SECONDS_BLOCKED)
        self._blocks[bucket] = (now + seconds, seconds)
        return seconds

    def blocked(self, bucket: str, now: float) -> float:
        """Seconds until a bucket is blocked no more; 0.0 if it is not."""
        return max(0.0, self._blocks.get(bucket, (now, 0.0))[0] - now)

    def _full(self, bucket: str, limits: Iterable[Limit], now: float) -> Iterable[tuple[Limit, deque[float]]]:
        for limit in limits:
            window = self._windows.setdefault((bucket, limit), deque())
            while window and window[0] + limit.seconds <= now:
                window.popleft()
            if len(window) >= limit.count:
                yield limit, window
