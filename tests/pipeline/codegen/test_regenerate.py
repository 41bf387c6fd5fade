"""The command that generates the client: what it writes, what it refuses, and what it leaves alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scripts import regenerate as command
from scripts.codegen import pipeline
from scripts.lib import transaction
from scripts.lib.layout import PACKAGE, PROJECT, Layout
from scripts.lib.report import Failed, Refused
from scripts.lib.transaction import reading
from scripts.regenerate import main, regenerate, regenerate_foreign
from scripts.spec.lock import read
from scripts.spec.registry import Registry, read_registry, write_registry
from tests.pipeline.documents import small_document
from tests.pipeline.projects import OVERLAY, make_project, write_document

pytestmark = pytest.mark.slow

VENDOR = PROJECT.root.parent / "shared" / "documents"

UNMATCHED = OVERLAY.replace("$.info", "$.nowhere")

COUNT = """
import importlib, json, pkgutil, sys

sys.path[:0] = sys.argv[1:]
import instantly_client

from instantly_core import AsyncResource, Resource

counts = {"sync": 0, "async": 0}
resources = importlib.import_module("instantly_client.resources")
for found in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}."):
    module = importlib.import_module(found.name)
    for each in vars(module).values():
        if isinstance(each, type) and each.__module__ == module.__name__:
            for side, base in (("sync", Resource), ("async", AsyncResource)):
                counts[side] += issubclass(each, base) and sum(not name.startswith("_") for name in vars(each))
for name in instantly_client.models.__all__:
    getattr(instantly_client.models, name)
instantly_client.Instantly, instantly_client.AsyncInstantly
print(json.dumps(counts))
"""


def quiet(step: str) -> None:
    """Where a run says its steps to nobody."""


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A project of its own with the small document as the pinned one, and an old tree in generated/."""
    layout = make_project(tmp_path / "project")
    (layout.root / "templates").unlink()
    shutil.copytree(PROJECT.root / "templates", layout.root / "templates")
    (layout.generated / PACKAGE).mkdir(parents=True)
    (layout.generated / PACKAGE / "stale.py").write_text("old", "utf-8")
    monkeypatch.setattr(command, "PROJECT", layout)
    monkeypatch.setattr(command, "regenerate_foreign", partial(regenerate_foreign, layout=layout))
    return layout


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(small_document()), "utf-8")
    return path


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below `folder`, caches apart, with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def counts(tree: Path) -> dict[str, int]:
    """How many operations both clients have, in a process that imports all of a generated tree."""
    arguments = [sys.executable, "-B", "-c", COUNT, str(tree), str(PROJECT.root / "core")]
    result = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120, cwd=tree)
    assert result.returncode == 0, result.stderr
    found: dict[str, int] = json.loads(result.stdout)
    return found


