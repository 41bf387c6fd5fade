"""Format generated code with the pinned ruff, in isolation from any configuration around it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.lib.report import Failed

STEP = "format"
OPTIONS = ["--isolated", "--no-cache", "--quiet", "--line-length=120", "--target-version=py311"]
CHECKS = "--select=F,I,E9"


def format_tree(tree: Path) -> None:
    """Drop unused imports, sort the others, format every file; raises `Failed` if anything is left to complain of."""
    _ruff("check", "--fix", *OPTIONS, CHECKS, tree=tree)
    _ruff("format", *OPTIONS, tree=tree)


def _ruff(*arguments: str, tree: Path) -> None:
    # Run as a module of this interpreter: another ruff on the PATH would format differently, and none at all silently.
    command = [sys.executable, "-m", "ruff", *arguments, str(tree)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Failed(STEP, (result.stdout + result.stderr).strip()[:4000])
