"""No figure of the pinned document is written by hand: the next document has others."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from scripts.lib.layout import PROJECT
from scripts.spec import lock as locks

LOCK = locks.read(PROJECT.lock)
FOLDERS = ("tests", "sandbox", "cli", "scripts", "benchmarks", "contract", "core", "examples", "docs")
# Decisions record what was measured when they were made.
HISTORY = PROJECT.root / "docs" / "decisions"

FIGURES = {
    "operations": rf"\b{LOCK.operations}\b.*\boperation|\boperation.*\b{LOCK.operations}\b",
    "paths": rf"\b{LOCK.paths} paths\b",
    "objects": rf"\b{LOCK.schemas} (objects|schemas|components)\b",
    "tags": rf"\b{LOCK.tags} (tags|resources)\b",
    "date": rf"\b(pinned|lock)\b.*\b({LOCK.date}|{LOCK.date:%Y, %-m, %-d})\b",
    "version": rf"(document|api_version).*\b{re.escape(LOCK.api_version)}\b",
}


@cache
def texts() -> dict[str, str]:
    """What is written by hand, by its file."""
    files = [PROJECT.root / "README.md", PROJECT.root / "CONTRIBUTING.md"]
    files += [
        path for folder in FOLDERS for path in (PROJECT.root / folder).rglob("*") if path.suffix in (".py", ".md")
    ]
    return {
        path.relative_to(PROJECT.root).as_posix(): path.read_text("utf-8")
        for path in files
        if HISTORY not in path.parents
    }


@pytest.mark.parametrize("figure", FIGURES)
def test_no_figure_of_the_pinned_document_is_written_by_hand(figure: str) -> None:
    form = re.compile(FIGURES[figure], re.IGNORECASE)
    places = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts().items()
        if form.search(text)  # No form goes over the end of a line, and hardly a file has one.
        for number, line in enumerate(text.splitlines(), 1)
        if form.search(line)
    ]
    assert places == []


def test_the_forms_find_a_figure() -> None:
    lines = {
        "operations": f"all {LOCK.operations} operations",
        "paths": f"it has {LOCK.paths} paths",
        "objects": f"{LOCK.schemas} objects",
        "tags": f"{LOCK.tags} tags",
        "date": f"the pinned document is of {LOCK.date}",
        "version": f"document = {LOCK.api_version}",
    }
    assert [figure for figure, line in lines.items() if re.search(FIGURES[figure], line)] == [*FIGURES]


def test_no_correction_is_tied_to_a_path() -> None:
    """The vendor moves operations, and a correction that matches nothing stops a pin."""
    assert "$.paths['" not in Path(PROJECT.overlay).read_text("utf-8")
