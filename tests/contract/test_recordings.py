"""What the service was recorded to answer, through the real client and over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.local_server import API_KEY, LocalServer
from instantly_client import AsyncInstantly, Instantly
from instantly_client.models import Campaign, CampaignSchedule, CampaignStatus, DelayUnit, Timezone

RECORDINGS = Path(__file__).parent / "recordings"
PAUSE: dict[str, Any] = json.loads((RECORDINGS / "campaigns" / "pause.json").read_text("utf-8"))
BODY: dict[str, Any] = PAUSE["body"]


class RecordedServer(LocalServer):
    """Answers with the recording as it is, whatever the campaign's status would be."""

    def answer(self, method: str, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        status, body = super().answer(method, path, authorization)
        return (PAUSE["status"], BODY) if status == 200 else (status, body)


@pytest.fixture
def server() -> Iterator[RecordedServer]:
    with RecordedServer() as server:
        yield server


@pytest.mark.parametrize("method", ["pause", "activate"])
def test_the_recorded_campaign_arrives_without_drift_or_loss(server: RecordedServer, method: str) -> None:
    with Instantly(api_key=API_KEY, base_url=server.url, strict=True) as client:
        campaign: Campaign = getattr(client.campaigns, method)(BODY["id"])
    assert server.requests == [f"POST /api/v2/campaigns/{BODY['id']}/{method} HTTP/1.1"]
    check(campaign)


@pytest.mark.parametrize("method", ["pause", "activate"])
def test_the_asynchronous_client_does_the_same(server: RecordedServer, method: str) -> None:
    async def call() -> Campaign:
        async with AsyncInstantly(api_key=API_KEY, base_url=server.url, strict=True) as client:
            campaign: Campaign = await getattr(client.campaigns, method)(BODY["id"])
            return campaign

    campaign = asyncio.run(call())
    assert server.requests == [f"POST /api/v2/campaigns/{BODY['id']}/{method} HTTP/1.1"]
    check(campaign)


def check(campaign: Campaign) -> None:
    assert type(campaign) is Campaign
    assert campaign.status is CampaignStatus.ACTIVE
    assert campaign.timestamp_created.isoformat() == "2026-03-05T23:09:47.110000+00:00"
    assert type(campaign.campaign_schedule) is CampaignSchedule
    (slot,) = campaign.campaign_schedule.schedules
    assert (slot.days.monday, slot.days.saturday) == (True, False)
    assert slot.timezone is Timezone.ETC_GMT_PLUS_12
    assert campaign.sequences
    assert campaign.sequences[0].steps[0].delay_unit is DelayUnit.DAYS
    assert campaign.to_dict() == BODY
    assert not campaign.additional_properties


def test_the_recording_says_where_it_comes_from() -> None:
    assert PAUSE["provenance"] == "documentation"
