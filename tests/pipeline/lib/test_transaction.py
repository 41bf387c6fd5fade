"""A change of the project is made as a whole or not at all, whoever pulls the plug when."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from scripts.lib import replace, transaction
from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed
from scripts.lib.transaction import COMMITTED, STAGED, Transaction, reading, recover
from tests.pipeline.killed import NEW, OLD, change, read, write

HOLD = """
import sys
from pathlib import Path
from scripts.lib.transaction import Transaction, reading

way = {"change": Transaction, "read": reading}[sys.argv[2]]
with way(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    write(root, OLD)
    return root


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: waiting for a disk hundreds of times takes long."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def python(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT.root)},
    )


def cut_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a change behind that is cut off right after its commit point."""

    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(transaction, "_put", stop)
        change(root)
    assert (root / COMMITTED).is_dir()


def change_one(root: Path, name: str) -> None:
    with Transaction(root) as it:
        it.replace(root / name, b"[]")
        it.commit()


# --- What a change does ---


def test_a_change_is_made_as_a_whole(root: Path) -> None:
    change(root)
    assert read(root) == NEW
    assert not recover(root)


def test_nothing_is_to_be_seen_before_the_commit(root: Path) -> None:
    with Transaction(root) as it:
        (it.folder / "new").mkdir()
        it.replace(root / "openapi" / "api_v2.json", b"[]")
        it.replace_folder(root / "generated", it.folder / "new")
        assert {name: content for name, content in read(root).items() if not name.startswith(STAGED)} == OLD
    assert read(root) == OLD


def test_an_exception_drops_the_change(root: Path) -> None:
    with suppress(ZeroDivisionError), Transaction(root) as it:
        it.replace(root / "openapi" / "api_v2.json", b"[]")
        raise ZeroDivisionError
    assert read(root) == OLD


def test_everything_is_on_the_disk_at_the_commit_point(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    missing: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def syncing(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def renaming(self: Path, to: Path) -> Path:
        if to.name == COMMITTED:
            missing.extend(str(path) for path in [self, *self.rglob("*")] if path.stat().st_ino not in synced)
        return rename(self, to)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(Path, "rename", renaming)
    change(root)
    assert missing == []
    assert {root.stat().st_ino, (root / "openapi").stat().st_ino} <= synced


# --- When a process is killed ---


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("way", ["one-step", "three-moves"])
def test_killed_at_any_step_it_leaves_what_recovers_to_all_or_nothing(way: str, fast_folder: Path) -> None:
    with python("-m", "tests.pipeline.killed", fast_folder, way) as process:
        out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    told = json.loads(out)
    assert told["old"] > 5
    assert told["new"] > 5
    assert min(told["kills"].values()) > 20


@pytest.mark.parametrize("use", ["change", "read"])
def test_the_lock_of_a_process_that_was_killed_keeps_nobody_out(root: Path, use: str) -> None:
    with python("-c", HOLD, root, use) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Failed, match="is in use"):
            recover(root)
        process.kill()
        process.wait()
        change(root)
    assert read(root) == NEW


@pytest.mark.parametrize("use", [reading, Transaction])
def test_whatever_comes_next_finishes_a_change_and_tells(
    use: type[Transaction], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(root, monkeypatch)
    told: list[str] = []
    with use(root, on_step=told.append):
        assert NEW.items() <= read(root).items()
    assert read(root) == NEW
    assert told == ["finish a change that was cut off"]


# --- Who may at the same time ---


def test_two_read_at_a_time(root: Path) -> None:
    with python("-c", HOLD, root, "read") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with reading(root):
            process.communicate("")
    assert process.returncode == 0


@pytest.mark.parametrize(("first", "second"), [("change", Transaction), ("change", reading), ("read", Transaction)])
def test_who_changes_is_alone(root: Path, first: str, second: type[Transaction]) -> None:
    with python("-c", HOLD, root, first) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        before = read(root)
        with pytest.raises(Failed, match=r"is in use: another run .*\n  What to do: wait") as caught, second(root):
            pass
        assert str(root) in str(caught.value)
        assert read(root) == before
        process.communicate("")
    assert process.returncode == 0
    assert read(root) == OLD


# --- What can fail ---


def test_a_disk_that_is_full_while_staging_leaves_all_as_it_was(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Failed, match=r"api_v2\.json could not be staged: .*No space left.*everything is as it was"):
        change_one(root, "openapi/api_v2.json")
    monkeypatch.undo()
    assert read(root) == OLD


def test_a_replacement_that_fails_undoes_those_before_it(root: Path) -> None:
    with Transaction(root) as it:
        (it.folder / "new").mkdir()
        it.replace(root / "openapi" / "api_v2.json", b"[]")
        it.replace(root / "openapi" / "names.toml", b"")
        it.replace_folder(root / "generated", it.folder / "new")
        it.replace(root / "nowhere" / "a", b"")
        with pytest.raises(Failed, match=r"nowhere.a could not be replaced: .*No such file.*everything is as it was"):
            it.commit()
    assert read(root) == OLD


def test_a_folder_that_is_not_there_leaves_all_as_it_was(root: Path) -> None:
    with Transaction(root) as it:
        it.replace(root / "openapi" / "api_v2.json", b"[]")
        with pytest.raises(Failed, match="generated could not be staged"):
            it.replace_folder(root / "generated", root / "nowhere")
    assert read(root) == OLD


def test_what_cannot_even_be_undone_is_finished_by_the_next_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = replace.exchange

    def breaking(one: Path, other: Path) -> None:
        if other.name == "generated":
            monkeypatch.setattr(transaction, "_put_back", breaking)
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if other.name == "names.toml":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        exchange(one, other)

    monkeypatch.setattr(transaction, "exchange", breaking)
    with pytest.raises(Failed, match=r"could not be put back as it was.*the next run finishes it"):
        change(root)
    with pytest.raises(Failed, match=r"generated could not be replaced: .*the next run finishes it"):
        recover(root)
    monkeypatch.undo()
    assert recover(root)
    assert read(root) == NEW


def test_a_plan_that_cannot_be_read_is_told_with_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(root, monkeypatch)
    (root / COMMITTED / "plan.json").write_text("[[", "utf-8")
    before = read(root)
    with pytest.raises(Failed, match=r"plan cannot be read.*\n  What to do: bring .* back from version control"):
        recover(root)
    assert read(root) == before


def test_a_link_in_the_place_of_the_hidden_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", OLD)
    (root / STAGED).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Failed, match=r"could not be removed: .*remove it by hand"):
        recover(root)
    assert read(tmp_path / "elsewhere") == OLD


def test_a_project_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="nowhere could not be locked"):
        recover(tmp_path / "nowhere")
