"""What changed between two documents is reported to people and programs, and nothing in the documents can act there."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import diff as command
from scripts.codegen.pipeline import model_of, read_curation
from scripts.compatibility.judge import Change, Effect, judge, level
from scripts.compatibility.report import (
    CHANGELOG_LINES,
    MAX_WIDTH,
    changelog_entry,
    code,
    markdown,
    record,
    show,
    summary,
)
from scripts.compatibility.surface import from_text, to_text
from scripts.diff import compare, diff
from scripts.evolution.upgrade import upgrade
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.report import CONTROL, Failed, Refused
from scripts.spec.document import Document
from scripts.spec.load import load
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet
from tests.pipeline.settings import STEADY

pytestmark = pytest.mark.slow

VENDOR = PROJECT.root.parent / "shared" / "documents"
PRINTABLE = "</details><script>`|*_[x](http://x) @all``"
HOSTILE = f"{PRINTABLE}\n# \x1b[2J\u202e\u200b"


def change(effect: Effect, subject: str = "Robot.name", **values: Any) -> Change:
    """A change of a field, unless `values` say otherwise."""
    told: dict[str, Any] = {"kind": "field", "action": "changed", "aspect": "type", "old": "str", "new": "int"}
    return Change(subject=subject, effect=effect, **{"where": subject.partition(".")[0], **told, **values})


def added(subject: str, **values: Any) -> Change:
    return change(Effect.ADDITIVE, subject, **{"action": "added", "aspect": "optional", "old": "", **values})


def removed(subject: str) -> Change:
    return change(Effect.BREAKING, subject, action="removed", aspect="", old="", new="")


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    layout = make_project(tmp_path / "project")
    monkeypatch.setattr(command, "PROJECT", layout)
    return layout


def write(path: Path, document: Document) -> Path:
    path.write_text(json.dumps(document), "utf-8")
    return path


def changed_document() -> Document:
    document = small_document()
    robot = document["components"]["schemas"]["def-1"]["properties"]
    del robot["owner"]
    robot["colour"] = {"type": "string", "enum": ["red", PRINTABLE], "default": "red"}
    document["paths"]["/api/robots"]["get"]["parameters"][1]["schema"].update(pattern=HOSTILE, default=HOSTILE)
    document["paths"]["/api/robots"]["get"]["summary"] = HOSTILE
    return document


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    documents = {"old.json": small_document(), "new.json": changed_document()}
    return [str(write(tmp_path / name, document)) for name, document in documents.items()]


# --- The command ---


def test_the_command_tells_the_changes_and_touches_nothing(
    layout: Layout, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in layout.document.parent.iterdir()}
    assert command.main(files) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == (
        "For code that uses the client this is a major change: "
        "1 breaking change, 2 changes of behaviour, 2 additions and 1 change of words only."
    )
    assert lines[0] == "breaking   Robot.owner: removed"
    assert "additive   RobotColour: added" in lines
    assert "prose      words changed at 1 place: client.robots.list" in lines
    assert len(lines) == 6
    assert {path: path.read_bytes() for path in layout.document.parent.iterdir()} == before
    assert not layout.generated.exists()


def test_as_json_the_changes_are_values(layout: Layout, files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([*files, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.isascii()
    told = json.loads(captured.out)
    assert (told["level"], told["counts"]) == ("major", {"breaking": 1, "behaviour": 2, "additive": 2, "prose": 1})
    (owner,) = (entry for entry in told["changes"] if entry["subject"] == "Robot.owner")
    assert owner == {
        "id": owner["id"],
        "kind": "field",
        "action": "removed",
        "subject": "Robot.owner",
        "aspect": "",
        "old": "",
        "new": "",
        "effect": "breaking",
        "where": "Robot",
        "what": "removed",
        "pointers": {"old": "/components/schemas/def-1/properties/owner", "new": ""},
        "code": {"before": "robot.owner", "after": ""},
    }
    assert [id_ for cause in told["causes"] for id_ in cause["changes"]] == [entry["id"] for entry in told["changes"]]
    assert {entry["new"] for entry in told["changes"] if entry["aspect"] == "pattern"} == {HOSTILE}


def test_no_change_is_told_as_such(layout: Layout, files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([files[0], files[0]]) == 0
    assert capsys.readouterr().out == "Nothing changes for code that uses the client.\n"
    assert command.main([files[0], files[0], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["level"] is None


@pytest.mark.parametrize("broken", [0, 1])
def test_a_document_that_is_refused_is_named(
    layout: Layout, files: list[str], capsys: pytest.CaptureFixture[str], broken: int
) -> None:
    Path(files[broken]).write_text("{}", "utf-8")
    assert command.main(files) == 2
    assert f"of {files[broken]}: refused" in capsys.readouterr().err
    assert command.main([*files, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["status"] == "refused"


def test_a_step_that_fails_is_named(
    layout: Layout, files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: Any) -> None:
        raise Failed("generate", "for the test")

    monkeypatch.setattr("scripts.codegen.pipeline.parse", fail)
    assert command.main(files) == 1
    assert "generate: failed, for the test" in capsys.readouterr().err


def test_the_overlay_corrects_both_documents(layout: Layout, files: list[str]) -> None:
    layout.overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: Some, version: '1'}\nactions:\n"
        "- {target: \"$.components.schemas['def-1'].properties.owner\", description: It is no owner., remove: true}\n",
        "utf-8",
    )
    found = diff(Path(files[0]), Path(files[1]), layout=layout, on_step=quiet)
    assert "Robot.owner" not in {change.subject for change in found}
    layout.overlay.write_text("{}", "utf-8")
    with pytest.raises(Refused):
        diff(Path(files[0]), Path(files[1]), layout=layout, on_step=quiet)


def test_each_process_tells_the_same(files: list[str]) -> None:
    told = {
        subprocess.run(
            [sys.executable, "-m", "scripts.diff", *files, "--json"],
            cwd=PROJECT.root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(json.loads(told.pop())["changes"]) > 5


def test_the_report_is_written_to_a_file(
    layout: Layout, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([*files, "--report", str(tmp_path / "report.md")]) == 0
    found = compare(Path(files[0]), Path(files[1]), layout=layout, on_step=quiet)
    assert (tmp_path / "report.md").read_text("utf-8") == markdown(*found)
    assert command.main([*files, "--report", str(tmp_path / "nowhere" / "report.md")]) == 1
    assert "report.md cannot be written: No such file or directory" in capsys.readouterr().err


# --- The reports ---


def test_the_level_is_that_of_the_worst_change() -> None:
    assert level([]) is None
    assert level([change(Effect.PROSE)]) == "patch"
    assert level([change(Effect.PROSE), change(Effect.ADDITIVE)]) == "minor"
    assert level([change(Effect.BEHAVIOUR)]) == "minor"
    assert level([change(Effect.PROSE), change(Effect.BREAKING), change(Effect.ADDITIVE)]) == "major"


def test_a_report_begins_with_a_sentence_and_counts_and_then_what_is_breaking() -> None:
    found = [
        added("Robot.arm", new="Arm"),
        change(Effect.PROSE, "Robot.id", aspect="words", old="", new=""),
        change(Effect.BREAKING),
        change(Effect.BEHAVIOUR, "Robot.age", aspect="default", old="", new="10"),
        removed("Robot.owner"),
    ]
    assert (
        markdown(found)
        == f"""\
