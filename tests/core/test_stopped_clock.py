"""While freezegun keeps the clock still, calls wait for as long as they have to, and no longer."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from instantly_core import Event, Limit, LocalLimiter, errors
from tests.core.engine import GET, ID, LIST, Engine, Script, pages_of
from tests.core.hostile import Hostile, drips
from tests.core.wire import DROP, Wire, answer

freezegun = pytest.importorskip("freezegun")


@pytest.mark.slow
def test_calls_waits_and_deadlines_end(connected: Engine, wire: Wire) -> None:
    """freezegun looks through all modules, which takes long: once for each way to send."""
    # Without real_asyncio, asyncio.sleep itself never ends.
    stopped = freezegun.freeze_time("2020-01-01", real_asyncio=True)
    with Hostile(drips(b"HTTP/1.1 200 OK\r\n\r\n", b" ")) as hostile, stopped:
        _use_connections(connected, wire)
        _wait(connected)
        client = connected.client(base_url=hostile.url, deadline=0.1, max_retries=0)
        with pytest.raises(errors.APITimeoutError):
            connected.call(client, GET, (ID,))


def _use_connections(engine: Engine, wire: Wire) -> None:
    client = engine.client(base_url=wire.url, limiter=LocalLimiter())
    wire.answers = [answer(), DROP, answer()]
    for _ in range(2):
        assert engine.call(client, GET, (ID,)) == {}
    assert wire.connections == 2


def _wait(engine: Engine) -> None:
    assert engine.items(engine.client(pages_of([([1], "a"), ([2], None)])).page(LIST)) == [1, 2]
    script = Script(httpx.Response(429, headers={"retry-after": "0.01"}), httpx.ConnectError("away"), {})
    assert engine.call(engine.client(script), GET, (ID,)) == {}
    assert len(script.requests) == 3
    # The limiter lets requests leave in their turn, and refuses those whose turn is too late.
    events: list[Event] = []
    client = engine.client(Script({}), limiter=LocalLimiter([Limit(2, 0.1), Limit(5, 60)]), on_event=events.append)
    for _ in range(5):
        engine.call(client, GET, (ID,))
    assert [event for event in events if event.kind == "wait"]
    with pytest.raises(errors.RateLimitError, match="not sent"):
        engine.call(client.with_options(deadline=9), GET, (ID,))


@pytest.mark.slow
def test_a_clock_that_is_stopped_when_the_client_is_imported() -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "import freezegun\n"
        "with freezegun.freeze_time('2020-01-01'):\n"
        "    from instantly_core import Limit, LocalLimiter\n"
        "    limiter = LocalLimiter([Limit(1, 0.05)])\n"
        "    for _ in range(3): assert limiter.acquire('', (), 9.0, print) == 0.0\n"
        "assert limiter.acquire('', (), 9.0, print) == 0.0\n"
    )
    subprocess.run([sys.executable, "-c", program, *sys.path], check=True, capture_output=True, timeout=60)
