"""Questions before a command does what cannot be taken back, or what costs money."""

from __future__ import annotations

import sys

import click

from instantly_cli.failures import NotConfirmedError
from instantly_cli.settings import Settings


def confirm(settings: Settings, effect: str) -> None:
    """Ask whether a command is meant; `effect` is the sentence that says what it does.

    Raises:
        NotConfirmedError: the answer is no, or there is nobody to ask.
    """
    if settings.yes or settings.dry_run:
        return
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{effect}\n  What to do: look at it with --dry-run, then say --yes")
    if not click.confirm(f"{effect} Go on?", err=True):
        raise NotConfirmedError("nothing was sent")
