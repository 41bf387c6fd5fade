"""Command `instantly find`: commands by words, offline."""

from __future__ import annotations

import json
import re

import click

from instantly_cli.failures import FAILED
from instantly_core.find import find, index

_METHOD = re.compile(r"client\.(\w+)\.(\w+)\(")
_MAX = 8

_HELP = """Find commands by words, such as: instantly find emails of a lead

What is looked through are the help texts of all commands, without a request.
"""


def command() -> click.Command:
    """Make the command."""
    own: list[click.Parameter] = [
        click.Argument(["words"], nargs=-1, required=True),
        click.Option(
            ["--limit"], type=click.IntRange(1), default=_MAX, help=f"Show at most so many; {_MAX} by default."
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Write what is found as JSON."),
    ]
    return click.Command("find", callback=_find, params=own, help=_HELP)


@click.pass_context
def _find(ctx: click.Context, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    found = [
        (f"instantly {method[1]} {method[2]}".replace("_", "-"), entry.summary)
        for entry, _ in find(" ".join(words), index("instantly_client"))
        if (method := _METHOD.match(entry.title))
    ][:limit]
    if as_json:
        click.echo(json.dumps([{"command": name, "does": summary} for name, summary in found], indent=2))
    else:
        for name, summary in found:
            click.echo(f"{name}\n    {summary}")
    if not found:
        click.echo("nothing was found; try other words, or fewer", err=True)
        ctx.exit(FAILED)
