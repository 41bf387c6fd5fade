"""Two spellings of one name make a client that has both, and each is the same whatever comes first."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.pipeline import Outcome, build, load_foreign
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet

STRING = {"type": "string"}
SPELLINGS = {"look_alike": STRING, "lookAlike": {"type": "integer"}, "look-alike": STRING, "look_alike ": STRING}
VALUES = ["fields", "none", "None", "datetime", "mro", "name", "value", "Value", "warning", "a b", "a-b", "class"]


def look_alikes(order: int = 1) -> dict[str, Any]:
    """A document with two of everything; `order` is 1 or -1, for its names as they are or the other way round."""
    document = small_document()
    schemas = document["components"]["schemas"]
    robot = schemas["def-1"]["properties"]
    robot |= dict([*SPELLINGS.items()][::order])
    robot["warning"] = {"type": "object", "properties": {"text": STRING}}
    robot["kind"] = {"type": "string", "enum": VALUES[::order]}
    twins = [("def-3", "robot"), ("def-4", "robot_arm"), ("def-5", "Warning")][::order]
    for key, title in twins:
        schemas[key] = {"title": title, "type": "object", "properties": {title: STRING}}
        robot[f"of_{title}"] = {"$ref": f"#/components/schemas/{key}"}
    listing = document["paths"]["/api/robots"]["get"]
    more = [{"name": name, "in": "query", "schema": STRING} for name in ("startingAfter", "Limit")]
    listing["parameters"] += more[::order]
    other = {**copy.deepcopy(listing), "operationId": "get_robot", "tags": ["robot"]}
    document["paths"]["/api/machines"] = {"get": other}
    return document


@pytest.fixture
def outcomes(tmp_path: Path) -> list[Outcome]:
    layout = make_project(tmp_path / "project")
    outcomes = []
    for order in (1, -1):
        path = tmp_path / f"{order}.json"
        path.write_text(json.dumps(look_alikes(order)), "utf-8")
        source, provenance = load_foreign(path)
        output = tmp_path / f"client{order}"
        outcomes.append(build(source, provenance, output, layout=layout, pinned=False, on_step=quiet))
    return outcomes


@pytest.mark.slow
def test_a_document_with_two_spellings_of_everything_becomes_a_client(outcomes: list[Outcome]) -> None:
    named, other_way_round = (outcome.named for outcome in outcomes)
    assert named.resources == {"Robot": "robots_pascal", "robot": "robots"}
    assert named.attributes["listRobot"].items() >= {"limit": "limit", "Limit": "limit_pascal"}.items()
    assert named.attributes["Robot"].items() >= {
        ("look_alike", "look_alike"),
        ("lookAlike", "look_alike_camel"),
        ("look-alike", "look_alike_kebab"),
        ("look_alike ", "look_alike_u5f_u20"),
    }
    assert {"Robot", "RobotSnake", "RobotArm", "RobotArmSnake", "Warning_", "RobotWarning"} <= {
        *named.class_at.values()
    }
    assert len({*named.members["RobotKind"].values()}) == len(VALUES)
    assert named.class_at == other_way_round.class_at
    assert named.resources == other_way_round.resources
    assert named.attributes == other_way_round.attributes
    assert named.members == other_way_round.members
