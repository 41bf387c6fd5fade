"""Campaigns and subsequences in the sandbox, through a client that accepts no deviation."""

from __future__ import annotations

from typing import Any

import pytest

from instantly_core import errors
from tests.sandbox.outreach import DAY, NOBODY, SCHEDULE, SENDER, campaign, people, sandbox, steps
from tests.sandbox.raw import send, target_of


def test_a_campaign_is_a_draft_and_then_active_and_paused_by_turns() -> None:
    _, client = sandbox()
    id = campaign(client)
    assert client.campaigns.get(id).status == 0
    assert client.campaigns.activate(id).status == 1
    assert client.campaigns.pause(id).status == 2
    assert client.campaigns.count_launched().count == 1
    assert client.campaigns.update(id, name="Summer", daily_limit=None).daily_limit is None
    assert [row.name for row in client.campaigns.list(search="summ", status=2)] == ["Summer"]
    assert list(client.campaigns.list(status=1)) == []


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("days", {"0": True, "6": False}, {"0": True, "6": False}),
        ("days", {"1": True, "7": True, "monday": True}, {"1": True}),
        ("days", {}, None),
        ("days", {"7": True}, None),
        ("days", {"1": "yes"}, None),
        ("timezone", "America/New_York", None),
        ("timezone", "Europe/London", None),
        ("timezone", "UTC", None),
    ],
)
def test_a_schedule_has_days_from_0_to_6_and_a_timezone_of_the_list(field: str, value: Any, kept: Any) -> None:
    box, _ = sandbox()
    [schedule] = SCHEDULE["schedules"]
    body = {"name": "Spring", "campaign_schedule": {"schedules": [{**schedule, field: value}]}}
    told = send(box, "POST", target_of("createCampaign"), body)
    if kept is None:
        assert (told.status, field in told.json()["message"]) == (400, True)
    else:
        assert told.json()["campaign_schedule"]["schedules"][0][field] == kept


def test_activating_what_is_not_there_is_a_400_whose_body_says_404() -> None:
    _, client = sandbox()
    for change in (client.campaigns.activate, client.campaigns.pause):
        with pytest.raises(errors.ValidationError) as refused:
            change(NOBODY)
        assert refused.value.body["statusCode"] == 404
    with pytest.raises(errors.NotFoundError):
        client.campaigns.get(NOBODY)


def test_a_deleted_campaign_takes_with_it_what_belongs_to_it() -> None:
    box, client = sandbox()
    id, other = campaign(client), campaign(client, "Other")
    client.leads.bulk_add(campaign_id=id, leads=people(3))
    kept = client.leads.create(campaign=other, email="kept@example.org").id
    client.subsequences.create(**_subsequence(id))
    tag = client.custom_tags.create(label="Europe").id
    client.custom_tags.toggle_resource(tag_ids=[tag], resource_type=2, resource_ids=[id], assign=True)
    client.campaigns.activate(id)
    box.clock.advance(DAY)
    assert client.campaigns.delete(id).id == id
    box.clock.advance(DAY)
    assert [lead.id for lead in client.leads.list()] == [kept]
    assert list(client.subsequences.list(parent_campaign=id)) == []
    assert list(client.custom_tag_mappings.list()) == []
    assert client.campaigns.get_analytics_overview().emails_sent_count == 0


def test_a_copy_is_a_draft_of_its_own() -> None:
    _, client = sandbox()
    id = campaign(client)
    client.campaigns.activate(id)
    copy = client.campaigns.duplicate(id)
    assert (copy.name, copy.status) == ("Spring (copy)", 0)
    assert client.campaigns.duplicate(id, name="Mine").name == "Mine"
    client.campaigns.update(copy.id, email_list=[])
    assert client.campaigns.get(id).email_list == [SENDER]
    assert client.campaigns.export(id).id == id


def test_a_campaign_is_shared_for_seven_days() -> None:
    box, client = sandbox()
    id = campaign(client)
    with pytest.raises(errors.PermissionDeniedError):
        client.campaigns.create_from_export(id)
    client.campaigns.share(id)
    assert client.campaigns.create_from_export(id).name == "Spring"
    elsewhere = box.client(strict=True, api_key=box.add_key(workspace=box.add_workspace("Elsewhere")))
    assert elsewhere.campaigns.create_from_export(id).organization != box.workspace_id
    box.clock.advance(7 * DAY)
    with pytest.raises(errors.PermissionDeniedError):
        client.campaigns.create_from_export(id)


def test_variables_are_added_by_hand_and_with_leads() -> None:
    _, client = sandbox()
    id = campaign(client)
    client.campaigns.add_variables(id, variables=["firstName", "colour"])
    client.leads.create(campaign=id, email="a@example.org", custom_variables={"size": 3})
    found = client.campaigns.get(id).to_dict()
    assert set(found["custom_variables"]) == {"colour", "size"}
    always = {"email", "lastName", "companyName", "website", "personalization"}
    assert set(found["core_variables"]) == {"firstName", *always}


