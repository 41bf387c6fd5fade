"""The public surface on record is that of the package."""

from __future__ import annotations

from scripts.pipeline import PROJECT
from scripts.surface import differences


def test_the_surface_on_record_is_that_of_the_package() -> None:
    lines = differences(PROJECT)
    assert not lines, "\n".join(
        [
            "What the package offers has changed:",
            *lines,
            "If that is wanted, run `nox -s surface -- --write` and commit tests/project/surface.txt with its cause.",
        ]
    )
