"""Command `instantly-sandbox trigger`: lets something happen in a sandbox that is served elsewhere."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from http.client import HTTPException
from inspect import Parameter, signature
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from .admin import EVENTS, PATH

NAME = "trigger"
SECONDS = 30


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    options = vars(_parser().parse_args(arguments))
    url = f"{options.pop('url').rstrip('/')}{PATH}/events"
    given = {name: value for name, value in options.items() if value is not None}
    try:
        sent = Request(url, json.dumps(given).encode(), {"content-type": "application/json"}, method="POST")
        with build_opener(ProxyHandler({})).open(sent, timeout=SECONDS) as answer:
            print(json.dumps(json.load(answer), indent=2))
    except HTTPError as error:
        return _complain(_message(error))
    except (OSError, HTTPException, ValueError) as error:
        return _complain(f"no sandbox answers at {url}: {error}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"instantly-sandbox {NAME}",
        allow_abbrev=False,
        description="Let something happen in a sandbox that is served, and show what it changed.",
        epilog="Exit status: 0 it happened, 2 it could not happen.",
    )
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="of the sandbox (%(default)s)")
    events = parser.add_subparsers(dest="event", metavar="EVENT", required=True)
    for name, method in EVENTS.items():
        summary = (method.__doc__ or "").partition("\n")[0]
        _add(events.add_parser(name.replace("_", "-"), help=summary, description=summary), name, method)
    return parser


def _add(parser: argparse.ArgumentParser, event: str, method: Callable[..., Any]) -> None:
    parser.set_defaults(event=event)
    for name, parameter in list(signature(method).parameters.items())[1:]:
        kind = _json if parameter.annotation not in ("str", "str | None") else str
        if parameter.default is Parameter.empty:
            parser.add_argument(name, type=kind, metavar=name.upper())
        else:
            parser.add_argument(f"--{name.replace('_', '-')}", dest=name, type=kind, metavar=name.upper())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON") from None


def _message(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read())["message"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return f"the sandbox answered with {error.code}"


def _complain(message: str) -> int:
    print(f"instantly-sandbox {NAME}: {message}", file=sys.stderr, flush=True)
    return 2
