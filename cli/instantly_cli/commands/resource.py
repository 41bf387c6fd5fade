"""The group of a resource: a command for each method, and those written by hand."""

from __future__ import annotations

import click

from instantly_cli.commands.group import Group, by_hand
from instantly_cli.commands.method import MethodCommand
from instantly_cli.methods import Method, methods

BY_HAND = {("leads", "add"): "leads_add", ("webhooks", "listen"): "webhooks_listen"}
"""Resource and command -> the module of a command that is written by hand."""

FOR_PROGRAMS = {("leads", "add_many"), ("leads", "import_rows"), ("email_verifications", "verify_many")}
"""Methods that need what no text can be, such as rows. `instantly leads add` calls one of them."""


class ResourceGroup(Group):
    """The commands of a resource."""

    def __init__(self, resource: str, about: str) -> None:
        super().__init__(resource.replace("_", "-"), help=about, short_help=about)
        self._resource = resource

    def list_commands(self, ctx: click.Context) -> list[str]:
        own = [name for name in methods(self._resource) if (self._resource, name) not in FOR_PROGRAMS]
        return [*(name.replace("_", "-") for name in own), *(name for of, name in BY_HAND if of == self._resource)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = BY_HAND.get((self._resource, cmd_name))
        if module is not None:
            return by_hand(module)
        if cmd_name not in self.list_commands(ctx):
            return None
        return MethodCommand(cmd_name, Method(self._resource, cmd_name.replace("-", "_")))
