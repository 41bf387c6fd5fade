"""Change files and folders of the project together: all or nothing, even if the process is killed or the machine stops.

New files and folders are staged in a hidden folder of the root. Renaming that folder is the commit point: a
change that is cut off before it has changed nothing and is dropped, one that is cut off after it is finished, by
whatever comes next: every `Transaction`, every `reading`, or `recover`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from scripts.lib.progress import Progress
from scripts.lib.replace import exchange
from scripts.lib.report import Failed

STEP = "change"
STAGED = ".change"
COMMITTED = ".change-committed"
PLAN = "plan.json"

_UNCHANGED = "everything is as it was"
_TO_BE_FINISHED = "the change is not complete: mend that, and the next run finishes it"


class Entry(NamedTuple):
    """One replacement of the plan: the target, from the root, and the digest of what is to be there."""

    target: str
    digest: str


def _silent(step: str) -> None:
    """Report a step to nobody."""


class Transaction:
    """Replacements in the project at `root`, of which nothing is to be seen before `commit`, and all after it.

    As a context manager it keeps every other `Transaction` and `reading` of the project out, finishes a change that
    was cut off, and on leaving drops what was not committed. Raises `Failed` if the project is in use.
    """

    def __init__(self, root: Path, *, on_step: Progress.OnStep = _silent) -> None:
        self.folder = root / STAGED
        """For whatever is made on the way to `commit`: on the project's file system, and removed afterwards."""
        self._root = root
        self._on_step = on_step
        self._targets: list[Path] = []
        self._leaving = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(_lock(self._root, exclusive=True))
            _recover(self._root, self._on_step)
            with _failing(self.folder, "made"):
                self.folder.mkdir()
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self._leaving = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def replace(self, target: Path, content: bytes) -> None:
        """Let the file `target` have `content`."""
        with _failing(target, "staged"):
            (self.folder / str(len(self._targets))).write_bytes(content)
        self._targets.append(target)

    def replace_folder(self, target: Path, new: Path) -> None:
        """Put the folder `new`, which is in `folder` or elsewhere on its file system, at `target`."""
        with _failing(target, "staged"):
            new.rename(self.folder / str(len(self._targets)))
        self._targets.append(target)

    def commit(self) -> None:
        """Put everything in its place. Raises `Failed` with everything as it was."""
        committed = self._root / COMMITTED
        staged = [self.folder / str(number) for number in range(len(self._targets))]
        with _failing(self.folder, "written"):
            plan = [
                Entry(target.relative_to(self._root).as_posix(), _digest(new))
                for target, new in zip(self._targets, staged, strict=True)
            ]
            (self.folder / PLAN).write_text(json.dumps(plan), "utf-8")
            _sync([self.folder, *self.folder.rglob("*")])
            self.folder.rename(committed)
        done: list[tuple[Path, Path]] = []
        try:
            _sync([self._root])
            for new, target in zip(staged, self._targets, strict=True):
                _put(committed / new.name, target)
                done.append((committed / new.name, target))
        except OSError as error:
            # As long as the folder has its name, a process that is killed here leaves a change to be finished.
            with _failing(self._root, "put back as it was", _TO_BE_FINISHED):
                for new, target in reversed(done):
                    _put_back(new, target)
                _finish(self._root, [target for _, target in done])
            place = self._targets[len(done)] if len(done) < len(self._targets) else self._root
            raise Failed(STEP, f"{place} could not be replaced: {error}; {_UNCHANGED}") from error
        with _failing(self._root, "written", _TO_BE_FINISHED):
            _finish(self._root, self._targets)


@contextmanager
def reading(root: Path, *, on_step: Progress.OnStep = _silent) -> Iterator[None]:
    """Keep changes of the project at `root` out while it is read, after finishing one that was cut off.

    Raises `Failed` if the project is being changed.
    """
    while True:
        with _lock(root, exclusive=False):
            if not _is_cut_off(root):
                yield
                return
        recover(root, on_step=on_step)


