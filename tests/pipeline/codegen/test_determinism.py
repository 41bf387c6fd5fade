"""The same document gives the same bytes, whoever runs the pipeline, wherever, on whichever Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.codegen.docstrings import inert, literal
from scripts.lib.layout import PROJECT
from tests.pipeline.documents import small_document

PYTHONS = [path for path in os.environ.get("PIPELINE_PYTHONS", "").split(os.pathsep) if path]

# Characters that came with Unicode 15, 15.1 and 16: each Python knows another Unicode.
NEWER = "\U0001fae8 \U0001f6dc \u2ffc \U0001fae9 \ua7cb"

# Verifying writes nothing, and takes longer than all the rest; `nox -s check-generated` verifies.
BUILD = """
import sys
from pathlib import Path
from scripts.codegen import pipeline
from scripts.lib.layout import PROJECT
from scripts.naming.hoist import name_document
from scripts.spec.registry import Registry, write_registry
from scripts.spec.normalise import normalise

pipeline.verify = lambda *arguments, **options: None
layout, pinned = PROJECT, len(sys.argv) == 2
source, provenance = pipeline.load_pinned(layout) if pinned else pipeline.load_foreign(Path(sys.argv[2]))
pipeline.build(source, provenance, Path(sys.argv[1]), layout=layout, pinned=pinned, on_step=lambda step: None)
# The names that all this would have without a registry.
proposals = name_document(normalise(source.document), Registry()).proposals.names
Path(sys.argv[1], "names.toml").write_text(write_registry(proposals), "utf-8")
"""


def run(code: str, *arguments: Path, python: str = sys.executable, cwd: Path = PROJECT.root, **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT.root), **variables}
    result = subprocess.run(
        [python, "-c", code, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env=environment,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def tree(folder: Path) -> dict[str, bytes]:
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files
    return files


def assert_same(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Fail with the names of the files that differ, not with the content of all."""
    assert sorted(one) == sorted(other)
    assert [path for path in sorted(one) if one[path] != other[path]] == []


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the pinned document gives here."""
    folder = tmp_path_factory.mktemp("reference") / "generated"
    run(BUILD, folder, PYTHONHASHSEED="0")
    return tree(folder)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document with characters that not all Pythons know."""
    document = small_document()
    robot = document["components"]["schemas"]["def-1"]
    robot["description"] = f"In new letters: {NEWER}"
    robot["properties"]["name"] |= {"default": NEWER, "enum": ["a", NEWER], "description": NEWER}
    robot["properties"] |= {f"field {character}": {"type": "string"} for character in "\ua7cb"}
    path = tmp_path_factory.mktemp("newer") / "document.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.fixture(scope="module")
def here(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What that document gives here."""
    folder = tmp_path_factory.mktemp("here") / "generated"
    run(BUILD, folder, newer)
    return tree(folder)


@pytest.mark.long  # The nox session `pipelines` runs it, too.
def test_nothing_around_the_project_matters_or_shows(tmp_path: Path, reference: dict[str, bytes]) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ruff.toml").write_text("line-length = 40\n", "utf-8")
    (elsewhere / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n", "utf-8")
    run(
        BUILD,
        elsewhere / "a folder" / "generated",
        cwd=elsewhere,
        PYTHONHASHSEED="4242",
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
        PYTHONUTF8="0",
        TZ="Pacific/Kiritimati",
        HOME=str(elsewhere),
    )
    assert_same(tree(elsewhere / "a folder" / "generated"), reference)
    assert sorted(path.name for path in elsewhere.iterdir()) == ["a folder", "pyproject.toml", "ruff.toml"]
    for path, content in reference.items():
        assert str(PROJECT.root).encode() not in content, path
        assert str(tmp_path.parent).encode() not in content, path
        assert b"\r" not in content, path


@pytest.mark.parametrize("character", NEWER.split(), ids=ascii)
def test_text_does_not_depend_on_the_unicode_that_a_python_knows(character: str) -> None:
    assert inert(character) == character
    assert literal(character) in (ascii(character), f'"{character}"', f"'{character}'")


@pytest.mark.slow
@pytest.mark.skipif(
    not PYTHONS, reason="PIPELINE_PYTHONS names no other interpreters; the nox session `pipelines` does"
)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_gives_the_same_bytes(python: str, tmp_path: Path, reference: dict[str, bytes]) -> None:
    run(BUILD, tmp_path / "generated", python=python, PYTHONHASHSEED="random")
    assert_same(tree(tmp_path / "generated"), reference)


@pytest.mark.slow
@pytest.mark.skipif(
    not PYTHONS, reason="PIPELINE_PYTHONS names no other interpreters; the nox session `pipelines` does"
)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_gives_the_same_bytes_for_characters_that_not_all_know(
    python: str, tmp_path: Path, newer: Path, here: dict[str, bytes]
) -> None:
    run(BUILD, tmp_path / "there", newer, python=python)
    assert_same(tree(tmp_path / "there"), here)
