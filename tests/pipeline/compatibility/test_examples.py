"""A change that breaks code is shown by code, which is Python before and after."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from scripts.compatibility.examples import example
from scripts.compatibility.judge import Effect
from tests.pipeline.compatibility.test_diff import change

CALL = "client.robots.list"


@pytest.mark.parametrize(
    ("subject", "values", "before", "after"),
    [
        (CALL, {"action": "removed"}, f"{CALL}(...)", ""),
        (CALL, {"aspect": "renamed", "new": "client.robots.all"}, f"{CALL}(...)", "client.robots.all(...)"),
        (
            CALL,
            {"aspect": "returns", "old": "list[Robot]", "new": "Page[Robot]"},
            f"result = {CALL}(...)  # list[Robot]",
            f"result = {CALL}(...)  # Page[Robot]",
        ),
        (CALL, {"aspect": "needs one of", "new": "ids, email"}, f"{CALL}(...)", f"{CALL}(..., ids=...)"),
        (CALL, {"aspect": "positional arguments", "old": "id", "new": "id, arm"}, f"{CALL}(id)", f"{CALL}(id, arm)"),
        (
            CALL,
            {"aspect": "repeated after a failure", "old": "no", "new": "yes"},
            f"{CALL}(...)  # sent once",
            "client.with_options(max_retries=0).robots.list(...)  # to send it once",
        ),
        (f"{CALL}(arm=)", {"action": "removed"}, f"{CALL}(..., arm=...)", f"{CALL}(...)"),
        (f"{CALL}(arm=)", {"action": "added"}, f"{CALL}(...)", f"{CALL}(..., arm=...)"),
        (f"{CALL}(arm=)", {"aspect": "", "new": "required"}, f"{CALL}(...)", f"{CALL}(..., arm=...)"),
        (f"{CALL}(arm=)", {"aspect": "renamed", "new": "arms"}, f"{CALL}(..., arm=...)", f"{CALL}(..., arms=...)"),
        (f"{CALL}(arm=)", {}, f"{CALL}(..., arm=arm)  # str", f"{CALL}(..., arm=arm)  # int"),
        (f"{CALL}(id)", {}, f"{CALL}(id)  # str", f"{CALL}(id)  # int"),
        ("RobotArm.size", {"action": "removed"}, "robot_arm.size", ""),
        ("RobotArm.size", {"aspect": "renamed", "new": "length"}, "robot_arm.size", "robot_arm.length"),
        ("RobotArm.size", {}, "robot_arm.size  # str", "robot_arm.size  # int"),
        ("RobotArm.size", {"action": "added"}, "RobotArm(...)", "RobotArm(..., size=...)"),
        ("RobotArm.size", {"aspect": "", "new": "required"}, "RobotArm(...)", "RobotArm(..., size=...)"),
        (
            "RobotArm.size",
            {"aspect": "", "new": "optional"},
            "robot_arm.size  # always there",
            "robot_arm.size  # UNSET where it is left out",
        ),
        ("Colour.RED", {"kind": "value", "action": "removed"}, "Colour.RED", ""),
        ("Colour.RED", {"kind": "value", "aspect": "renamed", "new": "CRIMSON"}, "Colour.RED", "Colour.CRIMSON"),
        ("Robot", {"kind": "class", "action": "removed"}, "from instantly_client.models import Robot", ""),
        ("client.robots", {"kind": "resource", "action": "removed"}, "client.robots", ""),
        ("client", {"kind": "service", "aspect": "servers"}, "", ""),
    ],
)
def test_an_example_is_the_code_that_breaks(subject: str, values: dict[str, Any], before: str, after: str) -> None:
    kind = "argument" if "(" in subject else "operation" if subject == CALL else "field"
    assert example(change(Effect.BREAKING, subject, **{"kind": kind, **values})) == (before, after)
    ast.parse(before)
    ast.parse(after)
