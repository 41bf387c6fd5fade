"""The memory that the package adds to a process that has httpx."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.figure import Measured, Row, Unavailable, quartiles
from benchmarks.setting import Contestant, Setting

ROUNDS = 11
ROUNDS_OF_OTHERS = 3
MEGABYTE = 1_000_000


def measure(function: str, setting: Setting) -> Measured:
    """Megabytes of resident memory; where the system does not say, those that Python allocated and keeps."""
    files = [setting.campaign] if function == "first_call" else []
    setting.on_step("ours")
    resident = _series(setting, setting.ours, "resident", function, files, ROUNDS)
    traced = _series(setting, setting.ours, "traced", function, files, ROUNDS)
    others: dict[str, float | str] = {}
    for name, contestant in setting.others.items():
        setting.on_step(name)
        mode = "resident" if resident else "traced"
        try:
            if isinstance(contestant, Unavailable):
                raise contestant
            others[name] = median(_series(setting, contestant, mode, function, files, ROUNDS_OF_OTHERS))
        except Unavailable as reason:
            others[name] = str(reason)
    chosen = resident or traced
    text = f"resident {median(resident):.2f} MB, " if resident else ""
    return Measured(median(chosen), quartiles(chosen), others, f"{text}allocated by Python {median(traced):.2f} MB")


def _series(
    setting: Setting, contestant: Contestant, mode: str, function: str, files: list[Path], rounds: int
) -> list[float]:
    found = [setting.numbers(contestant, mode, contestant.probe, function, *files) for _ in range(rounds)]
    return [number / MEGABYTE for numbers in found for number in numbers]


def measure_growth(setting: Setting) -> Measured:
    """Kilobytes that Python holds more after ten thousand calls and a thousand pages than after a fifth of them."""
    setting.on_step("ours")
    grown = setting.numbers(setting.ours, "grown", "ours", "calls_and_pages", setting.campaign, setting.few_leads)[0]
    return Measured(grown / 1000)


def measure_peak(function: str, setting: Setting) -> Measured:
    """Megabytes that Python holds at most."""
    setting.on_step("ours")
    files = [setting.answers] if function == "add_many" else []
    return Measured(setting.numbers(setting.ours, "peak", "ours", function, *files)[0] / MEGABYTE)


ROWS = [
    Row("memory", "memory added over import httpx by package and one resource", 4, "MB", partial(measure, "resource")),
    Row("memory-in-use", "the same after the first decoded call", None, "MB", partial(measure, "first_call")),
    Row("memory-flat", "growth over 10,000 calls and 1,000 pages", 50, "KB", measure_growth),
    Row("memory-download", "most for an answer of 100 MB into a file", 5, "MB", partial(measure_peak, "download")),
    Row("memory-bulk", "most for 100,000 leads with collect=False", 5, "MB", partial(measure_peak, "add_many")),
]
