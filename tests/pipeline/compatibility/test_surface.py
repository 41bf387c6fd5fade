"""Every change of what the package offers shows in its surface, and nothing else does."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import surface as command
from scripts.compatibility.compatibility import compare
from scripts.compatibility.facts import FILE, Surface, parse_surface
from scripts.compatibility.surface import current, differences, surface, write_surface
from scripts.lib.layout import Layout
from scripts.lib.report import Refused
from scripts.regenerate import regenerate
from tests.pipeline.projects import make_project, quiet

RESOURCE = "generated/instantly_client/resources/robots.py"
ASYNC_RESOURCE = "generated/instantly_client/async_resources/robots.py"
RAW_RESOURCE = "generated/instantly_client/raw_resources/robots.py"
MODEL = "generated/instantly_client/models/robot.py"
ENUMERATION = "generated/instantly_client/models/robot_status.py"
CORE = "core/instantly_core/"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = make_project(tmp_path_factory.mktemp("project") / "original")
    regenerate(layout, on_step=quiet, record_names=True)
    return layout


@pytest.fixture(scope="module")
def before(original: Layout) -> Surface:
    return read(original)


@pytest.fixture
def layout(original: Layout, tmp_path: Path) -> Layout:
    """A project whose source a test may change."""
    for folder in ("core", "generated"):
        shutil.copytree(original.root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Layout(tmp_path)


@pytest.fixture
def edit(layout: Layout) -> Callable[[str, str, str], None]:
    def edit(file: str, old: str, new: str) -> None:
        path = layout.root / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return edit


Edit = Callable[[str, str, str], None]


def read(layout: Layout) -> Surface:
    return surface(layout.root / "core", layout.generated)


def changes(before: Surface, layout: Layout) -> list[str]:
    return [str(change) for change in compare(before, read(layout))]


def test_a_line_each_fact_sorted_and_each_can_be_read_again(before: Surface) -> None:
    text = before.to_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == sorted(lines) == before.lines
    assert parse_surface(text, "the text") == before
    assert [line for line in lines if line.startswith(("client.robots.get", "client.robots.list"))] == [
        "client.robots.get(id): str",
        "client.robots.get(id, /) -> Robot",
        "client.robots.list() -> Page[Robot]",
        "client.robots.list(limit=): int | Unset = UNSET",
        "client.robots.list(max_items=): int | None = None",
        "client.robots.list(starting_after=): str | Unset = UNSET",
    ]
    assert {
        "models.Robot.owner: str | None | Unset = UNSET",
        "models.RobotStatus.BROKEN = -1",
        "models.RobotStatus: class(IntEnumeration)",
        "client.with_raw_response.robots.list(...) -> RawResponse[Page[Robot]]",
        "errors.APIError.status_code: int | None",
        "Page.__iter__() -> Iterator[T]",
    } <= {*lines}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (RESOURCE, "List robots.", "List all robots.", []),
        (
            RESOURCE,
            "limit: int | Unset = UNSET",
            "limit: int",
            [
                "breaking  Instantly.robots.list(limit=): is required",
                "breaking  Instantly.robots.list(limit=): takes int, no longer Unset",
            ],
        ),
        (
            RESOURCE,
            "    def get",
            "    def ping(self) -> None: ...\n\n    def get",
            ["additive  Instantly.robots.ping: new"],
        ),
        (
            RESOURCE,
            "id: str, /, *, name",
            "id: str, *, name",
            ["additive  Instantly.robots.update(id): may be given by keyword"],
        ),
        (
            ASYNC_RESOURCE,
            "id: str, /, *, name",
            "id: str, *, name",
            ["additive  AsyncInstantly.robots.update(id): may be given by keyword"],
        ),
        (
            ASYNC_RESOURCE,
            "def list",
            "async def list",
            ["breaking  AsyncInstantly.robots.list: returns Awaitable[AsyncPage[Robot]], was AsyncPage[Robot]"],
        ),
        (
            RAW_RESOURCE,
            "    get = raw_method(Robots.get)\n",
            "",
            ["breaking  Instantly.with_raw_response.robots.get: gone"],
        ),
        (MODEL, "    name: str\n", "    name: str | None\n", ["breaking  models.Robot.name: is str | None, was str"]),
        (MODEL, "    name: str\n", "    name: str\n    size: int\n", ["additive  models.Robot.size: new"]),
        (ENUMERATION, "AWAKE = 1", "AWAKE = 7", ["breaking  models.RobotStatus.AWAKE: is 7, was 1"]),
        (ENUMERATION, "AWAKE = 1", "AWAKE = 1\n    GONE = 2", ["additive  models.RobotStatus.GONE: new"]),
        (
            CORE + "error_tree.py",
            "self.scopes: tuple[str, ...]",
            "self.scopes: list[str]",
            ["breaking  errors.APIError.scopes: is list[str], was tuple[str, ...]"],
        ),
        (
            CORE + "error_tree.py",
            "class ConflictError(StatusError)",
            "class ConflictError(APIError)",
            [
                "breaking  errors.ConflictError: is no StatusError any more",
                "additive  errors.ConflictError: is a APIError as well",
            ],
        ),
        (
            CORE + "error_tree.py",
            "sent: bool = True",
            "sent: bool",
            ["breaking  errors.APIConnectionError.__init__(sent=): is required"],
        ),
        (
            CORE + "call/options.py",
            "DEFAULT_DEADLINE = 300.0",
            "DEFAULT_DEADLINE = 60.0",
            ["additive  client.__init__(deadline=): defaults to 60.0, not 300.0"],
        ),
        (
            CORE + "ratelimit/limits.py",
            "bucket: str, limits: Sequence[Limit]",
            "limits: Sequence[Limit], bucket: str",
            None,
        ),
        (
            CORE + "call/events.py",
            '"wait"]',
            '"wait", "end"]',
            ["breaking  Event.kind: ", "additive  Event.__init__(kind): takes Literal['end'] as well"],
        ),
        (
            CORE + "call/page.py",
            "def pages",
            "def walk",
            [
                "breaking  AsyncPage.pages: gone",
                "breaking  Page.pages: gone",
                "additive  AsyncPage.walk: new",
                "additive  Page.walk: new",
            ],
        ),
        (CORE + "call/page.py", "def __iter__", "def _iter", ["breaking  Page.__iter__: gone"]),
        (
            CORE + "call/base_client.py",
            "strict: bool | Unset = UNSET,\n    ) -> Self",
            "strict: bool | Unset = UNSET,\n        loud: bool | Unset = UNSET,\n    ) -> Self",
            ["additive  client.with_options(loud=): new"],
        ),
        (
            CORE + "models/model.py",
            "def to_dict",
            "def to_json",
            ["breaking  Model.to_dict: gone", "additive  Model.to_json: new"],
        ),
    ],
)
def test_a_change_shows(
    before: Surface, layout: Layout, edit: Edit, file: str, old: str, new: str, expected: list[str] | None
) -> None:
    edit(file, old, new)
    found = changes(before, layout)
    if expected is None:
        assert found
    else:
        assert len(found) == len(expected)
        assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found


def test_no_fact_goes_or_comes_or_has_another_type_unseen(before: Surface) -> None:
    facts = list(before.values())
    for fact in facts[::12]:
        rest = Surface(other for other in facts if other is not fact)
        assert compare(before, rest), fact
        assert compare(rest, before), fact
        if fact.bases is None:
            other = replace(fact, type="Other") if fact.type else replace(fact, default="'other'")
            assert compare(before, Surface([*rest.values(), other])), fact


def test_a_change_of_both_clients_is_one(before: Surface, layout: Layout, edit: Edit) -> None:
    for file in (RESOURCE, ASYNC_RESOURCE):
        edit(file, "limit: int | Unset = UNSET", "limit: int | str | Unset = UNSET")
    assert changes(before, layout) == ["additive  client.robots.list(limit=): takes str as well"]


def test_what_is_only_kept_is_deprecated_and_not_gone(before: Surface, layout: Layout, edit: Edit) -> None:
    """As the templates write what the vendor has dropped."""
    edit(MODEL, "    name: str\n", "    _name: str | Unset = UNSET\n")
    edit(
        MODEL,
        "    @classmethod\n    def from_dict",
        "    @property\n    def name(self) -> str | Unset:\n"
        '        warn_removed("Robot.name", "2026-06-01", 3)\n        return self._name\n\n'
        "    @name.setter\n    def name(self, value: str | Unset) -> None:\n        self._name = value\n\n"
        "    @classmethod\n    def from_dict",
    )
    edit(ENUMERATION, "    AWAKE", '    __removed__ = {"AWAKE": "2026-06-01"}\n\n    AWAKE')
    for file in (RESOURCE, ASYNC_RESOURCE):
        call = f"return {'await ' if file == ASYNC_RESOURCE else ''}self._client.call(operations.UPDATE"
        warnings = (
            'warn_removed("client.robots.x()", "2026-06-01")\n'
            "        if mood is not UNSET:\n"
            '            warn_removed("client.robots.update(mood=)", "2026-06-01")\n        '
        )
        edit(file, call, warnings + call)
    assert changes(before, layout) == [
        "breaking  models.Robot.name: is str | Unset, was str",
        "additive  client.robots.update: deprecated",
        "additive  client.robots.update(mood=): deprecated",
        "additive  client.with_raw_response.robots.update: deprecated",
        "additive  models.Robot.name: defaults to UNSET, not nothing",
        "additive  models.Robot.name: deprecated",
        "additive  models.RobotStatus.AWAKE: deprecated",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (RESOURCE, "class Robots", "class Robots(", "robots.py cannot be read"),
        (CORE + "call/page.py", "self.items: list[T] =", "self.items =", "page.py: Page.items has no type"),
        (RESOURCE, "limit: int | Unset = UNSET", "limit=UNSET", "the argument limit of client.robots.list has no type"),
        (RESOURCE, ") -> Page[models.Robot]:", "):", "the result of Robots.list has no type"),
        ("generated/instantly_client/__init__.py", '    "Page",\n', '    "Pages",\n', "the export Pages is no module"),
    ],
)
def test_what_cannot_be_told_is_refused(layout: Layout, edit: Edit, file: str, old: str, new: str, what: str) -> None:
    edit(file, old, new)
    with pytest.raises(Refused) as refusal:
        read(layout)
    assert what in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# Nothing.\n", "the text is empty"),
        ("a: int\nb\n", "line 2 of the text states no fact: b"),
        ("a: int\na: str\n", "line 2 of the text is the second about a"),
    ],
)
def test_a_text_that_is_no_surface_is_refused(text: str, what: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_surface(text, "the text")
    assert what in str(refusal.value)


# --- the command ---


@pytest.fixture
def project(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A project under version control, with its surface on record and tagged v0.1.0."""
    monkeypatch.setattr(command, "PROJECT", layout)
    write_surface(layout)
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "All"],
        ["tag", "v0.1.0"],
    ):
        subprocess.run(["git", *arguments], cwd=layout.root, check=True)
    return layout


