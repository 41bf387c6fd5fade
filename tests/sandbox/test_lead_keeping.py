"""Lists, labels, tags, the block list and verifications in the sandbox."""

from __future__ import annotations

import csv
import io

import pytest

from instantly_core import errors
from tests.sandbox.outreach import NOBODY, SENDER, campaign, people, sandbox
from tests.sandbox.raw import send, target_of


def test_a_list_goes_with_its_leads() -> None:
    _, client = sandbox()
    id = client.lead_lists.create(name="Fair", has_enrichment_task=True).id
    for number in range(11):
        client.lead_lists.create(name=f"List {number}")
    client.leads.bulk_add(list_id=id, leads=people(2))
    assert len(list(client.lead_lists.list())) == 12
    assert [row.id for row in client.lead_lists.list(search="FAIR", has_enrichment_task=True)] == [id]
    assert client.lead_lists.update(id, name="Fairs").name == client.lead_lists.get(id).name == "Fairs"
    assert client.lead_lists.delete(id).id == id
    assert list(client.leads.list()) == []


def test_a_label_is_an_interest_status_of_its_own() -> None:
    box, client = sandbox()
    kinds = ("positive", "negative", "neutral", "positive")
    labels = [client.lead_labels.create(label=f"Label {kind}", interest_status_label=kind) for kind in kinds]
    values = [label.interest_status for label in labels]
    assert len({*values, 0, 1, 2, 3, 4, -1, -2, -3, -4}) == 4 + 9
    assert [row.id for row in client.lead_labels.list(interest_status="negative")] == [labels[1].id]
    assert client.lead_labels.update(labels[0].id, use_with_ai=True, description=None).use_with_ai
    assert client.lead_labels.get(labels[0].id).label == "Label positive"
    told = client.lead_labels.test_ai_reply_label(reply_text="This is a label positive reply")
    assert (told.result, told.custom_labels_considered) == ("Label positive", ["Label positive"])
    lead = client.leads.create(campaign=campaign(client), email="a@example.org")
    client.leads.update_interest_status(lead_email="a@example.org", interest_value=values[0])
    box.clock.advance(2)
    # The document's enumeration has no room for values that its prose allows: a client that minds would refuse them.
    easy = box.client()
    (found,) = easy.leads.list(filter_="FILTER_LEAD_CUSTOM_LABEL_POSITIVE")
    assert (found.id, found.lt_interest_status) == (lead.id, values[0])
    assert client.lead_labels.delete(labels[0].id, reassigned_status=-1).id == labels[0].id
    assert client.leads.get(lead.id).lt_interest_status == -1


def test_numbers_and_bodies_may_be_of_any_form_that_the_document_lets_pass() -> None:
    box, client = sandbox()
    id = campaign(client)
    client.leads.bulk_add(campaign_id=id, leads=people(3))
    told = send(box, "DELETE", target_of("bulkDeleteLeads"), {"campaign_id": id, "limit": 1.0})
    assert (told.status, told.json()) == (200, {"count": 1})
    label = client.lead_labels.create(label="Later", interest_status_label="neutral")
    assert send(box, "DELETE", target_of("deleteLeadLabel", label.id), "text").status == 200


def test_tags_are_put_on_and_taken_off_accounts_and_campaigns() -> None:
    box, client = sandbox()
    box.runtime.state.workspaces[box.workspace_id].of("Account")[SENDER] = {"email": SENDER, "status": 2}
    id = campaign(client)
    tags = [client.custom_tags.create(label=label).id for label in ("Europe", "Asia")]
    client.custom_tags.toggle_resource(tag_ids=tags, resource_type=2, resource_ids=[id], assign=True)
    client.custom_tags.toggle_resource(tag_ids=tags[:1], resource_type=1, resource_ids=[SENDER], assign=True)
    client.custom_tags.toggle_resource(tag_ids=tags[:1], resource_type=1, resource_ids=[SENDER], assign=True)
    assert len(list(client.custom_tag_mappings.list())) == 3
    assert [row.tag_id for row in client.custom_tag_mappings.list(resource_ids=SENDER)] == tags[:1]
    assert {row.label for row in client.custom_tags.list(resource_ids=f"{id},{NOBODY}")} == {"Europe", "Asia"}
    assert [row.label for row in client.custom_tags.list(resource_ids=SENDER)] == ["Europe"]
    assert [row.label for row in client.custom_tags.list(tag_ids=tags[1], search="as")] == ["Asia"]
    client.custom_tags.toggle_resource(tag_ids=tags, resource_type=2, resource_ids=[id], assign=False)
    assert [row.resource_type for row in client.custom_tag_mappings.list()] == [1]
    assert client.custom_tags.update(tags[0], label="Europa").label == client.custom_tags.get(tags[0]).label == "Europa"
    client.custom_tags.delete(tags[0])
    assert list(client.custom_tag_mappings.list()) == []


