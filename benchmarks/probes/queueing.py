"""Tasks that wait for the limiter, by a clock of their own: `python queueing.py cost|stall`.

`cost` prints the microseconds of processor time a task while 10,000 are queued. `stall` prints how many seconds the
most delayed of 2,500 tasks leaves after its fair turn when the loop is once held up for 0.3 s.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from instantly_core import LocalLimiter
from instantly_core.ratelimit import limits, queue

QUEUED = 10_000
STALLED = 2500
SPACING = 0.0101
ROUNDS = 5


class Clock:
    """Time that passes only while the loop waits."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def run(self, main: Callable[[], Awaitable[Any]]) -> None:
        loop = asyncio.SelectorEventLoop()
        select = loop._selector.select  # type: ignore[attr-defined]

        def advance(timeout: float | None = None) -> Any:
            self.now += timeout or 0.0
            return select(0)

        loop._selector.select = advance  # type: ignore[attr-defined]
        loop.time = self.monotonic  # type: ignore[method-assign]
        loop.run_until_complete(main())
        loop.close()


def clock() -> Clock:
    found = Clock()
    for module in (limits, queue):
        module.time = found  # type: ignore[attr-defined]
    return found


def ignore(seconds: float) -> None:
    """Nobody listens."""


def cost() -> float:
    async def main() -> None:
        await asyncio.gather(*(limiter.acquire_async("", (), 600.0, ignore) for _ in range(QUEUED)))

    limiter = LocalLimiter()
    began = time.process_time()
    clock().run(main)
    return (time.process_time() - began) / QUEUED * 1e6


def stall() -> float:
    limiter = LocalLimiter()
    own = clock()
    late: list[float] = []

    async def task(number: int) -> None:
        await limiter.acquire_async("", (), 120.0, ignore)
        late.append(own.now - 1000 - number * SPACING)

    async def main() -> None:
        tasks = [asyncio.ensure_future(task(number)) for number in range(STALLED)]
        await asyncio.sleep(2)
        own.now += 0.3
        await asyncio.gather(*tasks)

    own.run(main)
    return max(late)


if __name__ == "__main__":
    print(min(cost() for _ in range(ROUNDS)) if sys.argv[1] == "cost" else stall())
