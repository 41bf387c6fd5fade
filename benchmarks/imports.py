"""The work of a program before its first call, in fresh processes, with the bytecode compiled beforehand."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.figure import Measured, Row, Unavailable, quartiles, ratio
from benchmarks.setting import Contestant, Setting

BATCH = 3
"""Processes that take turns, the quickest of which counts."""

ROUNDS = 9 * BATCH
ROUNDS_OF_OTHERS = 2 * BATCH


def measure(function: str, setting: Setting) -> Measured:
    files = [setting.campaign] if function == "first_call" else []
    contestants: dict[str, Contestant | Unavailable] = {"": setting.ours, **setting.others}
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in contestants}
    # The first round fills the caches of the operating system.
    for number in range(-1, ROUNDS):
        setting.on_step(f"process {max(number, 0) + 1} of {ROUNDS}")
        for name, contestant in [*contestants.items()]:
            if isinstance(contestant, Unavailable) or (name and number >= ROUNDS_OF_OTHERS):
                continue
            try:
                pair = _pair(setting, contestant, function, files, reference_first=number % 2 == 0)
            except Unavailable as reason:
                contestants[name] = reason
                continue
            if number >= 0:
                for series, seconds in zip(times[name], pair, strict=True):
                    series.append(seconds)
    ours, spread = _ratio(times[""])
    others = {
        name: str(contestant) if isinstance(contestant, Unavailable) else _ratio(times[name])[0]
        for name, contestant in contestants.items()
        if name
    }
    mine, reference = (min(series) * 1000 for series in times[""])
    return Measured(ours, spread, others, f"{mine:.0f} ms, import httpx {reference:.0f} ms")


def _ratio(times: tuple[list[float], list[float]]) -> tuple[float, tuple[float, float]]:
    ours, reference = ([min(batch) for batch in zip(*[iter(series)] * BATCH, strict=True)] for series in times)
    return ratio(ours, reference)


def _pair(
    setting: Setting, contestant: Contestant, function: str, files: list[Path], *, reference_first: bool
) -> tuple[float, float]:
    def reference() -> float:
        return setting.numbers(contestant, "once", "plain", "resource")[0]

    if reference_first:
        before = reference()
        return setting.numbers(contestant, "once", contestant.probe, function, *files)[0], before
    return setting.numbers(contestant, "once", contestant.probe, function, *files)[0], reference()


def measure_command(setting: Setting) -> Measured:
    """The command line up to its help text, against the import of the client class."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(-1, ROUNDS):
        setting.on_step(f"process {max(number, 0) + 1} of {ROUNDS}")
        found = {each: setting.numbers(setting.ours, "once", "ours", each)[0] for each in ("command", "client_class")}
        if number >= 0:
            for series, seconds in zip(times, found.values(), strict=True):
                series.append(seconds)
    ours, spread = _ratio(times)
    mine, reference = (min(series) * 1000 for series in times)
    return Measured(ours, spread, {}, f"{mine:.0f} ms, the client {reference:.0f} ms")


def measure_models(setting: Setting) -> Measured:
    """Milliseconds."""
    times = []
    for number in range(-1, ROUNDS_OF_OTHERS):
        setting.on_step(f"process {max(number, 0) + 1} of {ROUNDS_OF_OTHERS}")
        times.append(setting.numbers(setting.ours, "once", "ours", "models")[0] * 1000)
    return Measured(min(times[1:]), quartiles(times[1:]))


ROWS = [
    Row("command", "instantly campaigns list --help / import of the client", 1.6, "x", measure_command),
    *(
        Row(name, f"{what} / import httpx", limit, "x", partial(measure, function))
        for name, what, limit, function in (
            ("import", "import package and one resource", 1.3, "resource"),
            ("client-import", "from instantly_client import Instantly", 1.2, "client_class"),
            ("first-call", "first decoded call of a fresh process", 1.9, "first_call"),
        )
    ),
    Row("models", "import all models", 260, "ms", measure_models),
]
