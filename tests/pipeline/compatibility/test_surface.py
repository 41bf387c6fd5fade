"""Every change of what the package offers shows in its surface, and the surface can be read back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import surface as command
from scripts.codegen.client_model import ClientModel
from scripts.compatibility.judge import judge
from scripts.compatibility.surface import FILE, from_text, lines, surface, to_text
from scripts.lib.layout import Layout
from scripts.lib.report import Refused
from scripts.regenerate import regenerate
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet, write_document

pytestmark = pytest.mark.slow

CORE = "core/instantly_core/"
Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = make_project(tmp_path_factory.mktemp("project") / "original")
    regenerate(layout, on_step=quiet, record_names=True)
    return layout


@pytest.fixture(scope="module")
def before(original: Layout) -> ClientModel:
    return surface(original, on_step=quiet)


@pytest.fixture
def layout(original: Layout, tmp_path: Path) -> Layout:
    """A project whose source a test may change."""
    shutil.copytree(original.root, tmp_path / "copy", symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return Layout(tmp_path / "copy")


@pytest.fixture
def edit(layout: Layout) -> Edit:
    def edit(file: str, old: str, new: str) -> None:
        path = layout.root / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return edit


def changes(before: ClientModel, after: ClientModel) -> list[str]:
    return [f"{change.effect} {change.subject}: {change.what}" for change in judge(before, after)]


def test_it_has_a_line_for_each_thing_that_code_may_rely_on(before: ClientModel) -> None:
    found = [line for line in lines(before) if line.startswith(("client.robots.get", "client.robots.list"))]
    subjects = [line.partition(" {")[0] for line in found]
    assert subjects == [
        "client.robots.get()",
        "client.robots.get(id)",
        "client.robots.list()",
        "client.robots.list(limit)",
        "client.robots.list(max_items)",
        "client.robots.list(starting_after)",
    ]
    assert {
        'models.RobotStatus.BROKEN {"value": "-1"}',
        'models.RobotStatus {"type": "int"}',
        'APIError.status_code {"annotation": "int | None"}',
        'Page.__iter__() {"result": "Iterator[T]"}',
        'NotFoundError {"bases": ["StatusError"]}',
    } <= {*lines(before)}


def test_it_can_be_read_back(before: ClientModel) -> None:
    again = from_text(to_text(before), "the text")
    assert to_text(again) == to_text(before)
    assert [change for change in judge(before, again) if change.effect != "prose"] == []


def test_no_line_goes_or_comes_unseen(before: ClientModel) -> None:
    text = to_text(before)
    for line in lines(before)[1::7]:
        subject = line.partition(" {")[0]
        inside = (subject.removesuffix("()") + ".", subject.removesuffix(")"))
        rest = [
            other for other in text.splitlines()
            if other != line and not other.startswith(inside)
        ]  # fmt: skip
        poorer = from_text("\n".join(rest), "the text")
        assert changes(from_text(text, "the text"), poorer), subject
        assert changes(poorer, from_text(text, "the text")), subject


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            CORE + "error_tree.py",
            "self.scopes: tuple[str, ...]",
            "self.scopes: list[str]",
            ["breaking APIError.scopes: type tuple[str, ...] -> list[str]"],
        ),
        (
            CORE + "error_tree.py",
            "class ConflictError(StatusError)",
            "class ConflictError(APIError)",
            [
                "breaking ConflictError: is a StatusError -> none",
                "additive ConflictError: is a none -> APIError",
            ],
        ),
        (
            CORE + "error_tree.py",
            "sent: bool = True",
            "sent: bool",
            ["breaking APIConnectionError.__init__(sent=): optional -> required"],
        ),
        (
            CORE + "call/options.py",
            "DEFAULT_DEADLINE = 300.0",
            "DEFAULT_DEADLINE = 60.0",
            [
                "behaviour AsyncInstantly.__init__(deadline=): default 300.0 -> 60.0",
                "behaviour Instantly.__init__(deadline=): default 300.0 -> 60.0",
            ],
        ),
        (
            CORE + "call/page.py",
            "def pages",
            "def sheets",
            [
                "additive AsyncPage.sheets: added",
                "breaking AsyncPage.pages: removed",
                "additive Page.sheets: added",
                "breaking Page.pages: removed",
            ],
        ),
        (
            CORE + "models/model.py",
            "def to_dict",
            "def as_dict",
            ["additive Model.as_dict: added", "breaking Model.to_dict: removed"],
        ),
        (
            "generated/instantly_client/__init__.py",
            '    "API_VERSION",\n',
            "",
            ["breaking instantly_client.API_VERSION: removed"],
        ),
    ],
)
def test_a_change_of_hand_written_code_shows(
    before: ClientModel, layout: Layout, edit: Edit, file: str, old: str, new: str, expected: list[str]
) -> None:
    edit(file, old, new)
    assert changes(before, surface(layout, on_step=quiet)) == expected


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (CORE + "call/page.py", "self.items: list[T] =", "self.items =", "page.py: Page.items has no type"),
        ("generated/instantly_client/__init__.py", "__all__ = [", "__all__ = [(", "the package cannot be read"),
    ],
)
def test_what_cannot_be_told_is_refused(layout: Layout, edit: Edit, file: str, old: str, new: str, what: str) -> None:
    edit(file, old, new)
    with pytest.raises(Refused) as refusal:
        surface(layout, on_step=quiet)
    assert what in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# Nothing.\n", "the text is empty"),
        ("service\na b\n", "line 2 of the text is no line of a surface: a b"),
        ("service\na {1}\n", "line 2 of the text is no line of a surface: a {1}"),
        ("a\na {}\n", "line 2 of the text is the second about a"),
        ("a\n", "has a line that does not fit the others"),
        ('service {"colour": "red"}\n', "has a line that does not fit the others"),
    ],
)
def test_a_text_that_is_no_surface_is_refused(text: str, what: str) -> None:
    with pytest.raises(Refused) as refusal:
        from_text(text, "the text")
    assert what in str(refusal.value)


# --- the command ---


@pytest.fixture
def project(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A project under version control, with its surface on record and tagged v0.1.0."""
    monkeypatch.setattr(command, "PROJECT", layout)
    assert command.main(["--write"]) == 0
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "All"],
        ["tag", "v0.1.0"],
    ):
        subprocess.run(["git", *arguments], cwd=layout.root, check=True)
    return layout


