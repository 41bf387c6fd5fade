"""Command `instantly logout`: removes the key that `instantly login` has kept."""

from __future__ import annotations

import click

from instantly_cli.keys import forget


def command() -> click.Command:
    """Make the command."""
    return click.Command("logout", callback=_logout, help="Remove the key that `instantly login` has kept.")


def _logout() -> None:
    click.echo("The key is removed." if forget() else "There was no key.", err=True)
