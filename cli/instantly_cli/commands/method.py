"""The command of a method: its options are the arguments, its help text is the docstring."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import click
from click.core import augment_usage_errors

from instantly_cli.confirmation import confirm
from instantly_cli.dotted import DottedOption, dotted_options, merged
from instantly_cli.effects import effect_of
from instantly_cli.methods import MAX_ITEMS, PAGE_SIZE, Argument, Method
from instantly_cli.output import Output
from instantly_cli.settings import Settings, output_options, run_options
from instantly_cli.suggestions import nearest
from instantly_cli.values import Value, choices
from instantly_client import Instantly
from instantly_core import DryRun
from instantly_core.error_tree import InstantlyError

_DOTTED = "instantly_cli.dotted"
_NULL = "null"
_ID = "-id"
_MIN_COLUMN, _MAX_COLUMN, _MIN_TEXT = 6, 30, 40
"""Widths in a help text: the names of options get less than they need where their text would get too little."""
CONFIRM = "confirm"
"""The argument by which a program says that it means to pay. Here the question of the command does."""


class MethodCommand(click.Command):
    """A command that calls a method and writes what it returns."""

    def __init__(self, name: str, method: Method) -> None:
        super().__init__(name, help=method.doc.summary, short_help=method.doc.summary)
        self.method = method

    @cached_property
    def arguments(self) -> list[Argument]:
        """The arguments that the command line gives."""
        return [each for each in self.method.arguments if each.name != CONFIRM]

    @cached_property
    def own(self) -> list[click.Parameter]:
        """The parameters that this command has beyond the common ones."""
        return self.parameters()

    def parameters(self) -> list[click.Parameter]:
        """Make the parameters for the arguments of the method, the ids first."""
        taken = {option for each in (*output_options(), *run_options()) for option in (*each.opts, "--help", "--null")}
        positional = [each for each in self.arguments if each.is_positional]
        # How many items there are to be is what people give most.
        keywords = sorted(
            (each for each in self.arguments if not each.is_positional), key=lambda each: each.name != MAX_ITEMS
        )
        names = {each.name: self._option_name(each.name, taken) for each in keywords}
        found: list[click.Parameter] = [
            click.Argument([each.name], metavar=each.name.upper(), type=str) for each in positional
        ]
        found += [
            _option(each, self._aliases(names[each.name], {*taken, *names.values()}), self.in_words(each.help))
            for each in keywords
        ]
        if nullable := self.method.nullable():
            example = nullable[0].replace("_", "-")
            found.append(
                click.Option(
                    [f"--{_NULL}"],
                    multiple=True,
                    metavar="NAME",
                    help=f"Send null for an option, which resets a field: --{_NULL} {example}. Can be repeated.",
                )
            )
        return found

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        dotted: Sequence[click.Parameter] = ctx.meta.get(_DOTTED, ())
        # Read late: the list of a resource's commands needs no types.
        self.params = [*self.own, *dotted, *output_options(), *run_options()]
        return super().get_params(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_DOTTED] = dotted_options(args, self._structured())
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> None:
        # A message about the command line names the command, as it does for those with a callback.
        with augment_usage_errors(ctx):
            self._run(ctx, ctx.ensure_object(Settings))

    def _run(self, ctx: click.Context, settings: Settings) -> None:
        given = self.given(ctx)
        positional = [given.pop(each.name) for each in self.arguments if each.is_positional]
        keywords = given
        client = settings.client()
        if self._takes_confirm:
            keywords[CONFIRM] = True
        if (effect := effect_of(self.method.operation, keywords)) and not settings.is_sure:
            # What the client refuses needs no question.
            with suppress(DryRun):
                self.call(ctx, client.with_options(dry_run=True), positional, keywords)
            confirm(f"{' '.join([ctx.command_path, *positional])} would {effect}.")
        result = self.call(ctx, client, positional, keywords)
        Output(settings).write(result, self.method.resource.replace("_", " "))

    def call(self, ctx: click.Context, client: Instantly, positional: list[Any], keywords: dict[str, Any]) -> Any:
        """Call the method."""
        try:
            return self.method(client, positional, keywords)
        except InstantlyError:
            raise
        except (TypeError, ValueError) as error:
            # What the client refuses before it sends anything, in the words of Python.
            raise click.UsageError(self.in_words(str(error)).replace("; pass ", "; say "), ctx) from None

    def given(self, ctx: click.Context) -> dict[str, Any]:
        """The arguments that the command line gives, by name.

        Raises:
            MissingParameter: a required one is missing.
        """
        parts: dict[str, list[tuple[Sequence[str | int], Any]]] = {}
        for option in ctx.meta[_DOTTED]:
            value = ctx.params[option.name]
            if value is not None and option.name is not None:
                value = [*value] if isinstance(option, DottedOption) and option.multiple else value
                parts.setdefault(option.argument, []).append((option.path, value))
        nulls = self._nulls(ctx)
        found: dict[str, Any] = {}
        for argument in self.arguments:
            value = ctx.params.get(argument.name)
            if argument.form.many and not argument.is_positional:
                value = _flat(value)
            value = merged(value, parts.get(argument.name, ()))
            if argument.name in nulls:
                found[argument.name] = None
            elif value is not None:
                found[argument.name] = value
            elif argument.is_required:
                raise click.MissingParameter(ctx=ctx, param=self._parameter(argument.name))
        return found

    def in_words(self, message: str) -> str:
        """A message of the client with its arguments as options."""
        for argument in sorted(self.method.arguments, key=lambda each: -len(each.name)):
            option = f"--{self._option_name(argument.name, ())[2:]}"
            for written in (f"{argument.name}=True", f"{argument.name}=", f"'{argument.name}'", f"`{argument.name}`"):
                # With a value behind it, as in `id='x'`, the option stands apart.
                message = re.sub(rf"\b{re.escape(written)}(?=['\"\[{{\d])", f"{option} ", message)
                message = message.replace(written, option)
            if message.startswith(f"{argument.name} "):
                message = option + message.removeprefix(argument.name)
        return message

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for paragraph in self.details():
            self._write_text(formatter, paragraph)
        positional = [(each.name.upper(), each.help) for each in self.arguments if each.is_positional]
        sections = {
            "Arguments": positional,
            "Options": _records(ctx, [each for each in self.own if isinstance(each, click.Option)]),
            "Output": _records(ctx, output_options()),
            "Run": _records(ctx, [*run_options(), *([help_] if (help_ := self.get_help_option(ctx)) else [])]),
        }
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records, col_max=max(_MIN_COLUMN, min(_MAX_COLUMN, formatter.width - _MIN_TEXT)))
        if structured := self._structured():
            example = min(structured)
            self._write_text(
                formatter,
                "JSON is written out, or read from a file with @NAME, from the standard input with @-. Each part of "
                f"it is an option of its own too: {example}.field VALUE, and in a list {example}.0 VALUE.",
            )
        if request := self.method.doc.request:
            self._write_text(formatter, request)

    def details(self) -> Sequence[str]:
        """Return the paragraphs of the help text between its first sentence and the options."""
        return self.method.doc.paragraphs

    def _write_text(self, formatter: click.HelpFormatter, text: str) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self.in_words(text))

    @property
    def _takes_confirm(self) -> bool:
        return any(each.name == CONFIRM for each in self.method.arguments)

    def _structured(self) -> dict[str, tuple[str, Any]]:
        """The arguments that have parts, by their options."""
        options = {each.name: each.opts[0] for each in self.own if isinstance(each, click.Option)}
        return {
            options[each.name]: (each.name, each.form)
            for each in self.arguments
            if each.name in options and each.form.is_structured
        }

    def _option_name(self, name: str, taken: Sequence[str] | set[str]) -> str:
        if self.method.is_walk and name in (MAX_ITEMS, PAGE_SIZE):
            name = "limit" if name == MAX_ITEMS else "page_size"
        option = f"--{name.strip('_').replace('_', '-')}"
        # The options of the command line itself mean the same everywhere.
        return f"--argument-{option[2:]}" if option in taken else option

    def _aliases(self, option: str, taken: set[str]) -> list[str]:
        short = option.removesuffix(_ID)
        return [option, *([short] if short not in {option, "-", *taken} else [])]

    def _nulls(self, ctx: click.Context) -> set[str]:
        nullable = {name.replace("_", "-"): name for name in self.method.nullable()}
        found = set()
        for written in ctx.params.get(_NULL, ()):
            name = written.removeprefix("--").replace("_", "-")
            if name not in nullable:
                raise click.BadParameter(
                    f"{written!r} cannot be null{nearest(name, [*nullable])}", ctx, param_hint=f"'--{_NULL}'"
                )
            found.add(nullable[name])
        return found

    def _parameter(self, name: str) -> click.Parameter | None:
        return next((each for each in self.own if each.name == name), None)


class FlagOption(click.Option):
    """A flag with its opposite, both in one name of the help text: --[no-]text-only."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the two columns of the help text."""
        record = super().get_help_record(ctx)
        return (f"--[no-]{self.opts[0][2:]}", record[1]) if record and self.secondary_opts else record


def _option(argument: Argument, names: list[str], text: str) -> click.Option:
    help_ = " ".join(filter(None, [text, choices(argument.form)]))
    if argument.form.many and not argument.form.is_structured:
        help_ += " Can be repeated."
    if argument.is_required:
        help_ += " [required]"
    if argument.form.is_flag:
        pair = names[0] if argument.default is False else f"{names[0]}/--no-{names[0][2:]}"
        return FlagOption([argument.name, pair], is_flag=True, default=None, help=help_)
    return click.Option([argument.name, *names], type=Value(argument.form), multiple=argument.form.many, help=help_)


def _flat(values: Sequence[Any] | None) -> list[Any] | None:
    """The values of a repeated option, each of which may be a list itself; None if it was not given."""
    if not values:
        return None
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _records(ctx: click.Context, parameters: Sequence[click.Parameter]) -> list[tuple[str, str]]:
    records = (each.get_help_record(ctx) for each in parameters)
    return [record for record in records if record is not None]
