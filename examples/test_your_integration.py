"""Tests of a program that uses the client: pytest starts a sandbox for each of them.

pip install pytest 'instantly-client[sandbox]'
pytest -p instantly_sandbox.plugin examples/test_your_integration.py
"""

from __future__ import annotations

import pytest

from instantly_client import Instantly, errors
from instantly_client.models import CampaignStatus
from instantly_sandbox import Sandbox


def pause_all(client: Instantly) -> int:
    """The program that is tested; returns how many campaigns it has paused."""
    active = client.campaigns.list(status=CampaignStatus.ACTIVE).collect()
    for campaign in active:
        client.campaigns.pause(campaign.id)
    return len(active)


@pytest.mark.instantly_sandbox(world="demo")
def test_all_are_paused(instantly_client: Instantly) -> None:
    assert pause_all(instantly_client) > 0
    assert not instantly_client.campaigns.list(status=CampaignStatus.ACTIVE).collect()


@pytest.mark.instantly_sandbox(world="demo")
def test_nothing_else_is_written(instantly_sandbox: Sandbox, instantly_client: Instantly) -> None:
    pause_all(instantly_client)
    assert {request.operation for request in instantly_sandbox.requests} == {"listCampaign", "pauseCampaign"}


@pytest.mark.instantly_sandbox(world="demo")
def test_a_read_is_repeated_and_a_write_is_not(instantly_sandbox: Sandbox, instantly_client: Instantly) -> None:
    instantly_sandbox.faults.status(503, operation="listCampaign")
    instantly_sandbox.faults.drop_after(operation="pauseCampaign")
    with pytest.raises(errors.APIConnectionError):
        pause_all(instantly_client)
    operations = [request.operation for request in instantly_sandbox.requests]
    assert operations.count("listCampaign") > 1
    assert operations.count("pauseCampaign") == 1