For code that uses the client this is a major change: 2 breaking changes, 1 change of behaviour, 1 addition and \
1 change of words only.

| | breaking | behaviour | additive | prose |
|---|---:|---:|---:|---:|
| fields | 2 | 1 | 1 | 1 |

### Breaking: code that ran or passed a type checker may stop to

- `Robot.name`: type `str` → `int`
  - id `{found[2].id}`

  ```python
  # before
  robot.name  # str
  # after
  robot.name  # int
  ```

- `Robot.owner`: removed
  - id `{found[4].id}`

  ```python
  # before
  robot.owner
  # after
  # removed
  ```

### Behaviour: the same code has another effect

- `Robot.age`: default none → `10`

### Additive: there is more, and everything that worked works

- `Robot.arm`: added, optional, `Arm`

<details>
<summary>1 change of words only</summary>

- `Robot`: `id`

</details>
"""
    )


def test_a_report_of_nothing_is_a_sentence() -> None:
    assert markdown([]) == summary([]) + "\n" == "Nothing changes for code that uses the client.\n"
    assert changelog_entry([]) == changelog_entry([change(Effect.PROSE)]) == ""


def test_many_additions_of_one_class_share_a_line() -> None:
    found = [added(f"Robot.part_{number}") for number in range(5)]
    assert "- `Robot`: 5 new fields: `part_0`, `part_1`, `part_2`, `part_3`, `part_4`\n" in markdown(found)
    calls = [
        added(f"client.robots.list(part_{number}=)", kind="argument", where="client.robots") for number in range(4)
    ]
    assert "- `client.robots.list`: 4 new arguments: `part_0=`, `part_1=`, `part_2=`, `part_3=`\n" in markdown(calls)
    classes = [added(f"Part{number}", kind="class", aspect="") for number in range(4)]
    assert "- 4 new classes: `Part0`, `Part1`, `Part2`, `Part3`\n" in markdown(classes)


def test_what_breaks_is_told_in_full_however_much_it_is() -> None:
    found = [change(Effect.BREAKING, f"Robot{number}.name") for number in range(300)]
    found += [removed(f"Robot.part_{number}") for number in range(300)]
    for text in (markdown(found), changelog_entry(found)):
        assert all(f"Robot{number}.name" in text and f"part_{number}`" in text for number in range(300))
    assert "more" not in markdown(found)


def test_changes_with_one_cause_are_one_entry() -> None:
    gone = {"aspect": "format", "old": "uuid", "new": ""}
    found = [change(Effect.PROSE, f"Robot{n}.id", **gone) for n in range(200)]
    calls = {"kind": "argument", "where": "client.robots"}
    found += [change(Effect.PROSE, f"client.robots.get{n}(id)", **calls, **gone) for n in range(45)]
    (line,) = (line for line in markdown(found).splitlines() if line.startswith("- "))
    assert line.startswith("- format `uuid` → none in 200 fields and 45 arguments: `Robot0.id`, `Robot1.id`, ")
    assert line.endswith(", `client.robots.get44(id)`")
    assert [len(cause["changes"]) for cause in record(found)["causes"]] == [245]


def test_nothing_is_cut_but_where_a_width_is_given_and_in_a_changelog() -> None:
    found = [added(f"Robot.part_{number}") for number in range(300)]
    assert all(f"`part_{number}`" in markdown(found) for number in range(300))
    assert "and 2" in markdown(found, width=MAX_WIDTH)
    found = [added(f"Robot{number}.{part}") for number in range(CHANGELOG_LINES) for part in ("name", "arm")]
    lines = changelog_entry(found).splitlines()
    assert lines[2:] == [f"- `Robot{number}`: `name`, `arm`" for number in range(CHANGELOG_LINES)]
    words = [change(Effect.PROSE, f"Robot{number}.name", aspect="words", old="", new="") for number in range(300)]
    assert all(f"`Robot{number}`: `name`" in markdown(words) for number in range(300))
    assert "\nAnd 300 changes of words only.\n" in markdown(words, words=False)


def test_a_changelog_entry_has_the_sections_of_keep_a_changelog() -> None:
    found = [
        added("Robot.arm", new="Arm"),
        change(Effect.BREAKING, "Arm.length", action="added", aspect="required", old="", new="float"),
        change(Effect.BEHAVIOUR, "Robot.age", action="deprecated", aspect="deprecated", old="", new=""),
        change(Effect.BEHAVIOUR, "Robot.pi", aspect="default", old="3", new="4"),
        removed("Robot.owner"),
        change(Effect.PROSE),
    ]
    assert (
        changelog_entry(found)
        == """\
