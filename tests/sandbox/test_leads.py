"""Leads in the sandbox, through a client that accepts no deviation."""

from __future__ import annotations

from typing import Any

import pytest

from instantly_core import errors
from tests.sandbox.outreach import DAY, NOBODY, campaign, people, sandbox


def _emails(client: Any, **filters: Any) -> list[str]:
    return [str(lead.email) for lead in client.leads.list(**filters)]


def test_a_lead_is_created_changed_and_deleted() -> None:
    _, client = sandbox()
    id = campaign(client)
    lead = client.leads.create(
        campaign=id, email=" Ada@Example.org ", first_name="Ada", custom_variables={"colour": "red"}
    )
    assert (lead.email, lead.company_domain, lead.status) == ("ada@example.org", "example.org", 1)
    always = {**dict.fromkeys(("lastName", "companyName", "website", "personalization"), ""), "campaign": id}
    always["email"] = "ada@example.org"
    assert lead.to_dict()["payload"] == {**always, "firstName": "Ada", "colour": "red"}
    assert (lead.first_name, lead.last_name, lead.website) == ("Ada", "", "")
    changed = client.leads.update(lead.id, first_name=None, custom_variables={"size": 2}, lt_interest_status=2)
    assert changed.to_dict()["payload"] == {**always, "firstName": "", "colour": "red", "size": 2}
    assert (changed.first_name, changed.lt_interest_status) == ("", 2)
    assert client.leads.get(lead.id) == changed
    assert client.leads.delete(lead.id).id == lead.id
    with pytest.raises(errors.NotFoundError):
        client.leads.get(lead.id)


@pytest.mark.parametrize(
    "given",
    [
        {"campaign": "here"},
        {"campaign": "here", "email": "nobody"},
        {"campaign": "here", "email": "x@blocked.example.org"},
        {"campaign": "here", "list_id": NOBODY, "email": "a@example.org"},
        {"company_name": "Birch"},
    ],
)
def test_a_lead_that_cannot_be_is_refused(given: dict[str, Any]) -> None:
    _, client = sandbox()
    client.block_list.create(bl_value="blocked.example.org")
    id = campaign(client)
    with pytest.raises(errors.ValidationError):
        client.leads.create(**{**given, **({"campaign": id} if "campaign" in given else {})})


def test_a_lead_that_is_there_is_not_made_again() -> None:
    _, client = sandbox()
    one, two = campaign(client, "One"), campaign(client, "Two")
    lead = client.leads.create(campaign=one, email="a@example.org")
    assert client.leads.create(campaign=one, email="A@example.org").id == lead.id
    assert client.leads.create(campaign=two, email="a@example.org", skip_if_in_workspace=True).id == lead.id
    assert client.leads.create(campaign=two, email="a@example.org", skip_if_in_list=True).id != lead.id


def test_a_bulk_import_says_what_became_of_each_lead() -> None:
    _, client = sandbox()
    here, elsewhere = campaign(client, "Here"), campaign(client, "Elsewhere")
    client.block_list.bulk_create(bl_values=["blocked.example.org", "b@example.org"])
    client.leads.create(campaign=here, email="here@example.org")
    client.leads.create(campaign=elsewhere, email="elsewhere@example.org")
    emails = ["new@example.org", "NEW@example.org", "here@example.org", "b@example.org", "x@blocked.example.org"]
    emails += ["no address", "elsewhere@example.org", "second@example.org"]
    told = client.leads.bulk_add(campaign_id=here, leads=[*({"email": email} for email in emails), {"first_name": "A"}])
    found = told.to_dict()
    assert [(lead["index"], lead["email"]) for lead in found["created_leads"]] == [
        (0, "new@example.org"),
        (6, "elsewhere@example.org"),
        (7, "second@example.org"),
    ]
    counters = ("in_blocklist", "duplicated_leads", "skipped_count", "invalid_email_count", "duplicate_email_count")
    assert [found[name] for name in counters] == [2, 1, 0, 2, 1]
    assert found["total_sent"] == 9 == found["leads_uploaded"] + sum(found[name] for name in counters)
    again = client.leads.bulk_add(campaign_id=elsewhere, leads=[{"email": emails[0]}], skip_if_in_campaign=True)
    assert (again.skipped_count, again.leads_uploaded) == (1, 0)


