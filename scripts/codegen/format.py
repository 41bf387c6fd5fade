"""Format generated code with the pinned ruff, in isolation from any configuration around it."""

from __future__ import annotations

from pathlib import Path

from scripts.lib.process import run, tool

STEP = "format"
OPTIONS = ["--isolated", "--no-cache", "--quiet", "--line-length=120", "--target-version=py311"]
# What is left of an import once the unused names are dropped fits in one line again.
CHECKS = ["--select=F,I,E9", "--config=lint.isort.split-on-trailing-comma=false"]


def format_tree(tree: Path) -> None:
    """Drop unused imports, sort the others, format every file; raises `Failed` if anything is left to complain of."""
    run(STEP, "ruff check", tool("ruff", "check", "--fix", *OPTIONS, *CHECKS, tree))
    run(STEP, "ruff format", tool("ruff", "format", *OPTIONS, tree))
