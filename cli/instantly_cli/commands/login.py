"""Command `instantly login`: keeps an API key for the next commands."""

from __future__ import annotations

import sys

import click

from instantly_cli.keys import path, store
from instantly_core.call.options import checked_key
from instantly_core.secret import Secret

_HELP = """Keep an API key for the next commands.

The key is asked for, or read from the standard input; it is no argument, because other users see those. It is kept
in a file that only you can read. INSTANTLY_API_KEY, where it is set, comes before it.
"""


def command() -> click.Command:
    """Make the command."""
    keyring = click.Option(
        ["--keyring"], is_flag=True, help="Keep it in the keyring of the system, which takes the package `keyring`."
    )
    return click.Command("login", callback=_login, params=[keyring], help=_HELP, epilog=f"The file is {path()}.")


def _login(keyring: bool) -> None:
    given = click.prompt("API key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise click.UsageError("no key was given")
    file = store(checked_key(Secret(given.strip())).reveal(), keyring=keyring)
    click.echo(f"The key is kept in {'the keyring' if keyring else file}.", err=True)