def test_the_record_is_current_until_the_source_changes(
    project: Layout, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    assert current(project)
    assert command.main(["--check"]) == 0
    edit(ENUMERATION, "AWAKE = 1", "AWAKE = 7")
    assert not current(project)
    capsys.readouterr()
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "--- on record",
        "+++ in the source",
        "-models.RobotStatus.AWAKE = 1",
        "+models.RobotStatus.AWAKE = 7",
        "",
        "tests/release/surface.txt is not the surface of the package: run `nox -s surface -- --write`",
    ]
    assert command.main(["--write"]) == 0
    assert differences(project) == []
    capsys.readouterr()
    assert command.main([]) == 0
    assert capsys.readouterr().out == (project.root / FILE).read_text("utf-8")


def test_the_version_that_follows_is_told(project: Layout, edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--against", "v0.1.0"]) == 0
    assert capsys.readouterr().out == "0 changes since v0.1.0, 0 breaking: patch, 0.1.0 -> 0.1.1\n"
    edit(ENUMERATION, "AWAKE = 1", "AWAKE = 7")
    edit(MODEL, "    name: str\n", "    name: str\n    size: int\n")
    assert command.main(["--against", "v0.1.0"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "breaking  models.RobotStatus.AWAKE: is 7, was 1",
        "additive  models.Robot.size: new",
        "2 changes since v0.1.0, 1 breaking: major, 0.1.0 -> 0.2.0",
    ]
    assert command.main(["--against", "v0.1.0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["version"], len(told["changes"])) == ("major", "0.2.0", 2)
    assert told["changes"][0] == {"subject": "models.RobotStatus.AWAKE", "what": "is 7, was 1", "breaking": True}


@pytest.mark.parametrize("ref", ["v9.9.9", "--output=x", ""])
def test_what_names_no_commit_is_refused(project: Layout, ref: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([f"--against={ref}"]) == 2
    assert "refused" in capsys.readouterr().err
    assert not (project.root / "x").exists()
