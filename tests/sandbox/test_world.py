"""The world to begin with."""

from __future__ import annotations

import pytest

from instantly_sandbox import Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.engine.validation import validator
from tests.sandbox.outreach import DAY, sandbox


def test_the_demo_has_something_of_everything() -> None:
    _, client = sandbox(world="demo")
    assert {campaign.status for campaign in client.campaigns.list()} == {0, 1, 2, 3}
    assert len(list(client.leads.list(limit=100))) > 200
    for found in (client.lead_lists, client.lead_labels, client.custom_tags, client.block_list):
        assert list(found.list())
    assert len(list(client.custom_tag_mappings.list())) == 2
    totals = client.campaigns.get_analytics_overview()
    assert totals.emails_sent_count > totals.open_count_unique > totals.reply_count > 0
    assert totals.total_opportunities > 0
    assert len(client.campaigns.get_daily_analytics()) > 10


def test_the_demo_goes_on_by_itself() -> None:
    box, client = sandbox(world="demo")
    before = client.campaigns.get_analytics_overview().emails_sent_count
    box.clock.advance(10 * DAY)
    assert client.campaigns.get_analytics_overview().emails_sent_count > before
    assert {campaign.status for campaign in client.campaigns.list()} == {0, 2, 3}


@pytest.mark.slow
def test_the_demo_is_the_same_with_the_same_seed() -> None:
    def told(seed: int) -> str:
        box, _ = sandbox(world="demo", seed=seed)
        return str(box.runtime.state.to_json())

    assert told(3) == told(3) != told(4)


def test_everything_in_the_demo_fits_the_document_and_lies_in_the_past() -> None:
    box, _ = sandbox(world="demo")
    (workspace,) = box.runtime.state.workspaces.values()
    now = RequestContext.internal(box.runtime, workspace).now
    documented = {schema["title"] for schema in box.runtime.document.raw["components"]["schemas"].values()}
    for kind, rows in workspace.collections.items():
        for row in rows.values():
            if kind in documented:
                schema = box.runtime.document.component(kind)
                assert [error.message for error in validator(box.runtime.document, schema).iter_errors(row)] == []
            assert all(value <= now for name, value in row.items() if name.startswith("timestamp") and value)
    assert all(due["at"] > box.clock.time() for due in workspace.queue)


def test_there_is_no_other_world() -> None:
    with pytest.raises(ValueError, match="demo"):
        Sandbox(world="mars")
