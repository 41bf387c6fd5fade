"""The guide to objects says what is so: its code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "objects.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_the_examples_run(code: str) -> None:
    # Compiled for a module of its own, in which pydantic finds what an annotation names.
    exec(compile(code, "example", "exec", dont_inherit=True), {"__name__": "__main__"})
