"""The pages of the command line: each command with its arguments and options, from what the command line itself has.

The site makes them when it is built, from the installed client, so that they are never out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

from instantly_cli.commands.method import MethodCommand
from instantly_cli.commands.root import Root
from instantly_cli.failures import KINDS
from instantly_cli.run import NAME
from instantly_cli.settings import Settings, output_options, run_options
from scripts.codegen.markdown import code, heading, line, prose, table

INDEX = "README.md"


def command_pages() -> dict[str, str]:
    """Make the pages, by their names: one for each resource, and the first with all else."""
    root = Root(NAME)
    top = click.Context(root, info_name=NAME, obj=Settings())
    found = [(name, root.get_command(top, name)) for name in root.list_commands(top)]
    groups = {name: command for name, command in found if isinstance(command, click.Group)}
    others = {name: command for name, command in found if command and name not in groups}
    return {
        INDEX: _joined(_index(top, groups, others)),
        **{f"{name}.md": _joined(_group(top, name, group)) for name, group in groups.items()},
    }


def _index(top: click.Context, groups: dict[str, click.Group], others: dict[str, click.Command]) -> Iterator[str]:
    yield "# All commands"
    yield f"Every command of `{NAME}`, with its options. [The command line](../cli.md) says how they are used."
    yield table(
        ("commands", "for"),
        [(f"[`{NAME} {name}`]({name}.md)", line(group.help or "")) for name, group in groups.items()],
    )
    yield "## Options of every command"
    yield "They go before the command or after it."
    yield _options(top, [*output_options(), *run_options()])
    for name, command in others.items():
        yield from _command(top, name, command)
    yield "## Exit statuses"
    yield table(("status", "meaning"), [(str(kind.status), kind.meaning) for kind in sorted(KINDS)])


def _group(top: click.Context, name: str, group: click.Group) -> Iterator[str]:
    ctx = click.Context(group, parent=top, info_name=name)
    commands = [(each, group.get_command(ctx, each)) for each in group.list_commands(ctx)]
    yield f"# `{NAME} {name}`"
    yield line(group.help or "")
    yield f"Each command has the [options of every command]({INDEX}#options-of-every-command), too."
    yield table(
        ("command", "does"),
        [
            (f"[`{each}`](#{heading(f'{NAME} {name} {each}')})", line(command.get_short_help_str(200)))
            for each, command in commands
            if command
        ],
    )
    for each, command in commands:
        if command:
            yield from _command(ctx, each, command)


def _command(parent: click.Context, name: str, command: click.Command) -> Iterator[str]:
    ctx = click.Context(command, parent=parent, info_name=name)
    common = {"--help", *(option for each in (*output_options(), *run_options()) for option in each.opts)}
    options = (each for each in command.get_params(ctx) if isinstance(each, click.Option))
    yield f"## `{ctx.command_path}`"
    yield f"```text\n{ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}\n```"
    # Where click must not wrap, its help texts have a sign of their own.
    text, *verbatim = (command.help or "").split("\b\n")
    yield prose(text)
    yield from (f"```text\n{each.strip()}\n```" for each in verbatim)
    if isinstance(command, MethodCommand):
        yield from (line(command.in_words(each)) for each in command.details())
        about = {each.name: each.help for each in command.arguments if each.is_positional}
        if about:
            yield table(("argument", "meaning"), [(code(each.upper()), line(text)) for each, text in about.items()])
    yield _options(ctx, [each for each in options if not common & {*each.opts}])
    if isinstance(command, MethodCommand) and command.method.doc.request:
        method = command.method
        yield line(method.doc.request)
        page = f"../reference/{method.resource}.md#{heading(f'{method.resource}.{method.name}')}"
        yield f"In Python: [`client.{method.resource}.{method.name}`]({page})."


def _options(ctx: click.Context, parameters: Sequence[click.Parameter]) -> str:
    records = [found for each in parameters if (found := each.get_help_record(ctx))]
    rows = [(code(option), line(re.sub(r"\s*\[required\]$", " Required.", text))) for option, text in records]
    return table(("option", "meaning"), rows) if rows else ""


def _joined(parts: Iterator[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
