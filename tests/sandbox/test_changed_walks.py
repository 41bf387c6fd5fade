"""A walk over a list whose items are changed on the way goes on after the place of its cursor."""

from __future__ import annotations

import pytest

from instantly_sandbox import Sandbox
from tests.sandbox.outreach import campaign


@pytest.mark.parametrize(("count", "limit"), [(25, 10), (2, 1), (7, 3), (1, 1)])
def test_all_items_are_deleted_on_the_way(count: int, limit: int) -> None:
    with Sandbox() as sandbox:
        client = sandbox.client()
        for number in range(count):
            campaign(client, str(number))
        seen = 0
        for each in client.campaigns.list(limit=limit):
            client.campaigns.delete(each.id)
            seen += 1
        assert seen == count
        assert not client.campaigns.list()


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_all_items_leave_the_filter_of_the_list_on_the_way(limit: int) -> None:
    with Sandbox() as sandbox:
        client = sandbox.client()
        for number in range(5):
            client.campaigns.activate(campaign(client, str(number)))
        for each in client.campaigns.list(status=1, limit=limit):
            client.campaigns.pause(each.id)
        assert not client.campaigns.list(status=1).items