def test_a_list_takes_leads_without_an_address() -> None:
    _, client = sandbox()
    id = client.lead_lists.create(name="Fair").id
    told = client.leads.bulk_add(list_id=id, leads=[{"first_name": "Ada"}, {"phone": "1"}, {"email": "a@example.org"}])
    assert (told.leads_uploaded, told.incomplete_count, told.remaining_in_plan) == (2, 1, None)
    with pytest.raises(errors.ValidationError):
        client.leads.bulk_add(list_id=id, campaign_id=campaign(client), leads=people(1))


def test_leads_are_verified_on_import() -> None:
    box, client = sandbox()
    id = client.lead_lists.create(name="Fair").id
    client.leads.bulk_add(list_id=id, leads=people(50), verify_leads_on_import=True)
    stats = client.lead_lists.get_verification_stats(id).to_dict()
    assert stats["stats"]["verification_job_pending_user"] == stats["total_leads"] == 50
    box.clock.advance(10)
    stats = client.lead_lists.get_verification_stats(id).to_dict()
    assert sum(stats["stats"].values()) == 50
    assert stats["stats"]["verified"] > 30
    assert len(_emails(client, filter_="FILTER_VAL_VALID")) == stats["stats"]["verified"]


def test_a_thousand_leads_are_added_and_listed_in_pages() -> None:
    _, client = sandbox()
    id = campaign(client)
    told = client.leads.add_many(people(1200), campaign_id=id)
    assert told.leads_uploaded == 1200
    found = list(client.leads.list(campaign=id, limit=100))
    assert len({lead.id for lead in found}) == 1200
    assert [lead.id for lead in found] == sorted(lead.id for lead in found)


def test_leads_are_found_by_every_filter() -> None:
    _, client = sandbox()
    id, list_id = campaign(client), client.lead_lists.create(name="Fair").id
    ada = client.leads.create(campaign=id, email="ada@example.org", first_name="Ada", assigned_to=NOBODY)
    bob = client.leads.create(list_id=list_id, email="bob@example.org", lt_interest_status=1)
    twin = client.leads.create(list_id=list_id, email="ada@example.org", last_name="Abel")
    found: dict[tuple[Any, ...], list[Any]] = {
        (): [ada, bob, twin],
        ("campaign", id): [ada],
        ("list_id", list_id): [bob, twin],
        ("in_campaign", True): [ada],
        ("in_campaign", False): [bob, twin],
        ("in_list", True): [bob, twin],
        ("search", "ABEL"): [twin],
        ("search", "ada@"): [ada, twin],
        ("ids", (bob.id,)): [bob],
        ("excluded_ids", (bob.id,)): [ada, twin],
        ("contacts", ("ada@example.org",)): [ada, twin],
        ("organization_user_ids", (NOBODY,)): [ada],
        ("is_website_visitor", True): [],
        ("esg_code", "none"): [ada, bob, twin],
        ("esg_code", "2"): [],
        ("enrichment_status", 1): [],
        ("filter_", "FILTER_VAL_NOT_CONTACTED"): [ada, bob, twin],
        ("filter_", "FILTER_VAL_CONTACTED"): [],
        ("filter_", "FILTER_LEAD_INTERESTED"): [bob],
        ("filter_", "no such filter"): [],
    }
    for chosen, leads in found.items():
        filters: dict[str, Any] = {chosen[0]: chosen[1]} if chosen else {}
        assert {lead.id for lead in client.leads.list(**filters)} == {lead.id for lead in leads}, chosen
    assert _emails(client, distinct_contacts=True, limit=1) == ["ada@example.org", "bob@example.org"]


def _query(action: str, **values: Any) -> list[dict[str, Any]]:
    return [{"actionType": action, "values": {name.replace("_", "-"): value for name, value in values.items()}}]


def test_smart_queries_count_what_happened() -> None:
    box, client = sandbox()
    id = campaign(client)
    client.leads.bulk_add(campaign_id=id, leads=people(40))
    client.campaigns.activate(id)
    box.clock.advance(DAY)
    opened = _query("email-open", occurrence_count={"condition": "more", "count": 0}, occurrence_days=7)
    by_counter = [lead.email for lead in client.leads.list(campaign=id) if lead.email_open_count > 0]
    assert _emails(client, queries=opened) == by_counter
    contacted = _query("last-contacted", occurrence_count={"condition": "equal", "count": 1})
    assert len(_emails(client, queries=contacted)) == 40
    interested = _query("lead-status", lead_status={"condition": "is", "status": 1})
    others = _query("lead-status", lead_status={"condition": "is-not", "status": 1})
    assert len(_emails(client, queries=interested)) + len(_emails(client, queries=others)) == 40


