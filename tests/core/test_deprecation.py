"""What the vendor has dropped goes on working, and warns whoever uses it, at the line where it is used."""

from __future__ import annotations

import copy
import datetime
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.codegen.pipeline import build, prepare, provenance_of, read_curation
from scripts.evolution.upgrade import Retention, upgrade
from scripts.lib.layout import Layout
from scripts.lib.pythons import PYTHONS, find_python
from scripts.spec import lock as locks
from scripts.spec.document import Document
from scripts.spec.load import load
from scripts.spec.registry import merged
from tests.core.wire import Wire, answer
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet

DAY = datetime.date(2026, 3, 1)
ROBOT = {
    "id": "019cc043-aee6-7ae9-a545-d7de53430e37",
    "name": "Marvin",
    "status": -1,
    "owner": "Zaphod",
    "born at": "2026-01-02T03:04:05.678Z",
    "chassis": {"size": 3},
    "arms": [{"length": 1, "grip": "firm"}],
    "news": "a field that no document has",
}
ANSWER = {**ROBOT, "items": [ROBOT]}

FIELDS = {
    "born at": {"type": "string", "format": "date-time"},
    "chassis": {"type": "object", "properties": {"size": {"type": "integer"}}},
}
"""What the old document says of a robot beyond the new one."""


def old_document() -> Document:
    """Before: everything that is removed afterwards is there."""
    document = small_document()
    robot, arm = (document["components"]["schemas"][key] for key in ("def-1", "def-2"))
    robot["properties"] |= copy.deepcopy(FIELDS)
    arm["properties"]["grip"] = {"type": "string", "enum": ["firm", "soft", "none"]}
    one = document["paths"]["/api/robots/{id}"]
    one["delete"] = {**copy.deepcopy(one["get"]), "operationId": "deleteRobot", "summary": "Delete a robot"}
    one["patch"]["parameters"].append({"name": "X-Reason", "in": "header", "schema": {"type": "string"}})
    return document


def new_document() -> Document:
    """After: of every kind of thing one is removed."""
    document = old_document()
    robot, arm = (document["components"]["schemas"][key] for key in ("def-1", "def-2"))
    for name in (*FIELDS, "owner"):
        del robot["properties"][name]
    robot["properties"]["status"]["enum"].remove(-1)
    arm["properties"]["grip"]["enum"].remove("none")
    del document["paths"]["/api/robots/{id}"]["delete"]
    del document["paths"]["/api/robots"]["get"]["parameters"][0]
    patch = document["paths"]["/api/robots/{id}"]["patch"]
    del patch["parameters"][1]
    del patch["requestBody"]["content"]["application/json"]["schema"]["properties"]["name"]
    return document


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A project whose client has all that was removed."""
    layout = make_project(tmp_path_factory.mktemp("gone") / "project")
    curation = read_curation(layout)
    named = prepare(old_document(), curation, pinned=False, on_step=quiet).named
    curation = replace(curation, registry=merged(curation.registry, named.proposals.names))
    retention = Retention(DAY, days=90)
    done = upgrade(old_document(), new_document(), curation, retention=retention, pinned=True, on_step=quiet)
    document = layout.root / "new.json"
    document.write_text(json.dumps(new_document()), "utf-8")
    source = load(document)
    provenance = provenance_of(locks.describe(source, source_url="https://x", date=DAY, note="A test."))
    build(source, provenance, layout.generated, layout=layout, pinned=True, on_step=quiet, curation=done.curation)
    return layout


HARNESS = """
import asyncio, copy, json, pickle, sys, warnings

told = []

def tell(message, category, filename, lineno, file=None, line=None):
    told.append([filename, lineno, category.__name__, str(message)])

warnings.showwarning = tell
warnings.simplefilter("always")

from instantly_client import AsyncInstantly, Instantly
from instantly_client.models import Robot, RobotArm, RobotArmGrip, RobotChassis, RobotStatus
import instantly_client.models
for name in dir(instantly_client.models):
    getattr(instantly_client.models, name)

