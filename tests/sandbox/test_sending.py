"""What campaigns do by themselves as the sandbox's clock goes on, and how analytics add it up."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from instantly_sandbox import Sandbox
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.validation import validator
from instantly_sandbox.simulation import events
from instantly_sandbox.simulation.magic import DOMAIN
from tests.sandbox.outreach import (
    DAY,
    HOUR,
    NOBODY,
    SENDER,
    START,
    campaign,
    faults_of,
    people,
    sandbox,
    steps,
    stored,
)


def running(leads: int = 60, **fields: Any) -> tuple[Sandbox, Any, str]:
    """A campaign that was activated just now."""
    box, client = sandbox()
    id = campaign(client, link_tracking=True, pl_value=100, **fields)
    client.leads.bulk_add(campaign_id=id, leads=people(leads))
    client.campaigns.activate(id)
    return box, client, id


def test_a_campaign_writes_to_all_leads_step_by_step_and_completes() -> None:
    box, client, id = running()
    assert client.leads.list(filter_="FILTER_VAL_CONTACTED").items == []
    box.clock.advance(HOUR)
    assert len(list(client.leads.list(filter_="FILTER_VAL_CONTACTED"))) == 60
    assert {email["step"] for email in stored(box, "Email")} == {"0_0_0"}
    box.clock.advance(2 * DAY)
    assert client.campaigns.get(id).status == 3
    assert {lead.status for lead in client.leads.list()} <= {3, -1, -2}
    assert {email["step"] for email in stored(box, "Email")} == {"0_0_0", "0_1_0"}


def test_a_long_jump_of_the_clock_is_as_good_as_many_short_ones() -> None:
    told = []
    for jumps in (1, 30):
        box, client, _ = running()
        for _ in range(jumps):
            box.clock.advance(5 * DAY / jumps)
            client.campaigns.count_launched()
        emails = [(mail["timestamp_email"], mail["lead"], mail["step"]) for mail in stored(box, "Email")]
        told.append((emails, [row.to_dict() for row in client.campaigns.get_daily_analytics()]))
    assert told[0] == told[1]
    assert len(told[0][0]) > 100


def test_the_seed_decides_what_leads_do() -> None:
    def replies(seed: int) -> set[str]:
        box, client = sandbox(seed=seed)
        id = campaign(client)
        client.leads.bulk_add(campaign_id=id, leads=people(100))
        client.campaigns.activate(id)
        box.clock.advance(DAY)
        return {str(lead.email) for lead in client.leads.list(filter_="FILTER_VAL_REPLIED")}

    assert replies(1) == replies(1) != replies(2)


def test_a_paused_campaign_sends_nothing_until_it_is_activated_again() -> None:
    box, client, id = running(5)
    client.campaigns.pause(id)
    box.clock.advance(DAY)
    client.campaigns.activate(id)
    assert stored(box, "Email") == []
    box.clock.advance(HOUR)
    client.campaigns.count_launched()
    assert len(stored(box, "Email")) == 5


@pytest.mark.parametrize(("unit", "seconds"), [("minutes", 60), ("hours", HOUR), ("days", DAY), (None, DAY)])
def test_a_delay_is_the_wait_after_its_step_in_its_unit(unit: str | None, seconds: int) -> None:
    sequences = steps(3, 5, 0)
    for step in sequences[0]["steps"] if unit else ():
        step["delay_unit"] = unit
    box, client = sandbox()
    id = campaign(client, sequences=sequences)
    client.leads.create(campaign=id, email=f"silent@{DOMAIN}")
    client.campaigns.activate(id)
    box.clock.advance(10 * DAY)
    client.campaigns.count_launched()
    sent = [datetime.fromisoformat(mail["timestamp_email"]) for mail in stored(box, "Email")]
    waits = [(after - before).total_seconds() / seconds for before, after in pairwise(sent)]
    assert waits == [3, 5]


def test_a_setting_that_is_reset_by_null_is_as_if_it_had_not_been_given() -> None:
    document = pinned()
    fields = document.fields(document.operations["patchCampaign"].body).items()
    nothing = {name: None for name, field in fields if validator(document, field).is_valid(None)}
    assert {"stop_on_reply", "daily_limit"} <= nothing.keys()
    told = []
    for changes in ({"name": "Spring"}, nothing):
        box, client = sandbox()
        id = campaign(client, sequences=steps(1, 1, 0))
        client.campaigns.update(id, **changes)
        client.leads.bulk_add(campaign_id=id, leads=people(60))
        client.campaigns.activate(id)
        box.clock.advance(10 * DAY)
        client.campaigns.count_launched()
        told.append([(mail["timestamp_email"], mail["lead"], mail.get("step")) for mail in stored(box, "Email")])
    assert told[0] == told[1]


def test_a_campaign_without_accounts_waits_for_them() -> None:
    box, client, id = running(5, email_list=[])
    box.clock.advance(DAY)
    assert client.campaigns.get(id).status == 1
    client.campaigns.update(id, email_list=[SENDER])
    box.clock.advance(HOUR)
    client.campaigns.count_launched()
    assert {email["eaccount"] for email in stored(box, "Email") if email["ue_type"] == 1} == {SENDER}


def test_a_daily_limit_is_kept() -> None:
    box, client, id = running(25, daily_limit=10, sequences=steps(0))
    box.clock.advance(5 * DAY)
    days = client.campaigns.get_daily_analytics(campaign_id=id)
    assert [day.sent for day in days if day.sent] == [10, 10, 5]
    assert client.campaigns.get(id).status == 3


def test_leads_that_come_later_are_written_to_as_well() -> None:
    box, client, id = running(3, is_evergreen=True, sequences=steps(0))
    box.clock.advance(DAY)
    assert client.campaigns.get(id).status == 1
    client.leads.create(campaign=id, email="late@example.org")
    box.clock.advance(HOUR)
    assert [lead.email for lead in client.leads.list(contacts=["late@example.org"], filter_="FILTER_VAL_CONTACTED")]


def test_every_object_that_is_stored_fits_the_document() -> None:
    box, client, id = running(100)
    client.subsequences.create(
        parent_campaign=id,
        name="Opened",
        conditions={"lead_activity": [2]},
        subsequence_schedule=client.campaigns.get(id).campaign_schedule,
        sequences=steps(0),
    )
    box.clock.advance(10 * DAY)
    client.campaigns.count_launched()
    document = box.runtime.document
    for kind in ("Campaign", "Campaign Subsequence", "Lead", "Email"):
        schema = document.component(kind)
        assert stored(box, kind)
        for row in stored(box, kind):
            assert faults_of(document, schema, row) == []
    assert any(email.get("subsequence_id") for email in stored(box, "Email"))


def test_texts_are_filled_in_and_replies_belong_to_the_same_thread() -> None:
    box, client, _ = running(100)
    box.clock.advance(5 * DAY)
    client.campaigns.count_launched()
    emails = stored(box, "Email")
    assert emails[0]["body"]["text"] == f"Hello {emails[0]['subject'].removeprefix('Hello ')} of Birch"
    (received, *_) = [email for email in emails if email["ue_type"] == 2]
    (sent, *_) = [email for email in emails if email["thread_id"] == received["thread_id"]]
    assert (received["from_address_email"], received["to_address_email_list"]) == (sent["lead"], sent["eaccount"])
    assert received["subject"] == f"Re: {sent['subject']}"


def test_what_happens_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: Counter[str] = Counter()
    monkeypatch.setattr(events, "LISTENERS", [lambda call, event_type, payload: heard.update([event_type])])
    box, client, id = running(100)
    box.clock.advance(5 * DAY)
    totals = client.campaigns.get_analytics_overview(id=id)
    assert heard["email_sent"] == totals.emails_sent_count
    assert heard["reply_received"] == totals.reply_count
    assert heard["auto_reply_received"] == totals.reply_count_automatic
    assert heard["email_link_clicked"] == totals.link_click_count
    assert heard["email_bounced"] == totals.bounced_count
    assert heard["lead_interested"] == totals.total_interested
    assert heard["campaign_completed"] == 1


def test_analytics_add_up() -> None:
    box, client, id = running(120)
    quiet = campaign(client, "Quiet")
    box.clock.advance(5 * DAY)
    leads = list(client.leads.list(campaign=id))
    (told, nothing) = client.campaigns.get_analytics()
    assert (nothing.campaign_id, nothing.emails_sent_count, nothing.leads_count) == (quiet, 0, 0)
    assert told.leads_count == told.contacted_count == told.new_leads_contacted_count == 120
    assert told.open_count == sum(lead.email_open_count > 0 for lead in leads)
    assert told.link_click_count == sum(lead.email_click_count for lead in leads)
    assert told.reply_count_unique == len(
        {lead.id for lead in leads if lead.email_reply_count} - {lead.id for lead in leads if _only_away(lead)}
    )
    assert told.bounced_count == sum(lead.status == -1 for lead in leads)
    assert told.unsubscribed_count == sum(lead.status == -2 for lead in leads)
    assert told.total_opportunity_value == 100 * told.total_opportunities > 0
    overview = client.campaigns.get_analytics_overview(ids=[id])
    assert overview.open_count == sum(lead.email_open_count for lead in leads)
    assert overview.open_count_unique == told.open_count
    days = client.campaigns.get_daily_analytics(campaign_id=id)
    parts = client.campaigns.get_step_analytics(campaign_id=id, include_opportunities_count=True)
    for rows in (days, parts):
        assert sum(row.sent for row in rows) == told.emails_sent_count
        assert sum(row.clicks for row in rows) == told.link_click_count
        assert sum(row.replies for row in rows) == told.reply_count
    assert [(part.step, part.variant) for part in parts] == [("1", "0"), ("2", "0")]


def _only_away(lead: Any) -> bool:
    return bool(lead.lt_interest_status == 0)


def test_analytics_keep_to_the_days_and_campaigns_that_are_asked_for() -> None:
    box, client, id = running()
    box.clock.advance(5 * DAY)
    first = START.date()
    days = {day.date: day.sent for day in client.campaigns.get_daily_analytics()}
    assert days[first] == 60
    (told,) = client.campaigns.get_analytics(id=id, start_date=first, end_date=first, exclude_total_leads_count=True)
    assert (told.emails_sent_count, told.leads_count) == (60, 0)
    assert client.campaigns.get_analytics_overview(start_date="2026-04-01").emails_sent_count == 0
    assert client.campaigns.get_analytics_overview(campaign_status=1).emails_sent_count == 0
    assert client.campaigns.get_analytics_overview(campaign_status=3).emails_sent_count > 60
    assert client.campaigns.get_analytics(ids=[NOBODY]) == []


def test_changes_of_interest_within_ten_minutes_count_once() -> None:
    box, client, id = running(1)
    (lead,) = client.leads.list(campaign=id)
    client.leads.update(lead.id, lt_interest_status=1)
    client.leads.update(lead.id, lt_interest_status=2)
    assert client.campaigns.get_analytics_overview().total_meeting_booked == 0
    box.clock.advance(HOUR)
    client.leads.update(lead.id, lt_interest_status=2)
    box.clock.advance(HOUR)
    client.leads.update(lead.id, lt_interest_status=2)
    assert client.campaigns.get_analytics_overview().total_meeting_booked == 1
    assert client.campaigns.get_analytics_overview(expand_crm_events=True).total_meeting_booked == 2
