"""Put a new tree in the place of the old one: at every moment either of them is there, whole."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from scripts.report import Failed

STEP = "swap in"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def swap_in(new: Path, target: Path) -> None:
    """Move the folder `new` to `target`; a folder that stands there is removed afterwards.

    `new` must lie on the same file system. Raises `Failed`, with `target` as it was, if the move cannot be done.
    """
    try:
        if not target.exists():
            new.rename(target)
            return
        if not _exchange(new, target):
            _exchange_in_two_moves(new, target)
    except OSError as error:
        raise Failed(STEP, f"{target} could not be replaced: {error}") from error
    shutil.rmtree(new, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step of the kernel; False where the system cannot."""
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


def _exchange_in_two_moves(new: Path, target: Path) -> None:
    old = new.with_name(new.name + ".old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:  # an interruption too: the caller removes the folder that `old` lies in
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