client = Instantly(api_key="k", base_url=sys.argv[1])
robot = client.robots.get("r")
arm = RobotArm(length=1)
"""


class Told:
    """The warnings of a program, line by line of its own; `elsewhere` is what did not point at one of its lines."""

    def __init__(self, uses: list[str], layout: Layout, python: str = sys.executable) -> None:
        with tempfile.TemporaryDirectory(dir=layout.root) as folder, Wire() as wire:
            wire.answers[:] = [answer(200, json.dumps(ANSWER).encode())]
            program = Path(folder) / "program.py"
            lines = [HARNESS, "async def main(client):"]
            start = "\n".join(lines).count("\n") + 2
            # Each use on a line of its own, in a coroutine, where all of them can stand.
            sync = "".join(f"    {use}\n" for use in uses)
            end = "\n\nasyncio.run(main(AsyncInstantly(api_key='k', base_url=sys.argv[1])))\nprint(json.dumps(told))\n"
            program.write_text("\n".join(lines).replace("main(client)", "main(aclient)") + "\n" + sync + end, "utf-8")
            result = run(layout, str(program), wire.url, python=python)
        assert result.returncode == 0, result.stderr
        self.lines: dict[str, list[str]] = {use: [] for use in uses}
        self.elsewhere = []
        for filename, line, category, message in json.loads(result.stdout):
            if filename == str(program) and 0 <= line - start < len(uses):
                self.lines[uses[line - start]].append(f"{category}: {message}")
            else:
                self.elsewhere.append((filename, line, category, message))


def run(layout: Layout, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    path = [str(layout.root / "core"), str(layout.generated)]
    if python != sys.executable:
        path.append(sysconfig.get_path("purelib"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [python, *arguments], capture_output=True, encoding="utf-8", check=False, env=environment, timeout=120
    )


WARNED = {
    # calls
    'client.robots.delete("r")': "client.robots.delete()",
    'client.with_raw_response.robots.delete("r")': "client.robots.delete()",
    'await aclient.robots.delete("r")': "client.robots.delete()",
    'await aclient.with_raw_response.robots.delete("r")': "client.robots.delete()",
    # arguments
    "client.robots.list(limit=3)": "client.robots.list(limit=)",
    "client.with_raw_response.robots.list(limit=3)": "client.robots.list(limit=)",
    "await aclient.robots.list(limit=3)": "client.robots.list(limit=)",
    "await aclient.with_raw_response.robots.list(limit=3)": "client.robots.list(limit=)",
    "[each async for each in aclient.robots.list(limit=3, max_items=1)]": "client.robots.list(limit=)",
    'client.robots.update("r", name="Eddie")': "client.robots.update(name=)",
    'await aclient.robots.update("r", name="Eddie")': "client.robots.update(name=)",
    'client.robots.update("r", x_reason="none")': "client.robots.update(x_reason=)",
    # fields
    "robot.owner": "Robot.owner",
    "robot.born_at": "Robot.born_at",
    "robot.chassis.size": "Robot.chassis",
    "robot.owner = None": "Robot.owner",
    'Robot(id="r", name="Eddie", owner="Zaphod")': "Robot.owner",
    'Robot(id="r", name="Eddie", owner=None)': "Robot.owner",
    # values
    "RobotStatus.BROKEN": "RobotStatus.BROKEN",
    'RobotStatus["BROKEN"]': "RobotStatus.BROKEN",
    'getattr(RobotStatus, "BROKEN")': "RobotStatus.BROKEN",
    "RobotArmGrip.NONE": "RobotArmGrip.NONE",
}

SILENT = [
    'client.robots.get("r")',
    "[robot.to_dict() for robot in client.robots.list()]",
    'await aclient.robots.get("r")',
    "await aclient.robots.list()",
    'client.robots.update("r", mood="glad")',
    "Robot.from_dict(robot.to_dict())",
    'Robot(id="r", name="Eddie")',
    "robot.name = 'Eddie'",
    "repr(robot)",
    "robot == copy.deepcopy(robot)",
    "pickle.loads(pickle.dumps(robot))",
    "pickle.loads(pickle.dumps(robot.status))",
    "robot.status",
    "repr(robot.status)",
    "RobotStatus(-1)",
    "[member.name for member in RobotStatus]",
    "RobotStatus.AWAKE",
    "RobotStatus['AWAKE']",
    "-1 in RobotStatus.by_value()",
    "robot.arms[0].grip",
    "RobotArmGrip('none')",
    "dir(RobotStatus)",
    "help_text = Robot.__doc__",
]


@pytest.fixture(scope="module")
def told(layout: Layout) -> Told:
    return Told([*WARNED, *SILENT], layout)


@pytest.mark.parametrize("use", WARNED)
def test_a_use_warns_where_it_stands(told: Told, use: str) -> None:
    assert told.lines[use] == [
        f"DeprecationWarning: {WARNED[use]} was removed from the API on {DAY.isoformat()}; "
        "a later version of this package drops it too"
    ]


@pytest.mark.parametrize("use", SILENT)
def test_what_is_no_use_of_it_does_not_warn(told: Told, use: str) -> None:
    assert told.lines[use] == []


def test_nothing_warns_elsewhere(told: Told) -> None:
    assert told.elsewhere == []


@pytest.mark.slow
@pytest.mark.parametrize("version", PYTHONS)
def test_each_python_warns_of_the_same(layout: Layout, told: Told, version: str) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on the PATH or under pyenv")
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip("this is the Python that the other tests run on")
    other = Told([*WARNED, *SILENT], layout, python)
    assert (other.lines, other.elsewhere) == (told.lines, told.elsewhere)


def test_values_come_back_out_as_they_came_in(layout: Layout) -> None:
    code = """