def run(*arguments: str | Path, cwd: Path = PROJECT.root) -> subprocess.CompletedProcess[str]:
    """The command as people run it."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.regenerate", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=300,
    )


# --- The command line ---


def test_help_tells_the_options_and_the_exit_statuses() -> None:
    result = run("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for word in ("--document", "--output", "--record-names", "--json", "0 done", "1 a step failed", "2 the input"):
        assert word in result.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--document", "x.json"], "go together"),
        (["--output", "x"], "go together"),
        (["--document", "x.json", "--output", "x", "--record-names"], "only names of the pinned document"),
        (["--force"], "unrecognized arguments"),
        (["x.json"], "unrecognized arguments"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    arguments: list[str], problem: str, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(layout.root)
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert problem in capsys.readouterr().err
    assert snapshot(layout.root) == before


def test_the_command_in_a_project_of_its_own(layout: Layout) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT.root / "scripts", layout.root / "scripts", ignore=ignore)
    result = run(cwd=layout.root)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"3 operations, 20 files in {layout.generated}\n")
    assert "operation listRobot -> list" in result.stdout
    steps = [line.split()[0] for line in result.stderr.splitlines()]
    assert steps == ["load", "lint", "align", "overlay", "normalise", "name", "generate", "format", "verify", "swap"]
    assert counts(layout.generated) == {"sync": 3, "async": 3}
    layout.overlay.write_text(UNMATCHED, "utf-8")
    before = snapshot(layout.root)
    result = run(cwd=layout.root)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    assert snapshot(layout.root) == before


# --- Real documents ---


def complete(document: Path, tmp_path: Path, *, operations: int) -> dict[str, Any]:
    """Generate from a real document and check that the client is complete and that the project is untouched."""
    before = snapshot(PROJECT.root / "openapi"), snapshot(PROJECT.generated)
    output = tmp_path / "new" / "client"
    result = run("--document", document, "--output", output, "--json")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert (snapshot(PROJECT.root / "openapi"), snapshot(PROJECT.generated)) == before
    assert [path.name for path in output.parent.iterdir()] == ["client"]
    assert [path.name for path in output.iterdir()] == [PACKAGE]
    assert counts(output) == {"sync": operations, "async": operations}
    record: dict[str, Any] = json.loads(result.stdout)
    assert record["output"] == str(output)
    assert record["operations"] == operations
    assert record["files"] == sum(path.is_file() for path in output.rglob("*"))
    return record


def test_the_pinned_document_into_a_new_folder(tmp_path: Path) -> None:
    record = complete(PROJECT.document, tmp_path, operations=read(PROJECT.lock).operations)
    assert record["proposed_names"] == []
    assert record["unmatched_overlay_actions"] == []


@pytest.mark.parametrize(("name", "operations"), [("2025-06-18.json", 104), ("2025-12-18.json", 152)])
def test_older_documents_of_the_vendor_come_out_complete(name: str, operations: int, tmp_path: Path) -> None:
    if not (VENDOR / name).exists():
        pytest.skip(f"{VENDOR / name} is not here: the vendor's documents are no part of the project")
    record = complete(VENDOR / name, tmp_path, operations=operations)
    assert isinstance(record["proposed_names"], list)
    assert record["unmatched_overlay_actions"]  # corrections of newer operations


# --- Any document into any new folder ---


def test_a_foreign_document_is_told_in_words(
    foreign: Path, layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.overlay.write_text(UNMATCHED, "utf-8")
    before = snapshot(layout.root)
    output = tmp_path / "client"
    output.mkdir()  # an empty folder is as good as none
    assert main(["--document", str(foreign), "--output", str(output)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"3 operations, 20 files in {output}\n1 action of the overlay found nothing to correct here:")
    assert "nowhere" in out
    assert "13 derived names not on record yet:\n  resource  Robot -> client.robots\n" in out
    assert "verify " in err
    assert snapshot(layout.root) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["client", "foreign.json", "project"]


def test_a_byte_order_mark_is_accepted(foreign: Path, layout: Layout, tmp_path: Path) -> None:
    foreign.write_bytes(b"\xef\xbb\xbf" + foreign.read_bytes())
    outcome = regenerate_foreign(foreign, tmp_path / "client", on_step=quiet, layout=layout)
    assert len(outcome.named.methods) == 3


def a_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine").write_text("precious", "utf-8")


def a_file(path: Path) -> None:
    path.write_text("precious", "utf-8")


def a_link_to_a_folder(path: Path) -> None:
    a_folder(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("make", [a_folder, a_file, a_link_to_a_folder])
def test_what_is_there_is_never_overwritten(
    make: Callable[[Path], None], foreign: Path, layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "client"
    make(output)
    before = snapshot(tmp_path)
    assert main(["--document", str(foreign), "--output", str(output)]) == 2
    assert f"{output} is there already" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


def test_an_output_that_cannot_be_is_told(
    foreign: Path, layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(tmp_path)
    assert main(["--document", str(foreign), "--output", str(foreign / "client")]) == 1
    assert f"{foreign / 'client'} cannot be written" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


PAGE = b"<!DOCTYPE html>\n<html><body>Please sign in</body></html>"
BAD_DOCUMENTS = {
    "HTML": (PAGE, "an HTML page"),
    "truncated": (json.dumps(small_document()).encode()[:-100], "cut off"),
    "empty": (b"", "empty"),
    "YAML": (b"openapi: 3.1.0\ninfo:\n", "YAML"),
    "an array": (b"[]", "an array"),
    "not UTF-8": (b'{"a": "\xff"}', "not UTF-8"),
    "another version": (b'{"openapi": "3.2.0", "info": {"title": "a", "version": "1"}, "paths": {}}', "3.2.0"),
    "no operations": (b'{"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}}', "no operations"),
}


@pytest.mark.parametrize("kind", BAD_DOCUMENTS)
@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_what_is_no_document_is_refused_and_nothing_is_left(
    kind: str, as_json: bool, layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, words = BAD_DOCUMENTS[kind]
    document = tmp_path / "document.json"
    document.write_bytes(content)
    before = snapshot(tmp_path)
    arguments = ["--document", str(document), "--output", str(tmp_path / "client")]
    assert main([*arguments, *(["--json"] if as_json else [])]) == 2
    assert snapshot(tmp_path) == before
    out, err = capsys.readouterr()
    assert out == ""
    if as_json:
        record = json.loads(err)
        assert record["status"] == "refused"
        err = json.dumps(record, ensure_ascii=False)
    assert words in err


def missing(path: Path) -> None:
    """Nothing is there."""


def below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("", "utf-8")


def unreadable(path: Path) -> None:
    path.write_text("{}", "utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")


def in_an_unreadable_folder(path: Path) -> None:
    path.write_text("{}", "utf-8")
    path.parent.chmod(0)
    if os.access(path, os.R_OK):
        path.parent.chmod(0o700)
        pytest.skip("this user may read everything")


@pytest.mark.parametrize("make", [missing, Path.mkdir, below_a_file, unreadable, in_an_unreadable_folder])
def test_a_document_that_cannot_be_read_is_refused(
    make: Callable[[Path], None], layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    make(folder / "document.json")
    output = tmp_path / "new" / "client"
    status = main(["--document", str(folder / "document.json"), "--output", str(output)])
    if folder.is_dir():
        folder.chmod(0o700)
    assert status == 2
    assert f"{folder / 'document.json'} cannot be read" in capsys.readouterr().err
    assert not output.parent.exists()


def test_a_bad_document_as_people_see_it(tmp_path: Path) -> None:
    document = tmp_path / "document.json"
    document.write_bytes(PAGE)
    result = run("--document", document, "--output", tmp_path / "client")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == "load: refused, 1 finding"
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["document.json"]


# --- The pinned document into generated/ ---


def test_the_old_tree_is_replaced_as_a_whole(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    pins = snapshot(layout.root / "openapi")
    assert main(["--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    record = json.loads(out)
    assert (record["operations"], record["files"]) == (3, 20)
    assert len(record["proposed_names"]) == 13
    assert not (layout.generated / PACKAGE / "stale.py").exists()
    assert snapshot(layout.root / "openapi") == pins
    assert sorted(path.name for path in layout.root.iterdir()) == [
        *(
            "CHANGELOG.md",
            "api.md",
            "core",
            "docs",
            "generated",
            "generator-config.yaml",
            "openapi",
            "pyproject.toml",
            "templates",
            "tests",
        )
    ]
    assert {path.name for path in layout.generated.iterdir()} == {PACKAGE}


def test_without_an_old_tree_there_is_a_new_one(layout: Layout) -> None:
    shutil.rmtree(layout.generated)
    regenerate(layout, on_step=quiet)
    assert (layout.generated / PACKAGE / "py.typed").exists()


def test_a_document_that_is_not_what_its_lock_says_is_refused_before_anything_else(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.document.write_bytes(layout.document.read_bytes() + b"\n")
    layout.overlay.write_text("not an overlay", "utf-8")
    layout.names.write_text("not a registry", "utf-8")
    before = snapshot(layout.root)
    steps: list[str] = []
    with pytest.raises(Refused) as caught:
        regenerate(layout, on_step=steps.append)
    assert caught.value.step == "lock"
    assert steps == ["load"]
    assert main([]) == 2
    assert "sha256" in capsys.readouterr().err
    assert snapshot(layout.root) == before


def test_a_correction_that_corrects_nothing_is_refused_for_the_pinned_document(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.overlay.write_text(UNMATCHED, "utf-8")
    before = snapshot(layout.root)
    assert main([]) == 2
    assert "overlay: refused, 1 finding\n" in (err := capsys.readouterr().err)
    assert "matches nothing" in err
    assert snapshot(layout.root) == before


# --- Whatever goes wrong, the old tree stands ---


def raising(error: BaseException) -> Callable[..., None]:
    def step(*arguments: object, **options: object) -> None:
        raise error

    return step


FAILURES = [Failed("a step", "it is broken"), KeyboardInterrupt(), RuntimeError("a mistake of the program itself")]


@pytest.mark.parametrize("step", ["lint", "apply", "normalise", "name_document", "generate", "format_tree", "verify"])
@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_when_a_step_fails_the_old_tree_stands_and_nothing_is_left(
    step: str, error: BaseException, layout: Layout, foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for later in ("format_tree", "verify"):  # which take most of the time
        monkeypatch.setattr(pipeline, later, lambda *arguments, **options: None)
    monkeypatch.setattr(pipeline, step, raising(error))
    before = snapshot(tmp_path)
    with pytest.raises(type(error)):
        regenerate(layout, on_step=quiet, record_names=True)
    assert snapshot(tmp_path) == before
    with pytest.raises(type(error)):
        regenerate_foreign(foreign, tmp_path / "client", on_step=quiet, layout=layout)
    assert snapshot(tmp_path) == before


def test_when_a_step_fails_no_folders_above_the_output_are_left(
    layout: Layout, foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "generate", raising(Failed("generate", "it is broken")))
    before = snapshot(tmp_path)
    with pytest.raises(Failed, match="it is broken"):
        regenerate_foreign(foreign, tmp_path / "new" / "and newer" / "client", on_step=quiet, layout=layout)
    assert snapshot(tmp_path) == before


def test_when_the_swap_fails_the_old_tree_and_the_names_stand(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "verify", lambda *arguments, **options: None)
    monkeypatch.setattr(transaction, "exchange", raising(PermissionError("not permitted")))
    before = snapshot(tmp_path)
    with pytest.raises(Failed, match="not permitted"):
        regenerate(layout, on_step=quiet, record_names=True)
    assert snapshot(tmp_path) == before


def test_a_run_beside_another_one_is_refused_before_anything_else(layout: Layout) -> None:
    steps: list[str] = []
    with reading(layout.root), pytest.raises(Failed, match="is in use"):
        regenerate(layout, on_step=steps.append)
    assert steps == []


@pytest.mark.parametrize("step", ["format_tree", "verify"])
def test_a_failure_is_told_with_its_step(
    step: str, layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, step, raising(Failed(step, "it is broken")))
    assert main([]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{step}: failed, it is broken" in err
    assert main(["--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err) == {
        "step": step,
        "status": "failed",
        "message": f"{step}: failed, it is broken",
        "findings": [],
    }


@pytest.mark.parametrize(
    ("template", "content", "step", "words"),
    [
        ("client.py.jinja", "{{ header }}\n{% if %}", "generate", "client.py.jinja"),
        ("models_module.py.jinja", "{{ header }}\n{{ nothing.of_this }}", "generate", "models_module.py.jinja"),
        ("models_module.py.jinja", "{{ header }}\n{{ name | no_such_filter }}", "generate", "models_module.py.jinja"),
        ("operation.py.jinja", None, "generate", "operation.py.jinja"),
        ("client.py.jinja", "{{ header }}\ndef broken(:\n", "format", "client.py"),
        ("client.py.jinja", "{{ header }}\nnot_defined()\n", "format", "not_defined"),
        ("client.py.jinja", "{{ header }}\n# <x object at 0x7f>\n", "verify", "client.py"),
        ("client.py.jinja", "x = 1\n", "verify", "client.py"),
        ("client.py.jinja", "{{ header }}\nopen('PWNED', 'w')\n", "verify", "open"),
        ("client.py.jinja", "{{ header }}\n", "verify", "Instantly"),
    ],
    ids=str,
)
def test_a_template_with_a_mistake_is_told_with_the_step_that_found_it(
    template: str, content: str | None, step: str, words: str, layout: Layout
) -> None:
    path = layout.root / "templates" / template
    if content is None:
        path.unlink()
    else:
        path.write_text(content, "utf-8")
    before = snapshot(layout.root)
    with pytest.raises(Failed) as caught:
        regenerate(layout, on_step=quiet)
    assert caught.value.step == step
    assert words in str(caught.value)
    assert snapshot(layout.root) == before


@pytest.mark.parametrize(
    "names",
    [
        '[operations]\nlistRobot = "list robots"\n',
        '[operations]\nlistRobot = "list(self): import os"\n',
        '[operations]\nlistRobot = "import"\n',
        '[operations]\nlistRobot = ""\n',
        "[operations]\nlistRobot = 1\n",
        '[resources]\nRobot = "../robots"\n',
        '[classes]\nRobot = "Robot-Arm"\n',
        '[classes]\nRobot = "None"\n',
        f'[classes]\nRobot = "{"R" * 61}"\n',
        '[fields.Robot]\nname = "a name"\n',
        '[fields]\nRobot = "name"\n',
        '[members.RobotStatus]\n0 = "A SLEEP"\n',
        '[methods]\nlistRobot = "list"\n',
        'operations = "none"\n',
        "[operations\n",
    ],
    ids=str,
)
def test_a_registry_with_something_that_is_no_name_is_refused(names: str, layout: Layout) -> None:
    layout.names.write_text(names, "utf-8")
    before = snapshot(layout.root)
    with pytest.raises(Refused) as caught:
        regenerate(layout, on_step=quiet, record_names=True)
    assert caught.value.step == "name"
    assert snapshot(layout.root) == before


# --- Recording names ---


def test_only_what_is_new_is_recorded(layout: Layout) -> None:
    mine = Registry(
        resources={"Robot": "machines", "Gone": "gone"},
        operations={"getRobot": "fetch"},
        members={"RobotStatus": {"0": "SLEEPING"}},
    )
    layout.names.write_text(write_registry(mine), "utf-8")
    outcome = regenerate(layout, on_step=quiet, record_names=True)
    assert outcome.named.proposals.lines()
    recorded = read_registry(layout.names)
    assert list(recorded.resources.items()) == [("Robot", "machines"), ("Gone", "gone")]
    assert list(recorded.operations.items()) == [("getRobot", "fetch"), ("listRobot", "list"), ("patchRobot", "update")]
    assert list(recorded.members["RobotStatus"].items()) == [("0", "SLEEPING"), ("-1", "BROKEN"), ("1", "AWAKE")]
    assert sorted(path.name for path in layout.names.parent.iterdir()) == [
        *("api_v2.json", "api_v2.lock.toml", "names.toml", "overlay.yaml")
    ]
    before = snapshot(layout.root)
    outcome = regenerate(layout, on_step=quiet, record_names=True)
    assert outcome.named.proposals.lines() == []
    assert snapshot(layout.root) == before


def test_names_are_recorded_only_when_that_is_asked_for(layout: Layout) -> None:
    regenerate(layout, on_step=quiet)
    assert not layout.names.exists()


def test_when_names_cannot_be_recorded_the_old_tree_and_the_old_names_stand(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "verify", lambda *arguments, **options: None)
    layout.names.write_text('[resources]\nRobot = "machines"\n', "utf-8")
    before = snapshot(layout.root)
    write_bytes = Path.write_bytes

    def disk_full(self: Path, content: bytes) -> int:
        if b"[operations]" in content:
            raise OSError(28, "No space left on device")
        return write_bytes(self, content)

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(Failed, match="No space left"):
        regenerate(layout, on_step=quiet, record_names=True)
    assert snapshot(layout.root) == before


def test_an_extension_that_no_step_reads_is_refused(layout: Layout) -> None:
    layout.overlay.write_text(OVERLAY.replace("update: {}", "update: {x-raeds: true}"), "utf-8")
    with pytest.raises(Refused, match="no step knows x-raeds"):
        regenerate(layout, on_step=lambda step: None)


def superseding(successor: str) -> str:
    """An overlay that calls `listRobot` superseded."""
    action = "{target: '$.paths.*[?@.operationId == \"listRobot\"]', description: The vendor has another one as well., "
    return OVERLAY.partition("actions:")[0] + f"actions: [{action} update: {{x-superseded-by: {successor}}}}}]\n"


def test_a_superseded_operation_names_its_successor_and_does_not_warn(layout: Layout) -> None:
    layout.overlay.write_text(superseding("getRobot"), "utf-8")
    regenerate(layout, on_step=quiet)
    text = (layout.generated / "instantly_client" / "resources" / "robots.py").read_text("utf-8")
    assert text.count("Superseded by `client.robots.get`.") == 2
    assert "deprecated" not in text.lower()


@pytest.mark.parametrize("successor", ["listRobot", "findRobot"])
def test_a_successor_that_is_no_other_operation_is_refused(layout: Layout, successor: str) -> None:
    layout.overlay.write_text(superseding(successor), "utf-8")
    with pytest.raises(Refused, match=f"listRobot is superseded by '{successor}', and no other operation is called so"):
        regenerate(layout, on_step=quiet)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("[operations]\nlistRobot = 'same'\npatchRobot = 'same'\n", "another operation of the resource is called so"),
        ("[resources]\nRobot = 'request'\n", "every client has something else under this name"),
        ("[classes]\n'Robot.status' = 'Robot'\nRobot = 'Robot'\n", "other places of this class"),
        ("[members.RobotStatus]\n0 = 'ON'\n1 = 'ON'\n", "'0', '1' are all called ON"),
        ("[fields.Robot]\nname = 'x'\nstatus = 'x'\n", "'name', 'status' are all called x"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused(layout: Layout, section: str, told: str) -> None:
    layout.names.write_text(section, "utf-8")
    before = snapshot(layout.root)
    with pytest.raises(Refused, match=told):
        regenerate(layout, on_step=lambda step: None)
    assert snapshot(layout.root) == before


def test_only_the_overlay_can_say_that_a_call_may_be_repeated(layout: Layout) -> None:
    document = small_document()
    for item in document["paths"].values():
        for operation in item.values():
            operation["x-safe"] = True
    write_document(layout, document)
    regenerate(layout, on_step=lambda step: None)
    operations = (layout.generated / PACKAGE / "operations").glob("*.py")
    assert not any("safe=True" in path.read_text("utf-8") for path in operations)


def test_an_overlay_that_breaks_the_document_is_refused(layout: Layout) -> None:
    action = '{target: "$.paths.*.get", description: For the test., update: {x-limits: [{count: many}]}}'
    layout.overlay.write_text(OVERLAY.replace("actions: [", f"actions: [{action}, "), "utf-8")
    with pytest.raises(Refused, match="x-limits") as caught:
        regenerate(layout, on_step=lambda step: None)
    assert caught.value.step == "overlay"
