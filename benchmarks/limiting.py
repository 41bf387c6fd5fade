"""The share of the rate limit that clients use who want all of it, and how often the service refuses them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import cache, partial

from benchmarks.figure import Measured, Row, Unavailable
from benchmarks.probes.counting import Seen
from benchmarks.servers import CountingServer, redis_server
from benchmarks.setting import PROBES, Setting, environment

SECONDS = 20
PROCESSES = 4


def saturated(setting: Setting, kind: str, processes: int, *redis: str) -> Seen:
    server = CountingServer()
    command = [str(setting.ours.python), str(PROBES / "saturate.py"), kind, server.url, str(SECONDS), *redis]
    variables = environment({"PYTHONPATH": str(setting.ours.folder)})
    running = [subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) for _ in range(processes)]
    failed = [process for process in running if process.wait()]
    seen = server.close()
    if failed:
        raise RuntimeError("a client failed")
    return seen


@cache
def local(setting: Setting) -> dict[str, Seen]:
    found = {}
    for kind in ("sync", "async"):
        setting.on_step(kind)
        found[kind] = saturated(setting, kind, 1)
    return found


@cache
def shared(setting: Setting) -> dict[str, Seen]:
    found = {}
    for kind in ("sync", "async"):
        setting.on_step(kind)
        with redis_server() as redis:
            found[kind] = saturated(setting, kind, PROCESSES, redis.url)
    return found


Runs = Callable[[Setting], dict[str, Seen]]


def share(runs: Runs, setting: Setting) -> Measured:
    """The share of the limit that the slower kind of client uses."""
    return _measured(runs, setting, lambda seen: min(one.share for one in seen))


def refused(runs: Runs, setting: Setting) -> Measured:
    return _measured(runs, setting, lambda seen: sum(one.refused for one in seen))


def _measured(runs: Runs, setting: Setting, figure: Callable[[list[Seen]], float]) -> Measured:
    try:
        found = runs(setting)
    except Unavailable as reason:
        return Measured(reason)
    plainly = "; ".join(
        f"{kind} {one.share:.3f} of the limit, {one.refused} of {one.requests} refused, at most {one.most} in a second"
        for kind, one in found.items()
    )
    return Measured(figure([*found.values()]), plainly=plainly)


def queueing(what: str, setting: Setting) -> Measured:
    setting.on_step(what)
    command = [str(setting.ours.python), str(PROBES / "queueing.py"), what]
    variables = environment({"PYTHONPATH": str(setting.ours.folder)})
    return Measured(float(subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True).stdout))


ROWS = [
    Row("limiter", "used of 100 requests a second by one process", 0.97, "", partial(share, local), least=True),
    Row("limiter-429s", "refused of these", 0, "", partial(refused, local)),
    Row("limiter-redis", "the same by four processes with Redis", 0.95, "", partial(share, shared), least=True),
    Row("limiter-redis-429s", "refused of these", 0, "", partial(refused, shared)),
    Row("limiter-queue", "processor time a task with 10,000 queued", 40, "us", partial(queueing, "cost")),
    Row("limiter-fair", "longest delay of 2,500 tasks by a stall of 0.3 s", 0.35, "s", partial(queueing, "stall")),
]
