from __future__ import annotations

import contextlib
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from scripts.lib.report import Finding, Refused
from scripts.spec.overlay import apply, load_overlay, read_overlay
from tests.pipeline.documents import small_document
from tests.pipeline.settings import JSON, STEADY

ROBOT = "$.components.schemas['def-1']"


def overlay(*actions: dict[str, Any]) -> dict[str, Any]:
    reasoned = [{"description": "for the test", **action} for action in actions]
    return {"overlay": "1.0.0", "info": {"title": "Corrections", "version": "1"}, "actions": reasoned}


def applied(document: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    corrected, unmatched = apply(document, read_overlay(overlay(*actions)))
    assert unmatched == []
    return corrected


def test_objects_merge_arrays_grow_and_scalars_are_replaced() -> None:
    document = {"a": {"keep": 1, "scalar": 2, "list": [1], "inner": {"keep": 3}}}
    update = {"scalar": "new", "list": [2, 3], "inner": {"added": None}, "more": {"x": []}}
    assert applied(document, {"target": "$.a", "update": update}) == {
        "a": {"keep": 1, "scalar": "new", "list": [1, 2, 3], "inner": {"keep": 3, "added": None}, "more": {"x": []}}
    }


def test_a_scalar_can_become_anything() -> None:
    assert applied({"a": {"type": "x"}}, {"target": "$.a", "update": {"type": ["x", "null"]}}) == {
        "a": {"type": ["x", "null"]}
    }


def test_an_array_that_is_selected_gets_one_more_entry() -> None:
    assert applied({"a": [1]}, {"target": "$.a", "update": {"b": 2}}) == {"a": [1, {"b": 2}]}


def test_every_match_is_updated_with_a_value_of_its_own() -> None:
    corrected = applied(
        {"a": {}, "b": {}},
        {"target": "$.*", "update": {"list": [], "object": {}}},
        {"target": "$.a", "update": {"list": [1], "object": {"x": 1}}},
    )
    assert corrected == {"a": {"list": [1], "object": {"x": 1}}, "b": {"list": [], "object": {}}}


def test_a_removal_takes_out_what_is_selected() -> None:
    document = {"a": [0, 1, 2, 3], "b": {"c": {"d": 1}, "e": 2}}
    assert applied(document, {"target": "$.a[?@ < 3]", "remove": True}) == {"a": [3], "b": document["b"]}
    assert applied(document, {"target": "$.b['e', 'e']", "remove": True})["b"] == {"c": {"d": 1}}
    assert applied(document, {"target": "$.b..*", "remove": True})["b"] == {}
    assert applied({"a": [[0, 1], [2, 3]]}, {"target": "$.a[*][0]", "remove": True}) == {"a": [[1], [3]]}
    assert applied(document, {"target": "$..[1]", "remove": True})["a"] == [0, 2, 3]


def test_an_action_sees_what_the_ones_before_it_did() -> None:
    corrected = applied(
        small_document(),
        {"target": f"{ROBOT}.properties", "update": {"colour": {"type": "string"}}},
        {"target": f"{ROBOT}.properties.colour", "update": {"enum": ["red"]}},
        {"target": f"{ROBOT}.properties.name", "remove": True},
    )
    properties = corrected["components"]["schemas"]["def-1"]["properties"]
    assert properties["colour"] == {"type": "string", "enum": ["red"]}
    assert "name" not in properties


def test_operations_are_found_by_their_operation_id() -> None:
    target = "$.paths[*][?@.operationId == 'listRobot']"
    corrected = applied(small_document(), {"target": target, "update": {"x-safe": True}})
    assert corrected["paths"]["/api/robots"]["get"]["x-safe"] is True


def test_the_input_stays_as_it_was() -> None:
    document = small_document()
    actions = overlay({"target": ROBOT, "update": {"required": ["x"], "y": {}}}, {"target": "$.tags", "remove": True})
    before = copy.deepcopy(actions)
    corrected, _ = apply(document, read_overlay(actions))
    corrected["components"]["schemas"]["def-1"]["y"]["z"] = 1
    assert document == small_document()
    assert actions == before


def test_an_action_that_matches_nothing_is_told_and_the_others_take_place() -> None:
    corrections = overlay(
        {"target": "$.nowhere", "update": {"a": 1}},
        {"target": "$.tags[9]", "remove": True, "description": "no tag of that kind"},
        {"target": "$.info", "update": {"x": 1}},
    )
    corrected, unmatched = apply(small_document(), read_overlay(corrections))
    assert corrected["info"]["x"] == 1
    assert unmatched == [
        Finding(
            "/actions/0",
            "the target $['nowhere'] matches nothing in the document",
            "this correction did not take place: for the test",
        ),
        Finding(
            "/actions/1",
            "the target $['tags'][9] matches nothing in the document",
            "this correction did not take place: no tag of that kind",
        ),
    ]


@pytest.mark.parametrize(
    ("action", "what"),
    [
        (
            {"target": "$.info.title", "update": {"a": 1}},
            "neither object nor array; select the object that contains it",
        ),
        ({"target": "$.info", "update": ["a"]}, "its update has to be an object"),
        ({"target": "$.tags", "update": [{"name": "a"}]}, "the one entry to append"),
        ({"target": "$", "update": {"tags": {"a": 1}}}, "of another kind"),
        ({"target": "$", "update": {"info": {"a": 1}, "paths": None}}, "of another kind"),
        ({"target": "$", "remove": True}, "the whole document"),
    ],
)
def test_what_cannot_be_done_is_refused(action: dict[str, Any], what: str) -> None:
    good = {"target": "$.info", "update": {"a": 1}}
    with pytest.raises(Refused) as caught:
        apply(small_document(), read_overlay(overlay(good, action)))
    [finding] = caught.value.findings
    assert finding.pointer == "/actions/1"
    assert what in finding.what


def changed(change: dict[str, Any]) -> dict[str, Any]:
    return {**overlay({"target": "$", "update": {}}), **change}


@pytest.mark.parametrize(
    ("raw", "pointer", "what"),
    [
        ([], "", "an overlay is an object"),
        (changed({"overlay": "1.1.0"}), "", "`overlay` is not"),
        (changed({"info": {"title": "a"}}), "", "`info` is not"),
        (changed({"info": {"title": "a", "version": "1", "note": "b"}}), "/info/note", "unknown key 'note'"),
        (changed({"extends": 1}), "/extends", "not a text"),
        (changed({"action": []}), "/action", "unknown key 'action'"),
        (changed({"actions": []}), "", "at least one entry"),
        (changed({"actions": [1]}), "/actions/0", "an action is an object"),
        (overlay({"target": "info", "update": {}}), "/actions/0", "not a JSONPath"),
        (overlay({"target": 1, "update": {}}), "/actions/0", "not a JSONPath"),
        (overlay({"update": {}}), "/actions/0", "not a JSONPath"),
        (overlay({"target": "$", "update": {}, "description": " "}), "/actions/0", "no reason"),
        (overlay({"target": "$", "update": {}, "description": None}), "/actions/0", "no reason"),
        (overlay({"target": "$"}), "/actions/0", "either `update` or `remove`"),
        (overlay({"target": "$", "update": {}, "remove": True}), "/actions/0", "either `update` or `remove`"),
        (overlay({"target": "$", "remove": False}), "/actions/0/remove", "can only be true"),
        (overlay({"target": "$", "updates": {}, "remove": True}), "/actions/0/updates", "unknown key 'updates'"),
        (overlay({"target": "$", "update": {"responses": {200: {}}}}), "/actions/0/update/responses/200", "in quotes"),
        (overlay({"target": "$", "update": {"a": [float("nan")]}}), "/actions/0/update/a/0", "nothing that JSON has"),
        (overlay({"target": "$", "update": {"a": {1, 2}}}), "/actions/0/update/a", "nothing that JSON has"),
    ],
)
def test_an_overlay_that_is_not_sound_is_refused(raw: object, pointer: str, what: str) -> None:
    with pytest.raises(Refused) as caught:
        read_overlay(raw)
    [finding] = caught.value.findings
    assert finding.pointer == pointer
    assert what in finding.what


def test_everything_wrong_with_an_overlay_is_found_at_once() -> None:
    with pytest.raises(Refused) as caught:
        read_overlay({"overlay": "2", "x-note": 1, "actions": [{"target": ""}, {"x-note": 1}]})
    assert [finding.pointer for finding in caught.value.findings] == ["", "", *["/actions/0"] * 3, *["/actions/1"] * 3]


def test_an_overlay_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(
        """
        overlay: 1.0.0
        info: {title: Corrections, version: "1"}
        extends: api.json
        actions:
          - target: $.paths[*][?@.operationId == 'getRobot']
            description: It only reads.
            update:
              x-safe: yes
              x-limit: {count: 10, seconds: 60}
        """,
        encoding="utf-8",
    )
    corrected, unmatched = apply(small_document(), load_overlay(path))
    assert unmatched == []
    assert corrected["paths"]["/api/robots/{id}"]["get"]["x-limit"] == {"count": 10, "seconds": 60}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a:\n  - [", "cannot be read: expected the node content, but found '<stream end>' (line 2, column 6) ("),
        ("a: 1\na: 2", "cannot be read: found duplicate key"),
        ("a: \x00", "cannot be read: unacceptable character #x0000: special characters are not allowed in "),
        ("!!python/object/apply:os.system [ls]", "cannot be read"),
        ("", "an overlay is an object"),
        ("overlay: 1.0.0\nactions: [{target: $, description: a, update: {at: 2026-05-11}}]", "write it in quotes"),
    ],
)
def test_yaml_that_is_no_overlay_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load_overlay(path)
    assert what in str(caught.value)
    assert "\\n" not in str(caught.value)


def test_an_overlay_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        load_overlay(tmp_path / "missing.yaml")


@pytest.mark.slow
@STEADY
@given(JSON)
def test_any_value_is_an_overlay_or_refused(raw: object) -> None:
    for candidate in (raw, changed({"actions": raw}), overlay({"target": "$", "update": raw})):
        with contextlib.suppress(Refused):
            read_overlay(candidate)


@STEADY
@given(JSON, JSON)
def test_an_update_can_be_made_or_is_refused(value: object, update: object) -> None:
    document = {"a": value}
    try:
        corrected, _ = apply(document, read_overlay(overlay({"target": "$", "update": {"a": update}})))
    except Refused:
        assert isinstance(value, dict | list)
    else:
        if not isinstance(value, dict | list):
            assert corrected == {"a": update}
