"""Ordinary idioms of OpenAPI: each goes the whole road, and the client has the face that its file expects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.codegen.client_model import ClientModel
from scripts.codegen.pipeline import build, load_foreign, model_of, prepare, read_curation
from scripts.lib.layout import PROJECT
from scripts.spec.lint import lint
from tests.pipeline.idioms import corpus
from tests.pipeline.projects import make_project, quiet

IDIOMS = corpus.read("corpus")
REFUSED = corpus.read("refused")
CALLS = [(name, number) for name, idiom in IDIOMS.items() for number in range(len(idiom.calls))]


class Made(NamedTuple):
    """A client of the whole corpus, its model, and the names of the resources, by idiom."""

    folder: Path
    model: ClientModel
    resources: dict[str, str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("idioms")
    layout = make_project(root / "project")
    (root / "document.json").write_text(json.dumps(corpus.document(*IDIOMS.values())), "utf-8")
    source, provenance = load_foreign(root / "document.json")
    outcome = build(source, provenance, root / "client", layout=layout, pinned=False, on_step=quiet)
    prepared = prepare(source.document, read_curation(layout), pinned=False, on_step=quiet)
    resources = {name: outcome.named.resources[idiom.tag] for name, idiom in IDIOMS.items()}
    return Made(root / "client", model_of(prepared, layout), resources)


@pytest.fixture(scope="module")
def results(made: Made) -> dict[tuple[str, int], list[str]]:
    """What each call sends and gives."""
    calls = [(made.resources[name], vars(IDIOMS[name].calls[number])) for name, number in CALLS]
    path = os.pathsep.join(map(str, (made.folder, PROJECT.root / "core")))
    done = subprocess.run(
        [sys.executable, corpus.HERE / "probe.py"],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return dict(zip(CALLS, json.loads(done.stdout), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_gives_the_face_that_its_file_expects(name: str, made: Made) -> None:
    assert corpus.face(made.model, made.resources[name]) == IDIOMS[name].face


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), CALLS)
def test_a_call_sends_and_gives_what_the_file_expects(
    name: str, number: int, results: dict[tuple[str, int], list[str]]
) -> None:
    call = IDIOMS[name].calls[number]
    assert results[name, number] == [call.sends, call.gives]


@pytest.mark.slow
def test_the_client_of_the_corpus_and_every_call_of_it_pass_the_type_checker(made: Made) -> None:
    calls = [f"client.{made.resources[name]}.{IDIOMS[name].calls[number].call}" for name, number in CALLS]
    lines = ["from datetime import UTC, date, datetime", "from instantly_client import Instantly, models", ""]
    lines += ["def calls(client: Instantly) -> None:", *(f"    {call}" for call in calls)]
    (made.folder / "calls.py").write_text("\n".join(lines), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=.cache", "."],
        cwd=made.folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MYPYPATH": str(PROJECT.root / "core")},
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_faithful_client_can_be_made_of_is_refused_and_says_what_to_do(name: str) -> None:
    found = {finding.pointer: f"{finding.what} ({finding.why})" for finding in lint(corpus.document(REFUSED[name]))}
    assert found == REFUSED[name].refused
