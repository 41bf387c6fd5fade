"""The document without its prose, which ships with the client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.client_model import ClientModel
from scripts.codegen.runtime_spec import runtime_spec, write_runtime_spec
from scripts.lib.layout import PROJECT
from scripts.spec.document import operations
from tests.prepared import model as pinned_model

pytestmark = pytest.mark.slow

DOCUMENT: dict[str, Any] = json.loads(PROJECT.document.read_text("utf-8"))


@pytest.fixture
def model() -> ClientModel:
    return pinned_model()


def test_it_has_every_operation_with_its_method_and_scopes(model: ClientModel) -> None:
    bare = runtime_spec(DOCUMENT, model)
    assert [operation.id for operation in operations(bare)] == [operation.id for operation in operations(DOCUMENT)]
    pause = bare["paths"]["/api/v2/campaigns/{id}/pause"]["post"]
    assert pause["x-method"] == "campaigns.pause"
    assert pause["x-scopes"] == ["campaigns:update", "campaigns:all", "all:update", "all:all"]
    assert "description" not in pause
    assert pause["responses"]["200"]["description"] == ""


def test_it_has_each_error_once_and_where_the_document_has_it(model: ClientModel) -> None:
    bare = runtime_spec(DOCUMENT, model)
    errors = bare["components"]["responses"]
    failures = [code for each in operations(DOCUMENT) for code in each.raw["responses"] if not code.startswith("2")]
    assert len({json.dumps(error) for error in errors.values()}) == len(errors) < len(failures) / 10
    for before, after in zip(operations(DOCUMENT), operations(bare), strict=True):
        told = after.raw["responses"]
        assert list(told) == list(before.raw["responses"])
        for code, response in told.items():
            if not code.startswith("2") and "content" in before.raw["responses"][code]:
                error = errors[response["$ref"].removeprefix("#/components/responses/")]
                schema = error["content"]["application/json"]["schema"]
                fields = before.raw["responses"][code]["content"]["application/json"]["schema"].get("properties", {})
                assert list(schema.get("properties", {})) == list(fields), (before.id, code)


def test_fields_called_description_stay(model: ClientModel) -> None:
    tag = next(
        s for s in runtime_spec(DOCUMENT, model)["components"]["schemas"].values() if s.get("title") == "Custom Tag"
    )
    assert "description" in tag["properties"]
    assert "description" not in tag["properties"]["description"]


def test_a_reference_is_a_uri_whatever_the_schema_is_called() -> None:
    key = "Blacklist & Report 100%"
    test = {"properties": {"report": {"$ref": f"#/components/schemas/{key}"}}}
    document = {**DOCUMENT, "paths": {}, "components": {"schemas": {key: {"type": "object"}, "Test": test}}}
    test = runtime_spec(document, ClientModel())["components"]["schemas"]["Test"]
    assert test["properties"]["report"]["$ref"] == "#/components/schemas/Blacklist%20%26%20Report%20100%25"


def test_it_is_json_with_a_line_an_operation(tmp_path: Path, model: ClientModel) -> None:
    path = tmp_path / "openapi.json"
    write_runtime_spec(DOCUMENT, model, path)
    text = path.read_text("utf-8")
    assert json.loads(text) == runtime_spec(DOCUMENT, model)
    assert sum('{"operationId"' in line or '"operationId"' in line for line in text.splitlines()) == len(
        list(operations(DOCUMENT))
    )
