"""The part that the command lines of all verbs have in common."""

from __future__ import annotations

import argparse


class Arguments(argparse.ArgumentParser):
    """The arguments of a verb, `--json` among them, which `description`, the docstring of its module, explains."""

    def __init__(self, prog: str, description: str | None) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            # An abbreviation could mean another option once there is a new one.
            allow_abbrev=False,
        )
        self.add_argument("--json", action="store_true", help="report as JSON")
