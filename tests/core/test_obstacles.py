"""Why a campaign does not send is said in sentences, with what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, assert_type

import pytest

from instantly_client import Instantly, Obstacle
from instantly_client.models import (
    Account,
    Campaign,
    CampaignStatus,
    SendingDiagnosticsStatus,
    SendingStatus,
)
from instantly_core.helpers.obstacles import SENTENCES, obstacles
from instantly_sandbox import Clock, Sandbox

STEPS = [{"delay": 3, "variants": []}, {"delay": 2, "delay_unit": "hours", "variants": []}, {"delay": 0}]
CAMPAIGN: dict[str, Any] = {
    "id": "1",
    "name": "Spring",
    "status": 1,
    "email_list": ["Mara@ours.example"],
    "sequences": [{"steps": STEPS}],
    "campaign_schedule": {"schedules": []},
}
ACCOUNT = {"email": "mara@ours.example", "status": 1}


def found(
    campaign: dict[str, Any] | None = None,
    diagnostics: dict[str, Any] | None = None,
    accounts: list[dict[str, Any]] | None = None,
    leads: int = 1,
) -> list[Obstacle]:
    return obstacles(
        Campaign.from_dict({**CAMPAIGN, **(campaign or {})}),
        SendingStatus.from_dict({"diagnostics": {"status": "healthy", **(diagnostics or {})}}),
        [Account.from_dict(account) for account in ([ACCOUNT] if accounts is None else accounts)],
        [object()] * leads,
    )


def test_nothing_keeps_a_campaign_that_sends() -> None:
    assert found() == []


@pytest.mark.parametrize("code", sorted({*SENTENCES, *map(str, SendingDiagnosticsStatus)} - {"healthy"}))
def test_each_status_of_the_service_is_said_in_a_sentence(code: str) -> None:
    (obstacle,) = found(diagnostics={"status": code})
    assert obstacle.code == code
    assert obstacle.message.endswith(".")
    assert obstacle.advice.endswith(".")


def test_a_status_that_nobody_knows_yet_is_passed_on() -> None:
    (obstacle,) = found(diagnostics={"status": "moon_in_the_way"})
    assert (obstacle.code, obstacle.message) == ("moon_in_the_way", "The service says 'moon_in_the_way'.")


@pytest.mark.parametrize("status", [status for status in CampaignStatus if status is not CampaignStatus.ACTIVE])
def test_the_status_of_the_campaign_counts_too(status: CampaignStatus) -> None:
    (obstacle,) = found({"status": int(status)})
    assert obstacle.code == f"campaign_{status.name.lower()}"
    assert obstacle.message.endswith(".")


def test_a_status_of_the_campaign_that_nobody_knows_yet_is_said_too() -> None:
    (obstacle,) = found({"status": max(CampaignStatus) + 1})
    assert obstacle.message == f"Its status is 'unknown_{max(CampaignStatus) + 1}'."
    assert found({"status": max(CampaignStatus) + 1}, {"status": obstacle.code}) == [
        Obstacle(obstacle.code, f"The service says '{obstacle.code}'.", "Look at it in `campaigns.get_sending_status`.")
    ]


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("campaign", "diagnostics", "code", "part"),
    [
        ({"sequences": []}, {}, "no_steps", "no e-mails"),
        ({"sequences": None}, {}, "no_steps", "no e-mails"),
        ({"email_list": []}, {}, "no_accounts_available", "no accounts"),
        (
            {"email_list": ["a@b.example", "mara@ours.example"]},
            {},
            "account_missing",
            "1 of its accounts is not in the workspace: a@b.example",
        ),
        (
            {"campaign_schedule": {"schedules": [], "start_date": str(date.today() + 2 * DAY)}},  # noqa: DTZ011
            {},
            "schedule_begins_later",
            "begins on",
        ),
        (
            {"campaign_schedule": {"schedules": [], "end_date": str(date.today() - 2 * DAY)}},  # noqa: DTZ011
            {},
            "schedule_is_over",
            "ended on",
        ),
        ({}, {"schedule_status": {"in_schedule": False}}, "out_of_schedule", "outside the hours"),
        (
            {},
            {"campaign_daily_limit": {"limit_hit": True, "sent": 40, "limit": 40}},
            "daily_limit_met",
            "40 of 40 e-mails",
        ),
        (
            {},
            {"new_lead_limit": {"limit_hit": True, "contacted": 7, "limit": 7}},
            "new_lead_limit_met",
            "new leads is reached: 7 of 7",
        ),
        ({}, {"esp_routing_status": {"waiting_for_match": True}}, "waiting_for_esp_match", "provider of the lead"),
        ({}, {"domain_limiter": {"active": True, "domains_at_limit": 2}}, "domain_limit_reached", "for 2 domains"),
        (
            {},
            {"accounts_summary": {"unavailable": {"daily_limit_hit": 2, "slow_ramp_limit_hit": 1}}},
            "account_daily_limit_met",
            "3 of its accounts",
        ),
        (
            {},
            {
                "follow_ups_waiting": {"count": 9, "earliest_wait_time_seconds": 180_000},
                "leads_status": {"no_leads_ready": True},
            },
            "follow_up_delay_not_met",
            "9 wait for their next step; the first is due in 2 days. Step 2 waits 3 days after step 1, step 3 "
            "waits 2 hours after step 2.",
        ),
    ],
)
def test_what_is_in_the_way_is_found_where_it_is(
    campaign: dict[str, Any], diagnostics: dict[str, Any], code: str, part: str
) -> None:
    (obstacle,) = found(campaign, diagnostics)
    assert obstacle.code == code
    assert part in obstacle.message
    assert str(obstacle) == f"{obstacle.message} {obstacle.advice}"


def test_leads_are_missed() -> None:
    assert [obstacle.code for obstacle in found(leads=0)] == ["no_leads"]


@pytest.mark.parametrize(("seconds", "text"), [(30, "less than a minute"), (60, "1 minute"), (7_300, "2 hours")])
def test_a_wait_is_said_in_the_largest_unit(seconds: int, text: str) -> None:
    waiting = {"count": 1, "earliest_wait_time_seconds": seconds}
    (obstacle,) = found(diagnostics={"follow_ups_waiting": waiting, "leads_status": {"no_leads_ready": True}})
    assert f"due in {text}." in obstacle.message


def test_accounts_that_do_not_send_are_named() -> None:
    emails = [f"a{number}@ours.example" for number in range(7)]
    states = [{"email": email, "status": -1 if number else 1} for number, email in enumerate(emails)]
    (obstacle,) = found({"email_list": emails}, accounts=states)
    assert (obstacle.code, obstacle.accounts) == ("account_not_active", tuple(emails[1:]))
    assert obstacle.message.startswith("6 of its accounts are not active, of 7: a1@ours.example (connection error), ")
    assert obstacle.message.endswith(" and 1 more.")


def test_an_answer_without_anything_in_it_breaks_nothing() -> None:
    empty = obstacles(Campaign.from_dict({}), SendingStatus.from_dict({}), [], [])
    assert {obstacle.code for obstacle in empty} == {"no_steps", "no_leads", "no_accounts_available"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(world="demo", clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC))) as sandbox:
        yield sandbox


def test_both_clients_say_so_of_each_campaign(sandbox: Sandbox) -> None:
    client: Instantly = sandbox.client()
    expected = {
        CampaignStatus.DRAFT: "campaign_draft",
        CampaignStatus.PAUSED: "campaign_paused",
        CampaignStatus.COMPLETED: "campaign_completed",
    }
    said = {campaign.id: client.campaigns.why_not_sending(campaign.id) for campaign in client.campaigns.list()}
    for campaign in client.campaigns.list():
        if campaign.status in expected:
            assert expected[campaign.status] in {obstacle.code for obstacle in said[campaign.id]}

    async def main() -> dict[str, list[Obstacle]]:
        asynchronous = sandbox.async_client()
        return {id: await asynchronous.campaigns.why_not_sending(id) for id in said}

    assert {id: [each.code for each in found] for id, found in asyncio.run(main()).items()} == {
        id: [each.code for each in found] for id, found in said.items()
    }
    assert_type(client.campaigns.why_not_sending(next(iter(said))), list[Obstacle])
