"""The pictures in the guide to the command line show what the commands write today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.pictures import FOLDER, PICTURES, drawn, words

GUIDE = Path(__file__).parents[2] / "docs" / "cli.md"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_what_its_command_writes(name: str, cli: Cli) -> None:
    # The texts, since versions of rich draw them in their own ways.
    assert words(drawn(PICTURES[name])) == words((FOLDER / f"cli-{name}.svg").read_text("utf-8"))


def test_pictures_load_nothing_from_other_hosts_and_are_in_the_guide() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(pictures/cli-([\w-]+)\.svg\)", GUIDE.read_text("utf-8"))
    assert sorted(name for _, name in shown) == sorted(PICTURES)
    for file in FOLDER.glob("cli-*.svg"):
        text = file.read_text("utf-8")
        assert "@font-face" not in text
        assert not re.search(r"(?:url\(|href=|src=)[\"']?https?:", text)
