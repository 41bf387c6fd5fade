"""Groups of commands, whose commands are made when they are called."""

from __future__ import annotations

from importlib import import_module

import click

from instantly_cli.suggestions import nearest
from instantly_core.commands import COMMANDS


class Group(click.Group):
    """A group that shows its help without a command, and names the nearest to an unknown one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the arguments, or the option for help where there are none."""
        return super().parse_args(ctx, args or ["--help"])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with.

        Raises:
            UsageError: no command has that name.
        """
        name = args[0].replace("_", "-")
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            told = nearest(name, self.list_commands(ctx))
            if ctx.parent is None and name in COMMANDS:
                told = f"; it is python -m instantly_client {name}"
            raise click.UsageError(f"there is no command {args[0]!r}{told}", ctx)
        return name, command, args[1:]


def by_hand(module: str) -> click.Command:
    """Make the command that a module of this package has."""
    command: click.Command = import_module(f"instantly_cli.commands.{module}").command()
    return command
