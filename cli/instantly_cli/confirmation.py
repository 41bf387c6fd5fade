"""Questions before a command does what cannot be taken back, or what costs money."""

from __future__ import annotations

import sys

import click

from instantly_cli.failures import NotConfirmedError


def confirm(effect: str) -> None:
    """Ask whether a command is meant; `effect` is the sentence that says what it would do.

    Raises:
        NotConfirmedError: the answer is no, or there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{effect}\n  What to do: look at it with --dry-run, then say --yes")
    if not click.confirm(f"{effect} Go on?", err=True):
        raise NotConfirmedError("nothing was sent")
