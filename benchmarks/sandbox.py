"""Speed of the sandbox: its start, and its answers in the process."""

from __future__ import annotations

from benchmarks.figure import Measured, Row, quartiles
from benchmarks.setting import Setting

ROUNDS_OF_STARTS = 11
ROUNDS_OF_CALLS = 5
ROUNDS_OF_WALKS = 3


def measure_start(setting: Setting) -> Measured:
    """Milliseconds."""
    times = []
    # The first round fills the caches of the operating system.
    for number in range(ROUNDS_OF_STARTS + 1):
        setting.on_step(f"process {max(number, 1)} of {ROUNDS_OF_STARTS}")
        times.append(setting.numbers(setting.ours, "once", "sandbox", "start")[0] * 1000)
    return Measured(min(times[1:]), quartiles(times[1:]))


def measure_call(setting: Setting) -> Measured:
    """Milliseconds."""
    times, plain = [], []
    for number in range(1, ROUNDS_OF_CALLS + 1):
        setting.on_step(f"process {number} of {ROUNDS_OF_CALLS}")
        ours, reference = setting.numbers(setting.ours, "repeated", "sandbox", "call", setting.campaign)
        times.append(ours * 1000)
        plain.append(reference * 1000)
    return Measured(min(times), quartiles(times), plainly=f"httpx with a fixed answer {min(plain):.2f} ms")


def measure_walk(setting: Setting) -> Measured:
    """Seconds."""
    times = []
    for number in range(1, ROUNDS_OF_WALKS + 1):
        setting.on_step(f"process {number} of {ROUNDS_OF_WALKS}")
        times.append(setting.numbers(setting.ours, "prepared", "sandbox", "walk")[0])
    return Measured(min(times), quartiles(times))


ROWS = [
    Row("sandbox-start", "import the sandbox and make one, in a fresh process", 500, "ms", measure_start),
    Row("sandbox-call", "one call of the sandbox in process, by plain httpx", 1, "ms", measure_call),
    Row("sandbox-walk", "walk over 51,000 leads of the sandbox, by the client", 3, "s", measure_walk),
]
