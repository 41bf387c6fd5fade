"""A pin that is killed leaves the old state or the new one, and the next one takes up from there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.check_generated import out_of_date
from scripts.evolution.pin import Unchanged, pin
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.transaction import recover
from scripts.regenerate import regenerate
from scripts.spec.load import load
from tests.pipeline.documents import small_document
from tests.pipeline.evolution.test_pin import TODAY, write
from tests.pipeline.projects import make_project, quiet
from tests.pipeline.settings import MANY

pytestmark = pytest.mark.slow

KILLED = """
import datetime, os, signal, sys
from pathlib import Path
from scripts.spec.load import load
from scripts.evolution.pin import pin
from scripts.lib.layout import Layout

root, published, at, moves = sys.argv[1:]
left = [int(moves)]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def count(event, arguments):
    if event == "os.rename" and armed and not left[0]:
        die()
    left[0] -= armed and event == "os.rename"

def tell(step):
    global armed
    if step == at:
        armed = True
        if int(moves) < 0:
            die()

armed = False
sys.addaudithook(count)
pin(load(published), date=datetime.date(2026, 6, 1), layout=Layout(Path(root)), on_step=tell)
"""

STEPS = ["lint", "compare", "generate", "format", "verify", "test", "report"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in step with its document, and next to it the next document."""
    folder = tmp_path_factory.mktemp("killed")
    layout = make_project(folder / "project")
    regenerate(layout, on_step=quiet, record_names=True)
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["colour"] = {"type": "string"}
    write(folder / "published.json", document)
    return folder


def state(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"}


# The renames of the last step: one that commits, then one for each file and folder, with exchanges between them.
EVERY = [*((step, -1) for step in STEPS), *(("change", number) for number in range(4))]


@pytest.mark.parametrize(("step", "moves"), EVERY if MANY else [("generate", -1), ("change", 0), ("change", 2)])
def test_a_pin_that_is_killed_leaves_the_old_state_or_the_new_one(
    step: str, moves: int, made: Path, tmp_path: Path
) -> None:
    root, published = tmp_path / "project", made / "published.json"
    shutil.copytree(made / "project", root, symlinks=True)
    before = state(root)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT.root)}
    command = [sys.executable, "-c", KILLED, str(root), str(published), step, str(moves)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    recover(root)
    after = state(root)
    layout = Layout(root)
    if step == "change" and moves:
        assert layout.document.read_bytes() == published.read_bytes()
        assert out_of_date(layout, on_step=quiet) == ([], [])
        with pytest.raises(Unchanged):
            pin(load(published), date=TODAY, layout=layout, on_step=quiet)
    else:
        assert after == before
    assert not list(root.glob(".change*"))
