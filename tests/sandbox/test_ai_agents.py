"""AI agents act over time: what they did is in their activities and in their figures, and in the workspace itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_client.params import AiInboxManagerCreatePayloadParam, AiSalesAgentCreateConfigParam
from instantly_sandbox import Sandbox
from tests.sandbox.raw import target_of

DAY = 24 * 3600.0
MINE = "mara@sender.example.com"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(world="demo") as made:
        yield made


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


def sales_agent(client: Instantly, *, autopilot: bool) -> str:
    settings: AiSalesAgentCreateConfigParam = {"autonomy_settings": {"autopilot_mode": autopilot}}
    agents = client.ai_sales_agents
    return agents.create(name="Sally", agent_type=2, type_="website", input_="https://a.example", config=settings).id


def waiting(client: Instantly, agent: str) -> list[Any]:
    return list(client.ai_sales_agents.list_activities(agent, action_status=["pending"]))


def test_a_sales_agent_does_what_is_approved(sandbox: Sandbox, client: Instantly) -> None:
    agent = sales_agent(client, autopilot=False)
    sandbox.clock.advance(60)
    assert client.ai_sales_agents.get(agent).initial_scrape_ready
    assert not list(client.campaigns.list(ai_sales_agent_id=agent))
    (proposal,) = waiting(client, agent)
    assert client.ai_sales_agents.approve_activity(agent, proposal.id).action_status == "approved"
    sandbox.clock.advance(60)
    (campaign,) = client.campaigns.list(ai_sales_agent_id=agent)
    assert (campaign.name, campaign.status) == ("Sally", 1)
    assert not waiting(client, agent)
    with pytest.raises(errors.NotFoundError):
        client.ai_sales_agents.approve_activity(agent, proposal.id)


def test_an_agent_has_a_type_of_its_kind_whatever_the_document_lets_a_request_say(client: Instantly) -> None:
    create = target_of("createAIAgent")
    types: list[Any] = [None, "x", 99, {}]
    for type_ in types:
        made = client.request("POST", create, json={"name": "Inbox", "type": type_})
        assert made["type"] == 1
        assert made["id"] in [agent.id for agent in client.ai_agents.list(type_=1)]
    sales = {"name": "Sally", "config": {}}
    assert client.request("POST", create, json={**sales, "type": "website"})["type"] == "website"
    assert "type" not in client.request("POST", create, json={**sales, "type": 1})


def test_a_sales_agent_does_not_what_is_rejected(sandbox: Sandbox, client: Instantly) -> None:
    agent = sales_agent(client, autopilot=False)
    sandbox.clock.advance(60)
    (proposal,) = waiting(client, agent)
    told = client.ai_sales_agents.reject_activities(agent, activity_ids=[proposal.id], rejection_reason="Not yet.")
    assert told.rejected == 1
    sandbox.clock.advance(DAY)
    assert not list(client.campaigns.list(ai_sales_agent_id=agent))
    (rejected,) = client.ai_sales_agents.list_activities(agent, action_status=["rejected"])
    assert (rejected.id, rejected.rejection_reason) == (proposal.id, "Not yet.")


def test_a_sales_agent_on_autopilot_finds_leads_and_its_figures_are_those_of_its_campaign(
    sandbox: Sandbox, client: Instantly
) -> None:
    agent = sales_agent(client, autopilot=True)
    sandbox.clock.advance(3.5 * DAY)
    (campaign,) = client.campaigns.list(ai_sales_agent_id=agent)
    leads = list(client.leads.list(campaign=campaign.id))
    figures = client.ai_sales_agents.get_analytics(agent).to_dict()
    overview = client.campaigns.get_analytics_overview(id=campaign.id)
    assert len(leads) > 5
    assert figures["totals"]["leads_found"] == len(leads)
    assert figures["totals"]["total_sent"] == overview.emails_sent_count != 0
    assert sum(day["y"] for day in figures["leads_found_per_day"]) == len(leads)
    activity = list(client.ai_sales_agents.list_lead_activity(agent, limit=3))
    assert [row.email for row in activity] == sorted(lead.email or "" for lead in leads)
    assert client.ai_sales_agents.get_lead_activity_summary(agent).total == len(leads)
    (figure,) = client.ai_agents.get_analytics(agent_ids=[agent]).to_dict()["analytics"]
    assert figure == {"agent_id": agent, "reach": figures["totals"]["total_sent"], "outcome": overview.reply_count}


def test_an_interested_lead_is_an_opportunity_of_the_agent(sandbox: Sandbox, client: Instantly) -> None:
    agent = sales_agent(client, autopilot=True)
    sandbox.clock.advance(600)
    (campaign,) = client.campaigns.list(ai_sales_agent_id=agent)
    lead = next(iter(client.leads.list(campaign=campaign.id)))
    sandbox.happen.reply(str(lead.email), campaign=campaign.id, interest=1)
    kinds = [str(each.action_type) for each in client.ai_sales_agents.list_activities(agent)]
    assert {"reply_received", "opportunity_received", "email_sent"} <= {
        kind.rpartition(".")[2].lower() for kind in kinds
    }
    summary = client.ai_sales_agents.get_opportunity_summary(agent).to_dict()
    assert summary["summary"]["breakdown"]["interested"] == summary["summary"]["total_opportunities"] >= 1
    (won, *_) = client.ai_sales_agents.list_lead_activity(agent, filter_="has_opportunity")
    assert won.replied


@pytest.mark.parametrize(("mode", "sent", "to_do"), [(1, 0, 1), pytest.param(2, 1, 0, marks=pytest.mark.slow)])
def test_an_inbox_manager_answers_replies(
    sandbox: Sandbox, client: Instantly, mode: int, sent: int, to_do: int
) -> None:
    managers = client.ai_inbox_managers
    manager = managers.create(name="Ines", payload={"configuration_type": mode}).id
    received = sandbox.happen.reply(client.emails.list(limit=1).items[0].lead or "")
    thread = received["thread_id"]
    before = len([email for email in client.emails.list(search=f"thread:{thread}") if email.ue_type == 3])
    sandbox.clock.advance(120)
    written = [each for each in managers.list_replies(manager) if each.thread_id == thread]
    assert [each.in_reply_to for each in written] == [received["id"]]
    after = len([email for email in client.emails.list(search=f"thread:{thread}") if email.ue_type == 3])
    assert after - before == sent
    assert len(list(managers.list_replies(manager, action_pending=True))) == to_do * len(
        list(managers.list_replies(manager))
    )
    summary = managers.get_analytics_summary(manager)
    assert summary.replies_count == len(list(managers.list_activity(manager))) >= 1
    assert (
        sum(int(day.replies_count or 0) for day in managers.get_analytics_summary_by_date(manager))
        == summary.replies_count
    )
    if to_do:
        managers.update_reply(manager, written[0].id, action_pending=False, feedback_positive=True)
        assert managers.get_reply(manager, written[0].id).feedback_positive


def test_an_inbox_manager_follows_up_and_wins_back_who_missed_a_meeting(sandbox: Sandbox, client: Instantly) -> None:
    settings: AiInboxManagerCreatePayloadParam = {
        "configuration_type": 2,
        "handle_followup": True,
        "no_show": {"enabled": True},
    }
    manager = client.ai_inbox_managers.create(name="Ines", payload=settings).id
    lead = client.emails.list(limit=1).items[0].lead or ""
    sandbox.happen.reply(lead)
    sandbox.clock.advance(4 * DAY)
    kinds = [each.job_type for each in client.ai_inbox_managers.list_activity(manager) if each.lead_email == lead]
    assert kinds == [2, 1]
    sandbox.happen.interest(lead, -4)
    sandbox.clock.advance(120)
    sandbox.happen.reply(lead, "Sorry, I was ill.")
    (recovery,) = client.ai_inbox_managers.list_activity(manager, activity_type="recovery")
    assert (recovery.lead_email, recovery.recovery_method) == (lead, "lead_reply")
    assert client.ai_inbox_managers.get_analytics_summary(manager).no_show_recovery_rate == 100


def finder(client: Instantly, campaign: str, **more: Any) -> str:
    given = {
        "search_filters": {"title": {"include": ["Buyer"]}},
        "min_active_leads": 30,
        "on_exhaustion": "pause",
        **more,
    }
    return client.ai_lead_finder_agents.create(name="Finn", campaign_id=campaign, confirm=True, **given).id


def events(client: Instantly, agent: str) -> list[str]:
    rows = client.ai_lead_finder_agents.list_activities(agent).collect()
    return [row.event_type.value for row in rows]


def test_a_lead_finder_keeps_its_campaign_supplied(sandbox: Sandbox, client: Instantly) -> None:
    campaign = client.campaigns.list(status=0).items[0].id
    before = len(list(client.leads.list(campaign=campaign)))
    agent = finder(client, campaign)
    sandbox.clock.advance(60)
    assert len(list(client.leads.list(campaign=campaign))) == 30
    stats = client.ai_lead_finder_agents.get_stats(agent)
    assert (stats.leads_added_total, stats.top_ups_completed) == (30 - before, 1)
    assert client.ai_lead_finder_agents.pause(agent).status == 0
    client.leads.bulk_delete(campaign_id=campaign, everything=True)
    sandbox.clock.advance(DAY)
    assert not list(client.leads.list(campaign=campaign))
    assert client.ai_lead_finder_agents.resume(agent, confirm=True).status == 1
    sandbox.clock.advance(60)
    assert len(list(client.leads.list(campaign=campaign))) == 30
    assert events(client, agent)[:4] == ["top_up_completed", "top_up_started", "agent_resumed", "agent_paused"]


@pytest.mark.parametrize(
    ("mode", "follows", "status"),
    [
        ("pause", ["paused_exhausted", "search_exhausted"], 0),
        ("fallback", ["fallback_activated", "search_exhausted"], 1),
        ("broaden", ["search_exhausted"], 1),
    ],
)
def test_a_lead_finder_that_finds_nobody_does_what_it_was_told(
    sandbox: Sandbox, client: Instantly, mode: str, follows: list[str], status: int
) -> None:
    campaign = client.campaigns.list(status=0).items[0].id
    agent = finder(client, campaign, on_exhaustion=mode, fallback_search_filters={"title": {"include": ["Founder"]}})
    sandbox.happen.nobody_found(agent)
    assert (events(client, agent)[: len(follows)], client.ai_lead_finder_agents.get(agent).status) == (follows, status)


def test_a_lead_finder_without_its_campaign_says_so(sandbox: Sandbox, client: Instantly) -> None:
    campaign = client.campaigns.list(status=0).items[0].id
    agent = finder(client, campaign)
    client.campaigns.delete(campaign)
    sandbox.clock.advance(60)
    assert events(client, agent) == ["campaign_not_found"]


def test_a_deliverability_agent_finds_what_is_wrong_and_acts_on_it(sandbox: Sandbox, client: Instantly) -> None:
    agents = client.ai_deliverability_agents
    assert agents.get_current().agent is None
    with pytest.raises(errors.NotFoundError):
        agents.run_now()
    agent = agents.deploy().agent.id
    assert agents.deploy().already_deployed
    assert agents.get_state(agent).run_summary.latest.status == "scheduled"
    sandbox.happen.account_error(MINE, -1)
    sandbox.clock.advance(8)
    running = agents.get_state(agent)
    assert (running.run_summary.latest.status, running.current_activity.active is not None) == ("running", True)
    assert not agents.run_now().run_cycle_enqueued
    sandbox.clock.advance(60)
    done = agents.get_current_state()
    assert done.run_summary.latest.status == "completed"
    assert done.run_summary.latest.completed_checks == done.run_summary.latest.total_checks
    assert done.schedule.next_run_at is not None
    (item,) = [each for each in agents.list_feed_items(agent, feed_filter="todo") if each.feed_code == "dns_health"]
    told = agents.pause_affected_accounts(item.id)
    assert (told.affected_account_count, told.paused_account_count) == (3, 2)
    assert {account.status.value for account in client.accounts.list()} == {-1, 2}
    assert item.id in [each.id for each in agents.list_feed_items(agent, feed_filter="done")]
    with pytest.raises(errors.ConflictError):
        agents.pause_campaign_sending(item.id)


def test_accounts_that_a_deliverability_agent_holds_back_send_nothing_for_two_weeks(
    sandbox: Sandbox, client: Instantly
) -> None:
    agents = client.ai_deliverability_agents
    agent = agents.deploy().agent.id
    sandbox.happen.account_error(MINE, -2)
    sandbox.clock.advance(60)
    (item,) = [each for each in agents.list_feed_items(agent) if each.feed_code == "bounces"]
    assert agents.pause_campaign_sending(item.id).paused_account_count == 1
    sandbox.happen.reconnect(MINE)
    campaign = client.campaigns.list(status=0).items[0].id
    client.campaigns.update(campaign, email_list=[MINE])
    client.campaigns.activate(campaign)
    sandbox.clock.advance(DAY)
    assert client.campaigns.get_analytics_overview(id=campaign).emails_sent_count == 0
    sandbox.clock.advance(14 * DAY)
    client.campaigns.update(campaign, name="Again")
    sandbox.clock.advance(DAY)
    assert client.campaigns.get_analytics_overview(id=campaign).emails_sent_count


def test_a_recommendation_is_complete_once_its_cause_is_removed(sandbox: Sandbox, client: Instantly) -> None:
    agents = client.ai_deliverability_agents
    agent = agents.deploy().agent.id
    sandbox.clock.advance(60)
    (item,) = [each for each in agents.list_feed_items(agent) if each.feed_code == "workspace_settings"]
    with pytest.raises(errors.ConflictError):
        agents.complete_feed_item(item.id)
    for campaign in client.campaigns.list(status=1):
        client.campaigns.update(campaign.id, open_tracking=False)
    assert agents.complete_feed_item(item.id).item.status == "done"


def test_agents_of_all_kinds_are_in_one_list(sandbox: Sandbox, client: Instantly) -> None:
    made = [
        client.ai_agents.create(name="Ines", payload={"configuration_type": 2}).to_dict()["id"],
        sales_agent(client, autopilot=False),
        finder(client, client.campaigns.list(status=0).items[0].id),
        client.ai_deliverability_agents.deploy().agent.id,
    ]
    listed = client.ai_agents.list().collect()
    assert [agent.id for agent in listed] == made[::-1]
    assert [agent.type_ for agent in listed] == [3, 6, 2, 1]
    assert [agent.name for agent in client.ai_agents.list(type_=2)] == ["Sally"]
    assert [agent.id for agent in client.ai_agents.list(search="INES", sort_order="asc")] == made[:1]
    assert client.ai_agents.get(made[0]).configuration_mode == "fully_automatic"
    for id in made:
        assert client.ai_agents.update(id, name="New").to_dict()["name"] == "New"
        assert client.ai_agents.delete(id).name == "New"
        with pytest.raises(errors.NotFoundError):
            client.ai_agents.get(id)
    assert not client.ai_agents.list().collect()
    sandbox.clock.advance(2 * DAY)
    client.workspace.get_current()  # What the agents had planned does nothing.
