from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from scripts import check_generated as command
from scripts.check_generated import Difference, compare, main, out_of_date
from scripts.codegen import pipeline
from scripts.lib import transaction
from scripts.lib.layout import PACKAGE, PROJECT, Layout
from scripts.lib.report import Failed
from scripts.lib.transaction import Transaction
from scripts.regenerate import regenerate
from scripts.spec.registry import write_registry
from tests.pipeline.projects import make_project, quiet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a project of its own, generated from the small document, with every name on record."""
    root = tmp_path_factory.mktemp("fresh")
    layout = make_project(root / "project")
    regenerate(layout, on_step=quiet, record_names=True)
    return layout.root


@pytest.fixture
def layout(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A copy of that project; the client in it is verified elsewhere."""
    shutil.copytree(fresh, tmp_path / "project", symlinks=True)
    layout = Layout(tmp_path / "project")
    monkeypatch.setattr(command, "PROJECT", layout)
    monkeypatch.setattr(pipeline, "verify", lambda *arguments, **options: None)
    return layout


def state(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def spoil(layout: Layout) -> list[Difference]:
    """Change the tree in every way; return how that has to be reported."""
    package = layout.generated / PACKAGE
    (package / "client.py").write_bytes((package / "client.py").read_bytes() + b"\n")
    (package / "py.typed").unlink()
    (package / "by_hand.py").write_text("", "utf-8")
    (package / "models" / "new" / "folder").mkdir(parents=True)
    (package / "models" / "new" / "folder" / "notes.txt").write_text("", "utf-8")
    (layout.generated / "beside.py").write_text("", "utf-8")
    return [
        Difference("extra", "beside.py"),
        Difference("extra", f"{PACKAGE}/by_hand.py"),
        Difference("changed", f"{PACKAGE}/client.py"),
        Difference("extra", f"{PACKAGE}/models/new/folder/notes.txt"),
        Difference("missing", f"{PACKAGE}/py.typed"),
    ]


# --- The tree of the project ---


def test_generated_is_what_the_pinned_document_gives(capsys: pytest.CaptureFixture[str]) -> None:
    status = main([])
    out, _ = capsys.readouterr()
    assert (status, out) == (0, "generated/ is up to date\n")


# --- What is told of a tree that differs ---


def test_a_tree_that_is_up_to_date_is_exit_status_0(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    before = state(layout.root)
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert out == "generated/ is up to date\n"
    assert "compare " in err
    assert main(["--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"differences": [], "unrecorded_names": []}
    assert err == ""
    assert state(layout.root) == before


def test_every_difference_is_listed_and_is_exit_status_1(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    differences = spoil(layout)
    before = state(layout.root)
    assert main([]) == 1
    out, _ = capsys.readouterr()
    assert out.splitlines() == [
        "extra    beside.py",
        f"extra    {PACKAGE}/by_hand.py",
        f"changed  {PACKAGE}/client.py",
        f"extra    {PACKAGE}/models/new/folder/notes.txt",
        f"missing  {PACKAGE}/py.typed",
        "5 files differ from what the pinned document gives: run `nox -s regenerate`",
    ]
    assert main(["--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert [Difference(**found) for found in record["differences"]] == differences
    assert state(layout.root) == before


def test_without_a_tree_everything_is_missing(layout: Layout) -> None:
    files = sum(path.is_file() for path in layout.generated.rglob("*"))
    shutil.rmtree(layout.generated)
    differences, unrecorded = out_of_date(layout, on_step=quiet)
    assert {difference.kind for difference in differences} == {"missing"}
    assert len(differences) == files
    assert unrecorded == []


def test_after_a_change_of_a_template_the_tree_is_out_of_date(layout: Layout) -> None:
    templates = layout.root / "templates"
    templates.unlink()
    shutil.copytree(PROJECT.root / "templates", templates)
    path = templates / "resources_init.py.jinja"
    path.write_text(path.read_text("utf-8").replace('"""The resources', '"""All resources'), "utf-8")
    differences, _ = out_of_date(layout, on_step=quiet)
    assert differences == [Difference("changed", f"{PACKAGE}/resources/__init__.py")]


def test_a_name_that_is_not_on_record_is_told_and_is_exit_status_1(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = pipeline.read_curation(layout).registry
    del registry.operations["getRobot"]
    layout.names.write_text(write_registry(registry), "utf-8")
    assert main([]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "not on record: operation getRobot -> get",
        "record new names: `nox -s regenerate -- --record-names`",
    ]
    assert main(["--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "differences": [],
        "unrecorded_names": ["operation getRobot -> get"],
    }


def test_a_document_that_is_not_what_its_lock_says_is_refused_with_exit_status_2(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.document.write_bytes(layout.document.read_bytes() + b"\n")
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0].startswith("lock: refused")


def test_a_step_that_fails_is_exit_status_1_and_not_taken_for_a_difference(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise Failed("verify", "it is broken")

    monkeypatch.setattr(pipeline, "verify", fail)
    assert main([]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "verify: failed, it is broken" in err


def test_a_change_that_was_cut_off_is_finished_and_not_taken_for_a_difference(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = layout.generated / PACKAGE / "client.py"
    wanted = client.read_bytes()
    client.write_bytes(b"old")

    def cut_off(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(transaction, "_put", cut_off)
    with suppress(KeyboardInterrupt), Transaction(layout.root) as change:
        change.replace(client, wanted)
        change.commit()
    monkeypatch.undo()
    monkeypatch.setattr(pipeline, "verify", lambda *arguments, **options: None)
    assert client.read_bytes() == b"old"
    steps: list[str] = []
    assert out_of_date(layout, on_step=steps.append) == ([], [])
    assert steps[:2] == ["finish a change that was cut off", "load"]


# --- The comparison ---


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal trees."""
    for name in ("expected", "found"):
        (tmp_path / name / "inner").mkdir(parents=True)
        for path in ("a.py", "inner/b.py"):
            (tmp_path / name / path).write_text("same\n", "utf-8")
    return tmp_path / "expected", tmp_path / "found"


def test_equal_trees_do_not_differ(trees: tuple[Path, Path]) -> None:
    assert compare(*trees) == []


@pytest.mark.parametrize("content", [b"same\r\n", b"same", b"", b"Same\n", b"\xef\xbb\xbfsame\n"])
def test_one_byte_is_a_difference(content: bytes, trees: tuple[Path, Path]) -> None:
    (trees[1] / "inner" / "b.py").write_bytes(content)
    assert compare(*trees) == [Difference("changed", "inner/b.py")]


def test_what_tools_leave_in_the_tree_is_no_difference(trees: tuple[Path, Path]) -> None:
    for name in ("__pycache__", "inner/.mypy_cache", ".ruff_cache"):
        (trees[1] / name).mkdir()
        (trees[1] / name / "x").write_text("", "utf-8")
    assert compare(*trees) == []


def test_a_folder_in_the_place_of_a_file_is_a_difference(trees: tuple[Path, Path]) -> None:
    (trees[1] / "a.py").unlink()
    (trees[1] / "a.py").mkdir()
    (trees[1] / "a.py" / "c.py").write_text("", "utf-8")
    assert compare(*trees) == [Difference("missing", "a.py"), Difference("extra", "a.py/c.py")]


def test_a_file_in_the_place_of_a_folder_is_a_difference(trees: tuple[Path, Path]) -> None:
    shutil.rmtree(trees[1] / "inner")
    (trees[1] / "inner").write_text("", "utf-8")
    assert compare(*trees) == [Difference("extra", "inner"), Difference("missing", "inner/b.py")]


def test_a_link_to_a_folder_is_a_difference(trees: tuple[Path, Path], tmp_path: Path) -> None:
    (trees[1] / "link").symlink_to(tmp_path, target_is_directory=True)
    assert compare(*trees) == [Difference("extra", "link")]


def test_a_link_that_leads_nowhere_is_a_difference(trees: tuple[Path, Path]) -> None:
    (trees[1] / "a.py").unlink()
    (trees[1] / "a.py").symlink_to("nowhere")
    assert compare(*trees) == [Difference("changed", "a.py")]
