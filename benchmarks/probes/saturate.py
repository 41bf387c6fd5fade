"""Call as fast as the limiter lets: `python saturate.py sync|async URL SECONDS [URL_OF_REDIS]`."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from contextlib import suppress

from instantly_client import AsyncInstantly, Instantly
from instantly_core import LocalLimiter, RedisLimiter, errors

KEY = "bWVhc3VyZWQ6bm90LWEtc2VjcmV0"
PATH = "/api/v2/campaigns/019cc043-aee6-7ae9-a545-d7de53430e37/pause"
CALLERS = 25


def main() -> None:
    kind, url, seconds, *redis = sys.argv[1:]
    logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
    logging.getLogger("instantly_client").setLevel(logging.INFO)
    limiter = RedisLimiter(redis[0]) if redis else LocalLimiter()
    run = saturate_async if kind == "async" else saturate
    result = run(url, time.monotonic() + float(seconds), limiter)
    if result is not None:
        asyncio.run(result)


def saturate(url: str, end: float, limiter: LocalLimiter | RedisLimiter) -> None:
    with Instantly(api_key=KEY, base_url=url, max_retries=0, limiter=limiter) as client:

        def work() -> None:
            while time.monotonic() < end:
                with suppress(errors.RateLimitError):
                    client.request("POST", PATH)

        threads = [threading.Thread(target=work) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


async def saturate_async(url: str, end: float, limiter: LocalLimiter | RedisLimiter) -> None:
    async with AsyncInstantly(api_key=KEY, base_url=url, max_retries=0, limiter=limiter) as client:

        async def work() -> None:
            while time.monotonic() < end:
                with suppress(errors.RateLimitError):
                    await client.request("POST", PATH)

        await asyncio.gather(*(work() for _ in range(CALLERS)))
    if isinstance(limiter, RedisLimiter):
        await limiter.close_async()


if __name__ == "__main__":
    main()