def test_campaigns_are_found_by_a_lead_and_by_their_tags() -> None:
    _, client = sandbox()
    first, second, third = (campaign(client, name) for name in ("One", "Two", "Three"))
    for id in (first, third):
        client.leads.create(campaign=id, email="a@example.org")
    found = client.campaigns.search_by_contact(search="A@example.org", sort_column="name", sort_order="desc")
    assert [row["name"] for row in found.to_dict()["items"]] == ["Three", "One"]
    assert client.campaigns.search_by_contact(search="b@example.org").to_dict()["items"] == []
    tag = client.custom_tags.create(label="Europe").id
    client.custom_tags.toggle_resource(tag_ids=[tag], resource_type=2, resource_ids=[second], assign=True)
    assert [row.id for row in client.campaigns.list(tag_ids=f"{NOBODY},{tag}")] == [second]


def _status(client: Any, id: str) -> Any:
    told = client.campaigns.get_sending_status(id).to_dict()
    assert (told["diagnostics"] is None) == (told["summary"]["status"] == "campaign_draft")
    assert told["diagnostics"] is None or told["diagnostics"]["status"] == told["summary"]["status"]
    return told["summary"]["status"]


def test_the_sending_status_says_why_nothing_is_sent() -> None:
    box, client = sandbox()
    id = campaign(client, email_list=[], daily_limit=2)
    assert _status(client, id) == "campaign_draft"
    client.campaigns.activate(id)
    assert _status(client, id) == "no_accounts_available"
    client.campaigns.update(id, email_list=[SENDER])
    assert _status(client, id) == "waiting_for_leads"
    client.leads.bulk_add(campaign_id=id, leads=people(3))
    assert _status(client, id) == "healthy"
    box.clock.advance(120)
    assert _status(client, id) == "daily_limit_met"
    status = client.campaigns.get_sending_status(id, with_ai_summary=True).to_dict()
    assert status["summary"]["ai_summary"]
    assert status["diagnostics"]["campaign_daily_limit"] == {"limit": 2, "sent": 2, "limit_hit": True}
    assert _status(client, client.campaigns.pause(id).id) == "campaign_paused"


def _subsequence(parent: str, **conditions: Any) -> dict[str, Any]:
    return {
        "parent_campaign": parent,
        "name": "Interested",
        "conditions": conditions or {"crm_status": [1]},
        "subsequence_schedule": SCHEDULE,
        "sequences": steps(0),
    }


def test_a_subsequence_is_kept_paused_resumed_and_copied() -> None:
    _, client = sandbox()
    id, other = campaign(client), campaign(client, "Other")
    made = client.subsequences.create(**_subsequence(id))
    assert made.status == 1
    assert client.subsequences.pause(made.id).status == 2
    assert client.subsequences.resume(made.id).status == 1
    assert client.subsequences.update(made.id, daily_limit_mode="unlimited").daily_limit_mode == "unlimited"
    copy = client.subsequences.duplicate(made.id, parent_campaign=other, name="Copy")
    assert (copy.parent_campaign, copy.name, copy.conditions) == (other, "Copy", made.conditions)
    assert [row.id for row in client.subsequences.list(parent_campaign=id, search="inter")] == [made.id]
    assert client.subsequences.get(made.id).name == "Interested"
    assert client.subsequences.get_sending_status(made.id).to_dict()["diagnostics"] is None
    client.campaigns.activate(id)
    assert client.subsequences.get_sending_status(made.id).to_dict()["diagnostics"]["subsequence_id"] == made.id
    assert client.subsequences.delete(made.id).id == made.id
    with pytest.raises(errors.NotFoundError):
        client.subsequences.get(made.id)
    with pytest.raises(errors.APIError):
        client.subsequences.create(**_subsequence(NOBODY))


def test_a_lead_enters_a_subsequence_when_its_interest_status_changes_and_gets_its_mail() -> None:
    box, client = sandbox()
    id = campaign(client)
    subsequence = client.subsequences.create(**_subsequence(id)).id
    lead = client.leads.create(campaign=id, email="a@example.org").id
    client.campaigns.activate(id)
    client.leads.update(lead, lt_interest_status=1)
    assert client.leads.get(lead).subsequence_id == subsequence
    box.clock.advance(DAY)
    found = client.leads.get(lead)
    assert found.last_contacted_from == "subsequence"
    assert client.leads.remove_from_subsequence(id=lead).subsequence_id is None
    assert client.leads.move_to_subsequence(id=lead, subsequence_id=subsequence).subsequence_id == subsequence
    client.subsequences.delete(subsequence)
    assert client.leads.get(lead).subsequence_id is None
