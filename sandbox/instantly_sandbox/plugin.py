"""Fixtures for pytest, on where they are asked for: `pytest_plugins = ["instantly_sandbox.plugin"]`, or `-p`.

`@pytest.mark.instantly_sandbox(world="demo")` gives the arguments of the test's `Sandbox`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .sandbox import Sandbox

if TYPE_CHECKING:
    from instantly_client import Instantly

MARKER = "instantly_sandbox"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", f"{MARKER}(**options): what the test's Sandbox is made with")


@pytest.fixture
def instantly_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of the test's own."""
    marker = request.node.get_closest_marker(MARKER)
    # What it does not take, it refuses: a test must not run in another world than it asked for.
    with Sandbox(*(marker.args if marker else ()), **(marker.kwargs if marker else {})) as sandbox:
        yield sandbox


@pytest.fixture
def instantly_client(instantly_sandbox: Sandbox) -> Instantly:
    """A client of the test's sandbox."""
    return instantly_sandbox.client()
