"""The guides to objects and arguments say what is so: their code runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from instantly_sandbox import Sandbox

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = [
    pytest.param(code, id=f"{guide}-{position}")
    for guide in ("objects", "arguments")
    for position, code in enumerate(
        re.findall(r"^```python\n(.*?)^```$", (DOCS / f"{guide}.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    sandbox = Sandbox(world="demo")
    with sandbox.serve() as url:
        yield sandbox.key, url


@pytest.mark.parametrize("code", BLOCKS)
def test_the_examples_run(code: str, served: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # Some write files.
    for name, value in zip(("INSTANTLY_API_KEY", "INSTANTLY_BASE_URL"), served, strict=True):
        monkeypatch.setenv(name, value)
    # Compiled for a module of its own, in which pydantic finds what an annotation names.
    exec(compile(code, "example", "exec", dont_inherit=True), {"__name__": "__main__"})
