"""Every recording, replayed through both clients and checked against the document: see `check` for what is asked."""

from __future__ import annotations

import socket
from itertools import groupby
from pathlib import Path
from typing import NoReturn

import pytest

from instantly_client.models import Campaign, CampaignSchedule, CampaignStatus, DelayUnit, Timezone
from instantly_contract.cassettes import read, recordings
from instantly_contract.check import check
from instantly_contract.document import Document
from instantly_contract.report import table_of
from tests.contract.replay import Kind, outcomes, replay
from tests.contract.settings import RECORDINGS
from tests.published import published

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.relative_to(RECORDINGS).as_posix() for path in RECORDINGS.rglob("*.yaml"))
# One test an operation and not one a recording, for thousands of small tests cost more than what they do.
BY_OPERATION = {operation: list(names) for operation, names in groupby(NAMES, lambda name: name.partition(".")[0])}
PAUSE = "campaigns/pause.documented.yaml"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever vcrpy lets through goes nowhere."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a replay wants to connect")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("kind", ["sync", pytest.param("async", marks=pytest.mark.slow)])
@pytest.mark.parametrize("operation", BY_OPERATION)
def test_the_requests_go_out_as_recorded_and_their_answers_are_understood(operation: str, kind: Kind) -> None:
    found = [(name, finding) for name in BY_OPERATION[operation] for finding in replay(RECORDINGS / name, kind)]
    if found:
        pytest.fail(table_of(found), pytrace=False)


@pytest.mark.slow
def test_the_answers_are_valid_before_our_corrections_of_the_document_too() -> None:
    before = Document(published().raw)
    found = [
        (name, finding)
        for name, recording in recordings(RECORDINGS)
        if recording.operation in before.promises  # and is not kept after its removal
        for exchange in recording.exchanges
        for finding in check(recording.operation, exchange, before)
        if finding.check == "schema"
    ]
    if found:
        pytest.fail(table_of(found), pytrace=False)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_documented_campaign_arrives_in_all_its_parts(kind: Kind) -> None:
    assert read(RECORDINGS / PAUSE).provenance == "documentation"
    ((_, exchange, campaign),) = outcomes(RECORDINGS / PAUSE, kind)
    assert type(campaign) is Campaign
    assert campaign.status is CampaignStatus.ACTIVE
    assert campaign.timestamp_created.isoformat() == "2026-03-05T23:09:47.110000+00:00"
    assert type(campaign.campaign_schedule) is CampaignSchedule
    (slot,) = campaign.campaign_schedule.schedules
    assert (slot.days.monday, slot.days.saturday) == (True, False)
    assert slot.timezone is Timezone.ETC_GMT_PLUS_12
    assert campaign.sequences
    assert campaign.sequences[0].steps[0].delay_unit is DelayUnit.DAYS
    assert campaign.to_dict() == exchange.json()
    assert not campaign.additional_properties
