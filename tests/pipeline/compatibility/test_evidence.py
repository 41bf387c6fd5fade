"""What changed is found in the vendor's file by its pointer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.pipeline import model_of, prepare, read_curation
from scripts.compatibility.evidence import place_of, pointers
from scripts.compatibility.judge import Effect
from scripts.lib.layout import PROJECT
from scripts.spec.load import load
from tests.pipeline.compatibility.test_diff import change
from tests.pipeline.documents import small_document
from tests.pipeline.projects import make_project, quiet
from tests.prepared import model, prepared


def value_at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def test_each_part_has_its_place(tmp_path: Path) -> None:
    layout = make_project(tmp_path / "project")
    document = small_document()
    schemas = document["components"]["schemas"]
    schemas["def-1"]["allOf"] = [{"type": "object", "properties": {"legs": {"type": "integer"}}}]
    patch = document["paths"]["/api/robots/{id}"]["patch"]
    document["components"]["requestBodies"] = {"Change": patch["requestBody"]}
    patch["requestBody"] = {"$ref": "#/components/requestBodies/Change"}
    small = prepare(document, read_curation(layout), pinned=False, on_step=quiet)
    found = pointers(small, model_of(small, layout))
    base = "/paths/~1api~1robots~1{id}/patch"
    assert found["client.robots.update"] == base
    assert found["client.robots.update(id)"] == f"{base}/parameters/0"
    body = "/components/requestBodies/Change/content/application~1json/schema"
    assert found["client.robots.update(mood=)"] == f"{body}/properties/mood"
    assert found["Robot.owner"] == "/components/schemas/def-1/properties/owner"
    assert found["RobotStatus"] == "/components/schemas/def-1/properties/status"
    assert all(value_at(document, pointer) is not None for pointer in found.values())


def test_what_has_no_place_has_that_of_its_owner() -> None:
    found = {"client.robots.list": "/a", "RobotStatus": "/b"}
    assert place_of(change(Effect.BREAKING, "client.robots.list(max_items=)"), found) == "/a"
    assert place_of(change(Effect.BREAKING, "RobotStatus.AWAKE"), found) == "/b"
    assert place_of(change(Effect.BREAKING, "client"), found) == ""


@pytest.mark.slow
def test_all_operations_and_classes_of_the_pinned_document_have_a_place() -> None:
    document, client = load(PROJECT.document).document, model()
    found = pointers(prepared(), client)
    for resource, operation in client.operations:
        if not operation.removed_on:
            raw = value_at(document, found[f"client.{resource.name}.{operation.name}"])
            assert raw["operationId"] in (operation.id, operation.vendor_id)
    lacking = {name for name in (*client.classes, *client.enumerations) if name not in found}
    assert len(lacking) < len(client.classes) / 10
    assert all(value_at(document, pointer) is not None for pointer in found.values())