def recover(root: Path, *, on_step: Progress.OnStep = _silent) -> bool:
    """Finish a change of the project at `root` that was cut off after its commit point, drop one cut off before it.

    False if there is nothing to do. Raises `Failed` if the project is in use, or the change cannot be finished.
    """
    with _lock(root, exclusive=True):
        return _recover(root, on_step)


def _is_cut_off(root: Path) -> bool:
    return any(os.path.lexists(root / name) for name in (STAGED, COMMITTED))


def _recover(root: Path, on_step: Progress.OnStep) -> bool:
    if not _is_cut_off(root):
        return False
    staged, committed = root / STAGED, root / COMMITTED
    if os.path.lexists(staged):
        on_step("drop what a run that was cut off left behind")
        with _failing(staged, "removed", "remove it by hand, nothing in it is needed"):
            shutil.rmtree(staged)
    if os.path.lexists(committed):
        on_step("finish a change that was cut off")
        plan = _read_plan(committed)
        for number, (name, digest) in enumerate(plan):
            # What was replaced is here too, so only the content says which is the new one. An exchange in three moves
            # has either of them next to its place for a moment.
            for new in (committed / str(number), committed / f"{number}.old"):
                with _failing(root / name, "replaced", _TO_BE_FINISHED):
                    if new.exists() and _digest(new) == digest:
                        _put(new, root / name)
        with _failing(root, "written", _TO_BE_FINISHED):
            _finish(root, [root / name for name, _ in plan])
    return True


def _read_plan(committed: Path) -> list[Entry]:
    try:
        return [Entry(*entry) for entry in json.loads((committed / PLAN).read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        message = f"the change in {committed} cannot be finished, its plan cannot be read: {error}"
        todo = "bring openapi/ and generated/ back from version control, and remove that folder"
        raise Failed(STEP, message, todo) from error


def _finish(root: Path, targets: Iterable[Path]) -> None:
    """End the change, whether it is made or undone, and remove what is left of it."""
    _sync({target.parent for target in targets})
    (root / COMMITTED).rename(root / STAGED)
    _sync([root])
    shutil.rmtree(root / STAGED, ignore_errors=True)


def _put(new: Path, target: Path) -> None:
    """Put `new` at `target`, and what was there, if anything, at `new`."""
    if os.path.lexists(target):
        exchange(new, target)
    else:
        new.rename(target)


def _put_back(new: Path, target: Path) -> None:
    """Undo `_put`."""
    if os.path.lexists(new):
        exchange(new, target)
    else:
        target.rename(new)


def _digest(path: Path) -> str:
    """The digest of a file, or of a folder with all in it: equal digests, equal names and bytes."""
    found = hashlib.sha256()
    for inner in (path, *sorted(path.rglob("*"))):
        content = inner.read_bytes() if inner.is_file() else None
        name = inner.relative_to(path).as_posix()
        found.update(repr((name, None if content is None else len(content))).encode())
        found.update(content or b"")
    return found.hexdigest()


def _sync(paths: Iterable[Path]) -> None:
    """Wait until files, or the names in folders, are on the disk."""
    for path in paths:
        if path.is_dir() and sys.platform == "win32":
            continue  # it cannot open folders
        descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _failing(path: Path, doing: str, then: str = _UNCHANGED) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failed(STEP, f"{path} could not be {doing}: {error}; {then}") from error


@contextmanager
def _lock(root: Path, *, exclusive: bool) -> Iterator[None]:
    """Hold the lock of the project; the system lets go of it when the process dies, however that happens."""
    with _failing(root, "locked"):
        descriptor = _open_lock(root)
    try:
        with _failing(root, "locked"):
            held = _try_lock(descriptor, exclusive=exclusive)
        if not held:
            message = f"{root} is in use: another run reads or changes the document and the client"
            raise Failed(STEP, message, "wait until it is done, then run this again")
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _open_lock(root: Path) -> int:
        return os.open(root / ".change-lock", os.O_RDWR | os.O_CREAT)

    def _try_lock(descriptor: int, *, exclusive: bool) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # it knows exclusive locks only
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _open_lock(root: Path) -> int:
        return os.open(root, os.O_RDONLY)  # the folder itself: no file to leave behind, and none to be able to write

    def _try_lock(descriptor: int, *, exclusive: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
