"""Settings of one run: the options that every command has, on either side of its name."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

from instantly_cli.failures import NoKeyError
from instantly_cli.keys import stored_key

if TYPE_CHECKING:
    from instantly_client import Event, Instantly

_NOTEWORTHY = 2.0
Layout = Literal["json", "jsonl", "csv", "spreadsheet", "plain"]
COMPLETE = "_INSTANTLY_COMPLETE"
"""The variable by which the script of a shell asks for completions."""


class Settings:
    """What the options of a run say, and the client that they make."""

    def __init__(self) -> None:
        self.layout: Layout | None = None
        self.fields: tuple[str, ...] = ()
        self.sandbox = False
        self.base_url: str | None = None
        self.workspace: str | None = None
        self.dry_run = False
        self.yes = False
        self.verbose = False
        self.resources = ExitStack()

    @property
    def is_sure(self) -> bool:
        """Whether nobody needs to be asked: the answer is yes, or nothing will be sent."""
        from instantly_core.call.options import dry_run_of_environment

        return self.yes or self.dry_run or dry_run_of_environment()

    def client(self) -> Instantly:
        """The client of this run: of the service, or of a sandbox in this process."""
        if self.sandbox and self.base_url is not None:
            raise click.UsageError("--sandbox and --base-url exclude each other")
        options: dict[str, Any] = {}
        if sys.stderr.isatty():
            options["on_event"] = _say_wait
        if self.dry_run:
            options["dry_run"] = True
        client = self._sandbox_client(options) if self.sandbox else self._service_client(options)
        return client.for_workspace(self.workspace) if self.workspace is not None else client

    def _service_client(self, options: dict[str, Any]) -> Instantly:
        from instantly_client import Instantly

        if self.base_url is not None:
            options["base_url"] = self.base_url
        if not os.environ.get("INSTANTLY_API_KEY"):
            options["api_key"] = stored_key()
            if options["api_key"] is None:
                raise NoKeyError
        return self.resources.enter_context(Instantly(**options))

    def _sandbox_client(self, options: dict[str, Any]) -> Instantly:
        try:
            from instantly_sandbox import Sandbox
        except ModuleNotFoundError as error:
            raise click.UsageError(
                f"--sandbox needs {error.name}; install it with: pip install 'instantly-client[cli,sandbox]'"
            ) from None
        return self.resources.enter_context(Sandbox(world="demo")).client(**options)


def _say_wait(event: Event) -> None:
    """Say why nothing happens for some time, to the person at a terminal."""
    if event.kind == "wait" and (event.seconds or 0) >= _NOTEWORTHY:
        why = "the rate limit" if event.reason == "limit" else "another attempt"
        print(f"waiting {event.seconds:.0f} s for {why}", file=sys.stderr, flush=True)


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that keeps the value of an option, if it is given, in the settings."""

    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            setattr(ctx.find_object(Settings), name, value)

    return keep


def _set_layout(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    settings = ctx.find_object(Settings)
    if value and settings is not None:
        if settings.layout not in (None, param.name):
            raise click.UsageError(f"--{settings.layout} and --{param.name} exclude each other")
        settings.layout = param.name  # type: ignore[assignment] # ty: ignore[invalid-assignment]


def _set_fields(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    settings = ctx.find_object(Settings)
    if value is not None and settings is not None:
        settings.fields = tuple(name for name in map(str.strip, value.split(",")) if name)
        if not settings.fields:
            raise click.BadParameter("it names no field")


def _set_verbose(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    settings = ctx.find_object(Settings)
    if value and settings is not None:
        settings.verbose = True
        settings.resources.enter_context(_logged())


@contextmanager
def _logged() -> Generator[None]:
    """The log of the client, whole, on the standard error."""
    log = logging.getLogger("instantly_client")
    level = log.level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def output_options() -> list[click.Option]:
    """The options that say how results are written."""
    layouts = {
        "json": "Write JSON: one value, an array for a list.",
        "jsonl": "Write JSON lines: one object a line, as they arrive.",
        "csv": "Write CSV with a header.",
        "spreadsheet": "Write CSV for spreadsheets: no cell acts as a formula, and letters are not garbled.",
    }
    return [
        *(
            click.Option([f"--{name}"], is_flag=True, expose_value=False, callback=_set_layout, help=text)
            for name, text in layouts.items()
        ),
        click.Option(
            ["--fields"],
            metavar="NAME,...",
            expose_value=False,
            callback=_set_fields,
            help="Write these fields only, in this order. A dot leads into an object: payload.city.",
        ),
    ]


def run_options() -> list[click.Option]:
    """The options that say what the command works on, and how carefully."""

    def option(*names: str, help_: str, **more: Any) -> click.Option:
        name = names[0].removeprefix("--").replace("-", "_")
        return click.Option([*names], expose_value=False, callback=_set(name), help=help_, **more)

    return [
        option("--dry-run", is_flag=True, help_="Send reads only: show a write, and do not send it."),
        option("--yes", "-y", is_flag=True, help_="Answer every question with yes."),
        option(
            "--sandbox",
            is_flag=True,
            help_="Use a sandbox with demo data, made for this run: no mail, no cost, nothing kept.",
        ),
        option("--workspace", metavar="ID", help_="Act for a sub-workspace, with the key of an admin workspace."),
        option("--base-url", metavar="URL", help_="URL of the API; by default that in INSTANTLY_BASE_URL, if set."),
        click.Option(
            ["--verbose", "-v"],
            is_flag=True,
            expose_value=False,
            callback=_set_verbose,
            help="Say on the standard error what is sent, and show where an unexpected error comes from.",
        ),
    ]


def common_options() -> list[click.Option]:
    """The options that every command has."""
    return [*output_options(), *run_options()]
