"""Other programs: each is run to its end, without input, and what it prints is text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.lib.report import Failed

MAX_LINES = 30
"""The lines of output that a message repeats: the last ones."""


def tool(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command of a Python tool in the version that is pinned: the PATH may have another, or none."""
    return [sys.executable, "-m", name, *arguments]


def execute(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    merged: bool = False,
    umask: int = -1,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command, whatever its exit status.

    Args:
        variables: its whole environment; this one's if not given.
        merged: its errors are part of its output.
    """
    return subprocess.run(
        command,
        cwd=folder,
        env=variables,
        umask=umask,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def run(
    step: str,
    called: str,
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    umask: int = -1,
) -> str:
    """Run a command that has to succeed. Returns its output; raises `Failed` with the end of what it printed."""
    done = execute(command, folder=folder, variables=variables, umask=umask)
    if done.returncode:
        said = "\n".join(filter(None, (end(done.stdout), end(done.stderr))))
        raise Failed(step, f"{called}, exit status {done.returncode}\n{said}")
    return done.stdout


def git(step: str, root: Path, *arguments: str) -> str:
    """The output of git in the repository at `root`. Raises `Failed` with what git says."""
    try:
        return run(step, f"git {arguments[0]}", ["git", *arguments], folder=root)
    except OSError as error:
        raise Failed(step, f"git cannot be run: {error}") from error


def end(text: str) -> str:
    """The last lines of an output."""
    return "\n".join(text.strip().splitlines()[-MAX_LINES:])
