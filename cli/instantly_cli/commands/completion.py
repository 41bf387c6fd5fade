"""Command `instantly completion`: writes the script that lets a shell complete commands, options and values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from instantly_cli.settings import COMPLETE

SHELLS = ("bash", "zsh", "fish")

_HELP = """Write the script with which a shell completes commands, options and the names of values.

\b
bash  eval "$(instantly completion bash)"    in ~/.bashrc
zsh   eval "$(instantly completion zsh)"     in ~/.zshrc
fish  instantly completion fish | source     in ~/.config/fish/config.fish
"""


def command() -> click.Command:
    """Make the command."""
    return click.Command(
        "completion",
        callback=_completion,
        params=[click.Argument(["shell"], metavar="SHELL", type=click.Choice(SHELLS))],
        help=_HELP,
    )


@click.pass_context
def _completion(ctx: click.Context, shell: str) -> None:
    script = get_completion_class(shell)
    assert script is not None
    root = ctx.find_root()
    click.echo(script(root.command, {}, root.info_name or "", COMPLETE).source())
