"""Whatever a document is, it becomes a client or is refused with a clear message, and nothing is written elsewhere."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.codegen.generate import Provenance, generate
from scripts.codegen.pipeline import Curation, prepare
from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed, Refused
from scripts.spec.document import Document
from scripts.spec.lint import lint
from scripts.spec.load import parse
from scripts.spec.overlay import Overlay
from scripts.spec.registry import Registry
from tests.pipeline.documents import small_document
from tests.pipeline.fuzzing import mutated, pieces
from tests.pipeline.projects import quiet
from tests.pipeline.settings import examples

BOUNDS = ("the schemas come to more than", "the schemas nest more than", "they go in circles")
"""Beginnings of what refuses a document that lint finds sound, for its size."""


def outcome(document: Document, output: Path) -> str:
    """Why there is no client of a document; "" if it was generated."""
    try:
        read = parse(json.dumps(document).encode())
        prepared = prepare(read, Curation(Overlay(()), Registry()), pinned=False, on_step=quiet)
        generate(prepared.named, prepared.corrected, output, provenance=Provenance("", "", "", ""), root=PROJECT.root)
    except (Refused, Failed) as refusal:
        return str(refusal)
    return ""


@pytest.mark.slow
@examples(25)
@given(st.integers())
def test_a_mutated_document_becomes_a_client_or_is_refused(seed: int) -> None:
    randomness = Random(seed)
    document = mutated(pieces(randomness), randomness)
    with TemporaryDirectory() as folder:
        output = Path(folder) / "inside" / "package"
        refusal = outcome(document, output)
        assert "Traceback" not in refusal
        assert not refusal or lint(document) or any(bound in refusal for bound in BOUNDS), refusal
        written = [path for path in Path(folder).rglob("*") if path.is_file()]
        assert all(path.is_relative_to(output) for path in written)
        assert bool(written) == (not refusal)
        for path in written:
            if path.suffix == ".py":
                ast.parse(path.read_text("utf-8"))


def changed(change: Callable[[Document], None]) -> Document:
    document = small_document()
    change(document)
    return document


def operation(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/api/robots/{id}"]["get"]
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda made: operation(made)["responses"]["200"].pop("description"),
        lambda made: operation(made)["responses"]["200"].update(schema={"type": "object", "properties": {"a": {}}}),
        lambda made: operation(made)["parameters"][0].update(schema={"type": ["string", "null"]}),
        lambda made: operation(made)["parameters"][0].update(schema={"anyOf": [{"type": "null"}, {"enum": ["a"]}]}),
        lambda made: made["components"]["schemas"]["def-2"]["required"].append("of another schema"),
        lambda made: made["components"]["schemas"]["def-2"].update(type=["string", "null"]),
        lambda made: made["components"]["schemas"]["def-2"].update(allOf=[{"type": "string", "enum": ["a"]}]),
        lambda made: made["components"]["schemas"]["def-1"].update(
            allOf=[{"$ref": "#/components/schemas/def-2", "type": ["object", "null"]}, {"properties": {"more": {}}}]
        ),
    ],
    ids=[
        "no words",
        "a schema beside the content",
        "null in a path",
        "an enumeration or null in a path",
        "required",
        "fields of a text",
        "an object and a text",
        "an object or null, with more",
    ],
)
def test_what_the_fuzzer_found_becomes_a_client(change: Callable[[Document], None], tmp_path: Path) -> None:
    assert outcome(changed(change), tmp_path / "package") == ""


@pytest.mark.parametrize("height", range(1, 6))
def test_arrays_that_contain_themselves_through_unions_alone_are_refused_with_the_reason(
    height: int, tmp_path: Path
) -> None:
    def items(name: int) -> dict[str, Any]:
        return {"type": "array", "items": {"$ref": f"#/components/schemas/Loop{name}"}}

    document = small_document()
    schemas = document["components"]["schemas"]
    for step in range(height + 1):
        again = items(0 if step == height else step + 1)
        one_of = [{"$ref": f"#/components/schemas/Loop{step + 1}"}, again]
        schemas[f"Loop{step}"] = {"type": "array", "items": {"anyOf": one_of}}
    schemas[f"Loop{height + 1}"] = {"type": "object", "properties": {"end": {"type": "string"}}}
    refusal = outcome(document, tmp_path / "package")
    assert not lint(document)
    assert not refusal or "refused" in refusal
    assert not refusal or "they go in circles" in refusal
