"""`python -m instantly_client COMMAND`: a module for each command, imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "find": ("instantly_core.find", "find methods, objects and enumerations by words, offline"),
}
"""Command -> the module whose `main` takes the name of the package and the arguments, and what it does."""


def main(package: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command, named by the first argument; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(usage(package))
        return 0
    name, *rest = given
    if name not in COMMANDS:
        print(f"there is no command {name!r}; there is: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    module, _ = COMMANDS[name]
    status: int = import_module(module).main(package, rest)
    return status


def usage(package: str) -> str:
    """The help of all commands."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {does}" for name, (_, does) in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: python -m {package} COMMAND [--help]",
            "",
            *lines,
            "",
            "help(Instantly) and help(client.campaigns.list) in Python say what the client and its methods take.",
        ]
    )