### Added

- `Robot.arm`: added, optional, `Arm`

### Changed

- **Breaking:** `Arm.length`: added, required, `float`
- `Robot.pi`: default `3` → `4`

### Deprecated

- `Robot.age`: deprecated

### Removed

- **Breaking:** `Robot.owner`: removed
"""
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_changes_are_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    show([change(Effect.BREAKING, new="[red]int[/red]"), change(Effect.PROSE)], stream=stream)
    text = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert re.search(r"^ *breaking +Robot.name +type str → \[red\]int\[/red\] *$", text, re.MULTILINE)
    assert text.startswith("For code that uses the client this is a major change: 1 breaking change and 1 change of")


def test_changes_of_words_are_one_line_with_their_places_and_other_prose_is_as_it_is() -> None:
    stream = io.StringIO()
    reworded = [change(Effect.PROSE, subject, aspect="words", old="", new="") for subject in ("Robot.name", "Robot.id")]
    renamed = change(Effect.PROSE, "Robot.turn", aspect="operationId", old="turnRobot", new="rotateRobot")
    show([*reworded, renamed], stream=stream)
    assert stream.getvalue().splitlines()[1:] == [
        "prose      Robot.turn: operationId turnRobot → rotateRobot",
        "prose      words changed at 2 places: Robot.name, Robot.id",
    ]


def test_a_stream_that_cannot_write_an_arrow_gets_its_escape() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    show([change(Effect.BREAKING)], stream=stream)
    stream.flush()
    assert raw.getvalue().splitlines()[1] == rb"breaking   Robot.name: type str \u2192 int"


# --- Text of the document ---


def outside_code(text: str) -> str:
    """A line of Markdown without its code spans, as CommonMark finds them: from backticks to the next as many."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", text)


