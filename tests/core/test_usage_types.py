"""What a type checker sees of ordinary use; mypy reads the assertions, pytest runs them."""

from __future__ import annotations

import asyncio
import builtins
from datetime import date
from pathlib import Path
from typing import assert_type

import httpx
import pytest

from instantly_client import UNSET, AsyncInstantly, Instantly, Unset, errors, params
from instantly_client.models import Campaign, CampaignStatus, Lead, NewLead, Timezone
from instantly_core import AsyncPage, Page, RawResponse
from scripts.lib.layout import PROJECT
from scripts.lib.process import execute, tool

ID = "019cc043-aee6-7ae9-a545-d7de53430e37"


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith(("/campaigns", "/leads/list")):
        return httpx.Response(200, json={"items": []})
    if request.url.path.endswith("/download"):
        return httpx.Response(200, text="a,b\n")
    if request.url.path.endswith("/share"):
        return httpx.Response(204)
    return httpx.Response(200, json={"id": ID, "status": 1} if request.url.path.endswith("/pause") else [])


def test_the_sync_client() -> None:
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        assert_type(client, Instantly)
        campaign = client.campaigns.pause(ID)
        assert_type(campaign, Campaign)
        assert_type(campaign.status, CampaignStatus)
        assert campaign.status is CampaignStatus.ACTIVE
        assert_type(campaign.name, str)
        assert_type(campaign.daily_limit, int | None | Unset)
        assert campaign.daily_limit is UNSET
        page = client.campaigns.list()
        assert_type(page, Page[Campaign])
        assert_type(page.items, list[Campaign])
        assert_type(page.next_cursor, str | None)
        assert [assert_type(lead, Lead) for lead in client.leads.list(campaign=ID)] == []
        assert_type(client.block_list.download(), str)
        assert client.block_list.delete_all(everything=True) == []
        client.campaigns.share(ID)
        raw = client.with_raw_response.campaigns.pause(ID)
        assert_type(raw, RawResponse[Campaign])
        assert_type(raw.parsed, Campaign)
        assert_type(client.with_raw_response.campaigns.list(), RawResponse[Page[Campaign]])
        assert_type(client.with_options(timeout=5).for_workspace("w").campaigns.pause(ID), Campaign)


def test_what_did_not_come_is_told_apart() -> None:
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        limit = client.campaigns.pause(ID).daily_limit
        if limit is not UNSET:
            assert_type(limit, int | None)
        if not isinstance(limit, Unset):
            assert_type(limit, int | None)
        if limit:
            assert_type(limit + 0.5, float)
        if limit is UNSET:
            return
    raise AssertionError("the answer has a limit")


def test_a_value_that_is_known_is_told_apart() -> None:
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        status = client.campaigns.pause(ID).status
        assert status.known
        assert_type(status, CampaignStatus)
        match status:
            case CampaignStatus.ACTIVE:
                assert status.name == "ACTIVE"
            case _:
                raise AssertionError(status)


def test_mappings_have_types() -> None:
    slot: params.ScheduleSlotParam = {
        "name": "Mornings",
        "timing": {"from_": "09:00", "to": "12:00"},
        "days": {"monday": True},
        "timezone": Timezone.AMERICA_CHICAGO,
    }
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        client.campaigns.update(ID, campaign_schedule={"schedules": [slot], "start_date": date(2026, 1, 2)})
        client.leads.bulk_add(campaign_id=ID, leads=[{"email": "a", "custom_variables": {"city": "Bern"}}])
        client.leads.add_many([{"email": "a"}], campaign_id=ID)
        client.leads.add_many((NewLead(email="a"), {"email": "b"}), campaign_id=ID)
        with pytest.raises(TypeError, match="did you mean 'start_date'"):
            client.campaigns.update(ID, campaign_schedule={"schedules": [], "strat_date": "2026-01-02"})  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="did you mean 'first_name'"):
            client.leads.bulk_add(campaign_id=ID, leads=[{"email": "a", "firstname": "Ann"}])  # type: ignore[list-item]
    wrong: params.ScheduleDaysParam = {"mondays": True}  # type: ignore[typeddict-unknown-key]
    assert wrong


USAGE = """
from instantly_client import Instantly

def use(client: Instantly) -> None:
    client.leads.bulk_add(leads=[{"email": "a", "first_name": "Ann", "custom_variables": {"city": "Bern"}}])
    client.campaigns.update("a", campaign_schedule={"schedules": [], "start_date": "2026-01-02"})
    client.leads.bulk_add(leads=[{"email": "a", "firstname": "Ann"}])
    client.campaigns.update("a", campaign_schedule={"schedules": [], "strat_date": "2026-01-02"})
"""


@pytest.mark.slow
def test_ty_knows_the_keys_of_mappings(tmp_path: Path) -> None:
    (tmp_path / "usage.py").write_text(USAGE, encoding="utf-8")
    command = tool("ty", "check", "--project", PROJECT.root, "--output-format=concise", tmp_path / "usage.py")
    found = execute(command).stdout
    assert 'did you mean "first_name"?' in found
    assert 'did you mean "start_date"?' in found
    assert {line.rpartition("usage.py:")[2].partition(":")[0] for line in found.splitlines()[:-1]} == {"7", "8"}


def test_the_async_client() -> None:
    async def use() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
            assert_type(await client.campaigns.pause(ID), Campaign)
            page = client.campaigns.list()
            assert_type(page, AsyncPage[Campaign])
            assert_type([lead async for lead in client.leads.list(campaign=ID)], builtins.list[Lead])
            assert_type(await client.with_raw_response.campaigns.pause(ID), RawResponse[Campaign])
            assert_type(await client.with_raw_response.campaigns.list(), RawResponse[AsyncPage[Campaign]])

    asyncio.run(use())


def test_each_client_takes_an_http_client_and_transport_of_its_kind() -> None:
    # The ignored errors are the assertions: mypy reports an ignore without an error.
    with pytest.raises(errors.ConfigurationError, match=r"httpx\.Client, not AsyncClient"):
        Instantly(api_key="k", http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match=r"httpx\.AsyncClient, not Client"):
        AsyncInstantly(api_key="k", http_client=httpx.Client())  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match=r"httpx\.BaseTransport, not AsyncHTTPTransport"):
        Instantly(api_key="k", transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match=r"httpx\.AsyncBaseTransport, not HTTPTransport"):
        AsyncInstantly(api_key="k", transport=httpx.HTTPTransport())  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="max_retries"):
        Instantly(api_key="k", max_retries="3")  # type: ignore[arg-type]
