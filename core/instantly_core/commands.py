"""`python -m instantly_client COMMAND`: a module for each command, imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .version import __version__

COMMANDS = {
    "doctor": ("instantly_core.doctor", "say whether this machine is set up for the client"),
    "explain": ("instantly_core.explain", "say what an error means and what to do, offline"),
    "find": ("instantly_core.find", "find methods, objects and enumerations by words, offline"),
}
"""Command -> the module whose `main` takes the name of the package and the arguments, and what it does."""

INTERRUPTED, OUTPUT_CLOSED = 130, 141
"""Exit statuses as shells have them for Ctrl-C, and for a reader that has enough."""


def main(package: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command, named by the first argument; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(usage(package))
        return 0
    if given[0] in ("-V", "--version"):
        print(f"{package} {__version__}")
        return 0
    name, *rest = given
    if name not in COMMANDS:
        print(f"there is no command {name!r}; there are: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    module, _ = COMMANDS[name]
    try:
        status: int = import_module(module).main(package, rest)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        return OUTPUT_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # Of the output: the disk is full, for instance.
        discard_output()
        print(f"the output cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return status


def discard_output() -> None:
    """Let what is left in the buffer go nowhere: nobody reads it any more, and Python would say so at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def usage(package: str) -> str:
    """The help of all commands."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {does}" for name, (_, does) in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: python -m {package} COMMAND [--help], or --version",
            "",
            *lines,
            "",
            "help(Instantly) and help(client.campaigns.list) in Python say what the client and its methods take.",
        ]
    )
