"""Exit statuses, by the kind of error, and the lines that say what happened."""

from __future__ import annotations

from typing import NamedTuple

import click

from instantly_core.error_tree import (
    APIConnectionError,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    EdgeBlockedError,
    InstantlyError,
    NotFoundError,
    PayloadTooLargeError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ValidationError,
)

DONE, FAILED, USAGE, REFUSED, INTERRUPTED, CLOSED = 0, 1, 2, 9, 130, 141


class NoKeyError(click.ClickException):
    """There is no API key, neither in the environment nor of a login."""

    def __init__(self) -> None:
        super().__init__(
            "there is no API key; keys are made in Instantly under Settings > Integrations > API Keys\n"
            "  What to do: instantly login, set INSTANTLY_API_KEY, or try it without a key: --sandbox"
        )


class NotConfirmedError(click.ClickException):
    """Nobody said yes to what a command would do."""


class OutputClosedError(Exception):
    """Whoever read the output has closed it, as `head` does."""


class Kind(NamedTuple):
    """A kind of end of a command."""

    status: int
    errors: tuple[type[BaseException], ...]
    meaning: str


KINDS = (
    Kind(DONE, (), "Done."),
    Kind(USAGE, (click.UsageError, NoKeyError, ConfigurationError),
         "The command line is wrong, a file cannot be read, a guard refuses, there is no key, or the extra is not "
         "installed. Nothing was sent."),
    Kind(3, (AuthenticationError, PermissionDeniedError, PaymentRequiredError, EdgeBlockedError),
         "The key, its scopes or the plan do not permit it (401, 402, 403)."),
    Kind(4, (NotFoundError,), "It does not exist, or not in this workspace (404)."),
    Kind(5, (ValidationError, ConflictError, PayloadTooLargeError),
         "The service refuses what was sent (400, 409, 413, 422)."),
    Kind(6, (RateLimitError,), "Too many requests (429), or keeping the limits would take too long."),
    Kind(7, (ServerError,), "The service failed (5xx). A write may have been carried out."),
    Kind(8, (APIConnectionError,), "No answer: the network failed, or time was up. A write may have been carried out."),
    Kind(REFUSED, (NotConfirmedError,), "Not confirmed: nobody said yes, and there was no `--yes`. Nothing was sent."),
    Kind(INTERRUPTED, (KeyboardInterrupt, click.Abort), "Interrupted by Ctrl-C."),
    Kind(CLOSED, (OutputClosedError,), "The output was closed before its end, as `head` does."),
    Kind(FAILED, (Exception,), "Anything else, such as an answer that cannot be read."),
)  # fmt: skip
"""The kinds of ends, of which the first counts that an error belongs to."""


def status_of(error: BaseException) -> int:
    """The exit status for an error."""
    # What stopped an import of many leads is in its cause.
    cause = error.__cause__
    if type(error).__name__ == "RowImportError" and isinstance(cause, InstantlyError):
        return status_of(cause)
    return next(kind.status for kind in KINDS if isinstance(error, kind.errors))


def lines(error: BaseException, command: str) -> str:
    """What a person reads about an error: one line, and one with what to do where that helps."""
    if isinstance(error, click.UsageError):
        name = error.ctx.command_path if error.ctx else command
        message = error.format_message()
        if isinstance(error, click.MissingParameter):
            # What can be chosen has a line for each.
            message = " ".join(message.split())
        return f"{name}: {message}\n  See: {name} --help"
    if isinstance(error, click.ClickException):
        message = error.format_message()
        return message if message.startswith(f"{command} ") else f"{command}: {message}"
    if isinstance(error, AuthenticationError):
        return f"{command}: {error}\n  What to do: instantly login, with a key that is valid"
    if isinstance(error, InstantlyError):
        return f"{command}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{command}: {error.strerror}{f': {error.filename}' if error.filename else ''}"
    return f"{command}: unexpected {type(error).__name__}: {error}\n  To see where it comes from: --verbose"
