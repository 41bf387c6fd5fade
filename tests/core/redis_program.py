"""Ask a shared limiter for more than it has, and print what it gave: `... redis_program sync|async URL`."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from instantly_core import Limit, RedisLimiter
from instantly_core.ratelimit import redis_sides

LIMIT = Limit(40, 600)
CALLERS = 8
TIMES = 6


def told(seconds: float) -> None:
    """Nobody listens."""


def main(kind: str, url: str) -> None:
    # A machine that is busy shall not pass for a Redis that is away.
    redis_sides._SECONDS = 60
    limiter = RedisLimiter(url)
    waits = asyncio.run(ask_async(limiter)) if kind == "async" else ask(limiter)
    print(waits.count(0.0), min(wait for wait in waits if wait))


def ask(limiter: RedisLimiter) -> list[float]:
    with ThreadPoolExecutor(CALLERS) as threads:
        return list(threads.map(lambda _: limiter.acquire("emails", (LIMIT,), 60.0, told), range(CALLERS * TIMES)))


async def ask_async(limiter: RedisLimiter) -> list[float]:
    async def caller() -> list[float]:
        return [await limiter.acquire_async("emails", (LIMIT,), 60.0, told) for _ in range(TIMES)]

    waits = await asyncio.gather(*(caller() for _ in range(CALLERS)))
    await limiter.close_async()
    return list(chain.from_iterable(waits))


if __name__ == "__main__":
    main(*sys.argv[1:])
