"""Explain errors: `python -m instantly_client explain NotFoundError` says what one means and what to do, offline."""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Sequence
from textwrap import shorten

from . import errors
from .call.dry_run import DryRun
from .call.failure import kind_of
from .models.encode import UnsendableTypeError, UnsendableValueError
from .models.nearest import hint

_WIDTH = 100


def main(package: str, arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status: 2 for an error that does not exist."""
    parser = argparse.ArgumentParser(
        f"python -m {package} explain", description="Say what an error means, and what to do."
    )
    parser.add_argument("error", nargs="?", help="the class of an error, or the status; all of them without one")
    wanted = parser.parse_args(arguments).error
    known: dict[str, type[Exception]] = {name: getattr(errors, name) for name in errors.__all__}
    if wanted is None:
        width = max(map(len, known))
        for name, kind in known.items():
            print(f"{name:<{width}}  {shorten(_first(kind), _WIDTH - width, placeholder=' ...')}")
        return 0
    known |= {kind.__name__: kind for kind in (DryRun, UnsendableTypeError, UnsendableValueError)}
    name = wanted.rpartition(".")[2]
    if name.isascii() and name.isdecimal() and 400 <= int(name) < 600:
        name = kind_of(int(name)).__name__
    if name not in known:
        print(f"there is no error {wanted!r}; {hint(name, known)}", file=sys.stderr)
        return 2
    print(_heading(known[name]), inspect.getdoc(known[name]), sep="\n\n")
    return 0


def _first(kind: type[Exception]) -> str:
    """The first clause of what an error means."""
    text = " ".join((inspect.getdoc(kind) or "").split())
    return re.split(r"(?<=[.;])\s", text)[0].rstrip(".;")


def _heading(kind: type[Exception]) -> str:
    """The class with those that it is a kind of."""
    above = [each.__name__ for each in kind.__mro__[1:] if issubclass(each, Exception) and each is not Exception]
    return f"{kind.__name__}, a kind of {', '.join(above)}" if above else kind.__name__
