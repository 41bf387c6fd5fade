"""Put a new tree in the place of the old one: at every moment either of them is there, whole."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from scripts.lib.report import Failed

STEP = "swap in"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def replace_tree(new: Path, target: Path) -> None:
    """Move the folder `new` to `target`; a folder that is there is removed afterwards.

    `new` must lie on the same file system. Raises `Failed`, with `target` as it was, if the move cannot be done.
    """
    try:
        if not target.exists():
            new.rename(target)
            return
        exchange(new, target)
    except OSError as error:
        raise Failed(STEP, f"{target} could not be replaced: {error}") from error
    shutil.rmtree(new, ignore_errors=True)


def exchange(one: Path, other: Path) -> None:
    """Exchange two files or folders of one file system, in one step where the system can.

    Raises `OSError`, with both as they were, if it cannot be done.
    """
    if not _exchange_in_one_step(one, other):
        _exchange_in_three_moves(one, other)


def _exchange_in_one_step(one: Path, other: Path) -> bool:
    """Let the kernel do it; False where it cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code))


def _exchange_in_three_moves(one: Path, other: Path) -> None:
    aside = one.with_name(one.name + ".old")
    moved: list[tuple[Path, Path]] = []
    try:
        for source, destination in ((other, aside), (one, other), (aside, one)):
            source.rename(destination)
            moved.append((source, destination))
    except BaseException:  # an interruption too
        for source, destination in reversed(moved):
            destination.rename(source)
        raise
