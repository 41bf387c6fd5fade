"""Measure one thing in this fresh process: `python measure.py MODE MODULE FUNCTION [FILE]` prints numbers.

MODULE is a neighbour of this file, FUNCTION one of its functions; it is given the content of FILE. Whatever is imported
here comes for free to everything that is measured, so it is next to nothing.
"""

import sys
from time import process_time, thread_time

TYPE_CHECKING = False  # typing itself would be such an import; type checkers know the name
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

BLOCKED = ("httpx._main", "h2")
"""What httpx imports where more is installed, with much else: a reference that flatters everybody."""

EXTRAS = ("msgspec", "orjson")
"""What our client uses where it is installed; only a function whose name ends with one has it."""

BATCH = 0.01
BATCHES = 25


def main() -> None:
    mode, module, function, *files = sys.argv[1:]
    unwanted = [*BLOCKED, *(extra for extra in EXTRAS if not function.endswith(extra))]
    sys.modules.update(dict.fromkeys(unwanted))  # type: ignore[arg-type]
    subject = getattr(probe(module), function)
    arguments = [open(file, "rb").read() for file in files]  # noqa: SIM115 - contextlib is not free
    modes: dict[str, Callable[..., list[float]]] = {
        "once": once,
        "prepared": prepared,
        "repeated": repeated,
        "resident": resident,
        "traced": traced,
        "grown": grown,
        "peak": peak,
    }
    print(*modes[mode](subject, *arguments))


def probe(name: str) -> "Any":
    """A neighbour of this file; importlib is not free either."""
    return __import__(f"benchmarks.probes.{name}", fromlist=[name])


def once(subject: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Seconds of the processor for the first time."""
    start = process_time()
    subject(*arguments)
    return [process_time() - start]


def prepared(make: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Seconds of the processor for one time of what was made ready before."""
    return once(make(*arguments))


def repeated(make: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Seconds of the processor for one time among many, and for the same by the reference.

    Batches take turns, and the quickest of each counts: what else the machine does only makes some of them slower.
    """
    from asyncio import run
    from inspect import iscoroutinefunction

    reference = getattr(probe("plain"), make.__name__)
    calls = [function(*arguments) for function in (make, reference)]
    asynchronous = iscoroutinefunction(calls[0])

    async def batch_async(call: "Callable[[], Any]", count: int) -> float:
        start = thread_time()
        for _ in range(count):
            await call()
        return (thread_time() - start) / count

    def batch(call: "Callable[[], Any]", count: int) -> float:
        start = thread_time()
        for _ in range(count):
            call()
        return (thread_time() - start) / count

    async def measure() -> "list[float]":
        async def timed(call: "Callable[[], Any]", count: int) -> float:
            return await batch_async(call, count) if asynchronous else batch(call, count)

        for call in calls:
            await timed(call, 3)
        counts = [max(1, round(BATCH / await timed(call, 3))) for call in calls]
        rounds = [[await timed(call, count) for call, count in zip(calls, counts, strict=True)] for _ in range(BATCHES)]
        return [min(times) for times in zip(*rounds, strict=True)]

    return run(measure())


def resident(subject: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Bytes of resident memory that are added to those of a process that has httpx; only Linux gives it."""
    if not sys.platform.startswith("linux"):
        return []
    probe("plain").resource()
    before = _resident()
    kept = subject(*arguments)
    added = _resident() - before
    del kept
    return [added]


def traced(subject: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Bytes that Python allocates for it and keeps, as tracemalloc counts."""
    import tracemalloc

    probe("plain").resource()
    tracemalloc.start()
    kept = subject(*arguments)
    added = tracemalloc.get_traced_memory()[0]
    del kept
    return [added]


def grown(make: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Bytes that Python holds more after 1,000 times than after 200."""
    import gc
    import tracemalloc

    once = make(*arguments)

    def held(times: int) -> float:
        for _ in range(times):
            once()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    before = held(200)
    return [held(800) - before]


def peak(make: "Callable[..., Any]", *arguments: bytes) -> "list[float]":
    """Bytes that Python holds at most during the second time, beyond what it holds before."""
    import gc
    import tracemalloc

    once = make(*arguments)
    once()
    gc.collect()
    tracemalloc.start()
    once()
    return [tracemalloc.get_traced_memory()[1]]


def _resident() -> int:
    import os

    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
