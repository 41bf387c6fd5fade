"""The guide to the command line says what is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from instantly_cli.failures import KINDS
from tests.cli.conftest import Cli

GUIDE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_examples_print_what_is_shown(cli: Cli) -> None:
    shown = re.findall(r"^```console\n\$ (.*)\n((?:.*\n)*?)```$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert len(shown) > 2
    for command, output in shown:
        name, *arguments = shlex.split(command)
        assert name == "instantly"
        assert cli(*arguments) == (0, output, "")


def test_the_exit_statuses_are_those_of_the_command() -> None:
    table = GUIDE.read_text("utf-8").partition("## Exit statuses")[2]
    assert re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE) == [
        (str(kind.status), kind.meaning) for kind in sorted(KINDS)
    ]