import json, sys
from instantly_client.models import Robot
data = json.loads(sys.argv[1])
robot = Robot.from_dict(data)
print(json.dumps([robot.to_dict(), type(robot.status).__name__, robot.additional_properties]))
"""
    result = run(layout, "-W", "error", "-c", code, json.dumps(ROBOT))
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == [ROBOT, "RobotStatus", {"news": ROBOT["news"]}]


USES = """\
from instantly_client import AsyncInstantly, Instantly
from instantly_client.models import Robot, RobotStatus


def use(client: Instantly) -> Robot:
    client.robots.delete("r")
    robot = client.robots.get("r")
    print(robot.owner, robot.born_at, RobotStatus.BROKEN)
    client.robots.list(limit=3)
    return Robot(id="r", name="Eddie", owner=None)


async def use_async(client: AsyncInstantly) -> None:
    await client.robots.delete("r")
"""


@pytest.mark.slow
def test_type_checkers_find_no_fault_and_report_the_gone_methods(layout: Layout) -> None:
    program = layout.root / "uses.py"
    program.write_text(USES, "utf-8")
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, (layout.root / "core", layout.generated)))}
    command = ["--strict", "--enable-error-code", "deprecated", "--config-file", os.devnull, "--no-color-output"]
    result = subprocess.run(
        [sys.executable, "-m", "mypy", *command, "-m", "uses", "-p", "instantly_client"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=environment,
        cwd=layout.root,
        timeout=300,
    )
    *errors, _ = result.stdout.splitlines()
    said = f"is deprecated: removed from the API on {DAY.isoformat()}  [deprecated]"
    # That the raw resources refer to the methods is for this check alone: nobody checks what is installed.
    assert [error for error in errors if not (error.startswith("generated") and error.endswith(said))] == [
        f"uses.py:6: error: function instantly_client.resources.robots.Robots.delete {said}",
        f"uses.py:14: error: function instantly_client.resources.robots.AsyncRobots.delete {said}",
    ], result.stderr
