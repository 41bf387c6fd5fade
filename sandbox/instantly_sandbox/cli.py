"""Command `instantly-sandbox`: serves a sandbox until it is stopped, or lets something happen in one that is served.

Exit status: 0 stopped or done, 1 the state could not be saved, 2 it could not be started or done.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from time import strftime
from typing import Any

from instantly_core.version import __version__

from .engine.document import Document, pinned
from .engine.messages import Answer, Request
from .entry import trigger
from .sandbox import Sandbox
from .state.clock import Clock

NAME = "instantly-sandbox"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == [trigger.NAME]:
        return trigger.main(arguments[1:])
    parser = _parser()
    options = parser.parse_args(arguments)
    if unfit := _unfit(options):
        parser.error(unfit)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    if options.upstream:
        return _forward(options, stopped)
    try:
        sandbox = _sandbox(options)
        if options.state:
            sandbox.keep_in(options.state)
        server = sandbox.serve(
            options.port, options.host, log=RequestLog(sandbox.runtime.document), allow_hosts=options.allow_host
        )
        url = server.start()
    except (OSError, ValueError) as error:
        return _complain(_reason(error, options), 2)
    _announce(options, url, sandbox)
    _wait(stopped)
    server.stop()
    try:
        sandbox.close()
    except OSError as error:
        return _complain(f"the state was not saved: {_reason(error, options)}", 1)
    return 0


def _forward(options: argparse.Namespace, stopped: Event) -> int:
    """Forward requests to the service itself."""
    from .entry.server import Server
    from .upstream import Upstream

    try:
        upstream = Upstream(
            options.upstream,
            pinned(),
            lambda line: print(f"{NAME}: {line}", file=sys.stderr, flush=True),
            record=options.record,
            allow_writes=options.allow_writes,
        )
        log = RequestLog(pinned())
        server = Server(upstream.handle, options.host, options.port, log, options.allow_host, waits=True)
        url = server.start()
    except (OSError, ValueError) as error:
        return _complain(_reason(error, options), 2)
    described = {"url": url, "upstream": upstream.url}
    print(json.dumps(described) if options.json else f"URL        {url}\nupstream   {upstream.url}", flush=True)
    _wait(stopped)
    upstream.close()
    server.stop()
    return 0


def _wait(stopped: Event) -> None:
    # With a limit, since on some systems a wait without one cannot be interrupted.
    while not stopped.wait(1):
        pass


def _unfit(options: argparse.Namespace) -> str:
    """What is wrong with options that do not go together; nothing if they do."""
    if not options.upstream:
        given = [f"--{name}" for name in ("record", "allow-writes") if getattr(options, name.replace("-", "_"))]
        return f"{given[0]} needs --upstream" if given else ""
    own = ("world", "seed", "state", "time", "deliver_to", "no_rate_limits", "latency")
    given = [f"--{name.replace('_', '-')}" for name in own if getattr(options, name) not in (None, False, [])]
    return f"{given[0]} is for the sandbox, and with --upstream there is none" if given else ""


class RequestLog:
    """Log of requests on the standard error, one line each: time, method, path, status, milliseconds, operationId."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")

    def __call__(self, request: Request, answer: Answer, seconds: float) -> None:
        operation = self._document.match(request.method, request.path)[0]
        status = "dropped" if answer.dropped else "cut" if answer.cut is not None else str(answer.status)
        if self._coloured:
            status = f"\x1b[{32 if status.startswith('2') else 31}m{status}\x1b[0m"
        name = operation.id if operation else "-"
        line = f"{strftime('%H:%M:%S')} {request.method} {request.path} {status} {seconds * 1000:.1f}ms {name}"
        print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        allow_abbrev=False,
        description="Serve a double of the Instantly API until stopped (Ctrl-C or SIGTERM).",
        epilog=f"`{NAME} {trigger.NAME} --help` says how to let something happen in it. "
        "Exit status: 0 stopped, 1 the state could not be saved, 2 it could not be started.",
    )
    parser.add_argument("--port", type=int, default=8080, help="where to listen (%(default)s; 0 is any free port)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--world", metavar="NAME", help="what to begin with: demo, or a .toml file; nothing without it")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all random choices (0)")
    parser.add_argument(
        "--state", type=Path, metavar="FILE",
        help="load the state from there if it exists, instead of --world and --seed, and save each change",
    )  # fmt: skip
    parser.add_argument(
        "--time",
        type=_moment,
        metavar="MOMENT",
        help="begin at this moment, and stand still there: 2026-05-01T09:00:00Z",
    )
    parser.add_argument(
        "--deliver-to", action="append", default=[], metavar="HOST",
        help="deliver webhook events to this host too; otherwise to loopback addresses only",
    )  # fmt: skip
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a name that requests may call the sandbox by, apart from addresses and localhost",
    )  # fmt: skip
    parser.add_argument("--no-rate-limits", action="store_true", help="never refuse with 429")
    parser.add_argument("--latency", type=float, metavar="SECONDS", help="delay every answer by so much")
    parser.add_argument(
        "--upstream", metavar="URL", help="forward requests to the service there, reads only, in place of a sandbox"
    )
    parser.add_argument("--record", type=Path, metavar="DIR", help="record what is forwarded there, scrubbed")
    parser.add_argument("--allow-writes", action="store_true", help="forward also what changes something")
    parser.add_argument("--json", action="store_true", help="print URL, key and workspace as a line of JSON")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _sandbox(options: argparse.Namespace) -> Sandbox:
    sandbox = Sandbox(
        world=options.world,
        seed=options.seed or 0,
        clock=Clock(options.time, frozen=True) if options.time else None,
        rate_limits=not options.no_rate_limits,
        deliver_to=options.deliver_to,
    )
    if options.latency:
        sandbox.faults.latency(options.latency, times=None)
    if options.state and options.state.exists():
        sandbox.load(options.state)
        if ignored := [f"--{name}" for name in ("world", "seed") if getattr(options, name) is not None]:
            _complain(f"warning: {options.state} exists, so it decides instead of {' and '.join(ignored)}", 0)
    return sandbox


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no moment such as 2026-05-01T09:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _announce(options: argparse.Namespace, url: str, sandbox: Sandbox) -> None:
    described: dict[str, Any] = {"url": url, "key": sandbox.key, "workspace_id": sandbox.workspace_id}
    if options.json:
        print(json.dumps(described), flush=True)
    else:
        print(f"URL        {url}\nkey        {sandbox.key}\nworkspace  {sandbox.workspace_id}", flush=True)
    if not _is_loopback(options.host):
        _complain(f"warning: {options.host} is reached from other machines, and /sandbox shows the key to anybody", 0)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: Exception, options: argparse.Namespace) -> str:
    if not isinstance(error, OSError):
        return str(error)
    reason = (error.strerror or str(error)).partition(" (")[0]
    if error.filename is None:
        return f"cannot listen on {options.host}:{options.port}: {reason}"
    return f"{error.filename}: {reason}"


def _complain(message: str, status: int) -> int:
    print(f"{NAME}: {message}", file=sys.stderr, flush=True)
    return status
