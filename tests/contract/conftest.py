from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.service import Service


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Both clients, and the service that they ask."""
    with Service() as service:
        yield service
