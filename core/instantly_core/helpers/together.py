"""Several calls at once, up to a limit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def each(call: Callable[[T], Any], items: Iterable[T], at_once: int) -> None:
    """Call a function with each item, in up to so many threads; its first exception ends what has not begun."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(at_once, "instantly") as threads:
        futures = [threads.submit(call, item) for item in items]
        try:
            for future in futures:
                future.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise


async def each_async(call: Callable[[T], Awaitable[Any]], items: Iterable[T], at_once: int) -> None:
    """Await a function with each item, in up to so many tasks; its first exception cancels the others."""
    import asyncio

    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await call(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(work())
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
