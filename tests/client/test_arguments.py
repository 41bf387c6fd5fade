"""An argument that a method does not know is never sent, and the error says which one was meant."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx
import pytest

from instantly_client import AsyncInstantly, Instantly

SENT: list[httpx.Request] = []


def answer(request: httpx.Request) -> httpx.Response:
    SENT.append(request)
    return httpx.Response(200, json={})


def call(resource: str, method: str, *arguments: Any, **named: Any) -> None:
    """The same call on both clients, which must fail in the same words."""
    messages = []
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(TypeError) as caught:
            getattr(getattr(client, resource), method)(*arguments, **named)
        messages.append(str(caught.value).replace("Async", ""))

    async def call_async() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
            await getattr(getattr(client, resource), method)(*arguments, **named)

    with pytest.raises(TypeError) as caught:
        asyncio.run(call_async())
    messages.append(str(caught.value).replace("Async", ""))
    assert messages[0] == messages[1]
    raise TypeError(messages[0])


@pytest.mark.parametrize(
    ("resource", "method", "named", "nearest"),
    [
        ("leads", "create", {"campaign_id": "x"}, "campaign"),
        ("campaigns", "create", {"name": "n", "campaign_schedule": {}, "bcc": []}, "bcc_list"),
        ("campaigns", "list", {"serach": "x"}, "search"),
    ],
)
def test_the_nearest_argument_is_named_and_nothing_is_sent(
    resource: str, method: str, named: dict[str, Any], nearest: str
) -> None:
    SENT.clear()
    with pytest.raises(TypeError, match=rf"unexpected keyword argument .*did you mean '{nearest}'\?"):
        call(resource, method, **named)
    assert not SENT


def test_without_a_near_one_all_are_named() -> None:
    with pytest.raises(TypeError, match=r"'zzz'; it takes: id"):
        call("campaigns", "pause", "some-id", zzz=1)


def test_a_missing_argument_is_told_as_python_tells_it() -> None:
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'campaign_schedule'"):
        call("campaigns", "create", name="n")


def test_a_type_error_from_inside_the_call_is_left_as_it_is() -> None:
    with pytest.raises(TypeError, match="id must be a str, not int"):
        call("campaigns", "pause", 5)


def test_signatures_and_docstrings_are_those_of_the_methods() -> None:
    with Instantly(api_key="k") as client:
        assert list(inspect.signature(client.campaigns.pause).parameters) == ["id"]
        assert "POST /api/v2/campaigns/{id}/pause" in (inspect.getdoc(client.campaigns.pause) or "")
    assert inspect.iscoroutinefunction(AsyncInstantly(api_key="k").campaigns.pause)