def test_nothing_in_a_document_acts_in_a_report(layout: Layout, files: list[str]) -> None:
    found = diff(Path(files[0]), Path(files[1]), layout=layout, on_step=quiet)
    for text in (markdown(found), changelog_entry(found)):
        assert "script" in text
        assert not CONTROL.search(text.replace("\n", ""))
        assert all(
            word not in outside_code(line) for line in text.splitlines() for word in ("script", "@", "http", "#  ")
        )
        assert text.count("\n</details>\n") == (text.startswith("For"))
        assert max(map(len, text.splitlines())) < 400
    stream = io.StringIO()
    show(found, stream=stream)
    assert not CONTROL.search(stream.getvalue().replace("\n", ""))


@STEADY
@given(st.text("`\\ |<>\n*a\u200b\x1b", max_size=20).map(lambda text: text * 8) | st.text(max_size=20))
def test_code_is_code_whatever_it_holds(text: str) -> None:
    written = code(text)
    assert outside_code(f"a {written} b") == ("a  b")
    assert written.isprintable()
    assert len(written) <= 3 * MAX_WIDTH + 2
    assert bool(written) == bool(text)


def test_a_document_that_somebody_has_turned_is_told_in_full(layout: Layout, tmp_path: Path) -> None:
    """Other servers, no security, a path that moved, and a write that became a read: all at once."""
    old = small_document()
    old["paths"]["/api/robots/{id}/pause"] = {
        "post": {**old["paths"]["/api/robots/{id}"]["get"], "operationId": "pause"}
    }
    old["paths"]["/api/robots/reply"] = {"post": {**old["paths"]["/api/robots/{id}"]["patch"], "operationId": "reply"}}
    old["paths"]["/api/robots/reply"]["post"]["parameters"] = []
    new = json.loads(json.dumps(old))
    new |= {"servers": [{"url": "https://evil.example"}], "security": []}
    new["paths"]["/api/robots/{id}/halt"] = new["paths"].pop("/api/robots/{id}/pause")
    reply = new["paths"]["/api/robots/reply"]
    reply["get"] = reply.pop("post")
    del reply["get"]["requestBody"]
    files = [write(tmp_path / f"{name}.json", document) for name, document in (("before", old), ("after", new))]
    found = {
        (change.effect, f"{change.subject}: {change.what}") for change in diff(*files, layout=layout, on_step=quiet)
    }
    assert {
        (Effect.BREAKING, "client: servers https://robots.example -> https://evil.example"),
        (Effect.BREAKING, "client: security http bearer -> none"),
        (Effect.BREAKING, "client.robots.reply: repeated after a failure no -> yes"),
        (Effect.BEHAVIOUR, "client.robots.reply: HTTP method POST -> GET"),
        (Effect.BREAKING, "client.robots.reply(name=): removed"),
        (Effect.BEHAVIOUR, "client.robots.pause: path /api/robots/{id}/pause -> /api/robots/{id}/halt"),
    } <= found


