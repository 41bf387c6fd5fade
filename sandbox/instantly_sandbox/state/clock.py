"""Clock of a sandbox: runs with real time, and can be moved ahead and frozen."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

from .arguments import NUMBER, check_type

CENTURY = 100 * 365.25 * 24 * 3600


class Clock:
    """Clock that runs with real time from `start` on.

    Args:
        start: when it begins; now without it. A fixed start with `frozen=True` makes every timestamp predictable.
        frozen: only `advance` moves it.

    Raises:
        ValueError: `start` has no time zone.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        check_type("start", start, datetime, type(None))
        if start and start.tzinfo is None:
            raise ValueError("start has no time zone: give it one, such as tzinfo=UTC")
        self._lock = Lock()
        now = time.time()
        begin = start.timestamp() if start else now
        self._seen = now
        self._ahead = begin - now
        self._frozen_at = begin if frozen else None

    def __repr__(self) -> str:
        return f"<Clock {self.now().isoformat()}{' frozen' if self.frozen else ''}>"

    def _real(self) -> float:
        now = time.time()
        # The machine's clock may be set back; this one goes on.
        self._ahead += max(0.0, self._seen - now)
        self._seen = now
        return now

    def time(self) -> float:
        """Seconds since 1970."""
        with self._lock:
            return self._real() + self._ahead if self._frozen_at is None else self._frozen_at

    def now(self) -> datetime:
        """The moment in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def advance(self, seconds: float | timedelta) -> None:
        """Move ahead: jobs finish, windows of rate limits pass, queued events come due.

        Raises:
            ValueError: the seconds are negative, or a century or more.
        """
        check_type("seconds", seconds, *NUMBER, timedelta)
        if isinstance(seconds, timedelta):
            seconds = seconds.total_seconds()
        if not 0 <= seconds < CENTURY:
            raise ValueError(f"the clock cannot be moved by {seconds} seconds")
        with self._lock:
            self._ahead += seconds
            if self._frozen_at is not None:
                self._frozen_at += seconds

    def move_to(self, moment: datetime) -> None:
        """Move ahead to a moment.

        Raises:
            ValueError: the moment has passed, has no time zone, or is a century or more away.
        """
        check_type("moment", moment, datetime)
        if moment.tzinfo is None:
            raise ValueError("the moment has no time zone: give it one, such as tzinfo=UTC")
        ahead = moment.timestamp() - self.time()
        if ahead < 0:
            raise ValueError(f"the clock cannot be moved back to {moment.isoformat()}: it is {self.now().isoformat()}")
        self.advance(ahead)

    def catch_up(self, moment: float, *, frozen: bool) -> None:
        """Move ahead to a moment, unless it has passed, and freeze there if asked to."""
        with self._lock:
            now = self._real() + self._ahead if self._frozen_at is None else self._frozen_at
            moment = max(moment, now)
            self._ahead += moment - now
            if frozen or self._frozen_at is not None:
                self._frozen_at = moment

    @property
    def ahead(self) -> tuple[float, float | None]:
        """What a test has made of it: the seconds ahead of real time, and the moment at which it is frozen."""
        with self._lock:
            return self._ahead, self._frozen_at

    @property
    def frozen(self) -> bool:
        """Whether only `advance` moves it."""
        with self._lock:
            return self._frozen_at is not None

    def freeze(self) -> None:
        """Stop until `run`."""
        with self._lock:
            if self._frozen_at is None:
                self._frozen_at = self._real() + self._ahead

    def run(self) -> None:
        """Go on from where it stopped."""
        with self._lock:
            if self._frozen_at is not None:
                self._ahead = self._frozen_at - self._real()
                self._frozen_at = None


def timestamp(moment: datetime) -> str:
    """A moment as the service writes it: in UTC, with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def seconds(timestamp: str) -> float:
    """The moment of a timestamp, in seconds since 1970."""
    return datetime.fromisoformat(timestamp).timestamp()
