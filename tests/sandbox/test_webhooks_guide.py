"""The guide to webhooks says what is so: its code runs, and its receivers are those of examples/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from instantly_client import errors, webhooks

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
RECIPES = sorted((ROOT / "examples").glob("webhooks_*.py"))


@pytest.mark.parametrize("code", [code for code in BLOCKS if not code.startswith('"""')])
def test_the_examples_run(code: str) -> None:
    exec(compile(code, "example", "exec", dont_inherit=True), {"__name__": "__main__"})


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_the_receivers_are_those_that_are_tested(recipe: Path) -> None:
    assert recipe.read_text(encoding="utf-8") in BLOCKS


def test_the_guide_names_every_event_and_error() -> None:
    named = set(re.findall(r"\w+", GUIDE))
    assert {*webhooks.__all__} - named == {"DisabledWebhook"}
    assert {name for name in errors.__all__ if name.startswith("Webhook")} <= named
