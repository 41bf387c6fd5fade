"""Many addresses are verified, each is paid for once, and each has an outcome."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, assert_type

import pytest

from instantly_client import DryRun, Instantly, VerifiedAddress, errors, models
from instantly_sandbox import Clock, Sandbox

ADDRESSES = [f"reader{number}@verified.example" for number in range(20)]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC))) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client()


def paid(sandbox: Sandbox) -> list[str]:
    return [request.json["email"] for request in sandbox.requests if request.operation == "createEmailVerification"]


def test_each_address_is_verified_once(sandbox: Sandbox, client: Instantly) -> None:
    seen: list[str] = []
    results = client.email_verifications.verify_many(
        [*ADDRESSES, " READER1@verified.example", "reader at verified", ""],
        confirm=True,
        on_progress=lambda result: seen.append(result.status),
    )
    assert_type(results, list[VerifiedAddress[models.EmailVerification]])
    assert [result.email for result in results] == [*ADDRESSES, "reader at verified"]
    assert sorted(paid(sandbox)) == sorted(ADDRESSES)
    *found, malformed = results
    assert malformed.status == "malformed"
    assert {result.status for result in found} == {"verified", "invalid"}
    assert all(result.is_verified is (result.status == "verified") for result in results)
    assert all(result.verification and result.verification.email == result.email for result in found)
    assert sorted(set(seen)) == ["invalid", "pending", "verified"]
    assert repr(results[0]) == f"<VerifiedAddress {results[0].status}>"


def test_the_async_client_finds_the_same(sandbox: Sandbox, client: Instantly) -> None:
    seen: list[str] = []

    async def noted(result: VerifiedAddress[Any]) -> None:
        seen.append(result.status)

    async def main() -> list[VerifiedAddress[models.EmailVerification]]:
        asynchronous = sandbox.async_client()
        return await asynchronous.email_verifications.verify_many(ADDRESSES, confirm=True, on_progress=noted)

    results = asyncio.run(main())
    assert [
        tuple(each) for each in client.email_verifications.verify_many(ADDRESSES, confirm=True, results=results)
    ] == [tuple(each) for each in results]
    assert len(paid(sandbox)) == len(ADDRESSES)
    assert len(seen) >= len(ADDRESSES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "this would verify 20 addresses, which costs money; pass confirm=True to do it"),
        ({"confirm": True, "timeout": -1}, "timeout must be"),
        ({"confirm": True, "poll": 0}, "poll must be"),
        ({"confirm": True, "at_once": 0}, "at_once must be at least 1"),
    ],
)
def test_what_is_not_meant_or_cannot_be_is_refused(
    sandbox: Sandbox, client: Instantly, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        client.email_verifications.verify_many(ADDRESSES, **arguments)
    assert not sandbox.requests


def test_one_text_is_not_many_addresses(client: Instantly) -> None:
    with pytest.raises(TypeError, match="not one str"):
        client.email_verifications.verify_many("a@b.example", confirm=True)


def test_a_dry_run_pays_for_nothing(sandbox: Sandbox) -> None:
    client = sandbox.client(dry_run=True)
    with pytest.raises(DryRun):
        client.email_verifications.verify_many(ADDRESSES, confirm=True)
    assert not paid(sandbox)


def test_no_addresses_cost_nothing(sandbox: Sandbox, client: Instantly) -> None:
    assert client.email_verifications.verify_many([]) == []
    assert not sandbox.requests


def test_what_has_no_result_in_time_is_pending_and_is_waited_for_later(sandbox: Sandbox, client: Instantly) -> None:
    first = client.email_verifications.verify_many(ADDRESSES[:3], confirm=True, timeout=0)
    assert [result.status for result in first] == ["pending"] * 3
    later = client.email_verifications.verify_many(ADDRESSES[:3], results=first)
    assert "pending" not in {result.status for result in later}
    assert len(paid(sandbox)) == 3


@pytest.mark.parametrize("carried_out", [True, False])
def test_what_is_in_doubt_is_looked_up_before_it_is_paid_for_again(
    sandbox: Sandbox, client: Instantly, carried_out: bool
) -> None:
    if carried_out:
        sandbox.faults.drop_after(operation="createEmailVerification")
    else:
        sandbox.faults.status(500, operation="createEmailVerification")
    first = client.email_verifications.verify_many(ADDRESSES[:2], confirm=True, at_once=1)
    assert first[0].status == "in doubt"
    assert first[0].error is not None
    sandbox.service.requests.clear()
    later = client.email_verifications.verify_many(ADDRESSES[:2], confirm=True, results=first)
    assert {result.status for result in later} <= {"verified", "invalid"}
    assert paid(sandbox) == ([] if carried_out else ADDRESSES[:1])


def test_the_failure_of_one_address_is_its_result(sandbox: Sandbox, client: Instantly) -> None:
    sandbox.faults.status(400, operation="createEmailVerification")
    first, *others = client.email_verifications.verify_many(ADDRESSES, confirm=True, at_once=1)
    assert (first.status, type(first.error)) == ("failed", errors.ValidationError)
    assert {result.status for result in others} <= {"verified", "invalid"}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_ends_all_of_them_stops_at_once_and_goes_on_later(
    sandbox: Sandbox, client: Instantly, asynchronous: bool
) -> None:
    def interrupt(result: VerifiedAddress[Any]) -> None:
        sandbox.faults.clear()
        sandbox.faults.status(402, times=None, operation="createEmailVerification")

    def verify() -> None:
        arguments: dict[str, Any] = {"confirm": True, "at_once": 1, "on_progress": interrupt}
        if asynchronous:
            asyncio.run(sandbox.async_client().email_verifications.verify_many(ADDRESSES, **arguments))
        else:
            client.email_verifications.verify_many(ADDRESSES, **arguments)

    with pytest.raises(errors.VerifyManyError, match=r"Stopped with 19 addresses left: .*402") as stopped:
        verify()
    assert len(paid(sandbox)) == 2
    assert isinstance(stopped.value.__cause__, errors.PaymentRequiredError)
    sandbox.faults.clear()
    results = pickle.loads(pickle.dumps(stopped.value)).results
    later = client.email_verifications.verify_many(ADDRESSES, confirm=True, results=results)
    assert {result.status for result in later} <= {"verified", "invalid"}
    assert len(paid(sandbox)) == 1 + len(ADDRESSES)


def test_a_failure_to_look_leaves_it_pending(sandbox: Sandbox, client: Instantly) -> None:
    sandbox.faults.status(400, times=None, operation="checkVerificationStatus")
    (result,) = client.email_verifications.verify_many(ADDRESSES[:1], confirm=True)
    assert (result.status, type(result.error)) == ("pending", errors.ValidationError)
