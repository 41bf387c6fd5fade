from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.core.engine import Engine
from tests.core.wire import Wire


@pytest.fixture(params=["sync", "async"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Either client."""
    engine = Engine(request.param)
    yield engine
    engine.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A service on a real socket."""
    with Wire() as wire:
        yield wire


@pytest.fixture
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are as short as they can be."""
    monkeypatch.setattr("instantly_core.call.attempts.random", lambda: 0.0)


@pytest.fixture(params=["sync", "async", "aiohttp"])
def connected(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each way to send, for tests over real sockets."""
    if request.param == "aiohttp":
        pytest.importorskip("aiohttp", reason="the extra aiohttp is not installed")
    engine = Engine(request.param)
    yield engine
    engine.close()
