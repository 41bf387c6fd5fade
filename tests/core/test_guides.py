"""The guides to objects and arguments say what is so: their code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = [
    pytest.param(code, id=f"{guide}-{position}")
    for guide in ("objects", "arguments")
    for position, code in enumerate(
        re.findall(r"^```python\n(.*?)^```$", (DOCS / f"{guide}.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
]


@pytest.mark.parametrize("code", BLOCKS)
def test_the_examples_run(code: str) -> None:
    # Compiled for a module of its own, in which pydantic finds what an annotation names.
    exec(compile(code, "example", "exec", dont_inherit=True), {"__name__": "__main__"})
