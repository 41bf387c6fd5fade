"""Whatever a document is, it becomes a client or is refused with a clear message, and nothing is written elsewhere."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

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
