"""Kill a transaction at each of its steps, and what recovers from that at each of its own: `FOLDER [three-moves]`.

A program of its own, because it forks. Prints how often it killed, and in how many states that left the project.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from scripts.lib import replace, transaction
from scripts.lib.report import Failed
from scripts.lib.transaction import Transaction, recover

# What changes the file system announces itself as one of these events first; the exchange, as the library it is in.
CHANGES = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "ctypes.dlopen"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Tree = dict[str, bytes | None]


def read(root: Path) -> Tree:
    """Every file and folder, with its content."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }


def write(root: Path, tree: Tree) -> None:
    """Make `root` hold this and nothing else."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for name, content in tree.items():
        if content is None:
            (root / name).mkdir()
        else:
            (root / name).write_bytes(content)


OLD: Tree = {
    "generated": None,
    "generated/client.py": b"old",
    "generated/models": None,
    "generated/models/stale.py": b"old",
    "mine.txt": b"nobody's business",
    "openapi": None,
    "openapi/api_v2.json": b"{}",
    "openapi/api_v2.lock.toml": b"the lock of {}",
}
NEW: Tree = {
    "generated": None,
    "generated/client.py": b"new",
    "generated/models": None,
    "generated/models/fresh.py": b"new",
    "mine.txt": b"nobody's business",
    "openapi": None,
    "openapi/api_v2.json": b"[]",
    "openapi/api_v2.lock.toml": b"the lock of []",
    "openapi/names.toml": b"names",
}


def change(root: Path) -> None:
    """Make NEW of OLD, as a pin does: files that are there, a file that is not, a folder."""
    with Transaction(root) as it:
        made = it.folder / "generated"
        (made / "models").mkdir(parents=True)
        (made / "client.py").write_bytes(b"new")
        (made / "models" / "fresh.py").write_bytes(b"new")
        for name in ("openapi/api_v2.json", "openapi/api_v2.lock.toml", "openapi/names.toml"):
            content = NEW[name]
            assert content is not None
            it.replace(root / name, content)
        it.replace_folder(root / "generated", made)
        it.commit()


def change_that_fails(root: Path) -> None:
    """The same, but the folder cannot be replaced, so all that was has to be undone."""

    def full(one: Path, other: Path) -> None:
        if other.name == "generated":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace.exchange(one, other)

    transaction.exchange = full  # type: ignore[attr-defined]
    with suppress(Failed):
        change(root)


def dies_at(step: int, run: Callable[[Path], Any], root: Path) -> bool:
    """Run it in a process that is killed before its change of that number; False if it makes fewer."""
    child = os.fork()
    if child == 0:
        count = 0

        def tick(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            if event in CHANGES and (event != "open" or arguments[2] & WRITING):
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(tick)
            run(root)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, f"step {step}"
    return False


def states_after(tree: Tree, run: Callable[[Path], Any], root: Path, kills: Counter[str]) -> list[Tree]:
    """The states in which `run` leaves the project when it is killed before each of its changes, and when it is not."""
    states: list[Tree] = []
    step = 1
    while True:
        write(root, tree)
        killed = dies_at(step, run, root)
        state = read(root)
        if state not in states:
            states.append(state)
        if not killed:
            return states
        kills[run.__name__] += 1
        step += 1


def main(folder: str, way: str = "") -> None:
    root = Path(folder) / "project"
    if way == "three-moves":
        replace._exchange_in_one_step = lambda one, other: False
    kills: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    made, undone = (states_after(OLD, run, root, kills) for run in (change, change_that_fails))
    assert made[-1] == NEW
    assert undone[0] == OLD
    assert read(root) == OLD
    states = made + [state for state in undone if state not in made]
    for state in states:
        write(root, state)
        had_to = recover(root)
        result = read(root)
        assert result in (OLD, NEW), f"{state}\nbecame\n{result}"
        assert had_to == (state not in (OLD, NEW))
        assert not recover(root)
        outcomes["old" if result == OLD else "new"] += 1
        # Recovery that is killed as well leaves nothing worse, and never turns back.
        for after in states_after(state, recover, root, kills):
            write(root, after)
            recover(root)
            assert read(root) == result, f"{state}\nbecame\n{after}"
    print(json.dumps({"kills": kills, "states": len(states), **outcomes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
