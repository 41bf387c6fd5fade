"""Command `instantly api`: any request by method and path, for what this version has no command for."""

from __future__ import annotations

from typing import Any

import click

from instantly_cli.confirmation import confirm
from instantly_cli.output import Output
from instantly_cli.settings import Settings, common_options
from instantly_cli.values import Form, Value
from instantly_core import UNSET
from instantly_core.error_tree import InstantlyError

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

_HELP = """Send a request to the service, with the key, the limits and the retries of all commands.

PATH begins with a slash, such as /api/v2/campaigns. The answer is written as JSON.
"""


def command() -> click.Command:
    """Make the command."""
    body = Value(Form((dict,)))
    own: list[click.Parameter] = [
        click.Argument(["method"], metavar="METHOD", type=click.Choice(_METHODS, case_sensitive=False)),
        click.Argument(["path"]),
        click.Option(["--data", "-d"], metavar="JSON", type=body, help="The body: JSON, @ and a file with it, or @-."),
        click.Option(
            ["--query", "-q"], metavar="NAME=VALUE", multiple=True, help="A parameter of the query. Can be repeated."
        ),
        click.Option(["--safe"], is_flag=True, help="The request changes nothing, so that it may be sent again."),
        click.Option(["--everything"], is_flag=True, help="It is meant to reach everything, for no filter narrows it."),
        click.Option(["--confirm"], is_flag=True, help="It costs money, and is meant to."),
    ]
    return click.Command("api", callback=_api, params=[*own, *common_options()], help=_HELP)


@click.pass_obj
def _api(settings: Settings, /, method: str, path: str, data: object, query: tuple[str, ...], **flags: Any) -> None:
    pairs: dict[str, list[str]] = {}
    for each in query:
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{each!r} is not NAME=VALUE", param_hint="'--query'")
        pairs.setdefault(name, []).append(value)
    client = settings.client()
    if method == "DELETE" and not settings.is_sure:
        confirm(f"instantly api DELETE {path} would delete for good.")
    try:
        answer = client.request(method, path, query=pairs, json=UNSET if data is None else data, **flags)
    except InstantlyError:
        raise
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    settings.layout = settings.layout or "json"
    Output(settings).write(answer)
