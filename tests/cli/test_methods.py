"""Commands for the methods of the client: all of them, with their arguments and words."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import Parameter, signature, unwrap

import click
import pytest

from instantly_cli.commands.method import MethodCommand
from instantly_cli.commands.resource import FOR_PROGRAMS, ResourceGroup
from instantly_cli.commands.root import Root
from instantly_cli.methods import Method, methods, resources
from instantly_cli.settings import Settings
from instantly_core import Operation
from instantly_sandbox.engine.document import pinned
from tests.cli.conftest import Cli

METHODS = [Method(resource, name) for resource in resources() for name in methods(resource)]
IDS = [f"{each.resource}.{each.name}" for each in METHODS]


def commands() -> Iterator[tuple[click.Context, MethodCommand]]:
    """All commands that are methods, in the contexts that they run in."""
    top = click.Context(Root("instantly"), info_name="instantly", obj=Settings())
    for resource, about in resources().items():
        group = ResourceGroup(resource, about)
        within = click.Context(group, parent=top, info_name=group.name)
        for name in group.list_commands(within):
            command = group.get_command(within, name)
            if isinstance(command, MethodCommand):
                yield click.Context(command, parent=within, info_name=name), command


def test_every_operation_of_the_document_is_a_command() -> None:
    found = {command.method.operation.name for _, command in commands() if command.method.operation is not None}
    assert found == {operation.id for operation in pinned()}


def test_every_operation_of_a_resource_belongs_to_one_method() -> None:
    for resource in resources():
        module = import_module(f"instantly_client.resources.{resource}")
        known = [value for value in vars(module).values() if isinstance(value, Operation)]
        found = [each.operation for each in METHODS if each.resource == resource and each.operation is not None]
        assert sorted(each.name for each in found) == sorted(each.name for each in known)


def test_every_method_is_a_command_or_has_one_written_by_hand() -> None:
    found = {(command.method.resource, command.method.name) for _, command in commands()}
    assert found | FOR_PROGRAMS == {(each.resource, each.name) for each in METHODS}
    assert found & FOR_PROGRAMS == {("leads", "import_rows")}


def test_every_argument_of_every_method_is_a_parameter_with_a_name_of_its_own() -> None:
    for ctx, command in commands():
        parameters = command.get_params(ctx)
        names = [name for each in parameters for name in (*each.opts, *each.secondary_opts)]
        assert len(names) == len({*names}), ctx.command_path
        assert {each.name for each in command.arguments} - {"chunk_size", "skip_confirmed", "collect"} <= {
            each.name for each in parameters
        }, ctx.command_path


def test_only_methods_for_programs_need_what_no_text_can_be() -> None:
    missing = [
        (method, parameter)
        for method in METHODS
        for parameter in [*signature(unwrap(method.function)).parameters.values()][1:]
        if parameter.name not in {argument.name for argument in method.arguments}
    ]
    required = {(each.resource, each.name) for each, parameter in missing if parameter.default is Parameter.empty}
    assert required == FOR_PROGRAMS
    # What a call that was interrupted goes on from, and functions.
    others = {parameter.name for _, parameter in missing if parameter.default is not Parameter.empty}
    assert others == {"on_progress", "progress", "report", "results"}


def test_every_help_text_is_that_of_the_docstring() -> None:
    for ctx, command in commands():
        words = " ".join(command.get_help(ctx).split())
        assert command.help is not None
        assert " ".join(command.help.split()) in words
        if command.method.operation is not None:
            assert f"`{command.method.operation.method} " in words


@pytest.mark.parametrize("command", ["campaigns list", "leads bulk-delete", "emails update", "leads add"])
def test_help_is_shown_by_either_option(cli: Cli, command: str) -> None:
    assert cli(*command.split(), "--help") == cli(*command.split(), "-h")


def test_an_option_of_the_command_line_itself_means_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fields:
        def list(self, *, fields: str, json: bool, dry_run: bool = False) -> None:
            """List."""

    monkeypatch.setattr("instantly_client.Instantly.fields", Fields, raising=False)
    command = MethodCommand("list", Method("fields", "list"))
    assert [each.opts for each in command.own] == [["--argument-fields"], ["--argument-json"], ["--argument-dry-run"]]


def test_messages_name_options_and_commands_instead_of_arguments_and_methods(cli: Cli) -> None:
    refused = cli("leads", "bulk-delete", "--yes", "--status", "active")
    assert refused.status == 2
    assert "--campaign-id" in refused.err
    assert "campaign_id" not in refused.err
    assert "every lead of --campaign-id 'x'; say" in cli("leads", "bulk-delete", "--yes", "--campaign", "x").err
    assert "`instantly campaigns activate`" in " ".join(cli("campaigns", "create", "--help").out.split())


def test_unknown_names_are_refused_with_the_nearest_one(cli: Cli) -> None:
    for arguments, nearest in (
        (["campaigning", "list"], "campaigns"),
        (["campaigns", "lists"], "list"),
        (["campaigns", "list", "--searhc", "x"], "--search"),
    ):
        refused = cli(*arguments)
        assert refused.status == 2
        assert refused.out == ""
        assert nearest in refused.err
        assert len(refused.err.splitlines()) == 2


def test_underscores_are_as_good_as_hyphens(cli: Cli) -> None:
    assert cli("lead_lists", "list", "--page_size", "1") == cli("lead-lists", "list", "--page-size", "1")
