"""Inbox placement tests leave rows, and the sums are those of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_client.models import InboxPlacementTest
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.handlers.accounts import ACCOUNTS
from tests.sandbox.outreach import stored

DAY = 24 * 3600
TAG = "019cc043-aee6-7ae9-a545-d7de53430e37"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        call = RequestContext.internal(sandbox.runtime, sandbox.runtime.state.workspaces[sandbox.workspace_id])
        for name, code in (("mara", 2), ("tomas", 3)):
            email = f"{name}@{name}.example.com"
            ACCOUNTS.make(call, {"email": email, "first_name": name, "last_name": "L", "provider_code": code})
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


def create(client: Instantly, **more: Any) -> InboxPlacementTest:
    about = {"name": "Spring", "type_": 1, "email_subject": "Hello", "email_body": "<p>Hi</p>"}
    return client.inbox_placement_tests.create(**{**about, "sending_method": 1, "emails": ["me@example.org"], **more})


def test_tests_are_kept(client: Instantly) -> None:
    test = create(client)
    other = create(client, name="Autumn", type_=2)
    assert test.status == 1
    assert "me@example.org" in test.recipients
    assert [row.id for row in client.inbox_placement_tests.list(sort_order="asc")] == [test.id, other.id]
    assert [row.id for row in client.inbox_placement_tests.list(search="aut")] == [other.id]
    assert client.inbox_placement_tests.update(other.id, status=2).status == 2
    assert [row.id for row in client.inbox_placement_tests.list(status=2)] == [other.id]
    assert client.inbox_placement_tests.delete(other.id).name == "Autumn"
    with pytest.raises(errors.NotFoundError):
        client.inbox_placement_tests.get(other.id)
    assert client.inbox_placement_tests.list_esp_options()


@pytest.mark.parametrize(("given", "kept"), [("7f3c91", "ptid_7f3c91"), ("ptid_7f3c91", "ptid_7f3c91"), (" ", None)])
def test_the_code_of_a_test_gets_its_prefix(client: Instantly, given: str, kept: str | None) -> None:
    assert create(client, test_code=given).test_code == kept


def test_metadata_tells_of_the_campaign_and_the_tags(sandbox: Sandbox, client: Instantly) -> None:
    workspace = sandbox.runtime.state.workspaces[sandbox.workspace_id]
    workspace.of("Campaign")[TAG] = {"id": TAG, "name": "Spring", "email_list": []}
    workspace.of("Custom Tag")[TAG] = {"id": TAG, "label": "Ours"}
    test = create(client, campaign_id=TAG, tags=[TAG])
    assert not client.inbox_placement_tests.get(test.id).metadata
    metadata = client.inbox_placement_tests.get(test.id, with_metadata=True).metadata
    assert metadata
    assert metadata.campaign
    assert metadata.campaign.name == "Spring"
    assert metadata.tags


def test_each_sender_writes_to_each_recipient(sandbox: Sandbox, client: Instantly) -> None:
    test = create(client)
    assert list(client.inbox_placement_analytics.list(test_id=test.id)) == []
    sandbox.clock.advance(5)
    rows = list(client.inbox_placement_analytics.list(test_id=test.id, limit=7))
    assert len(rows) == 2 * 2 * len(test.recipients)
    assert client.inbox_placement_tests.get(test.id).status == 3
    assert client.inbox_placement_analytics.get(rows[0].id) == rows[0]
    sender = "mara@mara.example.com"
    own = list(client.inbox_placement_analytics.list(test_id=test.id, sender_email=sender))
    assert {row.sender_email for row in own} == {sender}
    some = list(client.inbox_placement_analytics.list(test_id=test.id, recipient_geo="2,3"))
    assert {row.recipient_geo for row in some} == {2, 3}


def test_stats_add_up(sandbox: Sandbox, client: Instantly) -> None:
    test = create(client)
    sandbox.clock.advance(5)
    rows = [row for row in client.inbox_placement_analytics.list(test_id=test.id) if row.record_type == 2]
    [stats] = client.inbox_placement_analytics.get_stats_by_test_id(test_ids=[test.id])
    assert stats.count == len(rows)
    found = {row["id"]: row for row in stored(sandbox, "Inbox Placement Analytics")}
    assert stats.spam_count == sum(bool(found[row.id]["is_spam"]) for row in rows)
    assert stats.spam_count + stats.inbox_count + stats.category_count == stats.count
    assert stats.spam_percent + stats.inbox_percent + stats.category_percent == pytest.approx(100, abs=0.02)
    [some] = client.inbox_placement_analytics.get_stats_by_test_id(test_ids=[test.id], recipient_esp=[12, 13])
    assert some.count == sum(row.recipient_esp in (12, 13) for row in rows)
    insights = client.inbox_placement_analytics.get_deliverability_insights(test_id=test.id, show_previous=True)
    assert {insight.sender_esp for insight in insights} == {1, 2}
    with pytest.raises(errors.NotFoundError):
        client.inbox_placement_analytics.get_stats_by_test_id(test_ids=[TAG])


def test_automated_tests_run_every_day_of_their_schedule(sandbox: Sandbox, client: Instantly) -> None:
    # The 2nd of March 2026 is a Monday.
    days = {"1": True, "2": False, "3": True, "4": True}
    test = create(client, type_=2, run_immediately=True, schedule={"days": days})
    sandbox.clock.advance(3 * DAY + 10)
    series = client.inbox_placement_analytics.get_stats_by_date(test_id=test.id)
    assert [day.timestamp_created_date for day in series] == [date(2026, 3, day) for day in (2, 4, 5)]
    assert all(day.sent_count == day.received_count == 2 * len(test.recipients) for day in series)
    client.inbox_placement_tests.update(test.id, status=2)
    sandbox.clock.advance(7 * DAY)
    assert len(client.inbox_placement_analytics.get_stats_by_date(test_id=test.id)) == 3
    [last] = client.inbox_placement_analytics.get_stats_by_date(test_id=test.id, date_from="2026-03-05")
    assert last.spam_count + last.inbox_count + last.category_count == last.received_count


def test_each_domain_that_sent_gets_a_report(sandbox: Sandbox, client: Instantly) -> None:
    test = create(client)
    sandbox.clock.advance(5)
    reports = list(client.inbox_placement_reports.list(test_id=test.id))
    assert {report.domain for report in reports} == {"mara.example.com", "tomas.example.com"}
    assert client.inbox_placement_reports.get(reports[0].id) == reports[0]
    for report in client.inbox_placement_reports.list(
        test_id=test.id, skip_blacklist_report=True, skip_spam_assassin_report=True
    ):
        assert not report.blacklist_report
        assert not report.spam_assassin_report
    client.inbox_placement_tests.delete(test.id)
    assert list(client.inbox_placement_reports.list(test_id=test.id)) == []
