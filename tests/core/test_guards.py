"""Calls that delete all they can reach are refused unless they are narrowed, or told that everything is meant."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from instantly_client import UNSET, AsyncInstantly, Instantly
from instantly_core.helpers.guards import require_filter

CAMPAIGN = "019cc043-aee6-7ae9-a545-d7de53430e37"


def call(resource: str, method: str, **named: Any) -> list[httpx.Request]:
    """What both clients send."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"count": 1} if resource == "leads" else [])

    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        getattr(getattr(client, resource), method)(**named)

    async def call_async() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
            await getattr(getattr(client, resource), method)(**named)

    asyncio.run(call_async())
    return sent


@pytest.mark.parametrize(
    ("resource", "method", "named"),
    [
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN}),
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN, "ids": []}),
        ("leads", "bulk_delete", {"list_id": CAMPAIGN, "everything": False}),
        ("leads", "bulk_delete", {"list_id": CAMPAIGN, "everything": 1}),
        ("block_list", "delete_all", {}),
        ("block_list", "delete_all", {"search": ""}),
    ],
)
def test_without_a_filter_nothing_is_deleted(resource: str, method: str, named: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^this would delete every .*; pass .*=, or everything=True$"):
        call(resource, method, **named)


@pytest.mark.parametrize(
    ("resource", "method", "named"),
    [
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN, "ids": [CAMPAIGN]}),
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN, "everything": True}),
        ("block_list", "delete_all", {"domains_only": False}),
        ("block_list", "delete_all", {"everything": True}),
    ],
)
def test_with_a_filter_or_told_so_it_is_done(resource: str, method: str, named: dict[str, Any]) -> None:
    sent = call(resource, method, **named)
    assert len(sent) == 2
    for request in sent:
        assert request.method == "DELETE"
        body = json.loads(request.content) if request.content else {}
        assert "everything" not in {*body, *request.url.params}


def test_both_at_once_is_a_contradiction() -> None:
    with pytest.raises(ValueError, match=r"^everything=True contradicts search=; pass one or the other$"):
        call("block_list", "delete_all", search="x", everything=True)


@pytest.mark.parametrize("everything", [False, True])
def test_what_is_deleted_within_a_campaign_or_list_must_name_it(everything: bool) -> None:
    with pytest.raises(
        ValueError, match=r"^nothing says within what to delete every lead; pass campaign_id= or list_id=$"
    ):
        call("leads", "bulk_delete", ids=[] if everything else [CAMPAIGN], everything=everything)


def test_the_guard_says_what_would_be_deleted_and_each_way_out() -> None:
    ways_out = "pass status=, ids= or limit=, or everything=True"
    with pytest.raises(ValueError, match=f"^this would delete every lead of list_id='{CAMPAIGN}'; {ways_out}$"):
        call("leads", "bulk_delete", list_id=CAMPAIGN)
    ways_out = "pass domains_only= or search=, or everything=True"
    with pytest.raises(ValueError, match=f"^this would delete every block list entry; {ways_out}$"):
        call("block_list", "delete_all")


def test_the_guard_names_everything_that_the_call_would_reach() -> None:
    within = {"campaign_id": "c", "list_id": "l", "folder_id": UNSET}
    reach = "campaign_id='c' and list_id='l'"
    with pytest.raises(ValueError, match=f"^this would delete every lead of {reach}; pass ids=, or everything=True$"):
        require_filter("lead", False, {"ids": UNSET}, within)
