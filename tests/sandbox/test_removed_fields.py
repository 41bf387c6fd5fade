"""What the vendor drops from the document is in no answer, though the client still knows it."""

from __future__ import annotations

import json
from typing import Any

from instantly_sandbox.engine.document import REMOVED, Document, _set_apart

ROBOT = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "old": {"type": "string", "x-removed": "2026-01-01"},
        "properties": {"type": "object", "properties": {"old": {"x-removed": "2026-01-01"}, "x-removed": {}}},
        "any": True,
    },
}
LIST = {"type": "array", "items": {"$ref": "#/components/schemas/Robot"}}


def test_removed_fields_leave_answers_at_every_depth() -> None:
    raw: dict[str, Any] = {"paths": {}, "components": {"schemas": {"Robot": ROBOT}}}
    document = Document(json.loads(json.dumps(raw), object_hook=_set_apart), drops_fields=True)
    robot = document.component("Robot")
    assert (list(robot["properties"]), robot[REMOVED]) == (["name", "properties", "any"], ["old"])
    answer = [{"name": "R2", "old": "x", "properties": {"old": 1, "x-removed": 2}, "any": {"old": 3}}]
    kept = [{"name": "R2", "properties": {"x-removed": 2}, "any": {"old": 3}}]
    assert document.without_removed(LIST, answer) == kept
