"""Plugin for pytest: fixtures for a sandbox and its clients.

Load it with `pytest_plugins = ["instantly_sandbox.plugin"]` or `-p`. The marker
`@pytest.mark.instantly_sandbox(world="demo")` has the arguments of the test's `Sandbox`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

from .sandbox import URL, Sandbox

if TYPE_CHECKING:
    from instantly_client import AsyncInstantly, Instantly

MARKER = "instantly_sandbox"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", f"{MARKER}(**options): arguments of the test's Sandbox")


@pytest.fixture
def instantly_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A new sandbox for the test.

    Every client that the test or the program under test makes meanwhile reaches it, by INSTANTLY_BASE_URL and
    INSTANTLY_API_KEY, and waits in the time of the sandbox. A client that would leave this machine raises a
    ConfigurationError instead of sending.
    """
    marker = request.node.get_closest_marker(MARKER)
    # All arguments are passed on, so that Sandbox refuses those that it does not know.
    sandbox = Sandbox(*(marker.args if marker else ()), **(marker.kwargs if marker else {}))
    with sandbox, sandbox.serve() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSTANTLY_BASE_URL", url)
        patch.setenv("INSTANTLY_API_KEY", sandbox.key)
        patch.delenv("INSTANTLY_DRY_RUN", raising=False)
        _redirect(patch, sandbox, url)
        yield sandbox


@pytest.fixture
def instantly_client(instantly_sandbox: Sandbox) -> Instantly:
    """A client of the test's sandbox."""
    return instantly_sandbox.client()


@pytest.fixture
def instantly_async_client(instantly_sandbox: Sandbox) -> AsyncInstantly:
    """An asynchronous client of the test's sandbox. It has no connections, so that nobody has to close it."""
    return instantly_sandbox.async_client()


def _redirect(patch: pytest.MonkeyPatch, sandbox: Sandbox, url: str) -> None:
    """Have new clients of the sandbox wait in its time, and all clients, older ones too, stay on this machine."""
    from instantly_core.call.base_client import BaseClient

    from .entry.waiting import ClockLimiter, ClockPauses

    make, request = BaseClient.__init__, BaseClient._request

    @wraps(make)
    def made(client: Any, **options: Any) -> None:
        make(client, **options)
        if client._options.base_url == url:
            client._clock = ClockPauses(sandbox.clock)
            if not options.get("limiter"):
                client._configure(client._options.replace(limiter=ClockLimiter(sandbox.service)))

    @wraps(request)
    def checked(client: Any, *arguments: Any, **named: Any) -> Any:
        if not _stays_here(client):
            raise _refusal(client._options.base_url)
        return request(client, *arguments, **named)

    patch.setattr(BaseClient, "__init__", made)
    patch.setattr(BaseClient, "_request", checked)


def _stays_here(client: Any) -> bool:
    """Whether a client sends to this machine, or to a double in this process."""
    from instantly_core.http import library as http

    host = http.URL(client._options.base_url).host
    given = client._pool._given
    transport = client._pool._transport if given is None else getattr(given, "_transport", None)
    return isinstance(transport, http.MockTransport) or f"https://{host}" == URL or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _refusal(base_url: str) -> Exception:
    from instantly_core.error_tree import ConfigurationError

    return ConfigurationError(
        f"this test has a sandbox, but a client would send to {base_url}; make it during the test, without base_url="
    )
