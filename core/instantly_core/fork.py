"""Renewal in forked children, which inherit locks that nobody will release and sockets that the parent still uses."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class _Renewable(Protocol):
    def _after_fork(self) -> None: ...


_renewed: WeakSet[_Renewable] = WeakSet()


def renew_after_fork(thing: _Renewable) -> None:
    """Have `thing._after_fork()` called in every child process, for as long as it lives."""
    _renewed.add(thing)


def _in_child() -> None:
    for thing in list(_renewed):
        thing._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
