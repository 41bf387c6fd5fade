"""The places that one request has taken in the buckets of a limiter."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .. import real_time as time
from .limits import Canceller, Limiter, canceller_of


class Places:
    """The places of a request. A `with` block that an exception leaves gives them back: the request was not sent."""

    __slots__ = ("_canceller", "_taken")

    def __init__(self, limiter: Limiter) -> None:
        self._canceller: Canceller | None = canceller_of(limiter)
        self._taken: list[tuple[str, float]] = []

    def take(self, bucket: str) -> None:
        """Note that the request has just been admitted to a bucket."""
        self._taken.append((bucket, time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None and self._canceller is not None:
            for bucket, moment in self._taken:
                self._canceller.cancel(bucket, time.monotonic() - moment)