def test_tags_are_put_on_everything_that_a_filter_finds() -> None:
    box, client = sandbox()
    box.runtime.state.workspaces[box.workspace_id].of("Account")[SENDER] = {"email": SENDER, "status": 2}
    ids = [campaign(client, name) for name in ("Spring", "Summer")]
    tag = client.custom_tags.create(label="Europe").id
    everything = {"tag_ids": [tag], "resource_ids": [NOBODY], "assign": True, "selected_all": True}
    client.custom_tags.toggle_resource(**everything, resource_type=2, filter_={"search": "spr"})
    assert [row.resource_id for row in client.custom_tag_mappings.list()] == ids[:1]
    client.custom_tags.toggle_resource(**everything, resource_type=2)
    assert len(list(client.custom_tag_mappings.list())) == 2
    client.custom_tags.toggle_resource(**everything, resource_type=1)
    assert len(list(client.custom_tag_mappings.list())) == 3
    with pytest.raises(errors.NotFoundError):
        client.custom_tags.toggle_resource(tag_ids=[tag], resource_type=2, resource_ids=[NOBODY], assign=True)


def test_the_block_list_takes_addresses_and_domains() -> None:
    _, client = sandbox()
    entry = client.block_list.create(bl_value=" Example.ORG ")
    assert (entry.bl_value, entry.is_domain) == ("example.org", True)
    assert client.block_list.create(bl_value="example.org").id == entry.id
    told = client.block_list.bulk_create(bl_values=["a@example.com", "A@example.com", "example.net", "nonsense", ""])
    assert ([row.bl_value for row in told.items], told.valid_count, told.invalid_count) == (
        ["a@example.com", "example.net"],
        3,
        2,
    )
    with pytest.raises(errors.ValidationError):
        client.block_list.create(bl_value="nonsense")
    assert [row.bl_value for row in client.block_list.list(domains_only=False)] == ["a@example.com"]
    assert [row.bl_value for row in client.block_list.list(search="NET")] == ["example.net"]
    rows = list(csv.DictReader(io.StringIO(client.block_list.download(domains_only=True))))
    assert rows == [{"value": "example.net", "type": "domain"}, {"value": "example.org", "type": "domain"}]
    changed = client.block_list.update(entry.id, bl_value="b@example.org")
    assert (changed.is_domain, client.block_list.get(entry.id).bl_value) == (False, "b@example.org")
    assert [row.bl_value for row in client.block_list.delete_all(domains_only=True)] == ["example.net"]
    assert [row.id for row in client.block_list.bulk_delete(ids=[entry.id, NOBODY])] == [entry.id]
    (last,) = client.block_list.list()
    assert client.block_list.delete(last.id).bl_value == "a@example.com"
    assert client.block_list.delete_all(everything=True) == []


def test_a_verification_is_pending_before_it_has_a_result() -> None:
    box, client = sandbox()
    made = client.email_verifications.create(email="a@example.org")
    assert (made.verification_status, made.catch_all) == ("pending", "pending")
    box.clock.advance(4)
    assert client.email_verifications.get("a@example.org").verification_status == "pending"
    others = [client.email_verifications.create(email=person["email"]).email for person in people(60)]
    box.clock.advance(6)
    done = client.email_verifications.get("a@example.org")
    assert (done.verification_status, type(done.catch_all)) == ("verified", bool)
    assert {client.email_verifications.get(email).verification_status for email in others} == {"verified", "invalid"}
    with pytest.raises(errors.NotFoundError):
        client.email_verifications.get("other@example.org")
