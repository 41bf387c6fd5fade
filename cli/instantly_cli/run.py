"""One run of the command line: from its arguments to an exit status. Errors become a line or two, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from shutil import get_terminal_size

import click

from instantly_cli.commands.root import Root
from instantly_cli.failures import (
    DONE,
    INTERRUPTED,
    OutputClosedError,
    lines,
    status_of,
)
from instantly_cli.settings import COMPLETE, Settings
from instantly_core.call.dry_run import DryRun
from instantly_core.commands import discard_output
from instantly_core.error_tree import InstantlyError

NAME = "instantly"
_MIN_WIDTH, _MAX_WIDTH, _MARGIN = 30, 80, 2
"""Widths of help texts."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status."""
    _open_streams()
    root = Root(NAME)
    if instruction := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(root, {"obj": Settings()}, NAME, COMPLETE, instruction)
    settings = Settings()
    if isinstance(sys.stdout, TextIOWrapper):
        # A lone surrogate in an answer has no form in UTF-8. The first rows of a long walk are seen at once.
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    try:
        with settings.resources:
            given = list(sys.argv[1:] if arguments is None else arguments)
            # By itself, click writes wider lines than a narrow terminal has.
            width = max(_MIN_WIDTH, min(get_terminal_size().columns, _MAX_WIDTH)) - _MARGIN
            with root.make_context(NAME, given, obj=settings, terminal_width=width) as ctx:
                root.invoke(ctx)
            sys.stdout.flush()
    except DryRun as plan:
        from instantly_cli.output import Output

        Output(settings).write_plan(plan)
        return DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except (BrokenPipeError, OutputClosedError):
        discard_output()
        return status_of(OutputClosedError())
    except (Exception, KeyboardInterrupt) as error:
        return _failed(error, settings)
    return DONE


def _open_streams() -> None:
    """Open the standard streams that are closed, for which Python has None, to nothing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, for as long as the process


def _failed(error: BaseException, settings: Settings) -> int:
    if settings.verbose and not isinstance(error, click.ClickException | InstantlyError | KeyboardInterrupt):
        sys.excepthook(type(error), error, error.__traceback__)
    status = status_of(error)
    if status == INTERRUPTED:
        # On a line of its own, after the ^C that the terminal shows.
        print("\ninterrupted", file=sys.stderr)
    else:
        print(lines(error, NAME), file=sys.stderr)
    return status