def test_an_enumeration_of_the_type_that_a_field_had_is_an_addition(layout: Layout, tmp_path: Path) -> None:
    new = small_document()
    new["components"]["schemas"]["def-1"]["properties"]["name"]["enum"] = ["Marvin", "Bender"]
    files = [write(tmp_path / f"{name}.json", each) for name, each in (("before", small_document()), ("after", new))]
    found = diff(*files, layout=layout, on_step=quiet)
    assert {change.effect for change in found} == {Effect.ADDITIVE}
    assert level(found) == "minor"


# --- The vendor's documents ---


@pytest.fixture(scope="module")
def published() -> list[list[Change]]:
    """What changed from each document of the vendor to the next."""
    if not VENDOR.is_dir():
        pytest.skip("no older documents of the vendor are at hand")
    files = [VENDOR / "2025-06-18.json", VENDOR / "2025-12-18.json", PROJECT.document]
    return [diff(old, new, layout=PROJECT, on_step=quiet) for old, new in pairwise(files)]


@pytest.mark.long
def test_between_documents_of_the_vendor_the_record_is_judged_like_the_documents() -> None:
    """What a pin calls breaking cannot leave as a minor release."""
    if not VENDOR.is_dir():
        pytest.skip("no older documents of the vendor are at hand")
    files = [VENDOR / "2025-06-18.json", VENDOR / "2025-12-18.json", PROJECT.document]
    for one, other in pairwise(files):
        done = upgrade(
            load(one).document, load(other).document, replace(read_curation(PROJECT), tombstones=()),
            retention=None, pinned=False, on_step=quiet,
        )  # fmt: skip
        models = [model_of(prepared, PROJECT) for prepared in (done.old, done.new)]
        records = [from_text(to_text(model), "the record") for model in models]
        for old, new in ((0, 1), (1, 0)):
            found = {change for change in judge(models[old], models[new]) if change.effect is not Effect.PROSE}
            recorded = {change for change in judge(records[old], records[new]) if change.effect is not Effect.PROSE}
            assert recorded == found
            assert Effect.BREAKING in {change.effect for change in found}


def test_between_documents_of_the_vendor_the_report_is_whole(published: list[list[Change]]) -> None:
    for found in published:
        assert level(found) == "major"
        text = markdown(found)
        breaking = {change.subject for change in found if change.effect is Effect.BREAKING}
        assert breaking
        assert all(subject.rpartition(".")[2] in text for subject in breaking)
        places = {change.where for change in found}
        assert len(changelog_entry(found).splitlines()) < len(places) + CHANGELOG_LINES


def test_names_on_record_stand_still_between_documents_of_the_vendor(published: list[list[Change]]) -> None:
    for found in published:
        assert "operation" in {change.kind for change in found if change.action == "added"}
        assert not [change for change in found if change.aspect == "renamed"]
        assert not [change for change in found if (change.kind, change.action) == ("operation", "removed")]