def more(layout: Layout) -> None:
    """Pin a document in which a value is another, and an object has one more field."""
    document: dict[str, Any] = small_document()
    robot = document["components"]["schemas"]["def-1"]["properties"]
    robot["status"] = {
        "type": "integer",
        "enum": [0, 7, -1],
        "x-enumDescriptions": {"0": "Asleep", "7": "Awake", "-1": "Broken"},
    }
    robot["size"] = {"type": "integer"}
    write_document(layout, document)
    regenerate(layout, on_step=quiet, record_names=True)


def test_the_record_is_current_until_the_source_changes(
    project: Layout, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--check"]) == 0
    edit(CORE + "models/model.py", "def to_json(self) -> str", "def to_json(self) -> bytes")
    capsys.readouterr()
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "--- on record",
        "+++ in the source",
        '-Model.to_json() {"result": "str"}',
        '+Model.to_json() {"result": "bytes"}',
        "",
        "tests/release/surface.txt is not the surface of the package: run `nox -s surface -- --write`",
    ]
    assert command.main(["--write"]) == 0
    assert command.main(["--check"]) == 0
    capsys.readouterr()
    assert command.main([]) == 0
    assert capsys.readouterr().out == (project.root / FILE).read_text("utf-8")


def test_the_version_that_follows_is_told(project: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert command.main(["--against", "v0.1.0"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Nothing changes for code that uses the client.",
    ]
    more(project)
    assert command.main(["--against", "v0.1.0"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "breaking   RobotStatus.AWAKE: removed, was 1" in shown
    assert "additive   Robot.size: added, optional, int" in shown
    assert shown[-1] == "3 changes since v0.1.0: major, 0.1.0 -> 0.2.0"
    assert command.main(["--against", "v0.1.0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["level"], found["version"], len(found["changes"])) == ("major", "0.2.0", 3)


@pytest.mark.parametrize("ref", ["v9.9.9", "--output=x", ""])
def test_what_names_no_commit_is_refused(project: Layout, ref: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([f"--against={ref}"]) == 2
    assert "refused" in capsys.readouterr().err
    assert not (project.root / "x").exists()
