"""The sandbox as an object refuses what cannot be, and says what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from instantly_client import errors
from instantly_client.models import BackgroundJobStatus
from instantly_core import clock
from instantly_sandbox import Clock, Sandbox
from tests.sandbox.raw import ABSENT, START, WORKSPACE, frozen, send


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Sandbox(seed="x"), "seed must be int, not str"),  # type: ignore[arg-type]
        (lambda: Sandbox(clock=5), "clock must be Clock or None, not int"),  # type: ignore[arg-type]
        (lambda: Sandbox(world=5), "world must be str or Path or None, not int"),  # type: ignore[arg-type]
        (lambda: Sandbox(rate_limits="no"), "rate_limits must be bool, not str"),  # type: ignore[arg-type]
        (lambda: Sandbox(keep_requests="9"), "keep_requests must be int or None, not str"),  # type: ignore[arg-type]
        (lambda: Sandbox(document={}), "document must be Document or None, not dict"),  # type: ignore[arg-type]
        (lambda: Clock("2026-01-01"), "start must be datetime or None, not str"),  # type: ignore[arg-type]
        (lambda: Clock().advance("5"), "seconds must be int or float or timedelta, not str"),  # type: ignore[arg-type]
        (lambda: Clock().advance(True), "seconds must be int or float or timedelta, not bool"),
        (lambda: Sandbox().add_key(5), "a scope must be str, not int"),  # type: ignore[arg-type]
        (lambda: Sandbox().add_key(["leads:all"]), "a scope must be str, not list"),  # type: ignore[arg-type]
        (lambda: Sandbox().add_key(workspace=5), "workspace must be str or None, not int"),  # type: ignore[arg-type]
        (lambda: Sandbox().add_workspace(5), "name must be str, not int"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_the_wrong_type_is_refused(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        wrong()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Sandbox(keep_requests=-1), "keep_requests is -1"),
        (lambda: Clock(datetime(2026, 1, 1)), "start has no time zone: give it one, such as tzinfo=UTC"),  # noqa: DTZ001
        (
            lambda: Sandbox().add_key("campaign:read"),
            "there is no scope 'campaign:read'; did you mean 'campaigns:read'",
        ),
        (lambda: Sandbox().add_key("leads:all", "?"), r"there is no scope '\?'$"),
        (lambda: Sandbox().add_key(workspace=ABSENT), f"there is no workspace '{ABSENT}'$"),
        (lambda: Sandbox().add_workspace("Sub", under=ABSENT), f"there is no workspace '{ABSENT}'$"),
    ],
)
def test_what_cannot_be_is_refused(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()


def test_a_key_that_is_refused_is_not_made() -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match="no scope"):
        sandbox.add_key("campaigns:read", "campaigns:sing")
    assert list(sandbox.runtime.state.keys) == [sandbox.key]


def test_every_scope_of_the_document_can_be_given() -> None:
    sandbox = Sandbox()
    for scope in ("campaigns:read", "all:all", "ai_agents:read"):
        assert sandbox.runtime.state.keys[sandbox.add_key(scope)].scopes == (scope,)


def test_what_it_does_not_know_cannot_be_set() -> None:
    sandbox: Any = Sandbox()
    with pytest.raises(AttributeError, match="rate_limit"):
        sandbox.rate_limit = False
    sandbox.unpaid = True
    assert send(sandbox, "GET", WORKSPACE).status == 402


def test_its_repr_tells_all_but_the_key() -> None:
    sandbox = Sandbox(clock=frozen())
    sandbox.faults.status(500)
    shown = repr(sandbox)
    for part in (sandbox.workspace_id, "<Clock 2026-05-01T00:00:00+00:00 frozen>", "<Faults status>"):
        assert part in shown
    assert sandbox.key not in shown
    assert "frozen" not in repr(Clock())


# --- time does not pass for its own clients ---


@pytest.fixture(params=["frozen", "running"])
def sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(START, frozen=request.param == "frozen"), world="demo") as sandbox:
        monkeypatch.setattr(clock.Clock, "sleep", None)
        monkeypatch.setattr(clock.Clock, "sleep_async", None)
        yield sandbox


def test_its_clients_wait_by_moving_its_clock_on(sandbox: Sandbox) -> None:
    client = sandbox.client()
    job = client.accounts.enable_warmup(include_all_emails=True)
    assert client.background_jobs.wait(job.id).status is BackgroundJobStatus.SUCCESS
    client.email_verifications.create(email="ada@pending.example.org")
    assert client.email_verifications.wait("ada@pending.example.org").verification_status != "pending"
    before = sandbox.clock.time()
    sandbox.faults.rate_limit(retry_after=30, times=2)
    client.with_options(timeout=5).workspace.get_current()
    assert 60 <= sandbox.clock.time() - before < 70


def test_what_never_ends_is_waited_for_until_the_timeout(sandbox: Sandbox) -> None:
    client = sandbox.client()
    job = client.accounts.enable_warmup(include_all_emails=True)
    sandbox.faults.unknown_value("status", "draining", operation="getBackgroundJob", times=None)
    before = sandbox.clock.time()
    with pytest.raises(errors.WaitTimeoutError):
        client.background_jobs.wait(job.id, timeout=600)
    assert 600 <= sandbox.clock.time() - before < 610


def test_its_asynchronous_clients_do_so_too(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with sandbox.async_client() as client:
            job = await client.accounts.enable_warmup(include_all_emails=True)
            sandbox.faults.rate_limit(retry_after=30)
            assert (await client.background_jobs.wait(job.id)).status is BackgroundJobStatus.SUCCESS

    before = sandbox.clock.time()
    asyncio.run(main())
    assert 30 <= sandbox.clock.time() - before < 60
