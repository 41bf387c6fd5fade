"""Examine a machine and a project: can the client work here, and can a stranger's package take its place?

Standard library only, so that it runs where nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module


def main(package: str, arguments: Sequence[str]) -> int:
    """Run the command for a package, which knows of what day its document is; returns the exit status."""
    from .command import main as examine

    return examine(arguments, released=import_module(package).SPEC_DATE)
