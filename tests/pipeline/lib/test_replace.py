from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scripts.lib import replace
from scripts.lib.layout import PROJECT
from scripts.lib.replace import replace_tree
from scripts.lib.report import Failed

NAMES = [f"module_{number}.py" for number in range(8)]


def make_tree(folder: Path, content: str) -> Path:
    (folder / "inner").mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(content, "utf-8")
        (folder / "inner" / name).write_text(content, "utf-8")
    return folder


def content_of(folder: Path) -> str:
    """What all files of a whole tree say."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == 2 * len(NAMES)
    (content,) = {path.read_text("utf-8") for path in files}
    return content


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["one step", "three moves"])
def way(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to replace a folder: in one step of the kernel, and without it."""
    if request.param == "three moves":
        monkeypatch.setattr(replace, "_exchange_in_one_step", lambda one, other: False)
    else:
        need_exchange(tmp_path)
    return str(request.param)


def need_exchange(folder: Path) -> None:
    one, other = folder / "one", folder / "other"
    one.mkdir()
    other.mkdir()
    there = replace._exchange_in_one_step(one, other)
    one.rmdir()
    other.rmdir()
    if not there:
        pytest.skip("this system or file system cannot exchange two folders in one step")


def test_without_a_target_the_new_tree_is_moved_there(tmp_path: Path, way: str) -> None:
    replace_tree(make_tree(tmp_path / "new", "new"), tmp_path / "target")
    assert content_of(tmp_path / "target") == "new"
    assert listing(tmp_path) == ["target"]


def test_a_target_is_replaced_and_nothing_of_it_is_left(tmp_path: Path, way: str) -> None:
    target = make_tree(tmp_path / "target", "old")
    (target / "stale.py").write_text("old", "utf-8")
    replace_tree(make_tree(tmp_path / "new", "new"), target)
    assert content_of(target) == "new"
    assert listing(tmp_path) == ["target"]


def test_an_empty_folder_is_replaced(tmp_path: Path, way: str) -> None:
    (tmp_path / "target").mkdir()
    replace_tree(make_tree(tmp_path / "new", "new"), tmp_path / "target")
    assert content_of(tmp_path / "target") == "new"
    assert listing(tmp_path) == ["target"]


def test_without_a_new_tree_the_old_one_stays(tmp_path: Path, way: str) -> None:
    target = make_tree(tmp_path / "target", "old")
    with pytest.raises(Failed, match="could not be replaced") as caught:
        replace_tree(tmp_path / "new", target)
    assert caught.value.step == "swap in"
    assert str(target) in str(caught.value)
    assert content_of(target) == "old"
    assert listing(tmp_path) == ["target"]


def test_a_target_that_cannot_be_there_is_told(tmp_path: Path, way: str) -> None:
    make_tree(tmp_path / "new", "new")
    with pytest.raises(Failed, match="could not be replaced"):
        replace_tree(tmp_path / "new", tmp_path / "nowhere" / "target")
    assert content_of(tmp_path / "new") == "new"
    assert listing(tmp_path) == ["new"]


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()], ids=["failure", "interruption"])
def test_when_the_second_move_fails_the_old_tree_is_put_back(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace, "_exchange_in_one_step", lambda one, other: False)
    target, new = make_tree(tmp_path / "target", "old"), make_tree(tmp_path / "work" / "new", "new")
    rename = Path.rename

    def failing(self: Path, to: Path) -> Path:
        if self == new:
            raise error
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises((Failed, KeyboardInterrupt)):
        replace_tree(new, target)
    assert content_of(target) == "old"
    assert listing(tmp_path / "work") == ["new"]


def test_an_exchange_that_fails_leaves_both_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(one: Path, other: Path) -> bool:
        raise PermissionError("not permitted")

    monkeypatch.setattr(replace, "_exchange_in_one_step", failing)
    target, new = make_tree(tmp_path / "target", "old"), make_tree(tmp_path / "new", "new")
    with pytest.raises(Failed, match="not permitted"):
        replace_tree(new, target)
    assert (content_of(target), content_of(new)) == ("old", "new")


def test_a_link_in_the_old_tree_is_removed_and_not_followed(tmp_path: Path, way: str) -> None:
    elsewhere = make_tree(tmp_path / "elsewhere", "not ours")
    target = make_tree(tmp_path / "target", "old")
    (target / "link").symlink_to(elsewhere, target_is_directory=True)
    replace_tree(make_tree(tmp_path / "new", "new"), target)
    assert content_of(target) == "new"
    assert content_of(elsewhere) == "not ours"


@pytest.mark.slow
def test_at_no_moment_is_the_target_missing_or_mixed(tmp_path: Path) -> None:
    need_exchange(tmp_path)
    target = make_tree(tmp_path / "target", "0")
    stop, reads, problems = threading.Event(), [0], list[str]()

    def read() -> None:
        while not stop.is_set():
            try:
                folder = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
            except OSError as error:
                problems.append(f"missing: {error}")
                return
            try:
                found = set(map(read_file(folder), NAMES))
            except FileNotFoundError:  # this one was swapped out while it was read, and is being removed
                if os.stat(target).st_ino == os.fstat(folder).st_ino:
                    problems.append("not whole")
            else:
                if len(found) != 1:
                    problems.append(f"mixed: {found}")
            finally:
                os.close(folder)
            reads[0] += 1

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 151):
        replace_tree(make_tree(tmp_path / "new", str(number)), target)
        assert content_of(target) == str(number)
    while reader.is_alive() and reads[0] < 20:
        time.sleep(0.001)
    stop.set()
    reader.join()
    assert problems == []
    assert listing(tmp_path) == ["target"]


def read_file(folder: int):  # type: ignore[no-untyped-def]
    def read(name: str) -> bytes:
        file = os.open(name, os.O_RDONLY, dir_fd=folder)
        try:
            return os.read(file, 100)
        finally:
            os.close(file)

    return read


SWAP_FOR_EVER = """
import itertools, sys
from pathlib import Path
from scripts.lib.replace import replace_tree
from tests.pipeline.lib.test_replace import make_tree

folder = Path(sys.argv[1])
for number in itertools.count(1):
    replace_tree(make_tree(folder / f"new {number}", str(number)), folder / "target")
    print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("swaps", [3, 10, 40])
def test_a_process_that_is_killed_amid_swaps_leaves_a_whole_tree(swaps: int, tmp_path: Path) -> None:
    need_exchange(tmp_path)
    make_tree(tmp_path / "target", "0")
    process = subprocess.Popen(
        [sys.executable, "-c", SWAP_FOR_EVER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT.root)},
    )
    assert process.stdout is not None
    with process:
        for _ in range(swaps):
            assert process.stdout.readline()
        time.sleep(swaps / 10_000)  # into the middle of the next one
        process.send_signal(signal.SIGKILL)
    assert int(content_of(tmp_path / "target")) >= swaps
