"""Plugin for pytest: fixtures for a sandbox and its client.

Load it with `pytest_plugins = ["instantly_sandbox.plugin"]` or `-p`. The marker
`@pytest.mark.instantly_sandbox(world="demo")` has the arguments of the test's `Sandbox`.
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
    """Register the marker."""
    config.addinivalue_line("markers", f"{MARKER}(**options): arguments of the test's Sandbox")


@pytest.fixture
def instantly_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A new sandbox for the test."""
    marker = request.node.get_closest_marker(MARKER)
    # All arguments are passed on, so that Sandbox refuses those that it does not know.
    with Sandbox(*(marker.args if marker else ()), **(marker.kwargs if marker else {})) as sandbox:
        yield sandbox


@pytest.fixture
def instantly_client(instantly_sandbox: Sandbox) -> Instantly:
    """A client of the test's sandbox."""
    return instantly_sandbox.client()
