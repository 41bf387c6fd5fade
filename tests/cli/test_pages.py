"""The pages of the command line have each command, option and exit status once."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import click

from instantly_cli.commands.root import COMMANDS
from instantly_cli.failures import KINDS
from instantly_cli.settings import common_options
from scripts.codegen.command_pages import INDEX, command_pages
from scripts.lib.layout import PROJECT
from tests.cli.test_methods import commands

made = cache(command_pages)


@cache
def sections() -> dict[str, str]:
    """Command -> what the pages say of it."""
    found = re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", "\n".join(made().values()), re.MULTILINE | re.DOTALL)
    assert len(found) == len(dict(found))
    return dict(found)


def test_each_command_is_there_once_and_leads_to_its_method() -> None:
    methods = {ctx.command_path: command.method for ctx, command in commands()}
    by_hand = {f"instantly {name}" for name in COMMANDS} | {"instantly webhooks listen"}
    assert sections().keys() == methods.keys() | by_hand
    for path, method in methods.items():
        if method.doc.request:
            assert f"[`client.{method.resource}.{method.name}`]" in sections()[path]


def test_each_option_of_a_command_is_there_once() -> None:
    common = [option for each in common_options() for option in each.opts]
    for ctx, command in commands():
        said = re.findall(r"^\| `([^`]+)` \|", sections()[ctx.command_path], re.MULTILINE)
        named = Counter(re.sub(r"\[no-\]", "", option) for row in said for option in re.findall(r"--[^\s,]+", row))
        own = [option for each in command.own if isinstance(each, click.Option) for option in each.opts]
        assert named == Counter(own), ctx.command_path
        assert not {*own} & {*common}
    assert all(f"{option}" in made()[INDEX] for option in common)


def test_each_exit_status_is_there() -> None:
    for kind in KINDS:
        assert f"| {kind.status} | {kind.meaning} |" in made()[INDEX]


def test_the_links_into_the_reference_lead_somewhere() -> None:
    pages_of_methods = {path.name: path.read_text("utf-8") for path in PROJECT.reference.iterdir()}
    for text in made().values():
        for name, page in re.findall(
            r"^In Python: \[`client\.([\w.]+)`\]\(\.\./reference/([\w.-]+)#", text, re.MULTILINE
        ):
            assert f"## `{name}`" in pages_of_methods[page]


def test_the_command_that_the_reference_names_is_that_of_the_method() -> None:
    named = {
        command
        for path in PROJECT.reference.iterdir()
        for command in re.findall(r"^- Command line: `(.+)`\.$", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named == {ctx.command_path for ctx, command in commands() if command.method.doc.request}