def test_leads_are_merged() -> None:
    _, client = sandbox()
    id = campaign(client)
    one = client.leads.create(campaign=id, email="a@example.org", first_name="Ada", phone="1")
    two = client.leads.create(campaign=id, email="b@example.org", first_name="Bob")
    merged = client.leads.merge(lead_id=one.id, destination_lead_id=two.id)
    assert (merged.id, merged.first_name, merged.phone) == (two.id, "Bob", "1")
    assert _emails(client) == ["b@example.org"]


def test_leads_move_when_the_job_is_done() -> None:
    box, client = sandbox()
    source, target = client.lead_lists.create(name="Fair").id, campaign(client)
    client.leads.bulk_add(list_id=source, leads=[*people(5), {"first_name": "Nameless"}])
    client.leads.create(campaign=target, email="person0@customer.example.org")
    job = client.leads.move(list_id=source, to_campaign_id=target, check_duplicates=True, limit=3, assigned_to=NOBODY)
    assert (job.type_, job.status) == ("move-leads", "pending")
    assert len(_emails(client, campaign=target)) == 1
    box.clock.advance(5)
    done = client.background_jobs.get(job.id)
    moved = done.to_dict()["data"]["moved_lead_emails"]
    assert (done.status, len(moved)) == ("success", 3)
    assert "person0@customer.example.org" not in moved
    assert sorted(_emails(client, organization_user_ids=[NOBODY])) == sorted(moved)
    assert len(_emails(client, campaign=target)) == 4
    assert len(_emails(client, list_id=source)) == 3


def test_leads_are_copied() -> None:
    box, client = sandbox()
    source, target = campaign(client), client.lead_lists.create(name="Fair").id
    lead = client.leads.create(
        campaign=source, email="a@example.org", lt_interest_status=1, custom_variables={"colour": "red"}
    )
    client.leads.move(campaign=source, ids=[lead.id], to_list_id=target, copy_leads=True, reset_interest_status=True)
    box.clock.advance(5)
    (copy,) = client.leads.list(list_id=target)
    assert copy.id != lead.id
    payload = copy.to_dict()["payload"]
    assert (payload["colour"], payload["list_id"], payload["email"]) == ("red", target, "a@example.org")
    assert "campaign" not in payload
    assert "lt_interest_status" not in copy.to_dict()
    assert client.leads.get(lead.id).campaign == source
    with pytest.raises(errors.ValidationError):
        client.leads.move(ids=[lead.id], to_list_id=target)
    with pytest.raises(errors.NotFoundError):
        client.leads.move(list_id=target, to_campaign_id=NOBODY)


def test_assigning_and_interest_come_after_the_answer() -> None:
    box, client = sandbox()
    id = campaign(client)
    client.leads.bulk_add(campaign_id=id, leads=people(4))
    users = [NOBODY, NOBODY.replace("0", "1")]
    assert client.leads.bulk_assign(organization_user_ids=users, campaign=id).status == "success"
    client.leads.update_interest_status(lead_email="person1@customer.example.org", interest_value=2)
    assert _emails(client, filter_="FILTER_LEAD_MEETING_BOOKED") == []
    box.clock.advance(2)
    assert [len(_emails(client, organization_user_ids=[user])) for user in users] == [2, 2]
    assert _emails(client, filter_="FILTER_LEAD_MEETING_BOOKED") == ["person1@customer.example.org"]
    client.leads.update_interest_status(lead_email="person1@customer.example.org", interest_value=None)
    box.clock.advance(2)
    assert _emails(client, filter_="FILTER_LEAD_MEETING_BOOKED") == []
    with pytest.raises(errors.NotFoundError):
        client.leads.update_interest_status(lead_email="nobody@example.org", interest_value=1)


def test_leads_are_deleted_in_bulk() -> None:
    _, client = sandbox()
    id = campaign(client)
    client.leads.bulk_add(campaign_id=id, leads=people(10))
    some = [lead.id for lead in client.leads.list(campaign=id)][:4]
    assert client.leads.bulk_delete(campaign_id=id, ids=some, limit=3).count == 3
    assert client.leads.bulk_delete(campaign_id=id, status=3).count == 0
    assert client.leads.bulk_delete(campaign_id=id, status=1).count == 7
    assert _emails(client) == []
