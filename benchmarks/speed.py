"""Cost of the client per call: batches of it and of plain httpx or json take turns in one process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figure import Measured, Row, Unavailable, quartiles, ratio
from benchmarks.setting import Contestant, Setting

ROUNDS = 7
ROUNDS_OF_OTHERS = 3

# No probe of another client has these.
OURS_ONLY = ("leads_", "socket_", "async_socket_")

Content = Callable[[Setting], Path]


def measure(function: str, reference: str, content: Content, setting: Setting) -> Measured:
    """Our time in times of the reference's."""
    series, others = _race(function, [content(setting)], setting)
    figure, spread = _ratio_of(series)
    shown = {name: found if isinstance(found, str) else _ratio_of(found)[0] for name, found in others.items()}
    return Measured(figure, spread, shown, _plainly(series, reference))


def measure_with(library: str, content: Content, setting: Setting) -> Measured:
    """The same with a library that an extra installs."""
    if not find_spec(library):
        return Measured(Unavailable(f"{library} is not installed"))
    return measure(f"leads_{library}", JSON, content, setting)


def measure_new_client(setting: Setting) -> Measured:
    """Milliseconds."""
    series, others = _race("new_client", [], setting)
    times = [ours * 1000 for ours, _ in series]
    shown = {
        name: found if isinstance(found, str) else min(other * 1000 for other, _ in found)
        for name, found in others.items()
    }
    return Measured(min(times), quartiles(times), shown, _plainly(series, "httpx.Client"))


Series = list[tuple[float, float]]


def _race(function: str, files: list[Path], setting: Setting) -> tuple[Series, dict[str, Series | str]]:
    """Seconds of ours and of the reference, for each process; and the same of the others."""
    ours: Series = []
    others: dict[str, Series | str] = {
        name: str(contestant) if isinstance(contestant, Unavailable) else []
        for name, contestant in setting.others.items()
        if not function.startswith(OURS_ONLY)
    }
    for number in range(1, ROUNDS + 1):
        setting.on_step(f"process {number} of {ROUNDS}")
        ours.append(_process(setting, setting.ours, function, files))
        for name, series in [*others.items()]:
            contestant = setting.others[name]
            if isinstance(series, list) and isinstance(contestant, Contestant) and number <= ROUNDS_OF_OTHERS:
                try:
                    series.append(_process(setting, contestant, function, files))
                except Unavailable as reason:
                    others[name] = str(reason)
    return ours, others


def _process(setting: Setting, contestant: Contestant, function: str, files: list[Path]) -> tuple[float, float]:
    first, reference = setting.numbers(contestant, "repeated", contestant.probe, function, *files)
    return first, reference


def _ratio_of(series: Series) -> tuple[float, tuple[float, float]]:
    ours, plain = zip(*series, strict=True)
    return ratio(ours, plain)


def _plainly(series: Series, reference: str) -> str:
    ours, plain = (min(times) * 1e6 for times in zip(*series, strict=True))
    return f"{ours:,.0f} us, {reference} {plain:,.0f} us"


def _ratio(function: str, reference: str, content: Content) -> Callable[[Setting], Measured]:
    return partial(measure, function, reference, content)


HTTPX = "httpx and json.loads"
JSON = "json.loads"

ROWS = [
    Row("call", "one call in process / plain httpx and json", 1.0, "x", _ratio("call", HTTPX, lambda s: s.campaign)),
    Row(
        "async-call",
        "the same, async / plain httpx",
        1.1,
        "x",
        _ratio("async_call", HTTPX, lambda s: s.campaign),
    ),
    Row(
        "socket",
        "one call over a socket / plain httpx and json",
        1.0,
        "x",
        _ratio("socket_call", HTTPX, lambda s: s.campaign),
    ),
    Row(
        "async-50",
        "the same, 50 async tasks / plain httpx",
        0.6,
        "x",
        _ratio("async_socket_calls", HTTPX, lambda s: s.campaign),
    ),
    Row(
        "async-50-aiohttp",
        "the same with aiohttp / plain httpx",
        0.2,
        "x",
        _ratio("async_socket_calls_aiohttp", HTTPX, lambda s: s.campaign),
    ),
    Row("leads", "decode 100 full leads / json.loads", 2.2, "x", _ratio("leads", JSON, lambda s: s.leads)),
    Row(
        "leads-live",
        "decode 100 leads as recorded / json.loads",
        2.5,
        "x",
        _ratio("leads", JSON, lambda s: s.live_leads),
    ),
    Row(
        "leads-orjson",
        "decode 100 full leads with orjson / json.loads",
        # 0.2 of it looks for integers of 19 digits, which orjson would round.
        1.75,
        "x",
        partial(measure_with, "orjson", lambda s: s.leads),
    ),
    Row(
        "leads-fast",
        "decode 100 full leads with msgspec / json.loads",
        0.7,
        "x",
        partial(measure_with, "msgspec", lambda s: s.leads),
    ),
    Row(
        "leads-live-fast",
        "decode 100 leads as recorded with msgspec / json.loads",
        1.0,
        "x",
        partial(measure_with, "msgspec", lambda s: s.live_leads),
    ),
    Row(
        "leads-new-fast",
        "the same with a new field in each / json.loads",
        1.0,
        "x",
        partial(measure_with, "msgspec", lambda s: s.new_leads),
    ),
    Row("campaigns", "decode 100 campaigns / json.loads", None, "x", _ratio("campaigns", JSON, lambda s: s.campaigns)),
    Row("second-client", "make a second client, up to its first request", 1, "ms", measure_new_client),
]
