"""Order that means nothing changes nothing: neither what the client is, nor what is said to have changed."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.codegen.pipeline import Curation, build, model_of, prepare, provenance_of, read_curation
from scripts.compatibility.judge import judge
from scripts.diff import main
from scripts.lib.layout import PROJECT
from scripts.spec import lock as locks
from scripts.spec.document import Document
from scripts.spec.load import load
from scripts.spec.order import UNORDERED, in_canonical_order
from scripts.spec.overlay import Overlay
from scripts.spec.registry import Registry
from tests.pipeline.documents import small_document
from tests.pipeline.projects import quiet
from tests.pipeline.settings import MANY
from tests.prepared import model


def shuffled(node: Any, randomness: random.Random, key: str = "") -> Any:
    """A value with the keys of its objects, and its lists that have no order, in another one."""
    if isinstance(node, list):
        inner = [shuffled(value, randomness) for value in node]
        return randomness.sample(inner, len(inner)) if key in UNORDERED else inner
    if isinstance(node, dict):
        items = [
            (name, value if name in ("example", "default") else shuffled(value, randomness, name))
            for name, value in node.items()
        ]
        return dict(randomness.sample(items, len(items)))
    return node


def document() -> Document:
    """A small document in which places share their classes, and differ in what does not count."""
    made = small_document()
    robot = made["components"]["schemas"]["def-1"]["properties"]
    filter_ = {"type": "object", "properties": {"search": {"type": "string"}, "colour": {"enum": ["red", "green"]}}}
    robot["left"] = {**filter_, "description": "What is on its left."}
    robot["right"] = {**filter_, "additionalProperties": {}}
    robot["either"] = {"anyOf": [{"type": "string"}, {"type": "null"}, {**filter_, "required": ["search", "colour"]}]}
    robot["names"] = {
        "oneOf": [{"type": "array", "items": {"type": "string"}}, filter_, {"type": ["number", "boolean"]}]
    }
    for name in ("one", "other"):
        made["paths"][f"/api/{name}"] = {
            "post": {
                "operationId": f"make-{name}",
                "tags": ["Robot"],
                "requestBody": {"content": {"application/json": {"schema": {**filter_, "description": name}}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": filter_}}}},
            }
        }
    return made


def client(made: Document, curation: Curation) -> Any:
    return model_of(prepare(made, curation, pinned=False, on_step=quiet), PROJECT)


UNNAMED = Curation(Overlay(()), Registry())
SMALL = client(document(), UNNAMED)


@pytest.mark.slow
@given(st.integers())
def test_a_document_in_any_order_has_one_canonical_order(seed: int) -> None:
    made, other = document(), shuffled(document(), random.Random(seed))
    assert json.dumps(in_canonical_order(made)) == json.dumps(in_canonical_order(other))
    assert in_canonical_order(made)["paths"].keys() == made["paths"].keys()


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers())
def test_another_order_is_no_change(seed: int) -> None:
    assert judge(SMALL, client(shuffled(document(), random.Random(seed)), UNNAMED)) == []


def test_the_client_is_in_the_order_of_the_document() -> None:
    made = document()
    schemas = made["components"]["schemas"]
    schemas["def-1"]["properties"] = dict(reversed(schemas["def-1"]["properties"].items()))
    found = client(made, UNNAMED)
    names = [field.json_name for field in found.classes["Robot"].fields]
    assert names == list(schemas["def-1"]["properties"]) == [f.json_name for f in SMALL.classes["Robot"].fields][::-1]
    ids = [operation["operationId"] for item in made["paths"].values() for operation in item.values()]
    assert [operation.id for _, operation in found.operations] == ids


def test_keys_of_schemas_are_no_order() -> None:
    made = document()
    text = json.dumps(made).replace("def-1", "def-9").replace("def-2", "def-0")
    assert judge(SMALL, client(json.loads(text), UNNAMED)) == []


@pytest.mark.slow
@pytest.mark.parametrize("curated", [True, pytest.param(False, marks=pytest.mark.long)])
def test_another_order_of_the_pinned_document_is_no_change(curated: bool) -> None:
    pinned = load(PROJECT.document).document
    curation = read_curation(PROJECT) if curated else UNNAMED
    expected = model() if curated else client(pinned, curation)
    for seed in range(3 if MANY else 1):
        assert judge(expected, client(shuffled(pinned, random.Random(seed)), curation)) == []


@pytest.mark.long
def test_diff_reports_nothing_and_the_generated_client_is_the_same_up_to_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(shuffled(load(PROJECT.document).document, random.Random(0))), "utf-8")
    assert main([str(PROJECT.document), str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []
    output = tmp_path / "generated"
    provenance = provenance_of(locks.read(PROJECT.lock))
    build(load(other), provenance, output, layout=PROJECT, pinned=True, on_step=quiet)
    assert contents(output) == contents(PROJECT.generated)


def contents(folder: Path) -> dict[str, list[str]]:
    """The words of each module, in no order."""
    return {
        path.relative_to(folder).as_posix(): sorted(re.findall(r"\w+", path.read_text("utf-8")))
        for path in folder.rglob("*.py")
    }
