"""Files that one process at a time has open."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

FAR = 1 << 40
"""The place of the byte that is locked on Windows, where nobody else could read a byte with a lock."""


def open_alone(path: Path, of: Path) -> BinaryIO:
    """Open a file to write to that no other process has open in this way; it stays as it is.

    Args:
        path: the file.
        of: the file that messages name.

    Raises:
        OSError: it cannot be opened, or another process has it open.
    """
    while True:
        try:
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        except OSError as error:
            raise type(error)(error.errno, error.strerror, str(of)) from None
        if not _lock(file):
            file.close()
            message = "another sandbox that runs keeps its state there; stop it, or take another file"
            raise OSError(errno.EBUSY, message, str(of))
        if _is_there(file, path):
            return file
        file.close()  # Its owner removed it between the two steps.


def _is_there(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> bool:
        file.seek(FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def _lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
