"""The top of the command line: its resources and the commands written by hand, each made when it is called."""

from __future__ import annotations

from typing import Any

import click

from instantly_cli.commands.group import Group, by_hand
from instantly_cli.settings import common_options
from instantly_core.version import __version__

_CONTEXT: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
    "token_normalize_func": lambda token: token.replace("_", "-"),
}

_HELP = """The Instantly API v2 on a command line.

The key is that of the environment variable INSTANTLY_API_KEY, or of `instantly login`. Without one, --sandbox shows
everything with demo data.
"""

COMMANDS = {
    "api": "Send any request by method and path.",
    "completion": "Write the completion script of a shell.",
    "find": "Find commands by words.",
    "login": "Keep an API key for the next commands.",
    "logout": "Remove the key that `login` has kept.",
}
"""The commands written by hand, each in the module of its name, with the first sentence of its help."""


class Root(Group):
    """The command `instantly`."""

    def __init__(self, name: str) -> None:
        version = click.version_option(__version__, "--version", "-V", message="%(prog)s %(version)s")
        super().__init__(name, help=_HELP, context_settings=_CONTEXT, params=common_options())
        version(self)

    def list_commands(self, ctx: click.Context) -> list[str]:
        from instantly_cli.methods import resources

        return [*(name.replace("_", "-") for name in resources()), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = cmd_name.replace("-", "_")
        if name in COMMANDS:
            return by_hand(name)
        from instantly_cli.commands.resource import ResourceGroup
        from instantly_cli.methods import resources

        found = resources()
        return ResourceGroup(name, found[name]) if name in found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from instantly_cli.methods import resources

        with formatter.section("Resources"):
            formatter.write_dl([(name.replace("_", "-"), text) for name, text in resources().items()])
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])
